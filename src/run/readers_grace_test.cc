#include "run/readers_grace.h"

#include <gtest/gtest.h>

namespace firn {
namespace {

using std::chrono::milliseconds;
using std::chrono::steady_clock;

TEST(ReadersGrace, WaitsOnceForWhatIsLeftSinceTheExchange) {
  FakeClock clock;
  ReadersGrace grace(clock, std::chrono::hours(1));
  grace.Await({});  // nothing was exchanged
  grace.Begin();
  clock.Advance(std::chrono::hours(1) - milliseconds(5));
  const auto start = steady_clock::now();
  grace.Await({});
  EXPECT_GE(steady_clock::now() - start, milliseconds(5));
  grace.Await({});
}

TEST(ReadersGrace, IsOverWhenItsTimeHasPassed) {
  FakeClock clock;
  ReadersGrace grace(clock, std::chrono::hours(1));
  grace.Begin();
  clock.Advance(std::chrono::hours(1));
  grace.Await({});
  ReadersGrace none(clock, milliseconds(0));
  none.Begin();
  clock.Advance(-std::chrono::hours(1));
  none.Await({});
}

TEST(ReadersGrace, IsCutShortByAStop) {
  FakeClock clock;
  ReadersGrace grace(clock, std::chrono::hours(1));
  grace.Begin();
  std::stop_source stop;
  stop.request_stop();
  grace.Await(stop.get_token());
}

}  // namespace
}  // namespace firn
