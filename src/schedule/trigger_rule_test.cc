#include "schedule/trigger_rule.h"

#include <gmock/gmock.h>

namespace firn {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

TriggerRule SalesRule() {
  return {.name = "sales", .job = JobName("sales_etl"), .prefix = "bronze/sales/", .suffix = ".csv"};
}

TEST(TriggerRule, MatchesByPrefixAndSuffix) {
  const TriggerRule rule = SalesRule();
  EXPECT_TRUE(rule.Matches("bronze/sales/daily_2024-01-15.csv"));
  EXPECT_TRUE(rule.Matches("bronze/sales/2024/a.csv"));
  EXPECT_FALSE(rule.Matches("bronze/sales/daily_2024-01-15.json"));
  EXPECT_FALSE(rule.Matches("bronze/sales_old/a.csv"));
  EXPECT_FALSE(rule.Matches("bronze/sales/a.CSV")) << "S3's rules know case";
}

TEST(TriggerRule, PrefixAndSuffixDoNotShareBytes) {
  TriggerRule rule = SalesRule();
  rule.prefix = "in/a.csv";
  EXPECT_FALSE(rule.Matches("in/a.csv"));
  EXPECT_TRUE(rule.Matches("in/a.csv.csv"));
}

TEST(TriggerRule, WithoutPrefixAndSuffixTakesAll) {
  const TriggerRule rule{.name = "all", .job = JobName("j")};
  EXPECT_TRUE(rule.Matches("x"));
}

TEST(TriggerRule, DisabledTakesNothing) {
  TriggerRule rule = SalesRule();
  rule.enabled = false;
  EXPECT_FALSE(rule.Matches("bronze/sales/a.csv"));
}

TEST(TriggerRule, BatchesKeepTheOrderAndTakeEachObjectOnce) {
  TriggerRule rule = SalesRule();
  rule.batch = 2;
  const std::vector<ObjectKey> objects = {"bronze/sales/b.csv", "bronze/x.csv", "bronze/sales/a.csv",
                                          "bronze/sales/b.csv", "bronze/sales/c.csv"};
  EXPECT_THAT(BatchesOf(rule, objects),
              ElementsAre(ElementsAre("bronze/sales/b.csv", "bronze/sales/a.csv"), ElementsAre("bronze/sales/c.csv")));
  EXPECT_THAT(BatchesOf(rule, {}), IsEmpty());
}

}  // namespace
}  // namespace firn
