#include "text/value_reader.h"

#include <arrow/api.h>
#include <gtest/gtest.h>

#include "schema/names.h"

namespace firn {
namespace {

// The value as Arrow prints it, or "no".
std::string Read(const std::string& type, std::string_view text, TokenKind kind = TokenKind::kText) {
  const auto reader = ValueReader::Of(ParseHiveType(type).value());
  if (!reader->Append({text.data(), static_cast<uint32_t>(text.size()), 0, kind})) return "no";
  const auto array = reader->Finish();
  return array->GetScalar(0).ValueOrDie()->ToString();
}

TEST(ValueReader, IntegersAreExact) {
  EXPECT_EQ(Read("bigint", "-9223372036854775808", TokenKind::kInteger), "-9223372036854775808");
  EXPECT_EQ(Read("bigint", "9223372036854775808", TokenKind::kInteger), "no");
  EXPECT_EQ(Read("tinyint", "128"), "no");
  EXPECT_EQ(Read("ubigint", "18446744073709551615"), "18446744073709551615");
  EXPECT_EQ(Read("int", "12.00", TokenKind::kNumber), "12");
  for (const char* text : {"12.5", "1e2", "", " 1", "1 ", "+1", "0x1", "12.", "true"})
    EXPECT_EQ(Read("int", text), "no") << text;
}

TEST(ValueReader, FloatsReadNumbersAndTheThreeWords) {
  EXPECT_EQ(Read("double", "-1.5e-3"), "-0.0015");
  EXPECT_EQ(Read("double", "NaN"), "nan");
  EXPECT_EQ(Read("double", "-Infinity"), "-inf");
  for (const char* text : {"nan", "inf", "1,5", "", "-", "1e999", "0x10"})
    EXPECT_EQ(Read("double", text), "no") << text;
}

TEST(ValueReader, DecimalsLoseNothing) {
  EXPECT_EQ(Read("decimal(12,2)", "1365.88", TokenKind::kNumber), "1365.88");
  EXPECT_EQ(Read("decimal(12,2)", "7", TokenKind::kInteger), "7.00");
  EXPECT_EQ(Read("decimal(12,2)", "1.500"), "1.50");
  EXPECT_EQ(Read("decimal(38,0)", "99999999999999999999999999999999999999"), "99999999999999999999999999999999999999");
  for (const char* text : {"1.005", "12345678901", "x", ""}) EXPECT_EQ(Read("decimal(12,2)", text), "no") << text;
}

TEST(ValueReader, InstantsHaveAZoneAndWallClockTimesNone) {
  EXPECT_EQ(Read("timestamp", "2025-11-03T06:30:00.5"), "2025-11-03 06:30:00.500000");
  EXPECT_EQ(Read("timestamp", "2025-11-03"), "2025-11-03 00:00:00.000000");
  EXPECT_EQ(Read("timestamp", "2025-11-03T06:30:00Z"), "no");
  EXPECT_EQ(Read("timestamp", "2025-11-03T06:30:00.1234567"), "no");
  EXPECT_EQ(Read("timestamp(6) with time zone", "2025-11-03T06:30:00-03:00"), "2025-11-03 09:30:00.000000Z");
  EXPECT_EQ(Read("timestamp(6) with time zone", "2025-11-03T06:30:00"), "no");
  EXPECT_EQ(Read("date", "2025-11-03"), "2025-11-03");
  EXPECT_EQ(Read("date", "2025-02-30"), "no");
  EXPECT_EQ(Read("time(3)", "06:30:00.123"), "06:30:00.123");
}

TEST(ValueReader, TextTakesEveryValueAsItIsWritten) {
  EXPECT_EQ(Read("string", "", TokenKind::kText), "");
  EXPECT_EQ(Read("string", "1.50", TokenKind::kNumber), "1.50");
  EXPECT_EQ(Read("string", "", TokenKind::kObject), "no");
  EXPECT_EQ(Read("bigint", "[1]", TokenKind::kList), "no");
}

TEST(ValueReader, BytesAreBase64AndUuidsTheirUsualForm) {
  EXPECT_EQ(Read("binary", "AAEC"), std::string("\0\1\2", 3));
  EXPECT_EQ(Read("binary", "A*EC"), "no");
  EXPECT_EQ(Read("binary", "AAE"), "no");
  EXPECT_EQ(Read("binary(3)", "AAEC"), std::string("\0\1\2", 3));
  EXPECT_EQ(Read("binary(2)", "AAEC"), "no");
  EXPECT_NE(Read("uuid", "00112233-4455-6677-8899-aabbccddeeff"), "no");
  for (const char* text : {"00112233445566778899aabbccddeeff", "0011223x-4455-6677-8899-aabbccddeeff",
                           "00112233-4455-6677-8899-aabbccddee-f", "00112233-4455-6677-8899-aabbccddeef-"})
    EXPECT_EQ(Read("uuid", text), "no") << text;
  EXPECT_EQ(Read("boolean", "TRUE"), "true");
  EXPECT_EQ(Read("boolean", "1"), "no");
}

}  // namespace
}  // namespace firn
