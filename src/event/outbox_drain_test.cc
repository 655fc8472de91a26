#include "event/outbox_drain.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>

#include "env/file_size_limit_test.h"
#include "event/log_sink.h"

namespace firn {
namespace {

// Refuses the keys that it is told to.
class PickySink : public EventSink {
 public:
  Status Deliver(const EventRecord& event) override {
    if (event.key == refused) return Fail(ErrorKind::kUnavailable, "the broker does not answer");
    delivered.push_back(event.payload["n"].get<int>());
    return {};
  }
  std::string refused;
  std::vector<int> delivered;
};

class OutboxDrainTest : public ::testing::Test {
 protected:
  void SetUp() override {
    std::filesystem::remove_all(folder_);
    std::filesystem::create_directories(folder_);
    catalog_ = Catalog::Open(folder_ + "/catalog.db").value();
  }
  void TearDown() override { std::filesystem::remove_all(folder_); }

  void Publish(const std::string& key, int n) {
    Commit commit;
    commit.run = {
        .id = RunId("jr_" + std::to_string(n)), .job = JobName("job"), .state = RunState::kRunning, .started_ns = 1};
    ASSERT_TRUE(catalog_->PutTable({.name = TableName("t"), .location = "t", .format = "parquet"}));
    ASSERT_TRUE(catalog_->CreateRun(commit.run));
    commit.run.state = RunState::kSucceeded;
    commit.snapshot = {.id = SnapshotId("s" + std::to_string(n)), .table = TableName("t"), .run = commit.run.id};
    commit.events = {
        {.run = commit.run.id, .type = "done", .topic = "topic", .key = key, .payload = {{"n", n}}, .created_ns = 1}};
    const Status applied = catalog_->Apply(commit);
    ASSERT_TRUE(applied) << applied.error().Text();
    ASSERT_TRUE(catalog_->MarkSettled(commit.snapshot.id));
  }

  std::vector<std::string> Lines() const {
    std::ifstream file(folder_ + "/events.jsonl");
    std::vector<std::string> lines;
    for (std::string line; std::getline(file, line);) lines.push_back(line);
    return lines;
  }
  static ErrorKind KindOf(const Status& status) { return status ? ErrorKind::kInternal : status.error().kind; }

  const std::string folder_ = ::testing::TempDir() + "outbox_drain_test." + std::to_string(getpid());
  std::unique_ptr<Catalog> catalog_;
  FakeClock clock_;
};

TEST_F(OutboxDrainTest, DeliversInOrderAndOnce) {
  Publish("a", 1);
  Publish("b", 2);
  PickySink sink;
  EXPECT_EQ(DrainOutbox(*catalog_, sink, clock_)->delivered, 2);
  EXPECT_EQ(DrainOutbox(*catalog_, sink, clock_)->delivered, 0);
  EXPECT_THAT(sink.delivered, ::testing::ElementsAre(1, 2));
}

TEST_F(OutboxDrainTest, AnEventThatCannotBeDeliveredHoldsUpItsKeyOnly) {
  Publish("a", 1);
  Publish("b", 2);
  Publish("a", 3);
  PickySink sink;
  sink.refused = "a";
  const auto first = DrainOutbox(*catalog_, sink, clock_);
  EXPECT_EQ(first->delivered, 1);
  EXPECT_EQ(first->failed, 1);
  EXPECT_THAT(catalog_->ListEvents(0, 10).value()[0].last_error, ::testing::HasSubstr("does not answer"));
  sink.refused.clear();
  EXPECT_EQ(DrainOutbox(*catalog_, sink, clock_)->delivered, 2);
  EXPECT_THAT(sink.delivered, ::testing::ElementsAre(2, 1, 3));
}

TEST_F(OutboxDrainTest, GivesUpAfterTheLastAttempt) {
  Publish("a", 1);
  PickySink sink;
  sink.refused = "a";
  for (int i = 0; i < kMaxDeliveryAttempts; ++i) EXPECT_EQ(DrainOutbox(*catalog_, sink, clock_)->failed, 1);
  EXPECT_EQ(DrainOutbox(*catalog_, sink, clock_)->failed, 0);
  EXPECT_EQ(catalog_->ListEvents(0, 10).value()[0].state, EventState::kFailed);
}

TEST_F(OutboxDrainTest, TheLogSinkWritesOneJsonLineAnEvent) {
  Publish("a", 1);
  Publish("b", 2);
  LogSink sink(folder_ + "/events.jsonl");
  ASSERT_EQ(DrainOutbox(*catalog_, sink, clock_)->delivered, 2);
  std::ifstream file(folder_ + "/events.jsonl");
  std::string line;
  std::vector<int> numbers;
  while (std::getline(file, line)) numbers.push_back(Json::parse(line)["payload"]["n"].get<int>());
  EXPECT_THAT(numbers, ::testing::ElementsAre(1, 2));
}

TEST_F(OutboxDrainTest, ALineThatWasCutIsRemovedBeforeTheNext) {
  std::ofstream(folder_ + "/events.jsonl") << "{}\n{\"event_id\": 7, \"padding\": \"" << std::string(200'000, 'x');
  Publish("a", 1);
  LogSink sink(folder_ + "/events.jsonl");
  ASSERT_EQ(DrainOutbox(*catalog_, sink, clock_)->delivered, 1);
  ASSERT_EQ(Lines().size(), 2U);
  EXPECT_EQ(Lines()[0], "{}");
  EXPECT_EQ(Json::parse(Lines()[1])["payload"]["n"], 1);
}

TEST_F(OutboxDrainTest, AnEventThatIsWrittenInPartIsTakenBackAndTriedAgain) {
  Publish("a", 1);
  std::ofstream(folder_ + "/events.jsonl") << "{}\n";
  LogSink sink(folder_ + "/events.jsonl");
  {
    const FileSizeLimit limit(20);
    EXPECT_EQ(KindOf(sink.Deliver(catalog_->PendingEvents(1).value()[0])), ErrorKind::kNoSpace);
  }
  EXPECT_EQ(std::filesystem::file_size(folder_ + "/events.jsonl"), 3U);
  EXPECT_EQ(DrainOutbox(*catalog_, sink, clock_)->delivered, 1);
  ASSERT_EQ(Lines().size(), 2U);
  EXPECT_EQ(Json::parse(Lines()[1])["payload"]["n"], 1);
}

TEST_F(OutboxDrainTest, ASinkThatCannotWriteLeavesTheEventPending) {
  Publish("a", 1);
  LogSink sink(folder_ + "/no/such/folder/events.jsonl");
  EXPECT_EQ(DrainOutbox(*catalog_, sink, clock_)->failed, 1);
  EXPECT_EQ(catalog_->PendingEvents(10)->size(), 1U);
}

}  // namespace
}  // namespace firn
