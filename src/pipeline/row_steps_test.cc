#include "pipeline/row_steps.h"

#include <arrow/api.h>
#include <arrow/extension/uuid.h>
#include <arrow/io/memory.h>
#include <arrow/json/from_string.h>
#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <parquet/arrow/reader.h>
#include <parquet/arrow/writer.h>
#include <parquet/exception.h>

#include <array>

#include "schema/names.h"
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
    request.existing_schema = existing_;
    request.on_rules = [this](const std::vector<RuleResult>& rules) {
      told_.insert(told_.end(), rules.begin(), rules.end());
    };
    const std::vector<ObjectInfo> inputs = store_->List("in").value();
    for (const ObjectInfo& object : inputs) request.inputs.push_back({object, FileFormat::kParquet, {}, false});
    const std::vector<ObjectInfo> existing = store_->List("table").value();
    for (const ObjectInfo& object : existing) request.inputs.push_back({object, FileFormat::kParquet, {}, true});
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

  std::string Text(const ObjectKey& key) {
    const auto info = store_->Stat(key);
    EXPECT_TRUE(info) << key;
    return info ? std::string(store_->Read(*info)->view()) : "";
  }

  const std::unique_ptr<ObjectStore> store_ = std::make_unique<MemoryStore>();
  JobDefinition job_;
  std::vector<RuleResult> told_;
  Schema existing_;  // columns of the table that is written
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

