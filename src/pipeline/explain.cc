#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <optional>
#include <set>

#include "pipeline/execute.h"
#include "pipeline/quality_plan.h"
#include "pipeline/row_steps.h"
#include "pipeline/scan.h"
#include "pipeline/text_inputs.h"
#include "schema/names.h"

namespace firn {
namespace {

std::string OrderText(const std::vector<OrderColumn>& columns) {
  std::vector<std::string> names;
  for (const OrderColumn& column : columns) names.push_back(column.column + (column.descending ? " desc" : " asc"));
  return fmt::format("{}", fmt::join(names, ", "));
}

// One line a step, with the columns that it reads where that prunes something.
struct StepText {
  const Schema& schema;
  int64_t now_ns;
  WriteMode mode;

  std::string operator()(const ExpectStep& step) const {
    const auto plan = PlanQuality(step.rules, schema, now_ns);
    const std::string reads =
        plan ? fmt::format("reads {}",
                           plan->columns.empty() ? "no column" : fmt::format("{}", fmt::join(plan->columns, ", ")))
             : plan.error().Text();
    return fmt::format("expect: {} rules, {}", step.rules.size(), reads);
  }
  std::string operator()(const DedupeStep& step) const {
    return fmt::format("dedupe: key {}; keep latest by {}{}", fmt::join(step.key, ", "),
                       step.by.empty() ? "object path and row number" : OrderText(step.by),
                       mode == WriteMode::kAppend ? "; within this run only (mode: append)" : "");
  }
  std::string operator()(const SelectStep& step) const {
    return fmt::format("select: {}", fmt::join(step.expressions, ", "));
  }
  std::string operator()(const FilterStep& step) const { return "filter: " + step.predicate; }
  std::string operator()(const FlattenStep& step) const {
    return step.columns.empty() ? std::string("flatten: every struct")
                                : fmt::format("flatten: {}", fmt::join(step.columns, ", "));
  }
  std::string operator()(const RenameStep& step) const {
    return fmt::format("rename: {} columns", step.columns.size());
  }
  std::string operator()(const CastStep& step) const { return fmt::format("cast: {} columns", step.columns.size()); }
  std::string operator()(const SqlStep& step) const { return "sql: " + step.statement; }
};

// Of the rows that are read; a `merge` adds those of the partitions that it touches.
int64_t KeyMemory(const JobDefinition& job, bool general, int64_t rows) {
  const auto is_dedupe = [](const Step& step) { return std::holds_alternative<DedupeStep>(step); };
  // The SQL engine does one that is not the last step within its own memory.
  const bool ours =
      general ? !job.steps.empty() && is_dedupe(job.steps.back()) : std::ranges::any_of(job.steps, is_dedupe);
  return ours ? rows * 33 : 0;  // an entry of 32 bytes and one byte of mask a row
}

Json ColumnsOf(const Schema& schema) {
  Json columns = Json::array();
  for (const Field& field : schema.fields) columns.push_back(field.name + " " + HiveTypeName(field.type));
  return columns;
}

std::string_view PathText(bool general, const std::optional<StepsPlan>& plan) {
  if (!general) return "columns, moved from page to page";
  if (!plan) return "rows through the SQL engine, then columns";
  return plan->in_chunks ? "rows through the SQL engine, chunk by chunk, then columns"
                         : "rows through the SQL engine as a whole, then columns";
}

// Nothing when the steps do not fit the columns that are known, and these are not all: there are no files, or texts
// that only reading tells the columns of.
Result<std::optional<StepsPlan>> PlanSteps(const ExecuteContext& context, const Scan& scan, bool all_known) {
  if (scan.schema.fields.empty()) return std::nullopt;
  auto plan = PlanRowSteps(context, scan);
  if (plan) return std::move(*plan);
  if (!all_known) return std::nullopt;
  return std::unexpected(std::move(plan.error()));
}

}  // namespace

Result<Json> Explain(const ExecuteRequest& request) {
  WorkerPool pool(request.threads);
  const ProgressCallback silent = [](std::string_view, int64_t, int64_t) {};
  ExecuteRequest parquet = request;
  std::erase_if(parquet.inputs, IsTextInput);
  const ExecuteContext context{parquet, pool, silent, {}};
  ShapeRegistry shapes;
  FIRN_TRY_ASSIGN(const Scan scan, ScanFiles(context, shapes));
  const bool counted = parquet.inputs.size() == request.inputs.size();  // only reading all of a text would count it
  int64_t rows = 0;
  int64_t bytes = 0;
  std::set<PartitionValues> partitions;
  for (const ScannedFile& file : scan.files) rows += file.rows;
  for (const InputFile& input : request.inputs) {
    bytes += input.object.size;
    partitions.insert(input.partition);
  }
  Json steps = Json::array();
  for (const Step& step : request.job->steps)
    steps.push_back(std::visit(StepText{scan.schema, request.now_ns, request.job->write.mode}, step));
  const bool general = NeedsRowSteps(request);
  std::optional<StepsPlan> plan;
  if (general) {
    FIRN_TRY_ASSIGN(plan, PlanSteps(context, scan, counted && !request.inputs.empty()));
  }
  Json read = Json::array();
  for (const Field& field : scan.schema.fields) read.push_back(field.name);
  return Json{{"path", PathText(general, plan)},
              {"input",
               {{"files", request.inputs.size()},
                {"bad_files", scan.bad_files.size()},
                {"partitions", partitions.size()},
                {"rows", counted ? Json(rows) : Json()},
                {"bytes", bytes},
                {"schemas", shapes.All().size()},
                {"columns_known", scan.schema.fields.size()},
                {"columns_read", plan      ? Json(plan->columns_read)
                                 : general ? Json()
                                           : read}}},
              {"steps", steps},
              {"output",
               {{"files_a_partition", request.job->write.files},
                {"partition_by", request.partition_keys},
                {"columns", plan      ? ColumnsOf(plan->result)
                            : general ? Json()
                                      : ColumnsOf(scan.schema)}}},
              {"estimate", {{"key_memory_bytes", counted ? KeyMemory(*request.job, general, rows) : 0}}}};
}

}  // namespace firn
