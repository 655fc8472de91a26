#include "run/bookmark_set.h"

#include <fmt/format.h>

#include "run/commit_plan.h"
#include "run/input_selection.h"
#include "run/object_selection.h"

namespace firn {
namespace {

Result<SelectedInputs> WhatIsUnread(const RunServices& services, const JobDefinition& job,
                                    const std::vector<ObjectKey>& objects, std::stop_token stop) {
  FIRN_TRY_ASSIGN(const TableRecord table, services.catalog.GetTable(job.read.table));
  InputPartitions partitions;
  if (objects.empty()) {
    FIRN_TRY_ASSIGN(partitions, FindInputPartitions(services.catalog, table, job.read));
  } else {
    FIRN_TRY_ASSIGN(partitions.found, PartitionsOfObjects(services.catalog, table, job.read, objects));
  }
  std::vector<PartitionValues> targets;
  for (const PartitionRecord& partition : partitions.found) targets.push_back(partition.values);
  return SelectInputs(services.store, services.catalog, services.pool,
                      {.table = &table,
                       .partitions = &partitions.found,
                       .targets = &targets,
                       .job = &job,
                       .bookmark = BookmarkOption::kEnable,
                       .objects = objects.empty() ? nullptr : &objects},
                      std::move(stop));
}

}  // namespace

Result<RunRecord> SetBookmark(const RunServices& services, const JobDefinition& job,
                              const std::vector<ObjectKey>& objects, RunRecord run, std::stop_token stop) {
  FIRN_TRY_ASSIGN(const SelectedInputs inputs, WhatIsUnread(services, job, objects, std::move(stop)));
  FIRN_TRY(services.catalog.CreateRun(run));
  RunTotals totals;
  totals.nothing_to_do = true;
  totals.input_hash = inputs.hash;
  totals.warnings = {fmt::format("the bookmark was set: {} more objects count as read", inputs.unread.size())};
  run.state = RunState::kSucceeded;
  run.completed_ns = run.heartbeat_ns = services.clock.NowNs();
  run.metrics = MetricsOf({}, totals);
  Commit commit;
  commit.bookmark = BookmarkOf(inputs, run.id);
  commit.run = run;
  FIRN_TRY(services.catalog.Apply(commit));
  services.log.Write(LogLevel::kInfo, "the bookmark was set",
                     {{"event", "bookmark_set"},
                      {"job_run_id", run.id.str()},
                      {"job_name", job.name.str()},
                      {"objects", inputs.unread.size()}});
  return run;
}

}  // namespace firn
