#include "pipeline/row_steps.h"

#include <arrow/api.h>
#include <arrow/c/bridge.h>
#include <fmt/format.h>
#include <parquet/arrow/schema.h>

#include <algorithm>
#include <map>
#include <optional>
#include <set>

#include "format/parquet_guard.h"
#include "format/parquet_schema.h"
#include "pipeline/batch_object.h"
#include "pipeline/quality_check.h"
#include "pipeline/row_quality.h"
#include "pipeline/set_aside.h"
#include "pipeline/step_sql.h"
#include "pipeline/step_types.h"
#include "pipeline/uniform_stream.h"
#include "sql/syntax_tree.h"

namespace firn {
namespace {

struct StepName {
  std::string_view operator()(const ExpectStep&) const { return "expect"; }
  std::string_view operator()(const DedupeStep&) const { return "dedupe"; }
  std::string_view operator()(const SelectStep&) const { return "select"; }
  std::string_view operator()(const FilterStep&) const { return "filter"; }
  std::string_view operator()(const FlattenStep&) const { return "flatten"; }
  std::string_view operator()(const RenameStep&) const { return "rename"; }
  std::string_view operator()(const CastStep&) const { return "cast"; }
  std::string_view operator()(const SqlStep&) const { return "sql"; }
};
std::string_view NameOf(const Step& step) {
  return std::visit(StepName{}, step);
}

// One job's steps, carried out in one SQL engine. Relations are named stage_0, stage_1, ...; each is a temporary table,
// which spills, or the stream.
class StepRun {
 public:
  StepRun(const ExecuteContext& context, SqlEngine& engine, ExecuteOutcome& outcome)
      : context_(context), engine_(engine), outcome_(outcome) {}

  // `named`: of NamedColumns.
  Status Start(ArrowStream stream, const Scan& scan, const std::set<std::string>& named) {
    std::shared_ptr<arrow::Schema> came;
    FIRN_TRY(GuardParquet("the inputs", [&] {
      PARQUET_ASSIGN_OR_THROW(auto reader, arrow::ImportRecordBatchReader(stream.get()));
      came = reader->schema();
      reader = WithTypes(std::move(reader), WithoutZonedNanos(*came, named));
      PARQUET_THROW_NOT_OK(arrow::ExportRecordBatchReader(std::move(reader), stream.get()));
    }));
    FIRN_TRY(engine_.RegisterStream("source", std::move(stream)));
    FIRN_TRY(NumberPartitions(scan));
    scan_ = &scan;
    const bool one = partitions_.size() <= 1;
    FIRN_TRY(Materialise(
        one ? "SELECT *, 0 AS __firn_part FROM source"
            : "SELECT source.*, parts.__firn_part FROM source JOIN parts ON source.__firn_file = parts.part_file"));
    FIRN_TRY_ASSIGN(const auto engine, SchemaOf(stage_));
    types_.emplace(*came, *engine);
    return {};
  }

  Status Run(const Step& step) {
    if (const auto* dedupe = std::get_if<DedupeStep>(&step)) return Dedupe(*dedupe);
    if (const auto* expect = std::get_if<ExpectStep>(&step)) return Expect(*expect);
    if (std::holds_alternative<SqlStep>(step) && partitions_.size() > 1)
      return Fail(ErrorKind::kUnsupported, "a `sql` step reads one partition a run, and this run has several",
                  "Give read.date or read.partition");
    Status changed = Change(step);
    if (!changed) return std::unexpected(std::move(changed.error()).Within(fmt::format("step `{}`", NameOf(step))));
    return {};
  }

  // The result, partition by partition, as Parquet objects under `prefix`: the inputs of the writing half.
  Result<std::vector<InputFile>> Store(const std::string& prefix) {
    std::vector<InputFile> inputs;
    std::string order = OrderList(context_.request.job->write.sort_by);
    if (!order.empty()) order += ", ";
    for (size_t p = 0; p < partitions_.size(); ++p) {
      FIRN_TRY_ASSIGN(ArrowStream rows, Rows(fmt::format("{} WHERE __firn_part = {} ORDER BY {}__firn_file, __firn_row",
                                                         SelectVisible(stage_), p, order)));
      FIRN_TRY_ASSIGN(auto object, StoreOne(std::move(rows), fmt::format("{}/{:05}.parquet", prefix, p)));
      inputs.push_back({.object = std::move(object),
                        .format = FileFormat::kParquet,
                        .partition = partitions_[p],
                        .existing = false});
    }
    return inputs;
  }

