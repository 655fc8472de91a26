#include "pipeline/step_run.h"

#include <arrow/api.h>
#include <arrow/c/bridge.h>
#include <fmt/format.h>
#include <parquet/arrow/schema.h>

#include <algorithm>
#include <map>
#include <set>

#include "base/nearest.h"
#include "format/parquet_guard.h"
#include "format/parquet_schema.h"
#include "pipeline/row_quality.h"
#include "pipeline/step_sql.h"
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
bool HasPattern(const CastStep& step) {
  return std::ranges::any_of(step.columns, [](const auto& column) { return column.first.ends_with(".*"); });
}

std::string_view NameOf(const Step& step) {
  return std::visit(StepName{}, step);
}

}  // namespace

SqlOptions EngineOptions(const ExecuteRequest& request, int threads) {
  const int64_t memory = request.memory_bytes * threads / std::max(request.threads, 1);
  return {.memory_bytes = memory, .threads = threads, .temp_folder = request.temp_folder, .now_ns = request.now_ns};
}

Status StepRun::Start() {
  FIRN_TRY_ASSIGN(ArrowStream like, rows_.Like());
  FIRN_TRY(
      engine_.RegisterSource("source", std::move(like), [this](const std::vector<int>& columns) -> Result<ArrowStream> {
        FIRN_TRY_ASSIGN(UniformStream uniform, rows_.Open(columns, 0, rehearsing_ ? 0 : rows_.chunks()));
        failure_ = uniform.failure;
        read_ = columns;
        return std::move(uniform.stream);
      }));
  FIRN_TRY_ASSIGN(const auto engine, SchemaOf(stage_));
  types_.emplace(*rows_.schema(), *engine);
  untouched_.emplace(rows_.schema()->field_names());
  return {};
}

Status StepRun::Run(const Step& step) {
  if (const auto* dedupe = std::get_if<DedupeStep>(&step)) return Dedupe(*dedupe);
  if (const auto* expect = std::get_if<ExpectStep>(&step)) return Expect(*expect);
  if (std::holds_alternative<SqlStep>(step) && rows_.partitions().size() > 1 && !request_.partition_by_rows)
    return Fail(ErrorKind::kUnsupported, "a `sql` step reads one partition a run, and this run has several",
                "Give read.date or read.partition");
  Status changed = Change(step);
  if (!changed) return std::unexpected(std::move(changed.error()).Within(fmt::format("step `{}`", NameOf(step))));
  return {};
}

Status StepRun::RehearseStep(const Step& step) {
  return std::holds_alternative<ExpectStep>(step) ? Materialise() : Run(step);
}

Result<StepRun::Rehearsal> StepRun::Rehearse(std::span<const Step> steps) {
  rehearsing_ = true;
  FIRN_TRY(Start());
  for (const Step& step : steps) FIRN_TRY(RehearseStep(step));
  FIRN_TRY_ASSIGN(const std::string select, FinalSelect());
  FIRN_TRY_ASSIGN(const QueryPlan plan, PlanOf(select));
  Rehearsal rehearsal{.in_chunks = plan.row_by_row && request_.job->write.sort_by.empty()};
  FIRN_TRY_ASSIGN(const auto made, SchemaOf(fmt::format("({})", select)));
  FIRN_TRY_ASSIGN(const Schema schema, FirnSchemaOf(*types_->Of(*made)));
  for (const Field& field : schema.fields)
    if (!field.name.starts_with("__firn_")) rehearsal.result.fields.push_back(field);
  FIRN_TRY(engine_.Execute("CREATE TEMP TABLE rehearsed AS " + select));  // what was not read so far is read now
  rehearsal.columns = read_;
  std::ranges::sort(rehearsal.columns);
  return rehearsal;
}

std::expected<std::vector<InputFile>, TransferFailure> StepRun::Store(const std::string& prefix) {
  PartitionObjects objects(*request_.scratch, prefix);
  auto stored = StoreResult(objects);
  if (!stored) return std::unexpected(std::move(stored.error()));
  return objects.Take();
}

TransferFailure StepRun::FailureOf(Error error) const {
  if (failure_ != nullptr && *failure_) return std::move(**failure_);
  return {std::move(error), {}};
}

