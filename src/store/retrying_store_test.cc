#include "store/retrying_store.h"

#include <gtest/gtest.h>

#include <vector>

#include "store/conformance_test.h"
#include "store/faulty_store.h"
#include "store/memory_store.h"

namespace firn {
namespace {

using std::chrono::milliseconds;
using std::chrono::nanoseconds;

const Error kBusy{ErrorKind::kUnavailable, "played: SlowDown", "played: later"};

FaultRule FailTimes(StoreOperation operation, int times, bool torn = false) {
  return [operation, left = times, torn](const StoreCall& call, int64_t) mutable -> std::optional<Fault> {
    if (call.operation != operation || left == 0) return std::nullopt;
    --left;
    return Fault{kBusy, torn};
  };
}

// Time passes in pauses only.
class RetryingStoreTest : public testing::Test {
 protected:
  RetryingStoreTest()
      : store_(faulty_, {milliseconds(1000), milliseconds(100), milliseconds(400)}, clock_, random_,
               [this](nanoseconds pause) {
                 pauses_.push_back(pause);
                 clock_.Advance(pause);
                 return !stopped_;
               }) {}

  MemoryStore memory_;
  FaultyStore faulty_{memory_, NoFault()};
  FakeClock clock_;
  SeededRandom random_{7};
  std::vector<nanoseconds> pauses_;
  bool stopped_ = false;
  RetryingStore store_;
};

TEST_F(RetryingStoreTest, AsksAgainUntilTheServerAnswers) {
  const ObjectInfo object = Put(memory_, "a/b", "bytes").value();
  for (const StoreOperation operation :
       {StoreOperation::kList, StoreOperation::kListFolder, StoreOperation::kStat, StoreOperation::kRead,
        StoreOperation::kReadRange, StoreOperation::kCheckReplaceable, StoreOperation::kCreate}) {
    SCOPED_TRACE(NameOf(operation));
    faulty_.SetRule(FailTimes(operation, 3));
    EXPECT_EQ(store_.List("").value().size(), 1U);
    EXPECT_EQ(store_.ListFolder("a")->objects.size(), 1U);
    EXPECT_EQ(store_.Stat("a/b").value(), object);
    EXPECT_EQ(store_.Read(object)->view(), "bytes");
    EXPECT_EQ(store_.ReadRange(object, 1, 2)->view(), "yt");
    EXPECT_TRUE(store_.CheckReplaceable("c"));
    EXPECT_TRUE(store_.Create("d"));
  }
  EXPECT_EQ(pauses_.size(), 7 * 3U);
}

TEST_F(RetryingStoreTest, RepeatsRemovalsOfWhichAPartWasDone) {
  ASSERT_TRUE(Put(memory_, "a/b"));
  ASSERT_TRUE(Put(memory_, "a/c"));
  faulty_.SetRule(FailTimes(StoreOperation::kRemovePrefix, 2, true));
  EXPECT_TRUE(store_.RemovePrefix("a"));
  ASSERT_TRUE(Put(memory_, "x"));
  faulty_.SetRule(FailTimes(StoreOperation::kRemove, 1, true));
  EXPECT_TRUE(store_.Remove("x"));
  EXPECT_TRUE(memory_.List("")->empty());
}

TEST_F(RetryingStoreTest, GivesUpWithinItsBudgetAndSaysHowOftenItTried) {
  faulty_.SetRule(FailForGood(1, kBusy));
  const auto stat = store_.Stat("a");
  EXPECT_LE(clock_.NowNs(), nanoseconds(milliseconds(1000)).count());
  EXPECT_EQ(stat.error().kind, ErrorKind::kUnavailable);
  EXPECT_EQ(stat.error().hint, "played: later");
  EXPECT_EQ(stat.error().message.find("played: SlowDown (tried " + std::to_string(faulty_.calls()) + " times in "), 0U)
      << stat.error().message;
}

TEST_F(RetryingStoreTest, OtherErrorsAreFinal) {
  for (const ErrorKind kind : {ErrorKind::kNotFound, ErrorKind::kPermission, ErrorKind::kMismatch, ErrorKind::kIo,
                               ErrorKind::kUnknownOutcome, ErrorKind::kTimeout}) {
    faulty_.SetRule(FailForGood(1, Error{kind, "played", ""}));
    EXPECT_EQ(store_.Stat("a").error().message, "played");
  }
  EXPECT_TRUE(pauses_.empty());
}

TEST_F(RetryingStoreTest, StopsWhenAsked) {
  stopped_ = true;
  faulty_.SetRule(FailForGood(1, kBusy));
  EXPECT_EQ(KindOf(store_.Stat("a")), ErrorKind::kUnavailable);
  EXPECT_EQ(faulty_.calls(), 1);
}

TEST_F(RetryingStoreTest, ALinkWhoseAnswerWasLostIsItsOwn) {
  // MemoryStore gives each link its source's version, as a copy has its source's ETag.
  ASSERT_TRUE(Put(memory_, "a", "bytes"));
  faulty_.SetRule(FailTimes(StoreOperation::kLink, 1, true));
  EXPECT_TRUE(store_.Link("a", "b"));
  EXPECT_EQ(KindOf(store_.Link("a", "b")), ErrorKind::kAlreadyExists);
}

TEST_F(RetryingStoreTest, ALinkToWhatSomebodyElseWroteIsRefusedAllTheSame) {
  ASSERT_TRUE(Put(memory_, "a", "bytes"));
  ASSERT_TRUE(Put(memory_, "b", "other"));
  faulty_.SetRule(FailTimes(StoreOperation::kLink, 1));
  EXPECT_EQ(KindOf(store_.Link("a", "b")), ErrorKind::kAlreadyExists);
}

TEST_F(RetryingStoreTest, AnExchangeIsDoneOnceOrNot) {
  ASSERT_TRUE(Put(memory_, "a/x"));
  faulty_.SetRule(FailTimes(StoreOperation::kExchangeFolders, 1, true));
  EXPECT_EQ(KindOf(store_.ExchangeFolders("a", "b")), ErrorKind::kUnavailable);
  EXPECT_TRUE(memory_.Stat("b/x"));
}

TEST_F(RetryingStoreTest, AWriterThatDoesNotResumeIsNotTriedAgain) {
  faulty_.SetRule(FailTimes(StoreOperation::kFinish, 1, true));
  EXPECT_EQ(KindOf(Put(store_, "a")), ErrorKind::kUnavailable);
  EXPECT_TRUE(pauses_.empty());
}

}  // namespace
}  // namespace firn