 private:
  Status Change(const Step& step) {
    FIRN_TRY_ASSIGN(const auto schema, SchemaOf(stage_));
    FIRN_TRY_ASSIGN(const std::string select, SelectOf(step, stage_, *schema));
    FIRN_TRY(CheckNames(step));
    if (const auto* rename = std::get_if<RenameStep>(&step))
      types_->Rename({rename->columns.begin(), rename->columns.end()});
    traced_ = traced_ && !std::holds_alternative<SqlStep>(step);
    return Materialise(select);
  }

  // The engine would number the second of two equal names.
  Status CheckNames(const Step& step) {
    const auto select = SelectForNames(step, stage_);
    if (!select) return {};
    FIRN_TRY_ASSIGN(const std::vector<SqlColumn> columns, engine_.Describe(*select));
    std::map<std::string, std::string> names;
    for (const SqlColumn& column : columns) {
      const auto [before, is_new] = names.emplace(LowerCase(column.name), column.name);
      if (!is_new)
        return Fail(ErrorKind::kInvalidArgument,
                    fmt::format("two columns would be named '{}' and '{}'", before->second, column.name),
                    "Give one another name; SQL does not tell names apart by case.");
    }
    return {};
  }

  Status NumberPartitions(const Scan& scan) {
    std::map<PartitionValues, size_t> numbers;
    for (const ScannedFile& file : scan.files)
      if (!file.bad()) numbers.emplace(file.input.partition, 0);
    for (auto& [values, number] : numbers) {
      number = partitions_.size();
      partitions_.push_back(values);
    }
    if (partitions_.size() <= 1) return {};
    std::string rows;
    for (size_t f = 0; f < scan.files.size(); ++f)
      if (!scan.files[f].bad())
        rows += fmt::format("{}({},{})", rows.empty() ? "" : ",", f, numbers[scan.files[f].input.partition]);
    return engine_.Execute("CREATE TEMP TABLE parts AS SELECT * FROM (VALUES " + rows +
                           ") AS t(part_file, __firn_part)");
  }

  // The next stage; the one before is given up, with its memory.
  Status Materialise(const std::string& select) {
    const std::string next = fmt::format("stage_{}", ++stages_);
    FIRN_TRY(engine_.Execute("CREATE TEMP TABLE " + next + " AS " + select));
    if (!stage_.empty()) FIRN_TRY(engine_.Execute("DROP TABLE " + stage_));
    stage_ = next;
    return {};
  }

  Result<int64_t> Count(const std::string& select) {
    FIRN_TRY_ASSIGN(const SqlEngine::TextTable table, engine_.QueryText(select));
    return std::stoll(table.rows.at(0).at(0).value_or("0"));
  }

  Status Dedupe(const DedupeStep& step) {
    FIRN_TRY_ASSIGN(const int64_t before, Count("SELECT count(*) FROM " + stage_));
    FIRN_TRY_ASSIGN(const int64_t ties, Count(CountTies(step, stage_)));
    FIRN_TRY(Materialise(SelectLatest(step, stage_)));
    FIRN_TRY_ASSIGN(const int64_t after, Count("SELECT count(*) FROM " + stage_));
    outcome_.duplicates_removed += before - after;
    outcome_.ties += ties;
    return {};
  }

