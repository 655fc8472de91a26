#include "catalog/partition_order.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <rapidcheck.h>
#include <rapidcheck/gtest.h>

#include <algorithm>
#include <string>
#include <vector>

namespace firn {
namespace {

using Op = PartitionPredicate::Op;

// Values that meet often and at the awkward places.
std::string AnyValue() {
  if (*rc::gen::inRange(0, 10) == 0) return *rc::gen::string<std::string>();
  return *rc::gen::element<std::string>("", "-", "-0", "0", "00", "1", "01", "9", "10", "11", "011", "-1", "-10", "-9",
                                        "1a", "9a", "a", "ab", std::string("a\0", 2), std::string("a\0b", 3),
                                        "\xff\xff", "2025", "__HIVE_DEFAULT_PARTITION__", "123456789012345678901234");
}

PartitionValues AnyValues(size_t keys) {
  PartitionValues values;
  for (size_t i = 0; i < keys; ++i) values.values.push_back(AnyValue());
  return values;
}

PartitionPredicate AnyPredicate() {
  PartitionPredicate predicate;
  predicate.key = *rc::gen::element<std::string>("a", "b", "c");
  predicate.op = static_cast<Op>(*rc::gen::inRange(0, 7));
  const int count = predicate.op == Op::kIn ? *rc::gen::inRange(0, 4) : 1;
  for (int i = 0; i < count; ++i) predicate.values.push_back(AnyValue());
  return predicate;
}

// Every number in order has the same order of values.
TEST(PartitionOrderTest, IntegersCompareAsIntegersAndComeBeforeTexts) {
  const std::vector<std::string> ordered = {"-100", "-11", "-9",   "-1", "0", "1",  "2",  "9", "10",
                                            "99",   "100", "2025", "",   "-", "1a", "9a", "a", "b"};
  for (size_t i = 0; i + 1 < ordered.size(); ++i)
    EXPECT_LT(OrderKeyOf({{ordered[i]}}), OrderKeyOf({{ordered[i + 1]}})) << ordered[i];
  EXPECT_TRUE(ComparePartitionText("9", "11") < 0);
  EXPECT_TRUE(ComparePartitionText("09", "9") == 0);
  EXPECT_TRUE(ComparePartitionText("9", "11a") > 0);
  EXPECT_TRUE(ComparePartitionText("-0", "0") == 0);
  EXPECT_FALSE(IsIntegerText("+5"));
  EXPECT_FALSE(IsIntegerText(std::string(256, '1')));
}

RC_GTEST_PROP(PartitionOrderTest, TwoListsOfValuesHaveTwoKeys, ()) {
  const PartitionValues a = AnyValues(3);
  const PartitionValues b = AnyValues(3);
  RC_ASSERT((OrderKeyOf(a) == OrderKeyOf(b)) == (a == b));
}

RC_GTEST_PROP(PartitionOrderTest, PackedValuesComeBack, ()) {
  const PartitionValues values = AnyValues(*rc::gen::inRange<size_t>(0, 5));
  RC_ASSERT(UnpackValues(PackValues(values)) == values);
}

TEST(PartitionOrderTest, WhatIsNotAListOfValuesIsNotRead) {
  for (const std::string_view text : {"x", "3", "3:", "3:ab,", "3:abc", "3:abc;", "-1:a,", "99999999999999999999:a,"})
    EXPECT_FALSE(UnpackValues(text).has_value()) << text;
}

RC_GTEST_PROP(PartitionOrderTest, TheRangesHoldEveryMatchOnceAndInOrder, ()) {
  const std::vector<std::string> keys = {"a", "b", "c"};
  std::vector<PartitionPredicate> where;
  const int count = *rc::gen::inRange(0, 5);
  for (int i = 0; i < count; ++i) where.push_back(AnyPredicate());
  const PartitionFilter filter = *PartitionFilter::Make(keys, where);
  const std::vector<OrderKeyRange> ranges = filter.Ranges();
  for (size_t i = 0; i + 1 < ranges.size(); ++i) RC_ASSERT(ranges[i].to <= ranges[i + 1].from);
  for (int i = 0; i < 20; ++i) {
    const PartitionValues values = AnyValues(3);
    const std::string key = OrderKeyOf(values);
    const bool in_range =
        std::ranges::any_of(ranges, [&](const OrderKeyRange& range) { return range.from <= key && key < range.to; });
    if (filter.Matches(values)) RC_ASSERT(in_range);
  }
}

TEST(PartitionOrderTest, AFixedPrefixIsOneRangeAndOneMoreComparisonNarrowsIt) {
  const std::vector<std::string> keys = {"year", "month", "day"};
  const std::vector<PartitionPredicate> where = {{"year", Op::kEqual, {"2025"}}, {"month", Op::kEqual, {"3"}}};
  const auto ranges = PartitionFilter::Make(keys, where)->Ranges();
  ASSERT_EQ(ranges.size(), 1);
  const auto inside = [&](const PartitionValues& values) {
    const std::string key = OrderKeyOf(values);
    return ranges[0].from <= key && key < ranges[0].to;
  };
  EXPECT_TRUE(inside({{"2025", "3", "1"}}));
  EXPECT_TRUE(inside({{"2025", "03", "x"}}));
  EXPECT_FALSE(inside({{"2025", "30", "1"}}));
  EXPECT_FALSE(inside({{"2025", "4", "1"}}));
}

TEST(PartitionOrderTest, UnknownKeysAndWrongCountsAreWrongUse) {
  const std::vector<std::string> keys = {"year", "month"};
  const std::vector<PartitionPredicate> unknown = {{"yaer", Op::kEqual, {"1"}}};
  const auto filter = PartitionFilter::Make(keys, unknown);
  ASSERT_FALSE(filter.has_value());
  EXPECT_EQ(filter.error().kind, ErrorKind::kInvalidArgument);
  EXPECT_THAT(filter.error().hint, ::testing::HasSubstr("'year'"));
  const std::vector<PartitionPredicate> two = {{"year", Op::kLess, {"1", "2"}}};
  EXPECT_EQ(PartitionFilter::Make(keys, two).error().kind, ErrorKind::kInvalidArgument);
}

}  // namespace
}  // namespace firn
