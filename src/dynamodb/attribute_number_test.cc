#include "dynamodb/attribute_number.h"

#include <gtest/gtest.h>

#include <rapidcheck/gtest.h>

#include "base/json.h"

namespace firn {
namespace {

TEST(AttributeNumber, IsWrittenInJsonsGrammarWithAllItsDigits) {
  const std::pair<const char*, const char*> cases[] = {
      {"0", "0"},
      {"-0", "-0"},
      {"007", "7"},
      {"+7.50", "7.50"},
      {".5", "0.5"},
      {"-.5", "-0.5"},
      {"1.", "1"},
      {"000", "0"},
      {"1e20", "1E20"},
      {"-1.50E-130", "-1.50E-130"},
      {"00.10", "0.10"},
      {"1E+5", "1E+5"},
      {"5.", "5"},
      {"12345678901234567890123456789012345678", "12345678901234567890123456789012345678"},
      {"0.12345678901234567890123456789012345678", "0.12345678901234567890123456789012345678"}};
  for (const auto& [text, json] : cases) EXPECT_EQ(JsonNumberText(text), json) << text;
}

TEST(AttributeNumber, IsNoOtherText) {
  for (const char* text :
       {"", "-", "+", ".", "1.2.3", "1e", "1e+", "e5", "0x1", "1 ", " 1", "NaN", "Infinity", "1,5", "--1", "1e5.0"}) {
    EXPECT_EQ(JsonNumberText(text), std::nullopt) << text;
    EXPECT_FALSE(IsDynamoNumber(text)) << text;
  }
}

TEST(AttributeNumber, HasUpTo38DigitsWithinItsRange) {
  for (const char* text :
       {"0", "-0.000", "12345678901234567890123456789012345678", "-12345678901234567890123456789012345678000",
        "0.00000012345678901234567890123456789012345678", "9.9999999999999999999999999999999999999E+125", "1E-130",
        "0.1E-129", "100E-132", "0E999"})
    EXPECT_TRUE(IsDynamoNumber(text)) << text;
  for (const char* text :
       {"123456789012345678901234567890123456789", "1.23456789012345678901234567890123456789", "1E126", "10E125",
        "9E-131", "0.1E-130", "1E99999999999999999999", "1E-99999999999999999999"})
    EXPECT_FALSE(IsDynamoNumber(text)) << text;
}

RC_GTEST_PROP(AttributeNumber, AnyNumberOfAnyFormIsJson, ()) {
  // An exponent of four digits would be beyond what the other reader of JSON takes.
  const auto digits = [](size_t least, size_t most) {
    const auto count = *rc::gen::inRange(least, most + 1);
    return *rc::gen::container<std::string>(count, rc::gen::inRange<char>('0', '9' + 1));
  };
  std::string text = *rc::gen::element<std::string>("", "-", "+") + digits(1, 38);
  if (*rc::gen::arbitrary<bool>()) text += "." + digits(0, 38);
  if (*rc::gen::arbitrary<bool>()) text += "e" + *rc::gen::element<std::string>("", "-", "+") + digits(1, 2);
  const auto json = JsonNumberText(text);
  RC_ASSERT(json.has_value());
  RC_ASSERT(Json::accept(*json));
  RC_ASSERT(Json::parse(*json).is_number());
  RC_ASSERT(*JsonNumberText(*json) == *json);
}

}  // namespace
}  // namespace firn
