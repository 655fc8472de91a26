#include "pipeline/row_steps.h"

#include <arrow/api.h>
#include <arrow/extension/uuid.h>
#include <arrow/io/memory.h>
#include <arrow/json/from_string.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <parquet/arrow/reader.h>
#include <parquet/arrow/writer.h>
#include <parquet/exception.h>

#include "store/memory_store.h"

namespace firn {
namespace {

using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;

class RowStepsTest : public ::testing::Test {
 protected:
  void Put(const std::string& key, const std::shared_ptr<arrow::Table>& table) {
    const auto sink = arrow::io::BufferOutputStream::Create().ValueOrDie();
    ASSERT_TRUE(parquet::arrow::WriteTable(*table, arrow::default_memory_pool(), sink).ok());
    auto writer = store_->Create(key).value();
    ASSERT_TRUE(writer->Append(sink->Finish().ValueOrDie()->ToString()));
    ASSERT_TRUE(writer->Finish());
  }

  // `values` as JSON.
  static std::shared_ptr<arrow::Array> ArrayOf(const std::shared_ptr<arrow::DataType>& type,
                                               const std::string& values) {
    if (type->id() != arrow::Type::EXTENSION) return arrow::json::ArrayFromJSONString(type, values).ValueOrDie();
    return arrow::ExtensionType::WrapArray(
        type, ArrayOf(static_cast<const arrow::ExtensionType&>(*type).storage_type(), values));
  }

  // A file with one column.
  void PutColumn(const std::string& key, const std::shared_ptr<arrow::DataType>& type, const std::string& values) {
    Put(key, arrow::Table::Make(arrow::schema({arrow::field("v", type)}), {ArrayOf(type, values)}));
  }

  Result<ExecuteOutcome> Run() {
    ExecuteRequest request{.store = store_.get(),
                           .job = &job_,
                           .staging_prefix = "out",
                           .commit_id = "c",
                           .quarantine_prefix = "rejected",
                           .memory_bytes = int64_t{1} << 30,
                           .threads = 2};
    request.on_rules = [this](const std::vector<RuleResult>& rules) {
      told_.insert(told_.end(), rules.begin(), rules.end());
    };
    const std::vector<ObjectInfo> inputs = store_->List("in").value();
    for (const ObjectInfo& object : inputs) request.inputs.push_back({object, FileFormat::kParquet, {}, false});
    return Execute(request, [](std::string_view, int64_t, int64_t) {}, {});
  }

  std::shared_ptr<arrow::Table> Output(const ExecuteOutcome& outcome) {
    const Bytes bytes = store_->Read(outcome.outputs.at(0).object).value();
    const auto buffer = std::make_shared<arrow::io::BufferReader>(
        arrow::Buffer::FromString(std::string(reinterpret_cast<const char*>(bytes.data()), bytes.size())));
    parquet::ArrowReaderProperties properties;
    properties.set_arrow_extensions_enabled(true);
    parquet::arrow::FileReaderBuilder builder;
    EXPECT_TRUE(builder.Open(buffer).ok());
    const auto reader = builder.properties(properties)->Build().ValueOrDie();
    return reader->ReadTable().ValueOrDie();
  }

