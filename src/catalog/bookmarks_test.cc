#include "catalog/catalog_test.h"

namespace firn {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

class BookmarksTest : public CatalogTest {
 protected:
  const JobName job_{"consolidate"};
  const TableName table_{"landing"};

  void Remember(const std::string& run_id, const std::vector<ObjectInfo>& objects) {
    const RunRecord run = Run(run_id);
    ASSERT_EQ(Problem(Lake().CreateRun(run)), "");
    Commit commit;
    commit.run = Ended(run, RunState::kSucceeded);
    for (const ObjectInfo& object : objects) commit.bookmark.push_back({object.key, object.size, object.etag, run.id});
    ASSERT_EQ(Problem(Lake().Apply(commit)), "");
  }
  static ObjectInfo Object(const std::string& key, int64_t size = 1, const std::string& etag = "e") {
    return {key, size, 5, etag};
  }
};

TEST_F(BookmarksTest, AnObjectIsKnownAtThatVeryVersion) {
  Remember("jr_1", {Object("a"), Object("b")});
  const std::vector<ObjectInfo> asked = {Object("b"), Object("a", 2), Object("a"), Object("a", 1, "f"), Object("c")};
  EXPECT_THAT(Must(Lake().NotInBookmark(job_, asked)), ElementsAre(asked[1], asked[3], asked[4]));
  EXPECT_EQ(Must(Lake().NotInBookmark(JobName("other"), asked)).size(), 5);
}

// Whether objects lie side by side in the bookmark or far apart, the answer is the same.
TEST_F(BookmarksTest, SparseAndDenseQuestionsGetTheSameAnswers) {
  std::vector<ObjectInfo> known;
  for (int i = 0; i < 20'000; ++i) known.push_back(Object("k" + std::to_string(i), i % 3));
  Remember("jr_1", known);
  for (const size_t step : {size_t{1}, size_t{3}, size_t{50}, size_t{7'000}}) {
    std::vector<ObjectInfo> asked;
    std::vector<ObjectInfo> fresh;
    for (size_t i = 0; i < known.size(); i += step) {
      asked.push_back(known[known.size() - 1 - i]);
      if (i % 2 != 0) continue;
      asked.back().size += 1;
      fresh.push_back(asked.back());
    }
    EXPECT_EQ(Must(Lake().NotInBookmark(job_, asked)), fresh) << step;
  }
}

TEST_F(BookmarksTest, TheRunThatReadAnObjectFirstIsRemembered) {
  Remember("jr_1", {Object("b")});
  Remember("jr_2", {Object("a"), Object("b")});
  EXPECT_THAT(Must(Lake().ShowBookmark(job_, 10)),
              ElementsAre(BookmarkEntry{"a", 1, "e", RunId("jr_2")}, BookmarkEntry{"b", 1, "e", RunId("jr_1")}));
  EXPECT_EQ(Must(Lake().ShowBookmark(job_, 1)).size(), 1);
  EXPECT_EQ(Must(Lake().CountBookmark(job_)), 2);
}

TEST_F(BookmarksTest, RewindingForgetsWhatLaterRunsAdded) {
  Remember("jr_1", {Object("a")});
  Remember("jr_2", {Object("b")});
  Remember("jr_3", {Object("c")});
  ASSERT_EQ(Problem(Lake().RewindBookmark(job_, RunId("jr_2"))), "");
  EXPECT_THAT(Must(Lake().NotInBookmark(job_, {{Object("a"), Object("b"), Object("c")}})), ElementsAre(Object("c")));
  EXPECT_EQ(Lake().RewindBookmark(job_, RunId("x")).error().kind, ErrorKind::kNotFound);
  EXPECT_EQ(Lake().RewindBookmark(JobName("other"), RunId("jr_1")).error().kind, ErrorKind::kInvalidArgument);
  ASSERT_EQ(Problem(Lake().ResetBookmark(job_)), "");
  EXPECT_EQ(Must(Lake().CountBookmark(job_)), 0);
}

TEST_F(BookmarksTest, TenObjectsAmongAMillionCostTen) {
  std::vector<ObjectInfo> known;
  known.reserve(1'000'000);
  for (int i = 0; i < 1'000'000; ++i) known.push_back(Object("landing/2025/11/03/part-" + std::to_string(i)));
  Remember("jr_1", known);
  std::vector<ObjectInfo> asked(known.begin() + 500'000, known.begin() + 509'999);
  asked.push_back(Object("landing/new"));
  const std::vector<ObjectInfo> ten(asked.end() - 10, asked.end());

  const int64_t rows_before = Lake().database().rows_read();
  const double for_ten =
      MillisecondsOf([&] { EXPECT_THAT(Must(Lake().NotInBookmark(job_, ten)), ElementsAre(Object("landing/new"))); });
  EXPECT_LT(for_ten, 20);
  EXPECT_EQ(Lake().database().rows_read() - rows_before, 9);
  const double for_many = MillisecondsOf([&] { EXPECT_EQ(Must(Lake().NotInBookmark(job_, asked)).size(), 1); });
  EXPECT_LT(for_many, 500);  // ten thousand
  RecordProperty("ten_thousand_ms", std::to_string(for_many));
}

TEST_F(BookmarksTest, ACrawlSeesWhatIsNewOrChanged) {
  const std::vector<ObjectInfo> seen = {Object("l/2025/a"), Object("l/2025/b"), Object("l/20250/c")};
  ASSERT_EQ(Problem(Lake().RememberCrawled(table_, seen)), "");
  EXPECT_THAT(Must(Lake().NotSeenByCrawler(table_, seen)), IsEmpty());
  const std::vector<ObjectInfo> changed = {Object("l/2025/a", 2)};
  EXPECT_EQ(Must(Lake().NotSeenByCrawler(table_, changed)), changed);
  ASSERT_EQ(Problem(Lake().RememberCrawled(table_, changed)), "");
  EXPECT_THAT(Must(Lake().NotSeenByCrawler(table_, changed)), IsEmpty());
  EXPECT_THAT(Must(Lake().NotSeenByCrawler(table_, {{seen[0]}})), ElementsAre(seen[0]));
}

TEST_F(BookmarksTest, WhatACrawlSkippedIsNoDataAndLookedAtAgain) {
  const std::vector<ObjectInfo> seen = {Object("l/2025/a"), Object("l/2025/b"), Object("l/2025/c")};
  ASSERT_EQ(Problem(Lake().RememberCrawled(table_, {{seen[0]}})), "");
  ASSERT_EQ(Problem(Lake().RememberSkipped(table_, {{seen[1]}})), "");
  EXPECT_THAT(Must(Lake().NotSeenByCrawler(table_, seen)), ElementsAre(seen[1], seen[2]));
  EXPECT_THAT(Must(Lake().NotSkippedByCrawler(table_, seen)), ElementsAre(seen[0], seen[2]));
  // Another version of the object, and the same one once it fits.
  EXPECT_EQ(Must(Lake().NotSkippedByCrawler(table_, {{Object("l/2025/b", 7)}})).size(), 1);
  ASSERT_EQ(Problem(Lake().RememberCrawled(table_, {{seen[1]}})), "");
  EXPECT_EQ(Must(Lake().NotSkippedByCrawler(table_, seen)), seen);
  ASSERT_EQ(Problem(Lake().RememberSkipped(table_, seen)), "");
  ASSERT_EQ(Problem(Lake().ForgetCrawled(table_, "l/2025")), "");
  EXPECT_EQ(Must(Lake().NotSkippedByCrawler(table_, seen)), seen);
}

TEST_F(BookmarksTest, ForgettingAFolderLeavesItsNeighbours) {
  const std::vector<ObjectInfo> seen = {Object("l/2025/a"), Object("l/2025/b"), Object("l/20250/c"), Object("l/2025")};
  ASSERT_EQ(Problem(Lake().RememberCrawled(table_, seen)), "");
  ASSERT_EQ(Problem(Lake().ForgetCrawled(table_, "l/2025")), "");
  EXPECT_THAT(Must(Lake().NotSeenByCrawler(table_, seen)), ElementsAre(seen[0], seen[1], seen[3]));
  ASSERT_EQ(Problem(Lake().ForgetCrawled(table_, "")), "");
  EXPECT_EQ(Must(Lake().NotSeenByCrawler(table_, seen)).size(), 4);
}

}  // namespace
}  // namespace firn
