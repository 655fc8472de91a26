#include "pipeline/execute.h"

#include <fmt/chrono.h>
#include <fmt/format.h>

#include <algorithm>
#include <atomic>
#include <chrono>

#include "base/check.h"
#include "pipeline/dedupe.h"
#include "pipeline/row_quality.h"
#include "pipeline/row_steps.h"
#include "pipeline/scratch_space.h"
#include "pipeline/set_aside.h"
#include "pipeline/text_inputs.h"
#include "pipeline/transfer.h"

namespace firn {
namespace {

std::string_view ExtensionOf(FileFormat format) {
  switch (format) {
    case FileFormat::kParquet:
      return "parquet";
    case FileFormat::kCsv:
      return "csv";
    case FileFormat::kJson:
    case FileFormat::kDynamoJson:
      return "json";
    case FileFormat::kText:
      break;
  }
  return "";
}

// "20260115T043000Z": UTC, whatever the project's zone, so that names of all projects sort by time.
std::string TimeInName(int64_t now_ns) {
  const std::chrono::sys_seconds time{std::chrono::floor<std::chrono::seconds>(std::chrono::nanoseconds(now_ns))};
  return fmt::format("{:%Y%m%dT%H%M%S}Z", time);
}

// One try at the whole work. An input that turns out to be damaged while rows are moving ends the try; the next one
// leaves it out.
class Attempt {
 public:
  Attempt(const ExecuteContext& context, ExecuteOutcome& outcome)
      : context_(context), request_(context.request), outcome_(outcome) {}

  std::expected<void, TransferFailure> Run() {
    auto scanned = ScanFiles(context_, shapes_);
    if (!scanned) return Failed(std::move(scanned.error()));
    scan_ = std::move(*scanned);
    TellInputs(context_, scan_);
    for (const Step& step : request_.job->steps)
      if (auto done = RunStep(step); !done) return done;
    outcome_.output_schema = scan_.schema;
    CountInputs(scan_, outcome_);
    return WriteParts();
  }

 private:
  static std::unexpected<TransferFailure> Failed(Error error) {
    return std::unexpected(TransferFailure{std::move(error), {}});
  }

  std::expected<void, TransferFailure> RunStep(const Step& step) {
    if (const auto* expect = std::get_if<ExpectStep>(&step)) return CheckRules(*expect);
    const auto* dedupe = std::get_if<DedupeStep>(&step);
    Check(dedupe != nullptr, "a step that changes values came to the path that moves rows as they are");
    DedupeStep step_of_mode = *dedupe;
    step_of_mode.within_partition |= request_.job->write.mode == WriteMode::kMerge;
    auto counts = Deduplicate(context_, step_of_mode, scan_);
    if (!counts) return Failed(std::move(counts.error()));
    outcome_.duplicates_removed += counts->duplicates;
    outcome_.ties += counts->ties;
    return {};
  }

  std::expected<void, TransferFailure> CheckRules(const ExpectStep& step) {
    auto quality = CheckRowQuality(context_, step, scan_);
    if (!quality) return std::unexpected(std::move(quality.error()));
    outcome_.rows_rejected += quality->rejected;
    outcome_.rules.insert(outcome_.rules.end(), quality->rules.begin(), quality->rules.end());
    return {};
  }

  std::expected<void, TransferFailure> WriteParts() {
    auto layout = ParquetLayout::Of(scan_.schema);
    if (!layout) return Failed(std::move(layout.error()));
    auto mappings = ShapeMappings::Of(scan_, *layout);
    if (!mappings) return Failed(std::move(mappings.error()));
    TransferPlan plan{
        .files = scan_.files, .schema = scan_.schema, .layout = *layout, .mappings = *mappings, .plain_columns = {}};
    const std::vector<OutputPart> parts = SplitSurvivors(scan_.files, request_.job->write.files);
    for (const OutputPart& part : parts) plan.total_rows += part.rows;
    WarnOfFewerFiles(parts);
    const bool parquet = request_.job->write.format == FileFormat::kParquet;
    if (parquet) {
      auto plain = FindPlainColumns(context_, plan, parts);
      if (!plain) return Failed(std::move(plain.error()));
      plan.plain_columns = std::move(*plain);
    }
    std::atomic<int64_t> done = 0;
    for (const OutputPart& part : parts) {
      const std::string name = PartName(part.number);
      const ObjectKey key = StagedKey(part.partition, name);
      auto finished = parquet ? TransferToParquet(context_, plan, part, key, done)
                              : TransferToText(context_, plan, part, key, done);
      if (!finished) return std::unexpected(std::move(finished.error()));
      outcome_.records_written += finished->rows;
      outcome_.bytes_written += finished->object.size;
      outcome_.outputs.push_back({part.partition, name, finished->object, finished->rows, finished->checksum});
    }
    return {};
  }

