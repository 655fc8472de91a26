#include "dynamodb/kept_scan.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <set>

#include "dynamodb/item_line.h"
#include "store/faulty_store.h"
#include "store/memory_store.h"

namespace firn {
namespace {

using ::testing::HasSubstr;

// Items 0 to `items`-1, ten a page; segment s of n holds those that leave s.
class PagedNumbers : public PageSource {
 public:
  explicit PagedNumbers(int64_t items) : items_(items) {}

  Result<ItemPage> Scan(const ScanRequest& request) override {
    if (const int64_t left = allowed--; left <= 0) return Fail(ErrorKind::kUnavailable, "throttled");
    ItemPage page;
    int64_t id = request.start.empty() ? request.segment : IdIn(request.start) + request.segments;
    for (; id < items_ && page.scanned < 10; id += request.segments) {
      ++page.scanned;
      if (id % 7 != 3 || !filtered) page.items.push_back({{"id", AttributeValue::Number(id)}});
      if (id + request.segments < items_) page.last_key = {{"id", AttributeValue::Number(id)}};
    }
    if (id >= items_) page.last_key.clear();
    return page;
  }

  static int64_t IdIn(const Item& item) { return std::stoll(item.at("id").As<AttributeNumber>()->text); }

  std::atomic<int64_t> allowed = 1'000'000;
  bool filtered = false;

 private:
  const int64_t items_;
};

class KeptScanTest : public testing::Test {
 protected:
  static ScanPlan Plan(int segments = 4) {
    ScanPlan plan{.selection = {}, .segments = segments};
    plan.selection.table = "numbers";
    return plan;
  }
  static KeptScanFacts Wanted(const std::string& holder = "jr_1") {
    return {.name = "job", .folder = "", .holder = holder, .table_id = "t", .begun_ns = 5, .expires_ns = 9};
  }
  static Status Run(KeptScan& scan, PagedNumbers& numbers) {
    return scan.Run(numbers, [](int64_t) {}, {});
  }

  // What the pages hold.
  std::vector<int64_t> Ids(KeptScan& scan) {
    auto pages = scan.Pages();
    EXPECT_TRUE(pages) << pages.error().Text();
    std::vector<int64_t> ids;
    for (const ObjectInfo& page : *pages) {
      const Bytes bytes = store_.Read(page).value();
      for (std::string_view rest = bytes.view(); !rest.empty(); rest.remove_prefix(rest.find('\n') + 1))
        ids.push_back(PagedNumbers::IdIn(ParseExportLine(rest.substr(0, rest.find('\n'))).value()));
    }
    std::ranges::sort(ids);
    return ids;
  }
  static std::vector<int64_t> AllTo(int64_t count) {
    std::vector<int64_t> all(static_cast<size_t>(count));
    for (int64_t i = 0; i < count; ++i) all[static_cast<size_t>(i)] = i;
    return all;
  }

