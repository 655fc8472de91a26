#include "text/typed_records.h"

#include <arrow/api.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "schema/names.h"

namespace firn {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

class TypedRecordsTest : public ::testing::Test {
 protected:
  // "a:bigint,b:string"
  static Schema SchemaOf(const std::string& text) {
    return {text.empty() ? std::vector<Field>() : ParseHiveType("struct<" + text + ">").value().children};
  }

  Result<TypedRecords> Type(const std::string& known, const std::vector<std::string>& records,
                            SchemaChange change = SchemaChange::kEvolve) {
    RecordSet set(SchemaOf(known));
    RecordChunk chunk;
    for (const std::string& record : records) {
      chunk.records.push_back({chunk.bytes.size(), record.size(), std::ssize(chunk.records) + 1});
      chunk.bytes += record + "\n";
    }
    chunk.bytes.append(JsonRecords::kPadding, ' ');
    EXPECT_TRUE(set.Add("in/a.json", std::move(chunk)));
    return TypeRecords(set, SchemaOf(known), change);
  }

  // The rows, as Arrow prints their scalars.
  std::vector<std::string> Rows(const std::string& known, const std::vector<std::string>& records,
                                SchemaChange change = SchemaChange::kEvolve) {
    auto typed = Type(known, records, change);
    if (!typed) return {typed.error().Text()};
    columns_.clear();
    for (const Field& field : typed->schema.fields)
      columns_ += (columns_.empty() ? "" : ",") + field.name + ":" + Describe(field.type);
    bad_.clear();
    for (const BadRecord& bad : typed->bad) bad_.push_back(bad.Text());
    EXPECT_TRUE(typed->batch->ValidateFull().ok()) << typed->batch->ValidateFull().ToString();
    std::vector<std::string> rows;
    for (int64_t row = 0; row < typed->batch->num_rows(); ++row) {
      std::string text;
      for (const auto& column : typed->batch->columns())
        text += (text.empty() ? "" : " | ") + column->GetScalar(row).ValueOrDie()->ToString();
      rows.push_back(text);
    }
    return rows;
  }

