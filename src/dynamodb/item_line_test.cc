#include "dynamodb/item_line.h"

#include <arrow/api.h>
#include <gtest/gtest.h>

#include <rapidcheck/gtest.h>

#include "base/base64.h"
#include "base/json.h"
#include "dynamodb/attribute_number.h"
#include "dynamodb/item_generator_test.h"
#include "schema/names.h"
#include "text/typed_records.h"

namespace firn {
namespace {

std::string PlainLine(const Item& item) {
  std::string line;
  AppendPlainLine(item, line);
  return line;
}

// The rows that firn's JSON reader makes of lines, as Arrow prints their values.
std::string Ingest(const std::string& columns, const std::vector<Item>& items) {
  const Schema schema{ParseHiveType("struct<" + columns + ">").value().children};
  RecordSet records(schema);
  RecordChunk chunk;
  for (const Item& item : items) {
    const std::string line = PlainLine(item);
    chunk.records.push_back({chunk.bytes.size(), line.size(), std::ssize(chunk.records) + 1});
    chunk.bytes += line + "\n";
  }
  chunk.bytes.append(JsonRecords::kPadding, ' ');
  EXPECT_TRUE(records.Add("table.json", std::move(chunk)));
  const auto typed = TypeRecords(records, schema, SchemaChange::kEvolve);
  if (!typed) return typed.error().Text();
  EXPECT_TRUE(typed->bad.empty());
  std::string text;
  for (int64_t row = 0; row < typed->batch->num_rows(); ++row) {
    for (const auto& column : typed->batch->columns()) text += column->GetScalar(row).ValueOrDie()->ToString() + "|";
    text += "\n";
  }
  return text;
}

TEST(ItemLine, IsPlainJsonWithAllDigits) {
  const Item item = {{"b", AttributeValue::Binary("foob")},
                     {"bs", AttributeValue::BinarySet({"f", "fo"})},
                     {"l", AttributeValue::List({AttributeValue::Bool(true), AttributeValue::Null()})},
                     {"m", AttributeValue::Map({{"q\"", AttributeValue::String("\xC3\xA9\n")}})},
                     {"n", AttributeValue::Number("1234567890123456789012345678901234567.50")},
                     {"ns", AttributeValue::NumberSet({"1", "0.10"})},
                     {"ss", AttributeValue::StringSet({})}};
  EXPECT_EQ(PlainLine(item),
            "{\"b\":\"Zm9vYg==\",\"bs\":[\"Zg==\",\"Zm8=\"],\"l\":[true,null],\"m\":{\"q\\\"\":\"\xC3\xA9\\n\"},"
            "\"n\":1234567890123456789012345678901234567.50,\"ns\":[1,0.10],\"ss\":[]}");
  EXPECT_EQ(PlainLine({}), "{}");
}

TEST(ItemLine, ReplacesBytesThatAreNoText) {
  EXPECT_EQ(PlainLine({{"a", AttributeValue::String("x\xFF")}}), "{\"a\":\"x\xEF\xBF\xBD\"}");
}

TEST(ItemLine, IsReadByFirnsJsonReaderToTheLastDigit) {
  const std::vector<Item> items = {{{"id", AttributeValue::String("x")},
                                    {"n", AttributeValue::Number("1234567890123456789012345678901234567.5")},
                                    {"b", AttributeValue::Binary("foo")},
                                    {"s", AttributeValue::StringSet({"p", "q"})},
                                    {"m", AttributeValue::Map({{"deep", AttributeValue::Number("-0.5")}})}},
                                   {{"id", AttributeValue::String("")}}};
  EXPECT_EQ(
      Ingest("id:string,n:decimal(38,1),b:binary,s:array<string>,m:struct<deep:decimal(9,2)>", items),
      "x|1234567890123456789012345678901234567.5|foo|list<element: string>[p, q]|{deep:decimal128(9, 2) = -0.50}|\n"
      "|null|null|null|null|\n");
}

TEST(ItemLine, OfAnExportIsReadBack) {
  const auto item = ParseExportLine(R"({"Item":{"id":{"S":"x"},"n":{"N":"1.50"}}})");
  ASSERT_TRUE(item) << item.error().Text();
  EXPECT_EQ(PlainLine(*item), R"({"id":"x","n":1.50})");
}

TEST(ItemLine, OfAnotherExportIsRefusedWithWhatToDo) {
  const auto kind = [](std::string_view line) { return NameOf(ParseExportLine(line).error().kind); };
  EXPECT_EQ(kind(R"({"Metadata":{},"Keys":{"id":{"S":"x"}},"NewImage":{}})"), "Unsupported");
  EXPECT_EQ(kind(R"({"id":"x"})"), "Corrupt");
  EXPECT_EQ(kind(R"({"Item":{"id":"x"}})"), "Corrupt");
  EXPECT_EQ(kind(R"({"Item":)"), "Corrupt");
  EXPECT_EQ(kind(R"($ion_1_0 {Item:{id:"x"}})"), "Corrupt");
  EXPECT_EQ(kind(""), "Corrupt");
}

// Whether plain JSON says what the value says; numbers are compared where they stand in the text.
bool Says(const Json& json, const AttributeValue& value);

template <class Element, class Text>
bool SaysAll(const Json& json, const std::vector<Element>& elements, Text text) {
  if (!json.is_array() || json.size() != elements.size()) return false;
  for (size_t i = 0; i < elements.size(); ++i) {
    if (!text(json[i], elements[i])) return false;
  }
  return true;
}

std::string Base64(const AttributeBinary& binary) {
  std::string text;
  AppendBase64(binary.bytes, text);
  return text;
}

struct SaysValue {
  const Json& json;
  bool operator()(const AttributeNull&) const { return json.is_null(); }
  bool operator()(bool truth) const { return json == Json(truth); }
  bool operator()(const std::string& text) const { return json == Json(text); }
  bool operator()(const AttributeNumber& number) const { return json == Json::parse(*JsonNumberText(number.text)); }
  bool operator()(const AttributeBinary& binary) const { return json == Json(Base64(binary)); }
  template <class Element>
  bool operator()(const AttributeSet<Element>& set) const {
    return SaysAll(json, set.elements, [](const Json& one, const Element& element) { return SaysValue{one}(element); });
  }
  bool operator()(const AttributeList& list) const { return SaysAll(json, list, Says); }
  bool operator()(const Item& map) const {
    if (!json.is_object() || json.size() != map.size()) return false;
    for (const auto& [name, value] : map) {
      if (!json.contains(name) || !Says(json[name], value)) return false;
    }
    return true;
  }
};

bool Says(const Json& json, const AttributeValue& value) {
  return std::visit(SaysValue{json}, value.value);
}

RC_GTEST_PROP(ItemLine, AnyItemIsOneLineThatSaysTheSame, ()) {
  const Item item = AnyItem();
  const std::string line = PlainLine(item);
  RC_ASSERT(line.find('\n') == std::string::npos);
  RC_ASSERT(SaysValue{Json::parse(line)}(item));
}

RC_GTEST_PROP(ItemLine, AnyItemIsTheSameAfterAnExport, ()) {
  const Item item = AnyItem();
  std::string line;
  AppendExportLine(item, line);
  RC_ASSERT(line.find('\n') == std::string::npos);
  RC_ASSERT(ParseExportLine(line).value() == item);
}

TEST(ItemLine, HoldsADeepItem) {
  const Item item = {{"d", Nested(32, true)}};
  std::string line;
  AppendExportLine(item, line);
  EXPECT_EQ(ParseExportLine(line).value(), item);
  EXPECT_TRUE(SaysValue{Json::parse(PlainLine(item))}(item));
}

}  // namespace
}  // namespace firn