  Status Expect(const ExpectStep& step) {
    FIRN_TRY_ASSIGN(const auto arrow_schema, SchemaOf(stage_));
    FIRN_TRY_ASSIGN(const Schema schema, FirnSchemaOf(*types_->Of(*arrow_schema)));
    FIRN_TRY_ASSIGN(ArrowStream rows, Rows("SELECT * FROM " + stage_));
    FIRN_TRY_ASSIGN(const auto judge, SqlEngine::Open({.memory_bytes = context_.request.memory_bytes,
                                                       .threads = context_.request.threads,
                                                       .temp_folder = context_.request.temp_folder}));
    FIRN_TRY_ASSIGN(const QualityOutcome quality,
                    CheckQuality(*judge, std::move(rows), schema, step.rules, context_.request.now_ns));
    if (context_.request.on_rules) context_.request.on_rules(quality.rules);
    FIRN_TRY(quality.RequireAccepted());
    outcome_.rules.insert(outcome_.rules.end(), quality.rules.begin(), quality.rules.end());
    return quality.quarantined.empty() ? Status{} : Reject(step, quality.quarantined);
  }

  Status Reject(const ExpectStep& step, const std::vector<QuarantinedRow>& rows) {
    std::string values;
    for (const QuarantinedRow& row : rows)
      values += fmt::format("{}({},{},{})", values.empty() ? "" : ",", row.file, row.row,
                            QuoteLiteral(step.rules[static_cast<size_t>(row.rule)].rule));
    const std::string rejected = fmt::format("rejected_{}", stages_);
    FIRN_TRY(engine_.Execute("CREATE TEMP TABLE " + rejected + " AS SELECT * FROM (VALUES " + values +
                             ") AS t(file, row, rule)"));
    FIRN_TRY_ASSIGN(const std::string record, RecordOfStage());
    FIRN_TRY_ASSIGN(
        const SqlEngine::TextTable found,
        engine_.QueryText(fmt::format("SELECT r.rule, r.file, r.row, to_json({2}) FROM {1} AS s JOIN {0} AS r ON "
                                      "s.__firn_file = r.file AND s.__firn_row = r.row ORDER BY r.file, r.row",
                                      rejected, stage_, record)));
    FIRN_TRY_ASSIGN(const auto writer, context_.request.store->Create(RejectedRowsKey(context_.request, step)));
    for (const auto& row : found.rows) FIRN_TRY(writer->Append(LineOf(row)));
    FIRN_TRY(writer->Finish());
    outcome_.rows_rejected += static_cast<int64_t>(rows.size());
    return Materialise(
        fmt::format("SELECT * FROM {0} ANTI JOIN {1} ON {0}.__firn_file = {1}.file AND {0}.__firn_row = {1}.row",
                    stage_, rejected));
  }

  Result<std::string> RecordOfStage() {
    FIRN_TRY_ASSIGN(const auto schema, SchemaOf(fmt::format("({})", SelectVisible(stage_))));
    std::string record;
    for (const auto& field : schema->fields())
      record += fmt::format("{}{}: s.{}", record.empty() ? "" : ", ", QuoteLiteral(field->name()),
                            QuoteIdentifier(field->name()));
    return fmt::format("{{{}}}", record);
  }

  // Of (rule, file, row, record). The result of a `sql` step cannot say where its rows came from.
  [[nodiscard]] std::string LineOf(const std::vector<std::optional<std::string>>& row) const {
    std::optional<std::pair<ObjectKey, int64_t>> place;
    if (traced_)
      place = scan_->files.at(std::stoull(row.at(1).value_or("0"))).input.PlaceOf(std::stoll(row.at(2).value_or("0")));
    return RejectedLine(row.at(0).value_or(""), place, row.at(3).value_or("null"));
  }

  Result<std::shared_ptr<arrow::Schema>> SchemaOf(const std::string& relation) {
    FIRN_TRY_ASSIGN(ArrowStream none, engine_.Query("SELECT * FROM " + relation + " LIMIT 0"));
    std::shared_ptr<arrow::Schema> schema;
    FIRN_TRY(GuardParquet(relation, [&] {
      PARQUET_ASSIGN_OR_THROW(const auto reader, arrow::ImportRecordBatchReader(none.get()));
      schema = reader->schema();
    }));
    return schema;
  }