  MemoryStore store_;
  SeededRandom random_{1};
  KeptScans scans_{store_, random_};
};

TEST_F(KeptScanTest, KeepsEachItemOnce) {
  PagedNumbers numbers(1'000);
  auto scan = scans_.Begin(Plan(), Wanted()).value();
  ASSERT_TRUE(Run(*scan, numbers));
  EXPECT_EQ(Ids(*scan), AllTo(1'000));
  EXPECT_TRUE(scan->facts().done);
  EXPECT_EQ(scan->facts().items, 1'000);
}

TEST_F(KeptScanTest, GoesOnInAnotherProcess) {
  PagedNumbers numbers(1'000);
  numbers.allowed = 37;
  auto scan = scans_.Begin(Plan(), Wanted()).value();
  EXPECT_EQ(Run(*scan, numbers).error().kind, ErrorKind::kUnavailable);
  scan.reset();
  const auto kept = scans_.List().value();
  ASSERT_EQ(kept.size(), 1u);
  EXPECT_EQ(kept[0].name, "job");
  EXPECT_EQ(kept[0].holder, "jr_1");
  EXPECT_GE(kept[0].items, 340);  // the last page of a segment may be short
  EXPECT_FALSE(kept[0].done);
  scan = scans_.GoOn(Plan(), kept[0], "jr_2").value();
  numbers.allowed = 1'000;
  ASSERT_TRUE(Run(*scan, numbers));
  EXPECT_GT(numbers.allowed, 1'000 - 104 + 37 - 4);  // only the rest was asked for
  EXPECT_EQ(Ids(*scan), AllTo(1'000));
  EXPECT_EQ(scans_.List().value()[0].holder, "jr_2");
}

TEST_F(KeptScanTest, PagesWithoutItemsMoveOn) {
  PagedNumbers numbers(100);
  numbers.filtered = true;
  auto scan = scans_.Begin(Plan(2), Wanted()).value();
  ASSERT_TRUE(Run(*scan, numbers));
  EXPECT_EQ(std::ssize(Ids(*scan)), 86);
  PagedNumbers none(0);
  auto empty = scans_.Begin(Plan(2), Wanted()).value();
  ASSERT_TRUE(Run(*empty, none));
  EXPECT_TRUE(empty->Pages().value().empty());
  EXPECT_TRUE(empty->facts().done);
}

// Whatever operation of the store fails, and then all after it, what is kept goes on to each item once.
TEST_F(KeptScanTest, GoesOnFromEveryCrash) {
  for (int64_t k = 1;; ++k) {
    MemoryStore memory;
    bool failed = false;
    {
      FaultyStore faulty(memory, FailForGood(k, {ErrorKind::kIo, "the machine is gone", ""}));
      KeptScans scans(faulty, random_);
      PagedNumbers numbers(55);
      auto scan = scans.Begin(Plan(2), Wanted());
      failed = !scan || !Run(**scan, numbers);
    }
    KeptScans scans(memory, random_);
    const auto kept = scans.List().value();
    PagedNumbers numbers(55);
    auto scan = kept.empty() ? scans.Begin(Plan(2), Wanted()).value() : scans.GoOn(Plan(2), kept[0], "jr_2").value();
    ASSERT_TRUE(Run(*scan, numbers)) << k;
    int64_t items = 0;
    const auto pages = scan->Pages().value();
    for (const ObjectInfo& page : pages) items += std::ranges::count(memory.Read(page).value().view(), '\n');
    EXPECT_EQ(items, 55) << k;
    if (!failed) break;
    ASSERT_LT(k, 1'000);
  }
}

TEST_F(KeptScanTest, RefusesAnotherPlanAndMissingPages) {
  PagedNumbers numbers(100);
  auto scan = scans_.Begin(Plan(), Wanted()).value();
  ASSERT_TRUE(Run(*scan, numbers));
  const KeptScanFacts facts = scan->facts();
  EXPECT_EQ(scans_.GoOn(Plan(3), facts, "jr_2").error().kind, ErrorKind::kMismatch);
  ASSERT_TRUE(store_.Remove(scan->Pages().value()[1].key));
  const auto lacking = scans_.GoOn(Plan(), facts, "jr_2");
  ASSERT_FALSE(lacking);
  EXPECT_EQ(lacking.error().kind, ErrorKind::kCorrupt);
  EXPECT_THAT(lacking.error().message, HasSubstr("lacks pages"));
}

TEST_F(KeptScanTest, RemovalLeavesNothing) {
  PagedNumbers numbers(100);
  auto scan = scans_.Begin(Plan(), Wanted()).value();
  ASSERT_TRUE(Run(*scan, numbers));
  ASSERT_TRUE(scans_.Remove(scan->facts().folder));
  EXPECT_TRUE(store_.List("").value().empty());
}

TEST_F(KeptScanTest, WhatWasBeingRemovedIsRemoved) {
  PagedNumbers numbers(100);
  auto scan = scans_.Begin(Plan(), Wanted()).value();
  ASSERT_TRUE(Run(*scan, numbers));
  const FolderListing inside = store_.ListFolder(scan->facts().folder).value();
  for (const ObjectInfo& object : inside.objects) ASSERT_TRUE(store_.Remove(object.key));
  EXPECT_TRUE(scans_.List().value().empty());
  EXPECT_TRUE(store_.List("").value().empty());
}

}  // namespace
}  // namespace firn
