#include "query/scan_filter.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace firn {
namespace {

using Op = ColumnComparison::Op;

TableUse Use(std::vector<ColumnComparison> where) {
  return {.where = std::move(where)};
}

bool Keeps(const std::vector<TableUse>& uses, const std::vector<std::string>& values) {
  return ScanFilter({"Year", "day"}, uses).Keeps({values});
}

TEST(ScanFilter, ComparesAsTextAndNamesWithoutCase) {
  EXPECT_TRUE(Keeps({Use({{"year", Op::kEqual, {"2025"}}})}, {"2025", "1"}));
  EXPECT_FALSE(Keeps({Use({{"year", Op::kEqual, {"2025"}}})}, {"2024", "1"}));
  EXPECT_FALSE(Keeps({Use({{"day", Op::kGreater, {"5"}}})}, {"2025", "10"}));
  EXPECT_TRUE(Keeps({Use({{"day", Op::kLess, {"5"}}})}, {"2025", "10"}));
  EXPECT_TRUE(Keeps({Use({{"day", Op::kIn, {"5", "10"}}})}, {"2025", "10"}));
  EXPECT_FALSE(Keeps({Use({{"day", Op::kEqual, {"3"}}})}, {"2025", "03"}));
}

TEST(ScanFilter, KeepsWhatAnyUseNeeds) {
  const std::vector<TableUse> uses = {Use({{"year", Op::kEqual, {"2024"}}}),
                                      Use({{"year", Op::kEqual, {"2025"}}, {"day", Op::kNotEqual, {"1"}}})};
  EXPECT_TRUE(Keeps(uses, {"2024", "1"}));
  EXPECT_FALSE(Keeps(uses, {"2025", "1"}));
  EXPECT_TRUE(Keeps(uses, {"2025", "2"}));
  EXPECT_FALSE(Keeps(uses, {"2023", "2"}));
}

TEST(ScanFilter, KeepsAllWhenAUseSaysNothingOfAKey) {
  const ScanFilter filter({"year"}, {Use({{"year", Op::kEqual, {"2025"}}}), Use({{"amount", Op::kEqual, {"1"}}})});
  EXPECT_TRUE(filter.keeps_all());
  EXPECT_TRUE(filter.Keeps({{"1999"}}));
}

TEST(ScanFilter, DropsTheNullPartitionUnderAnyComparison) {
  EXPECT_FALSE(Keeps({Use({{"day", Op::kNotEqual, {"5"}}})}, {"2025", "__HIVE_DEFAULT_PARTITION__"}));
  EXPECT_TRUE(Keeps({Use({{"year", Op::kNotEqual, {"5"}}})}, {"2025", "__HIVE_DEFAULT_PARTITION__"}));
}

TEST(ScanFilter, PassesEqualityToTheCatalogOnly) {
  const ScanFilter filter({"year", "day"}, {Use({{"year", Op::kEqual, {"2025"}}, {"day", Op::kGreater, {"5"}}})});
  const auto lookup = filter.Lookup();
  ASSERT_EQ(lookup.size(), 1U);
  EXPECT_EQ(lookup[0].key, "year");
  EXPECT_EQ(lookup[0].values, std::vector<std::string>{"2025"});
  EXPECT_TRUE(
      ScanFilter({"year"}, {Use({{"year", Op::kEqual, {"1"}}}), Use({{"year", Op::kEqual, {"2"}}})}).Lookup().empty());
}

}  // namespace
}  // namespace firn