  std::string columns_;
  std::vector<std::string> bad_;
};

TEST_F(TypedRecordsTest, WithoutATableTheValuesTell) {
  EXPECT_THAT(Rows("", {R"({"a": 1, "b": {"c": [1, null]}})", R"({"b": null, "a": 2.5})", "{}"}),
              ElementsAre(HasSubstr("1 | "), "2.5 | null", "null | null"));
  EXPECT_EQ(columns_, "a:double,b:struct<c:array<bigint>>");
  EXPECT_THAT(bad_, IsEmpty());
}

TEST_F(TypedRecordsTest, ATableKeepsItsTypesAndReadsTextsByThem) {
  EXPECT_THAT(Rows("n:int,at:timestamp,d:decimal(9,2),s:string",
                   {R"({"n": "12", "at": "2025-11-03T01:02:03", "d": 1.5, "s": 7})"}),
              ElementsAre("12 | 2025-11-03 01:02:03.000000 | 1.50 | 7"));
  EXPECT_EQ(columns_, "n:int,at:timestamp,d:decimal(9,2),s:string");
}

TEST_F(TypedRecordsTest, AValueThatDoesNotFitIsNamed) {
  EXPECT_THAT(Rows("n:int,o:struct<x:array<date>>",
                   {R"({"n": 1})", R"({"n": "many", "o": {"x": ["2025-13-01"]}})", R"({"n": {"a": 1}})", "{",
                    R"({"o": {"x": ["2025-01-01", "soon", "later"]}})", R"({"n": 2})"}),
              ElementsAre("1 | null", "2 | null"));
  EXPECT_THAT(bad_,
              ElementsAre("in/a.json:2: column 'n': 'many' is no int",
                          "in/a.json:2: column 'o.x.element': '2025-13-01' is no date",
                          R"(in/a.json:3: column 'n': '{"a":1}' is no int)", HasSubstr("in/a.json:4: it is no JSON"),
                          "in/a.json:5: column 'o.x.element': 'soon' is no date"));
}

TEST_F(TypedRecordsTest, ATableMayFollowItsFiles) {
  EXPECT_THAT(Rows("n:int,o:struct<x:int>", {R"({"n": 1, "o": {"x": 5000000000, "y": "new"}, "z": true})"}),
              ElementsAre(HasSubstr("5000000000")));
  EXPECT_EQ(columns_, "n:int,o:struct<x:bigint,y:string>,z:boolean");
  EXPECT_THAT(Rows("n:int", {R"({"n": 1})", R"({"n": 2.5})"}), ElementsAre("1", "2.5"));
  EXPECT_EQ(columns_, "n:double");
}

TEST_F(TypedRecordsTest, AFrozenTableTakesNothingNew) {
  EXPECT_THAT(Rows("n:int", {R"({"n": 1, "z": 1})", R"({"n": 2.5})"}, SchemaChange::kFreeze), ElementsAre("1"));
  EXPECT_EQ(columns_, "n:int");
  EXPECT_THAT(bad_, ElementsAre("in/a.json:2: column 'n': '2.5' is no int"));
}

TEST_F(TypedRecordsTest, AStrictTableRefusesNewColumns) {
  const auto typed = Type("n:int,o:struct<x:int>", {R"({"n": 1})", R"({"o": {"x": 1, "y": 2}})"}, SchemaChange::kFail);
  ASSERT_FALSE(typed);
  EXPECT_EQ(typed.error().kind, ErrorKind::kMismatch);
  EXPECT_EQ(typed.error().message, "in/a.json:2: the table has no column 'o.y'");
  EXPECT_THAT(typed.error().hint, HasSubstr("schema_change: evolve"));
}

TEST_F(TypedRecordsTest, MapsAreReadFromObjects) {
  EXPECT_THAT(Rows("m:map<string,struct<v:int>>", {R"({"m": {"a": {"v": 1}, "b": {"v": 2}}})", R"({"m": {}})", "{}"}),
              ElementsAre(AllOf(HasSubstr("a"), HasSubstr("2")), HasSubstr("map"), "null"));
  EXPECT_THAT(bad_, IsEmpty());
}

TEST_F(TypedRecordsTest, AListIsNoMap) {
  EXPECT_THAT(Rows("m:map<string,int>", {R"({"m": [7, 8]})", R"({"m": {"a": 1}})"}), ElementsAre(HasSubstr("a")));
  EXPECT_THAT(bad_, ElementsAre("in/a.json:1: 'm' is a map, and here a list"));
}

TEST_F(TypedRecordsTest, ATextColumnHoldsWhateverComes) {
  EXPECT_THAT(Rows("t:string", {R"({"t": "x"})", R"({"t": {"a": [1, {"b": "\\n"}], "c": {}}})",
                                R"({"t": [[], [2], null]})", R"({"t": -1.50})", R"({"t": [3]})"}),
              ElementsAre("x", R"({"a":[1,{"b":"\\n"}],"c":{}})", "[[],[2],null]", "-1.50", "[3]"));
}

TEST_F(TypedRecordsTest, MoreKeysThanATableHasColumnsAreRefused) {
  RecordSet set({});
  std::string record = "{";
  for (int i = 0; i < 10'001; ++i) record += (i == 0 ? "\"" : ",\"") + std::to_string(i) + "\":1";
  record += "}";
  RecordChunk chunk{.bytes = record + std::string(JsonRecords::kPadding, ' '), .records = {{0, record.size(), 1}}};
  const Status added = set.Add("in/a.json", std::move(chunk));
  ASSERT_FALSE(added);
  EXPECT_THAT(added.error().hint, HasSubstr("map<string"));
}

}  // namespace
}  // namespace firn
