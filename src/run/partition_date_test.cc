#include "run/partition_date.h"

#include <gtest/gtest.h>

namespace firn {
namespace {

const std::vector<std::string> kYearMonthDay = {"year", "month", "day"};

TEST(PartitionDate, ADateFixesYearMonthAndDay) {
  const auto where = DatePredicates(kYearMonthDay, "2025-11-03");
  ASSERT_TRUE(where.has_value());
  EXPECT_EQ(FixedPartition(kYearMonthDay, *where), (PartitionValues{{"2025", "11", "03"}}));
}

TEST(PartitionDate, AnHourKeyIsLeftOpen) {
  const std::vector<std::string> keys = {"year", "month", "day", "hour"};
  const auto where = DatePredicates(keys, "2025-11-03");
  ASSERT_TRUE(where.has_value());
  EXPECT_EQ(where->size(), 3u);
  EXPECT_FALSE(FixedPartition(keys, *where).has_value());
}

TEST(PartitionDate, TheOnlyKeyIsTheDate) {
  const auto where = DatePredicates({"loaded"}, "2025-11-03");
  ASSERT_TRUE(where.has_value());
  EXPECT_EQ(where->front().key, "loaded");
}

TEST(PartitionDate, OneKeyAmongOthersIsFoundByItsName) {
  const auto where = DatePredicates({"region", "event_date"}, "2025-11-03");
  ASSERT_TRUE(where.has_value());
  EXPECT_EQ(where->front().key, "event_date");
}

TEST(PartitionDate, KeysWithoutADateAreRefused) {
  const auto where = DatePredicates({"region", "shop"}, "2025-11-03");
  ASSERT_FALSE(where.has_value());
  EXPECT_EQ(where.error().kind, ErrorKind::kInvalidArgument);
  EXPECT_NE(where.error().message.find("region, shop"), std::string::npos);
}

TEST(PartitionDate, ADayThatTheCalendarDoesNotHaveIsRefused) {
  EXPECT_EQ(DatePredicates(kYearMonthDay, "2025-02-30").error().kind, ErrorKind::kInvalidArgument);
}

TEST(PartitionDate, ValuesBecomeAnIsoDateWhateverTheirPadding) {
  EXPECT_EQ(DateOfPartition(kYearMonthDay, {{"2025", "11", "3"}}), "2025-11-03");
  EXPECT_EQ(DateOfPartition({"dt", "shop"}, {{"2025-11-03", "7"}}), "2025-11-03");
  EXPECT_EQ(DateOfPartition(kYearMonthDay, {{"2025", "11", "first"}}), "");
  EXPECT_EQ(DateOfPartition({"region"}, {{"south"}}), "");
  EXPECT_EQ(DateOfPartition({}, {}), "");
}

}  // namespace
}  // namespace firn