  const std::unique_ptr<ObjectStore> store_ = std::make_unique<MemoryStore>();
  JobDefinition job_;
  std::vector<RuleResult> told_;
};

// The values of a column that comes in as `type`, after a step that does not touch it.
struct Kept {
  std::shared_ptr<arrow::DataType> type;
  std::string values;
};

TEST_F(RowStepsTest, AColumnThatNoStepChangedKeepsItsType) {
  const auto pair =
      arrow::struct_({arrow::field("yes", arrow::boolean()), arrow::field("code", arrow::fixed_size_binary(3))});
  const std::vector<Kept> all = {
      {arrow::boolean(), "[true, false, null]"},
      {arrow::int8(), "[1, null, -3]"},
      {arrow::uint32(), "[1, null, 4000000000]"},
      {arrow::list(arrow::boolean()), "[[true, null], null, []]"},
      {pair, R"([{"yes": true, "code": "abc"}, null, {"yes": false, "code": null}])"},
      {arrow::map(arrow::utf8(), arrow::boolean()), R"([[["a", true], ["b", null]], null, []])"},
      {arrow::fixed_size_binary(4), R"(["abcd", null, "efgh"])"},
      {arrow::time32(arrow::TimeUnit::MILLI), "[1, null, 86399999]"},
      {arrow::time64(arrow::TimeUnit::MICRO), "[1, null, 86399999999]"},
      {arrow::timestamp(arrow::TimeUnit::MILLI, "UTC"), "[1, null, -1]"},
      {arrow::timestamp(arrow::TimeUnit::MILLI), "[1, null, -1]"},
      {arrow::timestamp(arrow::TimeUnit::NANO), "[1, null, -1]"},
      {arrow::timestamp(arrow::TimeUnit::NANO, "UTC"), "[1, null, -1]"},
      {arrow::list(arrow::timestamp(arrow::TimeUnit::NANO, "UTC")), "[[1, null], [-1], null]"},
      {arrow::struct_({arrow::field("at", arrow::timestamp(arrow::TimeUnit::NANO, "UTC"))}),
       R"([{"at": 1}, {"at": null}, null])"},
      {arrow::decimal128(38, 2), R"(["999999999999999999999999999999999999.99", null, "-0.01"])"},
      {arrow::extension::uuid(), R"(["aaaabbbbccccdddd", null, "eeeeffffgggghhhh"])"},
  };
  job_.steps = {FilterStep{"true"}};
  for (const Kept& kept : all) {
    ASSERT_TRUE(store_->RemovePrefix("in"));
    ASSERT_TRUE(store_->RemovePrefix("out"));
    PutColumn("in/a.parquet", kept.type, kept.values);
    const auto outcome = Run();
    ASSERT_TRUE(outcome) << kept.type->ToString() << ": " << outcome.error().Text();
    const auto column = Output(*outcome)->column(0);
    EXPECT_TRUE(column->type()->Equals(*kept.type))
        << column->type()->ToString() << " instead of " << kept.type->ToString();
    EXPECT_TRUE(column->chunk(0)->Equals(*ArrayOf(kept.type, kept.values))) << column->ToString();
  }
}

TEST_F(RowStepsTest, ABooleanThatAStepMakesIsOne) {
  PutColumn("in/a.parquet", arrow::int32(), "[1, 5]");
  job_.steps = {SelectStep{{"v > 3 AS big", "[v > 3] AS list"}}};
  const auto outcome = Run();
  ASSERT_TRUE(outcome) << outcome.error().Text();
  EXPECT_EQ(Output(*outcome)->column(0)->type()->id(), arrow::Type::BOOL);
  EXPECT_EQ(outcome->output_schema.fields.at(0).type.kind, TypeKind::kBoolean);
  EXPECT_EQ(outcome->output_schema.fields.at(1).type.children.at(0).type.kind, TypeKind::kBoolean);
}

TEST_F(RowStepsTest, AColumnKeepsItsTypeUnderAnotherName) {
  PutColumn("in/a.parquet", arrow::fixed_size_binary(2), R"(["ab"])");
  job_.steps = {RenameStep{{{"v", "w"}}}};
  const auto outcome = Run();
  ASSERT_TRUE(outcome) << outcome.error().Text();
  EXPECT_EQ(outcome->output_schema.fields.at(0).name, "w");
  EXPECT_EQ(outcome->output_schema.fields.at(0).type.kind, TypeKind::kFixedBinary);
}

TEST_F(RowStepsTest, ACastIsNotTakenBack) {
  PutColumn("in/a.parquet", arrow::timestamp(arrow::TimeUnit::MILLI), "[1]");
  job_.steps = {CastStep{{{"v", "TIMESTAMP"}}}};
  const auto outcome = Run();
  ASSERT_TRUE(outcome) << outcome.error().Text();
  EXPECT_EQ(outcome->output_schema.fields.at(0).type.unit, TimeUnit::kMicros);
}

TEST_F(RowStepsTest, DigitsOfInstantsThatSqlReadsAreLostAndThatIsSaid) {
  const auto type = arrow::timestamp(arrow::TimeUnit::NANO, "UTC");
  const std::vector<std::vector<Step>> all = {
      {FilterStep{"v > TIMESTAMPTZ '1960-01-01 00:00:00+02'"}},
      {RenameStep{{{"v", "w"}}}, FilterStep{"W AT TIME ZONE 'Asia/Tokyo' < TIMESTAMP '1970-01-01 09:00:01'"}},
      {SelectStep{{"*"}}},
      {SqlStep{"SELECT v FROM input"}},
      {SqlStep{"SELECT * FROM input"}},
  };
  for (const auto& steps : all) {
    ASSERT_TRUE(store_->RemovePrefix("in"));
    ASSERT_TRUE(store_->RemovePrefix("out"));
    PutColumn("in/a.parquet", type, "[1234567]");
    job_.steps = steps;
    const auto outcome = Run();
    ASSERT_TRUE(outcome) << outcome.error().Text();
    ASSERT_EQ(outcome->warnings.size(), 1);
    EXPECT_THAT(outcome->warnings[0], HasSubstr("'v' has nanoseconds"));
    const auto column = Output(*outcome)->column(0);
    EXPECT_TRUE(column->chunk(0)->Equals(*ArrayOf(type, "[1234000]"))) << column->ToString();
  }
}

TEST_F(RowStepsTest, DigitsOfInstantsThatNoSqlReadsAreKept) {
  const auto type = arrow::timestamp(arrow::TimeUnit::NANO, "UTC");
  const auto at = ArrayOf(type, "[1002, 1001, 1003]");
  const auto id = ArrayOf(arrow::int32(), "[1, 1, 2]");
  const auto inputs =
      arrow::Table::Make(arrow::schema({arrow::field("id", arrow::int32()), arrow::field("at", type)}), {id, at});
  job_.write.sort_by = {{.column = "seen", .descending = true}};
  job_.steps = {ExpectStep{{{R"(IsUnique "at")"}, {R"(IsUnique "at" where "id > 0")"}}}, RenameStep{{{"at", "seen"}}},
                FilterStep{"id > 0"}, DedupeStep{.key = {"id"}, .by = {{.column = "seen", .descending = true}}}};
  Put("in/a.parquet", inputs);
  const auto outcome = Run();
  ASSERT_TRUE(outcome) << outcome.error().Text();
  EXPECT_THAT(outcome->warnings, IsEmpty());
  EXPECT_EQ(outcome->ties, 0);
  const auto column = Output(*outcome)->GetColumnByName("seen");
  EXPECT_TRUE(column->chunk(0)->Equals(*ArrayOf(type, "[1003, 1002]"))) << column->ToString();
}

TEST_F(RowStepsTest, AValueThatNoLongerFitsNamesItsColumn) {
  PutColumn("in/a.parquet", arrow::fixed_size_binary(2), R"(["ab"])");
  job_.steps = {SelectStep{{"v || v AS v"}}};
  const auto outcome = Run();
  ASSERT_FALSE(outcome);
  EXPECT_EQ(outcome.error().kind, ErrorKind::kInvalidArgument);
  EXPECT_THAT(outcome.error().message, HasSubstr("column 'v'"));
}

// Both paths: with a step that changes values, and without.
TEST_F(RowStepsTest, EachStepThatRejectsRowsHasAFileOfItsOwn) {
  PutColumn("in/a.parquet", arrow::int32(), "[1, 2, 3]");
  const ExpectStep first{{{"ColumnValues \"v\" > 1", QualityAction::kQuarantine}}};
  const ExpectStep second{{{"ColumnValues \"v\" > 2", QualityAction::kQuarantine}}};
  const std::vector<std::vector<Step>> paths = {{first, second}, {FilterStep{"true"}, first, second}};
  for (const std::vector<Step>& steps : paths) {
    job_.steps = steps;
    ASSERT_TRUE(store_->RemovePrefix("out"));
    ASSERT_TRUE(store_->RemovePrefix("rejected"));
    const auto outcome = Run();
    ASSERT_TRUE(outcome) << outcome.error().Text();
    EXPECT_EQ(outcome->rows_rejected, 2);
    EXPECT_TRUE(store_->Stat("rejected/rejected-rows-c.jsonl"));
    EXPECT_TRUE(store_->Stat("rejected/rejected-rows-c-2.jsonl"));
  }
}

TEST_F(RowStepsTest, RulesAreToldEvenWhenOneEndsTheRun) {
  PutColumn("in/a.parquet", arrow::int32(), "[1, 2, 3]");
  const ExpectStep rules{{{"RowCount > 2", QualityAction::kFail}, {"ColumnValues \"v\" > 1", QualityAction::kFail}}};
  for (const std::vector<Step>& steps : {std::vector<Step>{rules}, std::vector<Step>{FilterStep{"true"}, rules}}) {
    job_.steps = steps;
    told_.clear();
    const auto outcome = Run();
    ASSERT_FALSE(outcome);
    EXPECT_EQ(outcome.error().kind, ErrorKind::kQuality);
    ASSERT_EQ(told_.size(), 2);
    EXPECT_TRUE(told_[0].passed);
    EXPECT_FALSE(told_[1].passed);
  }
}

TEST_F(RowStepsTest, AppendSaysThatItRemovesDuplicatesWithinTheRunOnly) {
  PutColumn("in/a.parquet", arrow::int32(), "[1]");
  job_.steps = {DedupeStep{{"v"}, {}}};
  job_.write.mode = WriteMode::kAppend;
  ExecuteRequest request{.store = store_.get(), .job = &job_};
  request.inputs.push_back({store_->Stat("in/a.parquet").value(), FileFormat::kParquet, {}, false});
  EXPECT_THAT(Explain(request).value()["steps"][0].get<std::string>(), HasSubstr("within this run only"));
  job_.write.mode = WriteMode::kMerge;
  EXPECT_THAT(Explain(request).value()["steps"][0].get<std::string>(), Not(HasSubstr("within this run only")));
}

}  // namespace
}  // namespace firn
