#include "schedule/job_chain.h"

#include <gmock/gmock.h>

#include "catalog/catalog_test.h"

namespace firn {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

const std::vector<ChainLink> kReport = {{"report", {JobName("sales"), JobName("customers")}}};

class JobChainTest : public CatalogTest {
 protected:
  // A run of `job` that takes from `at` to the next moment.
  void Ran(const std::string& job, int64_t at, RunState state = RunState::kSucceeded, Json metrics = Json::object()) {
    RunRecord run = Run("jr_" + job + std::to_string(at), job);
    run.started_ns = at;
    run.completed_ns = at + 1;
    run.state = state;
    run.metrics = std::move(metrics);
    ASSERT_EQ(Problem(Lake().CreateRun(run)), "");
  }
  std::vector<std::string> DueAfter(const std::string& job, const std::vector<ChainLink>& links = kReport) {
    const auto due = JobsDueAfter(Lake(), links, JobName(job));
    if (!due) return {due.error().Text()};
    std::vector<std::string> identities;
    for (const ChainStart& start : *due) identities.push_back(start.identity);
    return identities;
  }
};

TEST_F(JobChainTest, IsDueWhenAllBeforeItHaveSucceeded) {
  Ran("sales", 10);
  EXPECT_THAT(DueAfter("sales"), IsEmpty());
  Ran("customers", 20);
  EXPECT_THAT(DueAfter("customers"), ElementsAre("after:report:jr_sales10:jr_customers20"));
  EXPECT_THAT(DueAfter("sales"), ElementsAre("after:report:jr_sales10:jr_customers20"))
      << "whoever asks gets the same identity";
}

TEST_F(JobChainTest, WaitsForAllOfThemAnewAfterItsOwnRun) {
  Ran("sales", 10);
  Ran("customers", 20);
  Ran("report", 30);
  EXPECT_THAT(DueAfter("customers"), IsEmpty());
  Ran("sales", 40);
  EXPECT_THAT(DueAfter("sales"), IsEmpty()) << "customers did not run since";
  Ran("customers", 50);
  EXPECT_THAT(DueAfter("customers"), ElementsAre("after:report:jr_sales40:jr_customers50"));
}

TEST_F(JobChainTest, AFailureBreaksTheChainUntilTheNextSuccess) {
  Ran("sales", 10);
  Ran("customers", 20);
  Ran("sales", 30, RunState::kFailed);
  EXPECT_THAT(DueAfter("customers"), IsEmpty());
  Ran("sales", 40);
  EXPECT_THAT(DueAfter("sales"), ElementsAre("after:report:jr_sales40:jr_customers20"));
}

TEST_F(JobChainTest, IdleRunsAndRehearsalsDoNotCount) {
  Ran("sales", 10, RunState::kSucceeded, {{"nothing_to_do", true}});
  Ran("customers", 20);
  EXPECT_THAT(DueAfter("customers"), IsEmpty());
  Ran("sales", 30);
  Ran("sales", 40, RunState::kSucceeded, {{"nothing_to_do", true}});
  Ran("sales", 50, RunState::kFailed, {{"dry_run", true}});
  EXPECT_THAT(DueAfter("customers"), ElementsAre("after:report:jr_sales30:jr_customers20"));
}

TEST_F(JobChainTest, OnlyWhatComesAfterTheJobIsLookedAt) {
  const std::vector<ChainLink> links = {
      {"a", {JobName("sales")}}, {"b", {JobName("other")}}, {"c", {JobName("sales")}}};
  Ran("sales", 10);
  Ran("other", 10);
  EXPECT_THAT(DueAfter("sales", links), ElementsAre("after:a:jr_sales10", "after:c:jr_sales10"));
  EXPECT_THAT(DueAfter("nobody", links), IsEmpty());
}

TEST_F(JobChainTest, CrawlersFollowWithoutRunsOfTheirOwn) {
  const std::vector<ChainLink> crawlers = {{"curated", {JobName("sales")}}};
  Ran("sales", 10);
  EXPECT_THAT(*CrawlersDueAfter(Lake(), crawlers, JobName("sales")), ElementsAre("curated"));
  EXPECT_THAT(*CrawlersDueAfter(Lake(), crawlers, JobName("sales")), ElementsAre("curated"));
  Ran("sales", 20, RunState::kFailed);
  EXPECT_THAT(*CrawlersDueAfter(Lake(), crawlers, JobName("sales")), IsEmpty());
}

}  // namespace
}  // namespace firn
