#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "catalog/records.h"
#include "pipeline/job.h"

namespace firn {

// The event that tells the rest of the company that a partition was consolidated. Its fields: docs/formats.md

struct CompletionFacts {
  std::string partition;       // PartitionName(): the ordering key
  std::string partition_date;  // ISO, "" when the partition has none
  int64_t execution_sequence = 1;
  int64_t records_processed = 0;
  std::optional<int64_t> duplicates_removed;  // nothing: not known for this partition alone
  int64_t output_files = 0;
  std::string output_path;     // URI of the partition's folder
  std::string execution_time;  // wall time of the project's zone, no offset
  int64_t completed_ns = 0;
  std::string trigger_type;                 // manual, scheduled, s3_event
  std::vector<std::string> source_objects;  // of an event's run
  RunId run;
  SnapshotId snapshot;  // empty when nothing was written
};

[[nodiscard]] EventRecord CompletionEvent(const JobDefinition& job, const CompletionFacts& facts);

}  // namespace firn
