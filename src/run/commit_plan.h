#pragma once

#include <string>
#include <vector>

#include "catalog/catalog.h"
#include "pipeline/execute.h"
#include "run/input_selection.h"
#include "run/write_target.h"

namespace firn {

// What a run's work becomes in the catalog, as pure functions of what was read and written.

// The complete new file lists of the targets: new files under their final keys, and for `append` the old ones before
// them. With `names: plain`, appended files take the next free numbers.
[[nodiscard]] std::vector<FileRecord> NewFileLists(const WriteSpec& write, const std::vector<TargetPartition>& targets,
                                                   const std::vector<OutputFile>& outputs);

// The table as it is after the run, or nothing when it does not change: columns by the merge rules when partitions stay
// that have others, else those of the output; the format, and what a reader of CSV must know. kMismatch names the
// column when types do not merge, and when columns of CSV without a header would stand in another order.
Result<std::optional<TableRecord>> TableAfter(const TableRecord& table, const JobDefinition& job, const Schema& output,
                                              bool replaces_all, int64_t now_ns);

[[nodiscard]] std::vector<BookmarkEntry> BookmarkOf(const SelectedInputs& inputs, const RunId& run);

struct RunTotals {
  std::string partition_date;
  int64_t execution_sequence = 1;
  int64_t total_executions = 1;
  int64_t input_files = 0;
  std::string input_hash;
  int64_t output_files = 0;
  std::string output_path;
  int64_t duration_ms = 0;
  int64_t peak_memory_bytes = 0;
  bool nothing_to_do = false;
  bool dry_run = false;          // then the run does not count as an execution of its date
  bool within_run_only = false;  // duplicates were looked for among the run's rows, not those that the table holds
  std::string quarantine_path;   // "" when nothing was set aside
  std::vector<std::string> warnings;
  std::vector<std::string> source_objects;  // of an event's run
};

// The stable names of `firn run --output json`.
[[nodiscard]] Json MetricsOf(const ExecuteOutcome& outcome, const RunTotals& totals);
[[nodiscard]] Json QualityOf(const std::vector<RuleResult>& results);

// "METRICS: records_processed=..., duplicates_removed=..., output_files=..., duration_seconds=...": what dashboards
// parse.
[[nodiscard]] std::string MetricsSentence(const Json& metrics);

}  // namespace firn
