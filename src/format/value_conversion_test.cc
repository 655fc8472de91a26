#include "format/value_conversion.h"

#include <gtest/gtest.h>
#include <parquet/exception.h>

#include <array>

#include "schema/names.h"

namespace firn {
namespace {

using Physical = parquet::Type;

Type TypeOf(std::string_view name) {
  return ParseHiveType(name).value();
}

TEST(ValueConversion, RefusesValuesOfAColumnThatClaimsToHaveNone) {
  const auto conversion =
      ConversionOf(Type{.kind = TypeKind::kNull}, Physical::INT32, 0, TypeOf("string"), Physical::BYTE_ARRAY, 0);
  ASSERT_TRUE(conversion);
  const std::array<int32_t, 2> values{7, 8};
  ConversionScratch scratch;
  EXPECT_NO_THROW(Convert(*conversion, values.data(), 0, scratch));
  EXPECT_THROW(Convert(*conversion, values.data(), 2, scratch), parquet::ParquetException);
}

// A file's decimals may be greater than their type says; none of their digits may be lost.
TEST(ValueConversion, RefusesDecimalsThatDoNotFit) {
  const std::array<int32_t, 2> values{12, 2'000'000'000};
  ConversionScratch scratch;
  const auto to_int =
      ConversionOf(TypeOf("decimal(4,0)"), Physical::INT32, 0, TypeOf("decimal(6,2)"), Physical::INT32, 0);
  ASSERT_TRUE(to_int);
  EXPECT_EQ(*static_cast<const int32_t*>(Convert(*to_int, values.data(), 1, scratch)), 1'200);
  EXPECT_THROW(Convert(*to_int, values.data(), 2, scratch), parquet::ParquetException);
  const auto to_bytes = ConversionOf(TypeOf("decimal(4,0)"), Physical::INT32, 0, TypeOf("decimal(6,2)"),
                                     Physical::FIXED_LEN_BYTE_ARRAY, 3);
  ASSERT_TRUE(to_bytes);
  EXPECT_NO_THROW(Convert(*to_bytes, values.data(), 1, scratch));
  EXPECT_THROW(Convert(*to_bytes, values.data(), 2, scratch), parquet::ParquetException);
}

}  // namespace
}  // namespace firn
