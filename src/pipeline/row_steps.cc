#include "pipeline/row_steps.h"

#include <arrow/type.h>
#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <optional>
#include <set>
#include <span>

#include "pipeline/scratch_space.h"
#include "pipeline/set_aside.h"
#include "pipeline/step_run.h"
#include "pipeline/step_sql.h"
#include "pipeline/step_types.h"

namespace firn {
namespace {

void WarnOfLostDigits(const Schema& schema, const std::set<std::string>& named, ExecuteOutcome& outcome) {
  const Schema all_kept = WithoutZonedNanos(schema, {});
  const Schema some_kept = WithoutZonedNanos(schema, named);
  for (size_t i = 0; i < schema.fields.size(); ++i)
    if (all_kept.fields[i] != some_kept.fields[i])
      outcome.warnings.push_back(fmt::format(
          "'{}' has nanoseconds and a zone, and a step's SQL names it: the SQL engine keeps microseconds of it",
          schema.fields[i].name));
}

// Whether the writing half, where partition keys are no columns any more, can do the same as the step.
bool IsForWriting(const ExecuteRequest& request, const DedupeStep& step) {
  if (!request.job->write.sort_by.empty()) return false;  // ties are broken by the order in which rows came
  if (!request.partition_by_rows || request.job->write.mode == WriteMode::kMerge) return true;
  const auto is_key = [&](const std::string& name) {
    return std::ranges::find(request.partition_keys, name) != request.partition_keys.end();
  };
  const auto in_key = std::ranges::count_if(step.key, is_key);
  const bool in_order = std::ranges::any_of(step.by, is_key, &OrderColumn::column);
  return in_key == std::ssize(request.partition_keys) || (in_key == 0 && !in_order);
}

// All but a last dedupe, which the writing half does faster.
std::span<const Step> StepsForSql(const ExecuteRequest& request) {
  const std::vector<Step>& steps = request.job->steps;
  const auto* last = steps.empty() ? nullptr : std::get_if<DedupeStep>(&steps.back());
  const bool is_left = last != nullptr && IsForWriting(request, *last);
  return std::span(steps).first(steps.size() - (is_left ? 1 : 0));
}

// Of a column that nobody has seen a value of, the SQL engine would make a number: it gets the type that the written
// table has for it, else that of text.
void TypeTheUnknown(Type& type, const Type* known) {
  if (type.kind == TypeKind::kNull) type = known != nullptr ? *known : Type{.kind = TypeKind::kString};
  for (size_t i = 0; i < type.children.size(); ++i) {
    const Type* child = nullptr;
    if (known != nullptr && known->kind == type.kind)
      for (size_t j = 0; j < known->children.size(); ++j)
        if (known->children[j].name == type.children[i].name) child = &known->children[j].type;
    TypeTheUnknown(type.children[i].type, child);
  }
}

void TypeTheUnknown(Schema& schema, const Schema& known) {
  for (Field& field : schema.fields) {
    const Field* same = known.Find(field.name);
    TypeTheUnknown(field.type, same == nullptr ? nullptr : &same->type);
  }
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
  TypeTheUnknown(scan->schema, context.request.existing_schema);
  const std::set<std::string> named = NamedColumns(context.request.job->steps, scan->schema);
  WarnOfLostDigits(scan->schema, named, outcome);
  auto rows = UniformRows::Of(context, *scan, {.keys = context.request.input_keys, .named = named});
  if (!rows) return failed(std::move(rows.error()));
  auto engine = SqlEngine::Open(EngineOptions(context.request, context.request.threads));
  if (!engine) return failed(std::move(engine.error()));
  const std::stop_callback interrupt(context.stop, [&] { (*engine)->Interrupt(); });
  StepRun run(context, *scan, **rows, **engine, outcome);
  if (Status started = run.Start(); !started) return failed(std::move(started.error()));
  for (const Step& step : StepsForSql(context.request))
    if (Status done = run.Run(step); !done) return std::unexpected(run.FailureOf(std::move(done.error())));
  return run.Store(prefix);
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

std::vector<PartitionValues> PartitionsOf(const std::vector<InputFile>& inputs) {
  std::set<PartitionValues> partitions;
  for (const InputFile& input : inputs) partitions.insert(input.partition);
  return {partitions.begin(), partitions.end()};
}

// Columns that are the same in all rows of a partition.
void RemoveKeys(const std::vector<std::string>& keys, DedupeStep& step) {
  const auto is_key = [&](const std::string& name) { return std::ranges::find(keys, name) != keys.end(); };
  const size_t before = step.key.size();
  std::erase_if(step.key, is_key);
  step.within_partition = step.within_partition || step.key.size() < before;
  std::erase_if(step.by, [&](const OrderColumn& column) { return is_key(column.column); });
}

// What is left to do when the steps' results are written, beside the rows that the table has.
JobDefinition SecondHalf(const ExecuteRequest& request, bool with_existing) {
  JobDefinition second = *request.job;
  second.steps.clear();
  second.write.sort_by.clear();
  std::optional<DedupeStep> dedupe = LastDedupe(request.job->steps);
  const bool is_left = dedupe && (with_existing || StepsForSql(request).size() < request.job->steps.size());
  if (is_left) {
    dedupe->within_partition = second.write.mode == WriteMode::kMerge;
    if (request.partition_by_rows) RemoveKeys(request.partition_keys, *dedupe);
    second.steps = {*std::move(dedupe)};
  }
  if (with_existing) second.write.sort_by = request.job->write.sort_by;
  second.write.mode = WriteMode::kOverwritePartitions;  // all inputs are alike from here on
  return second;
}

// The second half: the steps' results, written like any other input.
Result<ExecuteOutcome> WriteResults(const ExecuteRequest& request, std::vector<InputFile> results,
                                    const std::vector<InputFile>& existing, ExecuteOutcome outcome,
                                    const ProgressCallback& progress, std::stop_token stop) {
  const JobDefinition second = SecondHalf(request, !existing.empty());
  ExecuteRequest write = request;
  write.job = &second;
  write.partition_by_rows = false;
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

bool NeedsRowSteps(const ExecuteRequest& request) {
  const JobDefinition& job = *request.job;
  if (request.partition_by_rows) return true;
  // Rules after a dedupe judge what it kept of the run's rows, before those meet the table's.
  if (job.write.mode == WriteMode::kMerge && HasRulesAfterDedupe(job.steps)) return true;
  const bool only_moves = std::ranges::all_of(job.steps, [](const Step& step) {
    return std::holds_alternative<ExpectStep>(step) || std::holds_alternative<DedupeStep>(step);
  });
  return !only_moves || !job.write.sort_by.empty();
}

Result<StepsPlan> PlanRowSteps(const ExecuteContext& context, const Scan& scan) {
  Scan typed{.files = {}, .schema = scan.schema, .bad_files = {}};
  TypeTheUnknown(typed.schema, context.request.existing_schema);
  const std::set<std::string> named = NamedColumns(context.request.job->steps, typed.schema);
  FIRN_TRY_ASSIGN(const auto rows,
                  UniformRows::Of(context, typed, {.keys = context.request.input_keys, .named = named}));
  FIRN_TRY_ASSIGN(const auto engine, SqlEngine::Open(EngineOptions(context.request, 1)));
  ExecuteOutcome unused;
  StepRun run(context, typed, *rows, *engine, unused);
  FIRN_TRY_ASSIGN(StepRun::Rehearsal rehearsal, run.Rehearse(StepsForSql(context.request)));
  StepsPlan plan{.columns_read = {}, .result = std::move(rehearsal.result), .in_chunks = rehearsal.in_chunks};
  for (const int column : rehearsal.columns)
    if (const std::string& name = rows->schema()->field(column)->name(); !name.starts_with("__firn_"))
      plan.columns_read.push_back(name);
  return plan;
}

Result<ExecuteOutcome> ExecuteRowSteps(const ExecuteRequest& request, const ProgressCallback& progress,
                                       std::stop_token stop) {
  WorkerPool pool(request.threads);
  ExecuteRequest remaining = request;
  std::vector<InputFile> existing = TakeExisting(remaining);
  const ExecuteContext context{remaining, pool, progress, stop};
  // The writing half may be one with steps, too: for sort_by.
  const std::string prefix = existing.empty() && !request.partition_by_rows ? "steps" : "steps-new";
  std::vector<BadFile> set_aside;
  for (;;) {
    ExecuteOutcome outcome;
    auto results = RunSteps(context, prefix, outcome);
    if (!results) {
      FIRN_TRY(request.scratch->RemovePrefix(prefix));
      FIRN_TRY(SetAside(context, remaining, std::move(results.error()), set_aside));
      continue;
    }
    outcome.bad_files.insert(outcome.bad_files.end(), set_aside.begin(), set_aside.end());
    if (request.partition_by_rows && request.on_partitions) {
      FIRN_TRY_ASSIGN(existing, request.on_partitions(PartitionsOf(*results)));
    }
    FIRN_TRY_ASSIGN(outcome, WriteResults(request, std::move(*results), existing, std::move(outcome), progress, stop));
    FIRN_TRY(request.scratch->RemovePrefix(prefix));
    return outcome;
  }
}

}  // namespace firn
