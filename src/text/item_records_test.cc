// Items of DynamoDB's export (RecordForm::kDynamoItem) as typed rows.
#include <arrow/api.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "schema/names.h"
#include "text/inference.h"
#include "text/long_numbers.h"
#include "text/typed_records.h"

namespace firn {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

class ItemRecordsTest : public ::testing::Test {
 protected:
  static Schema ColumnsOf(const std::string& text) {
    return {text.empty() ? std::vector<Field>() : ParseHiveType("struct<" + text + ">").value().children};
  }

  // `items` are what stands in {"Item":...}. Kept until the next.
  const RecordSet& Take(const std::string& known, const std::vector<std::string>& items) {
    set_ = std::make_unique<RecordSet>(ColumnsOf(known), RecordForm::kDynamoItem);
    RecordChunk chunk;
    for (const std::string& item : items) {
      const std::string line = item.starts_with('!') ? item.substr(1) : "{\"Item\":" + item + "}";
      chunk.records.push_back({chunk.bytes.size(), line.size(), std::ssize(chunk.records) + 1});
      chunk.bytes += line + "\n";
    }
    chunk.bytes.append(JsonRecords::kPadding, ' ');
    EXPECT_TRUE(set_->Add("export/a.json", std::move(chunk)));
    return *set_;
  }

  // The one column of the items' rows: its type, then its values.
  std::string Column(const std::vector<std::string>& items, const std::string& known = "") {
    auto typed = TypeRecords(Take(known, items), ColumnsOf(known), SchemaChange::kEvolve);
    if (!typed) return typed.error().Text();
    bad_.clear();
    for (const BadRecord& bad : typed->bad) bad_.push_back(bad.Text());
    if (typed->schema.fields.empty()) return "";
    std::string text = HiveTypeName(typed->schema.fields[0].type) + ":";
    for (int64_t row = 0; row < typed->batch->num_rows(); ++row)
      text += " " + typed->batch->column(0)->GetScalar(row).ValueOrDie()->ToString();
    return text;
  }