Status StepRun::Change(const Step& step) {
  FIRN_TRY_ASSIGN(const auto schema, SchemaOf(stage_));
  if (const auto* cast = std::get_if<CastStep>(&step); cast != nullptr && HasPattern(*cast)) {
    FIRN_TRY_ASSIGN(const Schema columns, FirnSchemaOf(*types_->Of(*schema)));
    FIRN_TRY_ASSIGN(CastStep expanded, ExpandCasts(*cast, columns));
    return expanded.columns.empty() ? Status() : Change(expanded);
  }
  FIRN_TRY_ASSIGN(const std::string select, SelectOf(step, stage_, *schema));
  FIRN_TRY(CheckNames(step));
  untouched_->Follow(step, *schema, engine_);
  if (const auto* rename = std::get_if<RenameStep>(&step))
    types_->Rename({rename->columns.begin(), rename->columns.end()});
  traced_ = traced_ && !std::holds_alternative<SqlStep>(step);
  stage_ = fmt::format("({}\n)", select);
  return {};
}

Status StepRun::CheckNames(const Step& step) {
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

Status StepRun::Materialise(const std::string& select) {
  const std::string next = fmt::format("stage_{}", ++stages_);
  if (table_.empty()) FIRN_TRY(PlanOf(select));
  FIRN_TRY(engine_.Execute("CREATE TEMP TABLE " + next + " AS " + select));
  if (!table_.empty()) FIRN_TRY(engine_.Execute("DROP TABLE " + table_));
  stage_ = table_ = next;
  return {};
}

Status StepRun::Materialise() {
  return stage_ == table_ ? Status() : Materialise("SELECT * FROM " + stage_);
}

std::expected<void, TransferFailure> StepRun::StoreResult(PartitionObjects& objects) {
  auto select = FinalSelect();
  if (!select) return std::unexpected(TransferFailure{std::move(select.error()), {}});
  const RowPartitioner partitioner = request_.partition_by_rows ? RowPartitioner::ByColumns(KeyColumns())
                                                                : RowPartitioner::ByNumber(rows_.partitions());
  RowQuery query{.select = *select,
                 .typed =
                     [this](std::shared_ptr<arrow::RecordBatchReader> reader) {
                       auto schema = types_->Of(*reader->schema());
                       return WithTypes(std::move(reader), std::move(schema));
                     },
                 .partitioner = &partitioner,
                 .engine = EngineOptions(request_, 1)};
  auto plan = PlanOf(query.select);
  if (!plan) return std::unexpected(FailureOf(std::move(plan.error())));
  if (plan->row_by_row && request_.job->write.sort_by.empty()) {
    if (Status kept = KeepUntouchedOut(*plan, query); !kept)
      return std::unexpected(TransferFailure{std::move(kept.error()), {}});
    return RunOverChunks(context_, rows_, query, objects);
  }
  auto rows = engine_.Query(fmt::format("{} ORDER BY {}", query.select, Order()));
  if (!rows) return std::unexpected(FailureOf(std::move(rows.error())));
  if (Status added = AddResult(context_, query, std::move(*rows), objects); !added)
    return std::unexpected(FailureOf(std::move(added.error())));
  return {};
}

Status StepRun::KeepUntouchedOut(const QueryPlan& plan, RowQuery& query) {
  if (!plan.row_for_row) return {};
  FIRN_TRY_ASSIGN(const auto engine, SchemaOf(fmt::format("({})", query.select)));
  const auto result = types_->Of(*engine);
  std::string names;
  for (const auto& field : result->fields()) {
    query.columns.push_back({field->name(), HandedOn(field->name(), *field->type())});
    if (query.columns.back().handed_on) names += (names.empty() ? "" : ", ") + QuoteIdentifier(field->name());
  }
  if (names.empty()) query.columns.clear();
  if (names.empty()) return {};
  FIRN_TRY_ASSIGN(const std::string with_row, FinalSelect("__firn_file"));
  query.select = fmt::format("SELECT * EXCLUDE ({}) FROM ({})", names, with_row);
  return {};
}

std::optional<HandedOnColumn> StepRun::HandedOn(const std::string& name, const arrow::DataType& type) const {
  const auto known = untouched_->by_name().find(name);
  if (known == untouched_->by_name().end() || name.starts_with("__firn_")) return std::nullopt;
  HandedOnColumn column{.column = rows_.schema()->GetFieldIndex(known->second.column), .fields = {}};
  if (column.column < 0) return std::nullopt;
  auto here = rows_.schema()->field(column.column)->type();
  for (const std::string& field : known->second.fields) {
    const int number =
        here->id() == arrow::Type::STRUCT ? static_cast<const arrow::StructType&>(*here).GetFieldIndex(field) : -1;
    if (number < 0) return std::nullopt;
    column.fields.push_back(number);
    here = here->field(number)->type();
  }
  // What the engine gives back as another type, or with digits less, does so in any case.
  const auto as_streamed = WithoutZonedNanos(*arrow::schema({arrow::field(name, here)}), {})->field(0)->type();
  if (!WithShortTexts(here)->Equals(type) || !as_streamed->Equals(*here)) return std::nullopt;
  return column;
}

Result<std::string> StepRun::FinalSelect(std::string_view hidden) {
  if (!request_.partition_by_rows) return fmt::format("SELECT * EXCLUDE ({}) FROM {}", hidden, stage_);
  FIRN_TRY_ASSIGN(const std::vector<std::string> types, KeyTypes());
  std::string keys;
  std::string values;
  for (size_t i = 0; i < request_.partition_keys.size(); ++i) {
    const std::string key = QuoteIdentifier(request_.partition_keys[i]);
    keys += ", " + key;
    values +=
        fmt::format(", CAST({} AS {}) AS {}", key, IsSmallInteger(types[i]) ? "BIGINT" : "VARCHAR", KeyColumns()[i]);
  }
  return fmt::format("SELECT * EXCLUDE (__firn_part, {}{}){} FROM {}", hidden, keys, values, stage_);
}

std::string StepRun::Order() const {
  std::vector<OrderColumn> columns = request_.job->write.sort_by;
  if (request_.partition_by_rows)
    std::erase_if(columns, [this](const OrderColumn& column) {
      return std::ranges::find(request_.partition_keys, column.column) != request_.partition_keys.end();
    });
  const std::string list = OrderList(columns);
  return list + (list.empty() ? "" : ", ") + "__firn_file, __firn_row";
}

std::vector<std::string> StepRun::KeyColumns() const {
  std::vector<std::string> columns;
  for (size_t i = 0; i < request_.partition_keys.size(); ++i) columns.push_back(fmt::format("__firn_key_{}", i));
  return columns;
}

Result<std::vector<std::string>> StepRun::KeyTypes() {
  std::vector<std::string> types;
  FIRN_TRY_ASSIGN(const std::vector<SqlColumn> columns, engine_.Describe(SelectVisible(stage_)));
  std::vector<std::string> names;
  for (const SqlColumn& column : columns) names.push_back(column.name);
  for (const std::string& key : request_.partition_keys) {
    const auto column = std::ranges::find(columns, key, &SqlColumn::name);
    if (column == columns.end())
      return Fail(ErrorKind::kInvalidArgument,
                  fmt::format("table '{}' is partitioned by '{}', and the rows have no such column",
                              request_.job->write.table.str(), key),
                  fmt::format("Make it in a step: select: [\"*\", \"year(some_date) AS {}\"]. {}", key,
                              SuggestFrom(key, names)));
    if (!IsPartitionType(column->type))
      return Fail(ErrorKind::kInvalidArgument,
                  fmt::format("'{}', by which table '{}' is partitioned, is of type {}", key,
                              request_.job->write.table.str(), column->type),
                  "A partition key is an integer, a text, a date or a boolean: cast it");
    types.push_back(column->type);
  }
  return types;
}

bool StepRun::IsSmallInteger(std::string_view type) {
  static const std::set<std::string_view> kTypes = {"TINYINT",  "SMALLINT",  "INTEGER", "BIGINT",
                                                    "UTINYINT", "USMALLINT", "UINTEGER"};
  return kTypes.contains(type);
}

bool StepRun::IsPartitionType(std::string_view type) {
  static const std::set<std::string_view> kOthers = {"UBIGINT", "HUGEINT", "VARCHAR", "DATE", "BOOLEAN"};
  return IsSmallInteger(type) || kOthers.contains(type);
}

Result<QueryPlan> StepRun::PlanOf(const std::string& select) {
  FIRN_TRY_ASSIGN(const SqlEngine::TextTable text, engine_.QueryText("EXPLAIN (FORMAT json) " + select));
  QueryPlan plan = ReadPlan(text.rows.at(0).at(1).value_or(""));
  if (plan.streams <= 1) return plan;
  FIRN_TRY(engine_.Execute("CREATE TEMP TABLE kept_source AS SELECT * FROM source"));
  FIRN_TRY(engine_.Execute("CREATE OR REPLACE VIEW source AS SELECT * FROM kept_source"));
  return plan;
}

Result<int64_t> StepRun::Count(const std::string& select) {
  FIRN_TRY_ASSIGN(const SqlEngine::TextTable table, engine_.QueryText(select));
  return std::stoll(table.rows.at(0).at(0).value_or("0"));
}

Status StepRun::Dedupe(DedupeStep step) {
  FIRN_TRY(Materialise());
  step.within_partition |= request_.job->write.mode == WriteMode::kMerge && !request_.partition_by_rows;
  FIRN_TRY_ASSIGN(const int64_t before, Count("SELECT count(*) FROM " + stage_));
  FIRN_TRY_ASSIGN(const int64_t ties, Count(CountTies(step, stage_)));
  FIRN_TRY(Materialise(SelectLatest(step, stage_)));
  FIRN_TRY_ASSIGN(const int64_t after, Count("SELECT count(*) FROM " + stage_));
  outcome_.duplicates_removed += before - after;
  outcome_.ties += ties;
  return {};
}

Status StepRun::Expect(const ExpectStep& step) {
  FIRN_TRY(Materialise());
  FIRN_TRY_ASSIGN(const auto arrow_schema, SchemaOf(stage_));
  FIRN_TRY_ASSIGN(const Schema schema, FirnSchemaOf(*types_->Of(*arrow_schema)));
  FIRN_TRY_ASSIGN(ArrowStream rows, Rows("SELECT * FROM " + stage_));
  FIRN_TRY_ASSIGN(const auto judge, SqlEngine::Open(EngineOptions(request_, request_.threads)));
  FIRN_TRY_ASSIGN(const QualityOutcome quality,
                  CheckQuality(*judge, std::move(rows), schema, step.rules, context_.request.now_ns));
  if (context_.request.on_rules) context_.request.on_rules(quality.rules);
  FIRN_TRY(quality.RequireAccepted());
  outcome_.rules.insert(outcome_.rules.end(), quality.rules.begin(), quality.rules.end());
  return quality.quarantined.empty() ? Status{} : Reject(step, quality.quarantined);
}

Status StepRun::Reject(const ExpectStep& step, const std::vector<QuarantinedRow>& rows) {
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
  return Materialise(fmt::format(
      "SELECT * FROM {0} ANTI JOIN {1} ON {0}.__firn_file = {1}.file AND {0}.__firn_row = {1}.row", stage_, rejected));
}

Result<std::string> StepRun::RecordOfStage() {
  FIRN_TRY_ASSIGN(const auto schema, SchemaOf(fmt::format("({})", SelectVisible(stage_))));
  std::string record;
  for (const auto& field : schema->fields())
    record += fmt::format("{}{}: s.{}", record.empty() ? "" : ", ", QuoteLiteral(field->name()),
                          QuoteIdentifier(field->name()));
  return fmt::format("{{{}}}", record);
}

std::string StepRun::LineOf(const std::vector<std::optional<std::string>>& row) const {
  std::optional<std::pair<ObjectKey, int64_t>> place;
  if (traced_)
    place = scan_.files.at(std::stoull(row.at(1).value_or("0"))).input.PlaceOf(std::stoll(row.at(2).value_or("0")));
  return RejectedLine(row.at(0).value_or(""), place, row.at(3).value_or("null"));
}

Result<std::shared_ptr<arrow::Schema>> StepRun::SchemaOf(const std::string& relation) {
  FIRN_TRY_ASSIGN(ArrowStream none, engine_.ColumnsOf("SELECT * FROM " + relation));
  std::shared_ptr<arrow::Schema> schema;
  FIRN_TRY(GuardParquet(relation, [&] {
    PARQUET_ASSIGN_OR_THROW(const auto reader, arrow::ImportRecordBatchReader(none.get()));
    schema = reader->schema();
  }));
  return schema;
}

Result<ArrowStream> StepRun::Rows(const std::string& select) {
  FIRN_TRY_ASSIGN(ArrowStream rows, engine_.Query(select));
  FIRN_TRY(GuardParquet("the result of the steps", [&] {
    PARQUET_ASSIGN_OR_THROW(auto reader, arrow::ImportRecordBatchReader(rows.get()));
    auto schema = types_->Of(*reader->schema());
    PARQUET_THROW_NOT_OK(arrow::ExportRecordBatchReader(WithTypes(std::move(reader), std::move(schema)), rows.get()));
  }));
  return rows;
}

Result<Schema> StepRun::FirnSchemaOf(const arrow::Schema& schema) {
  Result<Schema> converted;
  FIRN_TRY(GuardParquet("the columns of a step", [&] {
    std::shared_ptr<parquet::SchemaDescriptor> descriptor;
    PARQUET_THROW_NOT_OK(parquet::arrow::ToParquetSchema(&schema, *parquet::default_writer_properties(), &descriptor));
    converted = ::firn::SchemaOf(*descriptor);
  }));
  return converted;
}

}  // namespace firn
