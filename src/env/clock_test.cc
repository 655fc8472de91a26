#include "env/clock.h"

#include <gtest/gtest.h>

namespace firn {
namespace {

TEST(FakeClock, StandsStillUntilMoved) {
  FakeClock clock(100);
  EXPECT_EQ(clock.NowNs(), 100);
  EXPECT_EQ(clock.NowNs(), 100);
  clock.Advance(std::chrono::seconds(2));
  EXPECT_EQ(clock.NowNs(), 2'000'000'100);
  clock.Set(7);
  EXPECT_EQ(clock.NowNs(), 7);
}

TEST(SystemClock, CountsNanosecondsSinceTheEpoch) {
  constexpr int64_t kYear2025 = 1'735'689'600'000'000'000;
  constexpr int64_t kYear2100 = 4'102'444'800'000'000'000;
  EXPECT_GT(SystemClock().NowNs(), kYear2025);
  EXPECT_LT(SystemClock().NowNs(), kYear2100);
}

}  // namespace
}  // namespace firn