  std::unique_ptr<RecordSet> set_;
  std::vector<std::string> bad_;
};

TEST_F(ItemRecordsTest, LeavesTheValuesOfEveryType) {
  EXPECT_EQ(Column({R"({"a":{"S":"x\ty"}})", R"({"a":{"S":""}})"}), "string: x\ty ");
  EXPECT_EQ(Column({R"({"a":{"N":"-12"}})", R"({})", R"({"a":{"NULL":true}})"}), "bigint: -12 null null");
  EXPECT_EQ(Column({R"({"a":{"N":"1.5"}})", R"({"a":{"N":"2"}})"}), "double: 1.5 2");
  EXPECT_EQ(Column({R"({"a":{"B":"AAEC/w=="}})"}), "string: AAEC/w==");
  EXPECT_EQ(Column({R"({"a":{"B":"AAEC/w=="}})"}, "a:binary"), std::string("binary: \0\x01\x02\xFF", 12));
  EXPECT_EQ(Column({R"({"a":{"BOOL":false}})", R"({"a":{"BOOL":true}})"}), "boolean: false true");
  EXPECT_THAT(Column({R"({"a":{"SS":["x","y"]}})"}), HasSubstr("array<string>: list<element: string>[x, y]"));
  EXPECT_THAT(Column({R"({"a":{"NS":["1","2"]}})"}), HasSubstr("array<bigint>: list<element: int64>[1, 2]"));
  EXPECT_THAT(Column({R"({"a":{"BS":["AA=="]}})"}), HasSubstr("array<string>: list<element: string>[AA==]"));
  EXPECT_THAT(Column({R"({"a":{"L":[{"N":"1"},{"NULL":true}]}})"}), HasSubstr("array<bigint>:"));
  EXPECT_THAT(Column({R"({"a":{"M":{"b":{"N":"1"},"S":{"S":"deep"}}}})"}), HasSubstr("struct<b:bigint,S:string>:"));
  EXPECT_THAT(bad_, IsEmpty());
}

TEST_F(ItemRecordsTest, ReadsDeclaredMapsAsMaps) {
  EXPECT_THAT(Column({R"({"a":{"M":{"x":{"N":"1"},"y":{"N":"2"}}}})"}, "a:map<string,bigint>"),
              HasSubstr("map<string,bigint>:"));
  EXPECT_THAT(bad_, IsEmpty());
}

TEST_F(ItemRecordsTest, MakesJsonOfWhatHasNoCommonType) {
  EXPECT_EQ(Column({R"({"a":{"S":"x"}})", R"({"a":{"N":"1"}})", R"({"a":{"L":[{"S":"y"},{"M":{"z":{"N":"2"}}}]}})"}),
            R"(string: x 1 ["y",{"z":2}])");
}

TEST_F(ItemRecordsTest, TakesNumbersAsPeopleWriteThem) {
  EXPECT_EQ(Column({R"({"a":{"N":"+007"}})", R"({"a":{"N":"-0012"}})", R"({"a":{"N":"000"}})"}), "bigint: 7 -12 0");
  EXPECT_EQ(Column({R"({"a":{"N":".5"}})", R"({"a":{"N":"-.25"}})", R"({"a":{"N":"1E+2"}})"}), "double: 0.5 -0.25 100");
}

TEST_F(ItemRecordsTest, KeepsTheDigitsOfLargeNumbers) {
  EXPECT_EQ(Column({R"({"a":{"N":"9223372036854775807"}})"}), "bigint: 9223372036854775807");
  EXPECT_EQ(Column({R"({"a":{"N":"9223372036854775808"}})", R"({"a":{"N":"1"}})"}),
            "decimal(38,0): 9223372036854775808 1");
  EXPECT_EQ(Column({R"({"a":{"N":"12345678901234567890123456789012345678"}})"}),
            "decimal(38,0): 12345678901234567890123456789012345678");
  EXPECT_EQ(Column({R"({"a":{"N":"100000000000000000000000000000000000000000"}})"}),
            "string: 100000000000000000000000000000000000000000");
}

TEST_F(ItemRecordsTest, MakesTextOfFractionsThatADoubleWouldRound) {
  EXPECT_EQ(Column({R"({"a":{"N":"0.1234567890123456789"}})", R"({"a":{"N":"1.5"}})"}),
            "string: 0.1234567890123456789 1.5");
  EXPECT_EQ(Column({R"({"a":{"N":"12345678901234567"}})", R"({"a":{"N":"1.5"}})"}), "string: 12345678901234567 1.5");
  EXPECT_EQ(Column({R"({"a":{"N":"100000000000000000"}})", R"({"a":{"N":"0.000000000000000000015"}})"}),
            "double: 1e+17 1.5e-20");
  EXPECT_EQ(Column({R"({"a":{"N":"0.1234567890123456789"}})"}, "a:decimal(38,20)"),
            "decimal(38,20): 0.12345678901234567890");
  EXPECT_EQ(Column({R"({"a":{"N":"0.1234567890123456789"}})"}, "a:double"), "double: 0.12345678901234568");
}

TEST_F(ItemRecordsTest, LongNumbersAreFoundAtEveryDepth) {
  const Schema marks = LongNumbers(
      Take("", {R"({"a":{"M":{"b":{"L":[{"N":"1.00000000000000000001"}]},"c":{"N":"1"}}},"d":{"N":"1"}})"}).root());
  EXPECT_EQ(HiveTypeName({.kind = TypeKind::kStruct, .children = marks.fields}), "struct<a:struct<b:array<string>>>");
  const Schema other = LongNumbers(Take("", {R"({"d":{"N":"123456789.0123456789"}})"}).root());
  const Schema kept =
      KeepDigits(ColumnsOf("a:struct<b:array<double>,c:bigint>,d:double"), UniteLongNumbers(marks, other));
  EXPECT_EQ(HiveTypeName({.kind = TypeKind::kStruct, .children = kept.fields}),
            "struct<a:struct<b:array<string>,c:bigint>,d:string>");
}

TEST_F(ItemRecordsTest, RefusesWhatIsNoItem) {
  Column({R"({"a":1})", R"({"a":{"S":1}})", R"({"a":{"X":"1"}})", R"({"a":{"N":"one"}})",
          R"({"a":{"L":[{"S":"x"},7]}})", R"(!{"a":1})", R"(!{"Keys":{"a":{"S":"x"}},"NewImage":{}})",
          R"({"a":{"S":"x"},"a":{"S":"y"}})", R"({"a":{"NS":["1","x"]}})"});
  EXPECT_THAT(
      bad_,
      ElementsAre(
          R"(export/a.json:1: the attribute 'a' does not say its type as DynamoDB does: {"S":"..."} was expected)",
          R"(export/a.json:2: the attribute 'a' does not say its type as DynamoDB does: {"S":"..."} was expected)",
          R"(export/a.json:3: the attribute 'a' does not say its type as DynamoDB does: {"S":"..."} was expected)",
          "export/a.json:4: 'one' of the attribute 'a' is no number",
          R"(export/a.json:5: the attribute 'element' does not say its type as DynamoDB does: {"S":"..."} was expected)",
          R"(export/a.json:6: it is no line of a DynamoDB export: {"Item":{...}} was expected)",
          "export/a.json:7: it is of an incremental export, which has changes and no items: export the whole table",
          "export/a.json:8: the key 'a' stands twice", "export/a.json:9: 'x' of the attribute 'element' is no number"));
  EXPECT_THAT(Take("", {R"({"a":1})"}).root().fields().front()->tokens(), IsEmpty());
}

}  // namespace
}  // namespace firn
