#include <gtest/gtest.h>

#include <mutex>
#include <set>

#include "aws/faulty_proxy_test.h"
#include "dynamodb/dynamodb_server_test.h"
#include "dynamodb/kept_scan.h"
#include "dynamodb/table_scanner.h"
#include "store/memory_store.h"

namespace firn {
namespace {

constexpr int64_t kItems = 1'000;

class ScannerOnServers : public testing::TestWithParam<const char*> {
 protected:
  ScannerOnServers() {
    table_.PutMany(kItems);
    selection_.table = table_.name();
  }

  Status Scan(DynamoClient& client, ScanState& state, int threads, std::stop_token stop = {}) {
    WorkerPool pool(threads);
    return TableScanner(client, pool)
        .Scan(
            selection_, state,
            [this](int, const ItemPage& page) -> Status {
              const std::lock_guard lock(mutex_);
              for (const Item& item : page.items) {
                ++taken_;
                seen_.insert(item.at("n").As<AttributeNumber>()->text);
              }
              if (after_page_) after_page_();
              return {};
            },
            std::move(stop), 50);
  }

  const std::string endpoint_ = DynamoEndpointOf(GetParam());
  FaultyProxy proxy_{endpoint_};
  TestDynamo direct_{endpoint_};
  TestDynamo spoiled_{proxy_.endpoint()};
  TestTable table_{direct_.client()};
  Selection selection_;
  std::function<void()> after_page_;
  std::mutex mutex_;
  int64_t taken_ = 0;
  std::set<std::string> seen_;
};
INSTANTIATE_TEST_SUITE_P(Servers, ScannerOnServers, testing::ValuesIn(kDynamoServers),
                         [](const auto& server) { return std::string(server.param); });

TEST_P(ScannerOnServers, GivesEachItemOnce) {
  for (const int segments : {1, 4, 9}) {
    taken_ = 0;
    seen_.clear();
    ScanState state(selection_, segments);
    const Status scanned = Scan(direct_.client(), state, 4);
    ASSERT_TRUE(scanned) << scanned.error().Text();
    EXPECT_EQ(taken_, kItems);
    EXPECT_EQ(std::ssize(seen_), kItems);
  }
}

TEST_P(ScannerOnServers, FiltersAndProjects) {
  selection_.projection = "#n";
  selection_.filter = "#n < :n";
  selection_.placeholders = {{{"#n", "n"}}, {{":n", AttributeValue::Number(100)}}};
  ScanState state(selection_, 3);
  ASSERT_TRUE(Scan(direct_.client(), state, 3));
  EXPECT_EQ(taken_, 100);
}

TEST_P(ScannerOnServers, GoesOnFromItsSavedStateAfterAStop) {
  std::stop_source stop;
  after_page_ = [&, pages = 0]() mutable {
    if (++pages == 5) stop.request_stop();
  };
  ScanState state(selection_, 4);
  EXPECT_EQ(Scan(direct_.client(), state, 4, stop.get_token()).error().kind, ErrorKind::kStopped);
  EXPECT_LT(taken_, kItems);
  after_page_ = nullptr;
  ScanState saved = ScanState::Parse(Json::parse(state.ToJson().dump()), selection_, 4).value();
  ASSERT_TRUE(Scan(direct_.client(), saved, 4));
  EXPECT_EQ(taken_, kItems);
  EXPECT_EQ(std::ssize(seen_), kItems);
}

TEST_P(ScannerOnServers, GivesEachItemOnceThoughEveryThirdRequestFails) {
  proxy_.SetRule([](const std::string&, int64_t before) {
    const Mishap::Deed deeds[] = {Mishap::Deed::kThrottle, Mishap::Deed::kReset, Mishap::Deed::kWrongChecksum,
                                  Mishap::Deed::kShort};
    return before % 3 == 0 ? deeds[before / 3 % 4] : Mishap::Deed::kNone;
  });
  ScanState state(selection_, 4);
  const Status scanned = Scan(spoiled_.client(), state, 4);
  ASSERT_TRUE(scanned) << scanned.error().Text();
  EXPECT_EQ(taken_, kItems);
  EXPECT_EQ(std::ssize(seen_), kItems);
  EXPECT_GE(spoiled_.pauses(), 5);
}

TEST_P(ScannerOnServers, KeepsWhatItHasWhenTheBudgetIsSpent) {
  int64_t allowed = 6;
  proxy_.SetRule([&](const std::string&, int64_t before) {
    return before < allowed ? Mishap::Deed::kNone : Mishap::Deed::kThrottle;
  });
  ScanState state(selection_, 4);
  EXPECT_EQ(Scan(spoiled_.client(), state, 2).error().kind, ErrorKind::kUnavailable);
  EXPECT_LT(taken_, kItems);
  proxy_.SetRule({});
  ASSERT_TRUE(Scan(spoiled_.client(), state, 2));
  EXPECT_EQ(taken_, kItems);
  EXPECT_EQ(std::ssize(seen_), kItems);
}

// Throttled, reset, cut short and spoiled in every way, given up and gone on with: each item is kept once.
TEST_P(ScannerOnServers, AKeptScanGoesOnThroughFaultsAndGivingUp) {
  MemoryStore store;
  SystemRandom random;
  const ScanPlan plan{.selection = selection_, .segments = 4, .page_items = 50};
  const auto run = [&](KeptScan& scan) { return scan.Run(spoiled_.client(), [](int64_t) {}, {}); };
  proxy_.SetRule([](const std::string&, int64_t before) {
    const Mishap::Deed deeds[] = {Mishap::Deed::kThrottle, Mishap::Deed::kReset, Mishap::Deed::kWrongChecksum,
                                  Mishap::Deed::kShort};
    return before >= 12 ? Mishap::Deed::kThrottle : before % 3 == 0 ? deeds[before / 3 % 4] : Mishap::Deed::kNone;
  });
  KeptScans scans(store, random);
  {
    const auto scan = scans.Begin(plan, {.name = "job", .folder = "", .holder = "jr_1", .table_id = ""}).value();
    EXPECT_EQ(run(*scan).error().kind, ErrorKind::kUnavailable);
  }
  proxy_.SetRule({});
  const auto kept = scans.List().value();
  ASSERT_EQ(kept.size(), 1u);
  EXPECT_GT(kept[0].items, 0);
  EXPECT_LT(kept[0].items, kItems);
  const auto scan = scans.GoOn(plan, kept[0], "jr_2").value();
  ASSERT_TRUE(run(*scan));
  EXPECT_EQ(scan->facts().items, kItems);
  std::set<std::string> lines;
  int64_t count = 0;
  const auto pages = scan->Pages().value();
  for (const ObjectInfo& page : pages) {
    const Bytes bytes = store.Read(page).value();
    for (std::string_view rest = bytes.view(); !rest.empty(); rest.remove_prefix(rest.find('\n') + 1)) {
      lines.emplace(rest.substr(0, rest.find('\n')));
      ++count;
    }
  }
  EXPECT_EQ(count, kItems);
  EXPECT_EQ(std::ssize(lines), kItems);
}

}  // namespace
}  // namespace firn