TEST_F(RowStepsTest, ACastTakesHivesNestedTypes) {
  PutColumn("in/a.parquet", arrow::utf8(), R"(["[{\"b\": 1}]"])");
  job_.steps = {SelectStep{{"CAST(v AS JSON) AS v"}}, CastStep{{{"v", "array<struct<b:bigint>>"}}}};
  const auto outcome = Run();
  ASSERT_TRUE(outcome) << outcome.error().Text();
  EXPECT_EQ(HiveTypeName(outcome->output_schema.fields[0].type), "array<struct<b:bigint>>");
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

// Jobs that merge, one run after the other.
class MergeStepsTest : public RowStepsTest {
 protected:
  MergeStepsTest() { job_.write.mode = WriteMode::kMerge; }

  // Merges these rows into what the runs before have left.
  void Merge(const std::string& rows) {
    for (const std::string folder : {"in", "out"}) ASSERT_TRUE(store_->RemovePrefix(folder));
    const auto type = arrow::struct_({arrow::field("id", arrow::int32()), arrow::field("u", arrow::int32()),
                                      arrow::field("v", arrow::int32()),
                                      arrow::field("s", arrow::struct_({arrow::field("b", arrow::int32())}))});
    const auto batch = arrow::RecordBatch::FromStructArray(ArrayOf(type, rows)).ValueOrDie();
    Put("in/a.parquet", arrow::Table::FromRecordBatches({batch}).ValueOrDie());
    const auto outcome = Run();
    ASSERT_TRUE(outcome) << outcome.error().Text();
    outcome_ = *outcome;
    table_ = Output(outcome_);
    ASSERT_TRUE(store_->RemovePrefix("table"));
    Put("table/a.parquet", table_);
  }

  // "1:10 2:20": two columns of the table, in its order.
  std::string Values(const std::string& key, const std::string& value) {
    std::string values;
    for (int64_t row = 0; row < table_->num_rows(); ++row)
      values += table_->GetColumnByName(key)->GetScalar(row).ValueOrDie()->ToString() + ":" +
                table_->GetColumnByName(value)->GetScalar(row).ValueOrDie()->ToString() + " ";
    return values;
  }

  ExecuteOutcome outcome_;
  std::shared_ptr<arrow::Table> table_;
};

TEST_F(MergeStepsTest, OnlyNewRowsGoThroughTheSteps) {
  const DedupeStep by_id{.key = {"id"}, .by = {{.column = "u"}}};
  const DedupeStep by_key{.key = {"key"}, .by = {{.column = "u"}}};
  const DedupeStep by_field{.key = {"id"}, .by = {{.column = "s.b"}}};
  const ExpectStep alone{{{"RowCount = 1"}, {R"(IsUnique "id")", QualityAction::kQuarantine}}};
  struct Variant {
    std::vector<Step> steps;
    std::string key = "id";
    std::string value = "v";
    std::string expected = "2:5 1:7 ";
  };
  const std::vector<Variant> cases = {
      {.steps = {SelectStep{{"id", "u", "v * 2 AS v"}}, by_id}, .expected = "2:10 1:14 "},
      {.steps = {SelectStep{{"id", "u", "v * 2 AS w"}}, by_id}, .value = "w", .expected = "2:10 1:14 "},
      {.steps = {RenameStep{{{"id", "key"}}}, by_key}, .key = "key"},
      {.steps = {by_id, RenameStep{{{"id", "key"}, {"u", "seen"}}}}, .key = "key"},
      {.steps = {FlattenStep{}, by_id}, .value = "s_b", .expected = "2:1 1:2 "},
      {.steps = {by_field, RenameStep{{{"s", "t"}}}, FlattenStep{}}, .value = "t_b", .expected = "2:1 1:2 "},
      {.steps = {CastStep{{{"v", "VARCHAR"}}}, by_id}},
      {.steps = {SqlStep{"SELECT id, max(u) AS u, sum(v)::INT AS v FROM input GROUP BY id"}, by_id}},
      {.steps = {alone, by_id}},
      {.steps = {by_id, alone}},
      {.steps = {FilterStep{"v < 10 OR u = 1"}, alone, by_id}},
  };
  for (size_t i = 0; i < cases.size(); ++i) {
    SCOPED_TRACE(i);
    ASSERT_TRUE(store_->RemovePrefix("table"));
    job_.steps = cases[i].steps;
    Merge(R"([{"id": 1, "u": 1, "v": 10, "s": {"b": 1}}])");
    Merge(R"([{"id": 2, "u": 1, "v": 5, "s": {"b": 1}}])");
    Merge(R"([{"id": 1, "u": 2, "v": 7, "s": {"b": 2}}])");
    EXPECT_EQ(Values(cases[i].key, cases[i].value), cases[i].expected);
    EXPECT_EQ(outcome_.records_read, 1);
    EXPECT_EQ(outcome_.duplicates_removed, 1);
    EXPECT_EQ(outcome_.rows_rejected, 0);
    EXPECT_EQ(outcome_.ties, 0);
    EXPECT_TRUE(store_->List("out/.steps").value().empty());
  }
}

TEST_F(MergeStepsTest, OldAndNewRowsAreSortedTogether) {
  job_.steps = {SelectStep{{"id", "u", "-v AS v"}}, DedupeStep{.key = {"id"}, .by = {{.column = "u"}}}};
  job_.write.sort_by = {{.column = "id", .descending = false}};
  Merge(R"([{"id": 3, "u": 1, "v": 3}, {"id": 1, "u": 1, "v": 1}])");
  Merge(R"([{"id": 2, "u": 1, "v": 2}, {"id": 3, "u": 2, "v": 4}])");
  EXPECT_EQ(Values("id", "v"), "1:-1 2:-2 3:-4 ");
  EXPECT_EQ(outcome_.duplicates_removed, 1);
}

// The older row is the one in the table.
TEST_F(MergeStepsTest, ALateRowDoesNotReplaceANewerOne) {
  job_.steps = {SelectStep{{"id", "u", "v"}}, DedupeStep{.key = {"id"}, .by = {{.column = "u"}}}};
  Merge(R"([{"id": 1, "u": 2, "v": 2}])");
  Merge(R"([{"id": 1, "u": 1, "v": 1}, {"id": 2, "u": 1, "v": 1}])");
  EXPECT_EQ(Values("id", "v"), "1:2 2:1 ");
}

TEST_F(RowStepsTest, AValueThatNoLongerFitsNamesItsColumn) {
  PutColumn("in/a.parquet", arrow::fixed_size_binary(2), R"(["ab"])");
  job_.steps = {SelectStep{{"v || v AS v"}}};
  const auto outcome = Run();
  ASSERT_FALSE(outcome);
  EXPECT_EQ(outcome.error().kind, ErrorKind::kInvalidArgument);
  EXPECT_THAT(outcome.error().message, HasSubstr("column 'v'"));
}

TEST_F(RowStepsTest, ASelectOfEverythingHasTheColumnsOfTheInput) {
  PutColumn("in/a.parquet", arrow::int32(), "[1, 2, 3]");
  const std::vector<std::pair<std::vector<Step>, std::vector<std::string>>> cases = {
      {{SelectStep{{"*"}}}, {"v"}},
      {{SelectStep{{"*", "v + 1 AS w"}}, SelectStep{{"* EXCLUDE (v)"}}}, {"w"}},
      {{SelectStep{{"w: v"}}}, {"w"}},
      {{SqlStep{"SELECT * FROM input"}, SelectStep{{"*", "1 AS one"}}}, {"v", "one"}},
      {{SqlStep{"-- first\nWITH t AS (FROM input) SELECT v AS w FROM t; -- all of it\n;"}}, {"w"}},
      {{SelectStep{{"v -- the value", "2 AS w -- two"}}, FilterStep{"v > 0 -- all"}}, {"v", "w"}},
  };
  for (const auto& [steps, names] : cases) {
    ASSERT_TRUE(store_->RemovePrefix("out"));
    job_.steps = steps;
    const auto outcome = Run();
    ASSERT_TRUE(outcome) << outcome.error().Text();
    EXPECT_EQ(Output(*outcome)->schema()->field_names(), names);
    EXPECT_EQ(outcome->records_written, 3);
  }
}

// Columns that no step touches go past the SQL engine when it gives a row for each row; when it sorts, all go through
// it.
TEST_F(RowStepsTest, ColumnsGoPastTheEngineAsTheyWouldGoThroughIt) {
  constexpr int64_t kRows = 70'000;
  const auto inner =
      arrow::struct_({arrow::field("y", arrow::utf8()), arrow::field("at", arrow::time32(arrow::TimeUnit::MILLI)),
                      arrow::field("d", arrow::decimal128(9, 2))});
  const auto m = arrow::struct_(
      {arrow::field("x", arrow::boolean()), arrow::field("in", inner), arrow::field("l", arrow::list(arrow::int32()))});
  std::string id = "[";
  std::string text = "[";
  std::string nested = "[";
  for (int64_t i = 0; i < kRows; ++i) {
    const std::string_view comma = i == 0 ? "" : ",";
    id += fmt::format("{}{}", comma, i);
    text += i % 7 == 0 ? fmt::format("{}null", comma) : fmt::format("{}\"text {}\"", comma, i % 1'000);
    if (i % 5 == 0) {
      nested += fmt::format("{}null", comma);
    } else if (i % 11 == 0) {
      nested += fmt::format("{}{{\"x\": null, \"in\": null, \"l\": []}}", comma);
    } else {
      nested += fmt::format("{}{{\"x\": {}, \"in\": {{\"y\": \"y{}\", \"at\": {}, \"d\": \"{}.25\"}}, \"l\": [{}]}}",
                            comma, i % 2 == 0, i, i % 1'000, i, i);
    }
  }
  Put("in/a.parquet",
      arrow::Table::Make(
          arrow::schema({arrow::field("id", arrow::int64()), arrow::field("t", arrow::utf8()), arrow::field("m", m)}),
          {ArrayOf(arrow::int64(), id + "]"), ArrayOf(arrow::utf8(), text + "]"), ArrayOf(m, nested + "]")}));
  const std::vector<std::vector<Step>> all = {
      {SelectStep{{"*"}}},
      {FlattenStep{}},
      {FlattenStep{}, SelectStep{{"* EXCLUDE (m_x, t)", "upper(t) AS t", "id AS number"}},
       RenameStep{{{"m_in_y", "y"}}}},
      {RenameStep{{{"t", "m"}, {"m", "t"}}}, CastStep{{{"id", "double"}}}},
      {SelectStep{{"m", "id", "m.in.d AS d", "t"}}, FilterStep{"t IS NOT NULL"}},
      {SelectStep{{"*", "unnest([1, 2]) AS n"}}},
  };
  for (size_t i = 0; i < all.size(); ++i) {
    job_.steps = all[i];
    std::array<std::shared_ptr<arrow::Table>, 2> outputs;
    for (const bool sorted : {false, true}) {
      ASSERT_TRUE(store_->RemovePrefix("out"));
      job_.write.sort_by.clear();
      if (sorted) job_.write.sort_by = {{.column = "id", .descending = false}};
      const auto outcome = Run();
      ASSERT_TRUE(outcome) << outcome.error().Text();
      outputs.at(sorted ? 1 : 0) = Output(*outcome);
    }
    EXPECT_TRUE(outputs[0]->schema()->Equals(*outputs[1]->schema()))
        << i << outputs[0]->schema()->ToString() << outputs[1]->schema()->ToString();
    EXPECT_TRUE(outputs[0]->Equals(*outputs[1])) << i;
  }
}

TEST_F(RowStepsTest, TwoColumnsOfOneNameAreRefused) {
  const auto one = ArrayOf(arrow::int32(), "[1]");
  Put("in/a.parquet",
      arrow::Table::Make(arrow::schema({arrow::field("a", arrow::int32()), arrow::field("b", arrow::int32())}),
                         {one, one}));
  const std::vector<Step> all = {SelectStep{{"a", "b AS A"}}, SelectStep{{"*", "a"}},
                                 RenameStep{{{"a", "t"}, {"b", "T"}}}, SqlStep{"SELECT a, b AS a FROM input"},
                                 SqlStep{"WITH t AS (FROM input) SELECT a, b AS a FROM t;"}};
  for (const Step& step : all) {
    ASSERT_TRUE(store_->RemovePrefix("out"));
    job_.steps = {step};
    const auto outcome = Run();
    ASSERT_FALSE(outcome);
    EXPECT_EQ(outcome.error().kind, ErrorKind::kInvalidArgument);
    EXPECT_THAT(outcome.error().message, HasSubstr("two columns would be named"));
  }
}

TEST_F(RowStepsTest, OurOwnColumnsAreNotForSteps) {
  PutColumn("in/a.parquet", arrow::int32(), "[1]");
  job_.steps = {SelectStep{{"v", "__firn_row"}}};
  const auto outcome = Run();
  ASSERT_FALSE(outcome);
  EXPECT_THAT(outcome.error().message, HasSubstr("step `select`"));
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
    EXPECT_EQ(Text("rejected/rejected-rows-c.jsonl"),
              "{\"rule\":\"ColumnValues \\\"v\\\" > 1\",\"object\":\"in/a.parquet\",\"row\":0,\"record\":{\"v\":1}}\n");
    EXPECT_EQ(Text("rejected/rejected-rows-c-2.jsonl"),
              "{\"rule\":\"ColumnValues \\\"v\\\" > 2\",\"object\":\"in/a.parquet\",\"row\":1,\"record\":{\"v\":2}}\n");
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

TEST_F(RowStepsTest, ExplainSaysWhatIsReadAndMade) {
  const auto m = arrow::struct_({arrow::field("x", arrow::int32()), arrow::field("y", arrow::utf8())});
  Put("in/a.parquet",
      arrow::Table::Make(
          arrow::schema({arrow::field("id", arrow::int64()), arrow::field("t", arrow::utf8()), arrow::field("m", m)}),
          {ArrayOf(arrow::int64(), "[1]"), ArrayOf(arrow::utf8(), "[\"a\"]"), ArrayOf(m, "[[1, \"b\"]]")}));
  const auto explain = [&](std::vector<Step> steps, bool sorted = false) {
    job_.steps = std::move(steps);
    job_.write.sort_by.clear();
    if (sorted) job_.write.sort_by = {{.column = "id"}};
    return Explain({.store = store_.get(),
                    .job = &job_,
                    .inputs = {{store_->Stat("in/a.parquet").value(), FileFormat::kParquet, {}, false}},
                    .threads = 2});
  };
  using Columns = std::vector<std::string>;
  const Json one = explain({SelectStep{{"m.x AS x", "id"}}, FilterStep{"id > 0"}}).value();
  EXPECT_EQ(one["path"], "rows through the SQL engine, chunk by chunk, then columns");
  EXPECT_EQ(one["input"]["columns_read"], Columns({"id", "m"}));
  EXPECT_EQ(one["input"]["columns_known"], 3);
  EXPECT_EQ(one["output"]["columns"], Columns({"x int", "id bigint"}));

  const Json flat = explain({FlattenStep{}}, true).value();
  EXPECT_EQ(flat["path"], "rows through the SQL engine as a whole, then columns");
  EXPECT_EQ(flat["output"]["columns"], Columns({"id bigint", "t string", "m_x int", "m_y string"}));

  const Json counted = explain({ExpectStep{{{"RowCount > 5"}}}, SqlStep{"SELECT count(*) AS n FROM input"}}).value();
  EXPECT_EQ(counted["output"]["columns"], Columns({"n bigint"}));

  EXPECT_THAT(explain({SelectStep{{"nobody"}}}).error().message, HasSubstr("nobody"));
  // Without files, the columns that are known need not be all.
  job_.steps = {SelectStep{{"nobody"}}};
  const Json idle = Explain({.job = &job_, .table_schema = {{{"id", {.kind = TypeKind::kInt64}}}}}).value();
  EXPECT_TRUE(idle["output"]["columns"].is_null());

  EXPECT_EQ(explain({DedupeStep{.key = {"id"}}}).value()["input"]["columns_read"], Columns({"id", "t", "m"}));
}

TEST_F(RowStepsTest, AColumnWithoutAValueTakesTheTypeOfTheTableOrIsText) {
  PutColumn("in/a.parquet", arrow::null(), "[null, null]");
  job_.steps = {SelectStep{{"*", "1 AS one"}}};
  ASSERT_EQ(Run()->output_schema.fields[0].type.kind, TypeKind::kString);
  existing_ = {.fields = {{"v", {.kind = TypeKind::kInt64}}}};
  ASSERT_TRUE(store_->RemovePrefix("out"));
  EXPECT_EQ(Run()->output_schema.fields[0].type.kind, TypeKind::kInt64);
}

}  // namespace
}  // namespace firn
