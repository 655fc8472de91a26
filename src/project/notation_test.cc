#include "project/notation.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

namespace firn {
namespace {

using std::chrono::seconds;
using ::testing::HasSubstr;

TEST(Notation, ReadsDurations) {
  EXPECT_EQ(ParseDuration("90s"), seconds(90));
  EXPECT_EQ(ParseDuration("60m"), seconds(3600));
  EXPECT_EQ(ParseDuration("1h30m"), seconds(5400));
  EXPECT_EQ(ParseDuration("7d"), seconds(604'800));
  for (const char* text : {"", "60", "m", "60 m", "-1h", "1.5h", "1w", "h1", "99999999999d", "1h30", "9999999999999s"})
    EXPECT_FALSE(ParseDuration(text)) << text;
}

TEST(Notation, ReadsTimesOfDay) {
  EXPECT_EQ(ParseTimeOfDay("00:30"), std::chrono::minutes(30));
  EXPECT_EQ(ParseTimeOfDay("23:59"), std::chrono::minutes(1439));
  for (const char* text : {"24:00", "0:30", "00:60", "00-30", "", "aa:bb", "00:30:00"})
    EXPECT_FALSE(ParseTimeOfDay(text)) << text;
}

TEST(Notation, ReadsOrders) {
  const auto expect = [](const char* text, bool by_default, const char* column, bool descending) {
    const auto order = ParseOrderColumn(text, by_default);
    ASSERT_TRUE(order) << text;
    EXPECT_EQ(order->column, column);
    EXPECT_EQ(order->descending, descending) << text;
  };
  expect("updated_at", true, "updated_at", true);
  expect("updated_at", false, "updated_at", false);
  expect("x asc", true, "x", false);
  expect(" x   DESC ", false, "x", true);
  expect("metrics.trip.mileage", true, "metrics.trip.mileage", true);
  expect("\"paid at\" desc", false, "paid at", true);
  for (const char* text : {"", " ", "a b", "a, b", "a asc desc", "lower(a)", "\"open", "\"\"", "a nulls first"})
    EXPECT_FALSE(ParseOrderColumn(text, true)) << text;
}

TEST(Notation, KnowsThresholdsAndLocations) {
  for (const char* text : {"0", "30m", "75%", "0.5", "-1"}) EXPECT_TRUE(IsThreshold(text)) << text;
  for (const char* text : {"", "%", "many", "1.", "7 5"}) EXPECT_FALSE(IsThreshold(text)) << text;
  for (const char* text : {"landing/chargebacks", "a", "a/b/"}) EXPECT_TRUE(IsLocation(text)) << text;
  for (const char* text : {"", "/", "/abs", "../x", "a/../b", "a//b", "./a", ".firn", ".firn/x", "s3://b/x", "a\\b"})
    EXPECT_FALSE(IsLocation(text)) << text;
}

TEST(Notation, ChecksSchedulesLightly) {
  for (const char* text : {"cron(0 0,6,12,18 * * ? *)", "rate(1 minute)", "rate(6 hours)", "at(2025-11-03T06:30:00)",
                           "cron(0 9 ? * MON-FRI *)"})
    EXPECT_EQ(ScheduleProblem(text), "") << text;
  EXPECT_THAT(ScheduleProblem("cron(0 0 * * *)"), HasSubstr("six fields"));
  EXPECT_THAT(ScheduleProblem("cron(0 0 * * $ *)"), HasSubstr("'$'"));
  for (const char* text :
       {"rate(0 hours)", "rate(x hours)", "rate(5)", "rate(5 weeks)", "at(tomorrow)", "daily", "", "cron", "cron("})
    EXPECT_NE(ScheduleProblem(text), "") << text;
}

TEST(Notation, CountsTheRunsOfADay) {
  EXPECT_EQ(ExecutionsPerDayOf("cron(0 0,6,12,18 * * ? *)"), 4);
  EXPECT_EQ(ExecutionsPerDayOf("cron(30 0/6 * * ? *)"), 4);
  EXPECT_EQ(ExecutionsPerDayOf("cron(0,30 8-10 * * ? *)"), 6);
  EXPECT_EQ(ExecutionsPerDayOf("cron(*/15 * * * ? *)"), 96);
  EXPECT_EQ(ExecutionsPerDayOf("rate(6 hours)"), 4);
  EXPECT_EQ(ExecutionsPerDayOf("rate(2 days)"), 1);
  EXPECT_EQ(ExecutionsPerDayOf("at(2025-11-03T06:30:00)"), 1);
  EXPECT_EQ(ExecutionsPerDayOf("cron(99 5-1 * * ? *)"), 1);
}

RC_GTEST_PROP(Notation, NeverCrashesOnAnyText, (const std::string& text)) {
  (void)ParseDuration(text);
  (void)ParseTimeOfDay(text);
  (void)ParseOrderColumn(text, true);
  (void)IsThreshold(text);
  (void)IsLocation(text);
  for (const char* name : {"cron(", "rate(", "at("}) {
    (void)ScheduleProblem(name + text + ")");
    (void)ExecutionsPerDayOf(name + text + ")");
  }
}

TEST(ByteSize, ReadsUnitsOfBothKinds) {
  EXPECT_EQ(ParseByteSize("1"), 1);
  EXPECT_EQ(ParseByteSize("512MB"), 512'000'000);
  EXPECT_EQ(ParseByteSize("1.5GiB"), 1'610'612'736);
  for (const char* text : {"", "0", "-1MB", "1 MB", "MB", "1mb", "nan", "inf", "1e20", "0x10"})
    EXPECT_EQ(ParseByteSize(text), std::nullopt) << text;
}

}  // namespace
}  // namespace firn
