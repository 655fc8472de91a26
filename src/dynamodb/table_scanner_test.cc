#include "dynamodb/table_scanner.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <atomic>
#include <map>
#include <mutex>
#include <set>
#include <vector>

namespace firn {
namespace {

// A table of numbers: segment s of n holds those that leave s, in order.
class PlayedTable : public PageSource {
 public:
  explicit PlayedTable(int64_t items) : items_(items) {}

  Result<ItemPage> Scan(const ScanRequest& request) override {
    ++requests;
    if (before) {
      Status allowed = before(request);
      if (!allowed) return std::unexpected(std::move(allowed.error()));
    }
    ItemPage page;
    int64_t id = request.start.empty() ? request.segment : IdOf(request.start) + request.segments;
    const int64_t limit = request.limit == 0 ? 10 : request.limit;
    for (; id < items_ && page.scanned < limit; id += request.segments) {
      ++page.scanned;
      page.items.push_back({{"id", AttributeValue::Number(id)}});
    }
    if (id < items_) page.last_key = page.items.back();
    return page;
  }

  static int64_t IdOf(const Item& item) { return std::stoll(item.at("id").As<AttributeNumber>()->text); }

  std::atomic<int> requests = 0;
  std::function<Status(const ScanRequest&)> before;

 private:
  const int64_t items_;
};

// What came, segment by segment, in the order in which it came.
class Taken {
 public:
  PageTaker taker() {
    return [this](int segment, const ItemPage& page) -> Status {
      const std::lock_guard lock(mutex_);
      for (const Item& item : page.items) ids_[segment].push_back(PlayedTable::IdOf(item));
      return then ? then() : Status();
    };
  }
  std::vector<int64_t> Sorted() {
    std::vector<int64_t> all;
    for (const auto& [segment, ids] : ids_) {
      EXPECT_TRUE(std::ranges::is_sorted(ids)) << segment;
      all.insert(all.end(), ids.begin(), ids.end());
    }
    std::ranges::sort(all);
    return all;
  }
  std::function<Status()> then;

