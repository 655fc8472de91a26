#include "run/commit_plan.h"

#include <fmt/format.h>

#include <map>
#include <set>

#include "run/lake_layout.h"
#include "schema/merge.h"
#include "store/object_key.h"

namespace firn {
namespace {

// part-00000.csv -> the first part-NNNNN.csv that is free.
std::string FreeName(const std::string& name, const std::set<std::string>& taken) {
  if (!taken.contains(name)) return name;
  const std::string extension = name.substr(std::min(name.find('.'), name.size()));
  for (size_t number = 0;; ++number) {
    std::string candidate = fmt::format("part-{:05}{}", number, extension);
    if (!taken.contains(candidate)) return candidate;
  }
}

class FileLists {
 public:
  FileLists(const WriteSpec& write, const std::vector<TargetPartition>& targets) {
    for (const TargetPartition& target : targets) {
      targets_.emplace(target.values, &target);
      if (write.mode != WriteMode::kAppend) continue;
      for (const ExistingFile& file : target.existing) {
        files_.push_back(file.record);
        taken_[target.name].insert(std::string(LastSegmentOf(file.record.key)));
      }
    }
  }

  void Add(const OutputFile& output) {
    const TargetPartition& target = *targets_.at(output.partition);
    const std::string name = FreeName(output.name, taken_[target.name]);
    taken_[target.name].insert(name);
    files_.push_back({target.name, JoinKey(target.location, name), output.object.key, output.object.size, output.rows,
                      output.checksum});
  }

  std::vector<FileRecord> Take() && { return std::move(files_); }

 private:
  std::map<PartitionValues, const TargetPartition*> targets_;
  std::map<std::string, std::set<std::string>> taken_;
  std::vector<FileRecord> files_;
};

// Columns of files without a header go by their order.
Status CheckOrder(const TableRecord& table, const Schema& merged, const Schema& output) {
  for (size_t i = 0; i < output.fields.size(); ++i) {
    if (merged.fields[i].name == output.fields[i].name) continue;
    return Fail(ErrorKind::kMismatch,
                fmt::format("table '{}' has files without a header, in which column {} is '{}'; this run's is '{}'",
                            table.name.str(), i + 1, merged.fields[i].name, output.fields[i].name),
                "select the columns in the table's order, or write to another table with `csv: {header: true}`");
  }
  return {};
}

std::string_view NameOf(QualityAction action) {
  switch (action) {
    case QualityAction::kFail:
      return "fail";
    case QualityAction::kWarn:
      return "warn";
    case QualityAction::kQuarantine:
      return "quarantine";
  }
  return "";
}

}  // namespace

std::vector<FileRecord> NewFileLists(const WriteSpec& write, const std::vector<TargetPartition>& targets,
                                     const std::vector<OutputFile>& outputs) {
  FileLists lists(write, targets);
  for (const OutputFile& output : outputs) lists.Add(output);
  return std::move(lists).Take();
}

Result<std::optional<TableRecord>> TableAfter(const TableRecord& table, const JobDefinition& job, const Schema& output,
                                              bool replaces_all, int64_t now_ns) {
  TableRecord after = table;
  if (replaces_all || table.schema.fields.empty()) {
    after.schema = output;
  } else {
    auto merged = MergeSchemas(table.schema, output);
    if (!merged) return std::unexpected(std::move(merged.error()).Within(fmt::format("table '{}'", table.name.str())));
    after.schema = std::move(*merged);
    if (job.write.format == FileFormat::kCsv && !job.write.csv.header)
      FIRN_TRY(CheckOrder(table, after.schema, output));
  }
  after.format = std::string(NameOf(job.write.format));
  if (job.write.format == FileFormat::kCsv) after.options["csv"] = CsvOptionsOf(job.write.csv);
  if (after == table) return std::nullopt;
  after.updated_ns = now_ns;
  return after;
}

std::vector<BookmarkEntry> BookmarkOf(const SelectedInputs& inputs, const RunId& run) {
  std::vector<BookmarkEntry> entries;
  entries.reserve(inputs.unread.size());
  for (const ObjectInfo& object : inputs.unread) entries.push_back({object.key, object.size, object.etag, run});
  return entries;
}

Json MetricsOf(const ExecuteOutcome& outcome, const RunTotals& totals) {
  Json metrics = {
      {"records_read", outcome.records_read},
      {"records_written", outcome.records_written},
      {"duplicates_removed", outcome.duplicates_removed},
      {"ties", outcome.ties},
      {"rows_rejected", outcome.rows_rejected},
      {"input_files", totals.input_files},
      {"output_files", totals.output_files},
      {"output_path", totals.output_path},
      {"bytes_read", outcome.bytes_read},
      {"bytes_written", outcome.bytes_written},
      {"duration_ms", totals.duration_ms},
      {"peak_memory_bytes", totals.peak_memory_bytes},
      {"execution_sequence", totals.execution_sequence},
      {"total_executions", totals.total_executions},
      {"input_hash", totals.input_hash},
      {"nothing_to_do", totals.nothing_to_do},
      {"dry_run", totals.dry_run},
      {"warnings", totals.warnings},
      {"partition_date", totals.partition_date},
  };
  if (totals.within_run_only) metrics["duplicates_within"] = "run";
  if (!totals.source_objects.empty()) metrics["source_objects"] = totals.source_objects;
  Json bad_files = Json::array();
  for (const BadFile& bad : outcome.bad_files) bad_files.push_back({{"key", bad.key}, {"reason", bad.reason}});
  metrics["bad_files"] = std::move(bad_files);
  metrics["quarantine_path"] = totals.quarantine_path;
  return metrics;
}

Json QualityOf(const std::vector<RuleResult>& results) {
  Json rules = Json::array();
  for (const RuleResult& rule : results)
    rules.push_back({{"rule", rule.rule},
                     {"action", NameOf(rule.action)},
                     {"passed", rule.passed},
                     {"observed", rule.observed},
                     {"failed_rows", rule.failed_rows}});
  return rules;
}

std::string MetricsSentence(const Json& metrics) {
  return fmt::format("METRICS: records_processed={}, duplicates_removed={}, output_files={}, duration_seconds={:.3f}",
                     metrics.value("records_read", int64_t{0}), metrics.value("duplicates_removed", int64_t{0}),
                     metrics.value("output_files", int64_t{0}),
                     static_cast<double>(metrics.value("duration_ms", int64_t{0})) / 1000.0);
}

}  // namespace firn
