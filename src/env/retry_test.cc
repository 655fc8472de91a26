#include "env/retry.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <thread>
#include <vector>

namespace firn {
namespace {

using std::chrono::milliseconds;
using std::chrono::nanoseconds;

constexpr RetryPolicy kPolicy = {.budget = milliseconds(1000),
                                 .first_pause = milliseconds(100),
                                 .longest_pause = milliseconds(400),
                                 .max_tries = 50};

// Time passes in pauses only.
class RetriesTest : public testing::Test {
 protected:
  explicit RetriesTest(RetryPolicy policy = kPolicy)
      : retries_(policy, clock_, random_, [this](nanoseconds pause) {
          pauses_.push_back(pause);
          clock_.Advance(pause);
          return !stopped_;
        }) {}

  // An operation that fails so often before it succeeds.
  Status FailTimes(int times) {
    return retries_.Repeat([&]() -> Status {
      ++tries_;
      if (times-- > 0) return Fail(ErrorKind::kUnavailable, "busy", "later");
      return {};
    });
  }

  FakeClock clock_;
  SeededRandom random_{7};
  std::vector<nanoseconds> pauses_;
  bool stopped_ = false;
  int tries_ = 0;
  Retries retries_;
};

TEST_F(RetriesTest, PausesAreOfAnyLengthUpToOneThatDoublesUpToTheLongest) {
  std::vector<nanoseconds> longest(4);
  std::vector<nanoseconds> shortest(4, milliseconds(400));
  for (int round = 0; round < 500; ++round) {
    pauses_.clear();
    ASSERT_TRUE(FailTimes(3) || true);
    for (size_t i = 0; i < pauses_.size(); ++i) {
      longest[i] = std::max(longest[i], pauses_[i]);
      shortest[i] = std::min(shortest[i], pauses_[i]);
    }
  }
  const std::vector<milliseconds> most = {milliseconds(100), milliseconds(200), milliseconds(400)};
  for (size_t i = 0; i < most.size(); ++i) {
    EXPECT_LE(longest[i], most[i]) << i;
    EXPECT_GE(longest[i], most[i] * 9 / 10) << i;
    EXPECT_LE(shortest[i], most[i] / 10) << i;
  }
}

TEST_F(RetriesTest, EndsWithinTheBudgetAndSaysHowOftenItTried) {
  const Status status = FailTimes(1'000);
  EXPECT_LE(clock_.NowNs(), nanoseconds(milliseconds(1000)).count());
  ASSERT_FALSE(status);
  EXPECT_EQ(status.error().kind, ErrorKind::kUnavailable);
  EXPECT_EQ(status.error().hint, "later");
  EXPECT_EQ(status.error().message.find("busy (tried " + std::to_string(tries_) + " times in "), 0U)
      << status.error().message;
}

TEST_F(RetriesTest, ATryThatTakesTheWholeBudgetIsTheLast) {
  const Status status = retries_.Repeat([&]() -> Status {
    clock_.Advance(milliseconds(1001));
    return Fail(ErrorKind::kUnavailable, "busy");
  });
  EXPECT_EQ(status.error().message, "busy");
  EXPECT_TRUE(pauses_.empty());
}

TEST_F(RetriesTest, AClockThatIsSetBackDoesNotMakeItTryForever) {
  const Status status = retries_.Repeat([&]() -> Status {
    ++tries_;
    clock_.Set(0);
    return Fail(ErrorKind::kUnavailable, "busy");
  });
  EXPECT_FALSE(status);
  EXPECT_LT(tries_, 20);
}

TEST_F(RetriesTest, WaitsAsLongAsTheServerAskedOrNotAtAll) {
  Retries::Operation operation = retries_.Begin();
  Error busy{ErrorKind::kUnavailable, "busy", ""};
  EXPECT_TRUE(operation.Again(busy, milliseconds(700)));
  EXPECT_EQ(pauses_, std::vector<nanoseconds>{milliseconds(700)});
  EXPECT_FALSE(operation.Again(busy, milliseconds(700)));  // not within the budget
  EXPECT_EQ(pauses_.size(), 1U);
}

TEST_F(RetriesTest, OtherErrorsAreFinal) {
  for (const ErrorKind kind : {ErrorKind::kNotFound, ErrorKind::kConflict, ErrorKind::kUnknownOutcome}) {
    Error error{kind, "played", ""};
    EXPECT_FALSE(retries_.Begin().Again(error));
    EXPECT_EQ(error.message, "played");
  }
}

TEST_F(RetriesTest, StopsWhenAsked) {
  stopped_ = true;
  EXPECT_FALSE(FailTimes(1));
  EXPECT_EQ(tries_, 1);
}

class FewTries : public RetriesTest {
 protected:
  FewTries() : RetriesTest({.budget = std::chrono::hours(1), .max_tries = 3}) {}
};

TEST_F(FewTries, CountAlsoAgainstTheBudget) {
  EXPECT_FALSE(FailTimes(3));
  EXPECT_EQ(tries_, 3);
  EXPECT_TRUE(FailTimes(2));
}

TEST(PauseUnlessStopped, EndsAtOnceWhenItIsStopped) {
  std::stop_source source;
  std::jthread stopper([&] { source.request_stop(); });
  EXPECT_FALSE(PauseUnlessStopped(source.get_token())(std::chrono::hours(1)));
  EXPECT_TRUE(PauseUnlessStopped({})(nanoseconds(1)));
}

}  // namespace
}  // namespace firn