  // A query's rows, in the types in which they leave the engine.
  Result<ArrowStream> Rows(const std::string& select) {
    FIRN_TRY_ASSIGN(ArrowStream rows, engine_.Query(select));
    FIRN_TRY(GuardParquet("the result of the steps", [&] {
      PARQUET_ASSIGN_OR_THROW(auto reader, arrow::ImportRecordBatchReader(rows.get()));
      auto schema = types_->Of(*reader->schema());
      PARQUET_THROW_NOT_OK(arrow::ExportRecordBatchReader(WithTypes(std::move(reader), std::move(schema)), rows.get()));
    }));
    return rows;
  }

  static Result<Schema> FirnSchemaOf(const arrow::Schema& schema);
  Result<ObjectInfo> StoreOne(ArrowStream rows, const ObjectKey& key);

  const ExecuteContext& context_;
  SqlEngine& engine_;
  ExecuteOutcome& outcome_;
  std::vector<PartitionValues> partitions_;
  std::string stage_;
  int stages_ = 0;
  std::optional<StepTypes> types_;  // from Start on
  const Scan* scan_ = nullptr;      // the same
  bool traced_ = true;              // whether __firn_file and __firn_row still say where a row came from
};

Result<Schema> StepRun::FirnSchemaOf(const arrow::Schema& schema) {
  Result<Schema> converted;
  FIRN_TRY(GuardParquet("the columns of a step", [&] {
    std::shared_ptr<parquet::SchemaDescriptor> descriptor;
    PARQUET_THROW_NOT_OK(parquet::arrow::ToParquetSchema(&schema, *parquet::default_writer_properties(), &descriptor));
    converted = ::firn::SchemaOf(*descriptor);
  }));
  return converted;
}

Result<ObjectInfo> StepRun::StoreOne(ArrowStream rows, const ObjectKey& key) {
  std::shared_ptr<arrow::RecordBatchReader> reader;
  FIRN_TRY(GuardParquet("the result of the steps",
                        [&] { PARQUET_ASSIGN_OR_THROW(reader, arrow::ImportRecordBatchReader(rows.get())); }));
  auto stored = StoreRows(*context_.request.store, key, *reader);
  if (!stored && stored.error().kind == ErrorKind::kInvalidArgument)
    stored.error().hint =
        "Look at the steps' expressions and types; a new value of another type needs a new column name";
  return stored;
}

void WarnOfLostDigits(const Schema& schema, const std::set<std::string>& named, ExecuteOutcome& outcome) {
  const Schema all_kept = WithoutZonedNanos(schema, {});
  const Schema some_kept = WithoutZonedNanos(schema, named);
  for (size_t i = 0; i < schema.fields.size(); ++i)
    if (all_kept.fields[i] != some_kept.fields[i])
      outcome.warnings.push_back(fmt::format(
          "'{}' has nanoseconds and a zone, and a step's SQL names it: the SQL engine keeps microseconds of it",
          schema.fields[i].name));
}

// Runs the steps over what the scan found, and leaves their result as Parquet objects.
std::expected<std::vector<InputFile>, TransferFailure> RunSteps(const ExecuteContext& context,
                                                                const std::string& prefix, ExecuteOutcome& outcome) {
  const auto failed = [](Error error) { return std::unexpected(TransferFailure{std::move(error), {}}); };
  ShapeRegistry shapes;
  auto scan = ScanFiles(context, shapes);
  if (!scan) return failed(std::move(scan.error()));
  TellInputs(context, *scan);
  CountInputs(*scan, outcome);
  const std::set<std::string> named = NamedColumns(context.request.job->steps, scan->schema);
  WarnOfLostDigits(scan->schema, named, outcome);
  auto uniform = OpenUniformStream(context, *scan, scan->schema, true);
  if (!uniform) return failed(std::move(uniform.error()));
  const ExecuteRequest& request = context.request;
  auto engine = SqlEngine::Open(
      {.memory_bytes = request.memory_bytes, .threads = request.threads, .temp_folder = request.temp_folder});
  if (!engine) return failed(std::move(engine.error()));
  const std::stop_callback interrupt(context.stop, [&] { (*engine)->Interrupt(); });
  StepRun run(context, **engine, outcome);
  if (Status started = run.Start(std::move(uniform->stream), *scan, named); !started) {
    if (*uniform->failure) return std::unexpected(std::move(**uniform->failure));
    return failed(std::move(started.error()));
  }
  for (const Step& step : request.job->steps)
    if (Status done = run.Run(step); !done) return failed(std::move(done.error()));
  auto inputs = run.Store(prefix);
  if (!inputs) return failed(std::move(inputs.error()));
  return std::move(*inputs);
}

// With `merge`, the rows that are in the table already: they went through the steps when they came.
std::vector<InputFile> TakeExisting(ExecuteRequest& request) {
  if (request.job->write.mode != WriteMode::kMerge) return {};
  std::vector<InputFile> existing;
  for (const InputFile& input : request.inputs)
    if (input.existing) existing.push_back(input);
  std::erase_if(request.inputs, [](const InputFile& input) { return input.existing; });
  return existing;
}

// What joins the steps' results with the rows in the table.
void PlanMerge(const JobDefinition& job, JobDefinition& second) {
  if (auto dedupe = LastDedupe(job.steps)) second.steps = {*std::move(dedupe)};
  second.write.sort_by = job.write.sort_by;
  second.write.mode = WriteMode::kOverwritePartitions;  // all inputs are alike from here on
}

// The second half: the steps' results, written like any other input.
Result<ExecuteOutcome> WriteResults(const ExecuteRequest& request, std::vector<InputFile> results,
                                    const std::vector<InputFile>& existing, ExecuteOutcome outcome,
                                    const ProgressCallback& progress, std::stop_token stop) {
  JobDefinition plain = *request.job;
  plain.steps.clear();
  plain.write.sort_by.clear();
  if (!existing.empty()) PlanMerge(*request.job, plain);
  ExecuteRequest write = request;
  write.job = &plain;
  write.inputs = std::move(results);
  write.inputs.insert(write.inputs.end(), existing.begin(), existing.end());
  write.table_schema = {};
  FIRN_TRY_ASSIGN(ExecuteOutcome written, Execute(write, progress, std::move(stop)));
  for (const InputFile& file : existing) outcome.bytes_read += file.object.size;
  outcome.duplicates_removed += written.duplicates_removed;
  outcome.ties += written.ties;
  outcome.records_written = written.records_written;
  outcome.bytes_written = written.bytes_written;
  outcome.output_schema = std::move(written.output_schema);
  outcome.outputs = std::move(written.outputs);
  outcome.warnings.insert(outcome.warnings.end(), written.warnings.begin(), written.warnings.end());
  return outcome;
}

}  // namespace

bool NeedsRowSteps(const JobDefinition& job) {
  // Rules after a dedupe judge what it kept of the run's rows, before those meet the table's.
  if (job.write.mode == WriteMode::kMerge && HasRulesAfterDedupe(job.steps)) return true;
  const bool only_moves = std::ranges::all_of(job.steps, [](const Step& step) {
    return std::holds_alternative<ExpectStep>(step) || std::holds_alternative<DedupeStep>(step);
  });
  return !only_moves || !job.write.sort_by.empty();
}

Result<ExecuteOutcome> ExecuteRowSteps(const ExecuteRequest& request, const ProgressCallback& progress,
                                       std::stop_token stop) {
  WorkerPool pool(request.threads);
  ExecuteRequest remaining = request;
  const std::vector<InputFile> existing = TakeExisting(remaining);
  const ExecuteContext context{remaining, pool, progress, stop};
  const std::string prefix = request.staging_prefix + (existing.empty() ? "/.steps" : "/.steps-new");
  std::vector<BadFile> set_aside;
  for (;;) {
    ExecuteOutcome outcome;
    auto results = RunSteps(context, prefix, outcome);
    if (!results) {
      FIRN_TRY(SetAside(context, remaining, std::move(results.error()), set_aside));
      continue;
    }
    outcome.bad_files.insert(outcome.bad_files.end(), set_aside.begin(), set_aside.end());
    FIRN_TRY_ASSIGN(outcome, WriteResults(request, std::move(*results), existing, std::move(outcome), progress, stop));
    FIRN_TRY(request.store->RemovePrefix(prefix));
    return outcome;
  }
}

}  // namespace firn
