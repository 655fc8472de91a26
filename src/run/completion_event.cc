#include "run/completion_event.h"

#include "env/time_zone.h"
#include "run/lake_layout.h"

namespace firn {

EventRecord CompletionEvent(const JobDefinition& job, const CompletionFacts& facts) {
  EventRecord event;
  event.run = facts.run;
  event.type = job.publish->event;
  event.topic = job.publish->topic;
  event.key = facts.partition;
  event.created_ns = facts.completed_ns;
  event.payload = Json{
      {"event_type", job.publish->event},
      {"partition_date", facts.partition_date},
      {"execution_sequence", facts.execution_sequence},
      {"total_executions", job.executions_per_day},
      {"records_processed", facts.records_processed},
      {"duplicates_removed", facts.duplicates_removed ? Json(*facts.duplicates_removed) : Json()},
      {"output_files", facts.output_files},
      {"output_format", NameOf(job.write.format)},
      {"output_path", facts.output_path},
      {"execution_time", facts.execution_time},
      {"completed_at", FormatUtc(facts.completed_ns)},
      {"job_name", job.name.str()},
      {"run_id", facts.run.str()},
      {"snapshot_id", facts.snapshot.str()},
      {"trigger_type", facts.trigger_type},
  };
  if (!facts.source_objects.empty()) event.payload["source_object_keys"] = facts.source_objects;
  return event;
}

}  // namespace firn
