#include "dynamodb/item_json.h"

#include <gtest/gtest.h>

#include <rapidcheck/gtest.h>

#include "dynamodb/item_generator_test.h"

namespace firn {
namespace {

std::string RefusalOf(const std::string& json) {
  const auto item = ParseDynamoJson(Json::parse(json));
  return item ? "none" : std::string(NameOf(item.error().kind)) + ": " + item.error().message;
}

TEST(ItemJson, IsAsTheApiReferenceHasIt) {
  const std::string text =
      R"({"B":{"B":"AAEC"},"BOOL":{"BOOL":false},"BS":{"BS":["AA==","AQ=="]},"L":{"L":[{"S":"a"},{"N":"1"}]},)"
      R"("M":{"M":{"x":{"NULL":true}}},"N":{"N":"-1.50"},"NS":{"NS":["1","2.50"]},"NULL":{"NULL":true},)"
      R"("S":{"S":""},"SS":{"SS":["a","b"]}})";
  const Item item = {{"B", AttributeValue::Binary({"\0\1\2", 3})},
                     {"BOOL", AttributeValue::Bool(false)},
                     {"BS", AttributeValue::BinarySet({{"\0", 1}, "\1"})},
                     {"L", AttributeValue::List({AttributeValue::String("a"), AttributeValue::Number(1)})},
                     {"M", AttributeValue::Map({{"x", AttributeValue::Null()}})},
                     {"N", AttributeValue::Number("-1.50")},
                     {"NS", AttributeValue::NumberSet({"1", "2.50"})},
                     {"NULL", AttributeValue::Null()},
                     {"S", AttributeValue::String("")},
                     {"SS", AttributeValue::StringSet({"a", "b"})}};
  EXPECT_EQ(ToDynamoJson(item).dump(), text);
  EXPECT_EQ(ParseDynamoJson(Json::parse(text)).value(), item);
}

TEST(ItemJson, HoldsEmptyValuesOfEachKind) {
  const Item item = {{"", AttributeValue::String("")},      {"b", AttributeValue::Binary("")},
                     {"l", AttributeValue::List({})},       {"m", AttributeValue::Map({})},
                     {"ss", AttributeValue::StringSet({})}, {"ns", AttributeValue::NumberSet({})},
                     {"bs", AttributeValue::BinarySet({})}};
  EXPECT_EQ(ParseDynamoJson(ToDynamoJson(item)).value(), item);
  EXPECT_EQ(ParseDynamoJson(Json::object()).value(), Item());
}

TEST(ItemJson, HoldsWhatIsNested32LevelsAndRefusesWhatNobodyStores) {
  for (const bool maps : {false, true}) {
    const AttributeValue deep = Nested(32, maps);
    EXPECT_EQ(ParseDynamoValue(ToDynamoJson(deep)).value(), deep);
    const auto refused = ParseDynamoValue(ToDynamoJson(Nested(65, maps)));
    ASSERT_FALSE(refused);
    EXPECT_EQ(refused.error().kind, ErrorKind::kCorrupt);
  }
}

TEST(ItemJson, NamesTheValueThatHasNoForm) {
  EXPECT_EQ(RefusalOf(R"({"a":{"M":{"b":{"L":[{"S":"x"},{"N":"one"}]}}}})"), "Corrupt: a: b: [1]: 'one' is no number");
  EXPECT_EQ(RefusalOf(R"({"a":"x"})"), "Corrupt: a: a value has one type and nothing else");
  EXPECT_EQ(RefusalOf(R"({"a":{"S":"x","N":"1"}})"), "Corrupt: a: a value has one type and nothing else");
  EXPECT_EQ(RefusalOf(R"({"a":{"N":1}})"), "Corrupt: a: a text was expected");
  EXPECT_EQ(RefusalOf(R"({"a":{"B":"?"}})"), "Corrupt: a: binary that is no base64");
  EXPECT_EQ(RefusalOf(R"({"a":{"SS":"x"}})"), "Corrupt: a: a list was expected");
  EXPECT_EQ(RefusalOf(R"({"a":{"BOOL":"true"}})"), "Corrupt: a: 'BOOL' is no type of a value, or not of this one");
  EXPECT_EQ(RefusalOf(R"({"a":{"NULL":false}})"), "Corrupt: a: 'NULL' is no type of a value, or not of this one");
  EXPECT_EQ(RefusalOf(R"({"a":{"X":1}})"), "Corrupt: a: 'X' is no type of a value, or not of this one");
  EXPECT_EQ(RefusalOf(R"([])"), "Corrupt: attributes were expected");
}

RC_GTEST_PROP(ItemJson, AnyItemIsTheSameAfterwards, ()) {
  const Item item = AnyItem();
  RC_ASSERT(ParseDynamoJson(Json::parse(ToDynamoJson(item).dump())).value() == item);
}

RC_GTEST_PROP(ItemJson, NoJsonDoesHarm, ()) {
  // An item's text with one character changed: refused, or another item.
  std::string text = ToDynamoJson(AnyItem()).dump();
  text[*rc::gen::inRange<size_t>(0, text.size())] = *rc::gen::arbitrary<char>();
  const Json json = Json::parse(text, nullptr, false);
  if (json.is_discarded()) return;
  const auto item = ParseDynamoJson(json);
  if (item) RC_ASSERT(ParseDynamoJson(ToDynamoJson(*item)).value() == *item);
}

}  // namespace
}  // namespace firn