  void WarnOfFewerFiles(const std::vector<OutputPart>& parts) {
    for (size_t i = 0; i < parts.size(); ++i) {
      const bool last = i + 1 == parts.size() || parts[i + 1].partition != parts[i].partition;
      if (!last || parts[i].number + 1 == request_.job->write.files) continue;
      outcome_.warnings.push_back(fmt::format(
          "{} files were asked for, but {} has only {} rows: {} written", request_.job->write.files,
          PartitionName(request_.partition_keys, parts[i].partition), parts[i].number + 1, parts[i].number + 1));
    }
  }

  [[nodiscard]] std::string PartName(int number) const {
    const WriteSpec& write = request_.job->write;
    if (write.names == FileNames::kPlain) return fmt::format("part-{:05}.{}", number, ExtensionOf(write.format));
    const std::string time = write.names == FileNames::kTimed ? TimeInName(request_.now_ns) + "-" : "";
    return fmt::format("part-{:05}-{}{}.{}", number, time, request_.commit_id, ExtensionOf(write.format));
  }

  [[nodiscard]] ObjectKey StagedKey(const PartitionValues& partition, const std::string& name) const {
    const std::string folder = PartitionName(request_.partition_keys, partition);
    return folder.empty() ? request_.staging_prefix + "/" + name : request_.staging_prefix + "/" + folder + "/" + name;
  }

  const ExecuteContext& context_;
  const ExecuteRequest& request_;
  ExecuteOutcome& outcome_;
  ShapeRegistry shapes_;
  Scan scan_;
};

Result<TextReading> ReadText(const ExecuteRequest& request, const ProgressCallback& progress, std::stop_token stop) {
  WorkerPool pool(request.threads);
  return ReadTextInputs({request, pool, progress, std::move(stop)});
}

// All inputs are Parquet.
Result<ExecuteOutcome> ExecuteParquet(const ExecuteRequest& request, const ProgressCallback& progress,
                                      std::stop_token stop) {
  if (NeedsRowSteps(request)) return ExecuteRowSteps(request, progress, std::move(stop));
  WorkerPool pool(request.threads);
  ExecuteRequest remaining = request;
  const ExecuteContext context{remaining, pool, progress, std::move(stop)};
  std::vector<BadFile> set_aside;
  for (;;) {
    ExecuteOutcome outcome;
    auto tried = Attempt(context, outcome).Run();
    if (tried) {
      outcome.bad_files.insert(outcome.bad_files.end(), set_aside.begin(), set_aside.end());
      return outcome;
    }
    FIRN_TRY(SetAside(context, remaining, std::move(tried.error()), set_aside));
  }
}

Result<ExecuteOutcome> ExecuteAny(const ExecuteRequest& request, const ProgressCallback& progress,
                                  std::stop_token stop) {
  if (!HasTextInputs(request)) return ExecuteParquet(request, progress, std::move(stop));
  ExecuteRequest parquet = request;
  FIRN_TRY_ASSIGN(TextReading reading, ReadText(request, progress, stop));
  parquet.inputs = std::move(reading.inputs);
  FIRN_TRY_ASSIGN(ExecuteOutcome outcome, ExecuteParquet(parquet, progress, std::move(stop)));
  FIRN_TRY(WriteBadRecords(request, reading.bad));
  outcome.records_read += reading.bad_records;
  outcome.rows_rejected += reading.bad_records;
  outcome.warnings.insert(outcome.warnings.end(), reading.warnings.begin(), reading.warnings.end());
  outcome.bytes_read += reading.source_bytes - reading.object_bytes;
  outcome.bad_files.insert(outcome.bad_files.end(), reading.bad_files.begin(), reading.bad_files.end());
  return outcome;
}

}  // namespace

Result<ExecuteOutcome> Execute(const ExecuteRequest& request, const ProgressCallback& progress, std::stop_token stop) {
  if (request.scratch != nullptr) return ExecuteAny(request, progress, std::move(stop));
  ScratchSpace scratch(request.temp_folder.empty() ? "" : request.temp_folder + "/scratch", request.memory_bytes);
  ExecuteRequest own = request;
  own.scratch = &scratch;
  return ExecuteAny(own, progress, std::move(stop));
}

}  // namespace firn