 private:
  std::mutex mutex_;
  std::map<int, std::vector<int64_t>> ids_;
};

std::vector<int64_t> UpTo(int64_t count) {
  std::vector<int64_t> all(static_cast<size_t>(count));
  for (int64_t i = 0; i < count; ++i) all[static_cast<size_t>(i)] = i;
  return all;
}

Selection Numbers() {
  Selection selection;
  selection.table = "numbers";
  return selection;
}

TEST(TableScanner, GivesEachItemOnceWhateverTheSegmentsAndThreads) {
  for (const int segments : {1, 3, 8}) {
    for (const int threads : {1, 2, 8}) {
      PlayedTable table(105);
      WorkerPool pool(threads);
      ScanState state(Numbers(), segments);
      Taken taken;
      ASSERT_TRUE(TableScanner(table, pool).Scan(Numbers(), state, taken.taker()));
      EXPECT_EQ(taken.Sorted(), UpTo(105));
      EXPECT_TRUE(state.done());
    }
  }
}

TEST(TableScanner, HasNothingToAskWhenTheStateIsDone) {
  PlayedTable table(5);
  WorkerPool pool(2);
  ScanState state(Numbers(), 2);
  ASSERT_TRUE(TableScanner(table, pool).Scan(Numbers(), state, Taken().taker()));
  table.requests = 0;
  EXPECT_TRUE(TableScanner(table, pool).Scan(Numbers(), state, Taken().taker()));
  EXPECT_EQ(table.requests, 0);
}

TEST(TableScanner, GoesOnAfterAStopAtAnyPageWithoutGapOrRepetition) {
  for (int pages = 0; pages < 12; ++pages) {
    PlayedTable table(100);
    WorkerPool pool(3);
    std::stop_source stop;
    Taken taken;
    ScanState state(Numbers(), 4);
    taken.then = [&, left = pages]() mutable -> Status {
      if (--left <= 0) stop.request_stop();
      return {};
    };
    const Status first = TableScanner(table, pool).Scan(Numbers(), state, taken.taker(), stop.get_token());
    if (!state.done()) {
      ASSERT_FALSE(first);
      EXPECT_EQ(first.error().kind, ErrorKind::kStopped);
    }
    taken.then = nullptr;
    ScanState saved = ScanState::Parse(Json::parse(state.ToJson().dump()), Numbers(), 4).value();
    ASSERT_TRUE(TableScanner(table, pool).Scan(Numbers(), saved, taken.taker()));
    EXPECT_EQ(taken.Sorted(), UpTo(100));
  }
}

TEST(TableScanner, APageThatWasNotTakenComesAgain) {
  PlayedTable table(50);
  WorkerPool pool(2);
  ScanState state(Numbers(), 2);
  Taken taken;
  int refused = 0;
  const auto refusing = [&](int segment, ItemPage page) -> Status {
    if (segment == 1 && refused++ == 0) return Fail(ErrorKind::kNoSpace, "the disk is full");
    return taken.taker()(segment, std::move(page));
  };
  const Status first = TableScanner(table, pool).Scan(Numbers(), state, refusing);
  ASSERT_FALSE(first);
  EXPECT_EQ(first.error().message, "the disk is full");
  EXPECT_EQ(state.NextStart(1), Item());
  ASSERT_TRUE(TableScanner(table, pool).Scan(Numbers(), state, refusing));
  EXPECT_EQ(taken.Sorted(), UpTo(50));
}

TEST(TableScanner, TheFirstFailureEndsAllSegmentsAndIsTheAnswer) {
  PlayedTable table(1'000'000'000);
  table.before = [&](const ScanRequest& request) -> Status {
    if (request.segment == 1 && !request.start.empty()) return Fail(ErrorKind::kUnavailable, "throttled");
    return {};
  };
  WorkerPool pool(4);
  ScanState state(Numbers(), 4);
  const Status scanned =
      TableScanner(table, pool).Scan(Numbers(), state, [](int, const ItemPage&) { return Status(); });
  ASSERT_FALSE(scanned);
  EXPECT_EQ(scanned.error().message, "throttled");
}

TEST(TableScanner, AStopDuringAFailingRequestIsAStop) {
  PlayedTable table(10);
  std::stop_source stop;
  table.before = [&](const ScanRequest&) -> Status {
    stop.request_stop();
    return Fail(ErrorKind::kUnavailable, "throttled");
  };
  WorkerPool pool(1);
  ScanState state(Numbers(), 1);
  const Status scanned = TableScanner(table, pool).Scan(Numbers(), state, Taken().taker(), stop.get_token());
  EXPECT_EQ(scanned.error().kind, ErrorKind::kStopped);
}

TEST(TableScanner, RefusesAStateOfAnotherScan) {
  PlayedTable table(10);
  WorkerPool pool(1);
  ScanState state(Numbers(), 1);
  Selection other;
  other.table = "people";
  EXPECT_EQ(TableScanner(table, pool).Scan(other, state, Taken().taker()).error().kind, ErrorKind::kMismatch);
  EXPECT_EQ(table.requests, 0);
}

TEST(TableScanner, HoldsOnePageAThread) {
  PlayedTable table(2'000);
  std::atomic<int> held = 0;
  std::atomic<int> most = 0;
  table.before = [&](const ScanRequest&) -> Status {
    const int now = ++held;
    int seen = most.load();
    while (now > seen && !most.compare_exchange_weak(seen, now)) {
    }
    return {};
  };
  WorkerPool pool(3);
  ScanState state(Numbers(), 16);
  ASSERT_TRUE(TableScanner(table, pool).Scan(Numbers(), state, [&](int, const ItemPage&) -> Status {
    --held;
    return {};
  }));
  EXPECT_LE(most, 3);
}

}  // namespace
}  // namespace firn
