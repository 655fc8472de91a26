#include "env/stop_signal.h"

#include <gtest/gtest.h>

#include <csignal>
#include <semaphore>

namespace firn {
namespace {

// Each case ends its process, so it runs in one of its own.
void SignalAndWait(int signal) {
  std::stop_token stop = InstallStopSignals();
  std::binary_semaphore stopped(0);
  std::stop_callback callback(stop, [&] { stopped.release(); });
  raise(signal);
  stopped.acquire();
}

class StopSignalTest : public testing::TestWithParam<int> {
 protected:
  void SetUp() override { GTEST_FLAG_SET(death_test_style, "threadsafe"); }
};

TEST_P(StopSignalTest, TheFirstRequestsAStop) {
  EXPECT_EXIT(
      {
        SignalAndWait(GetParam());
        _exit(InstallStopSignals().stop_requested() ? 7 : 1);
      },
      testing::ExitedWithCode(7), "");
}

TEST_P(StopSignalTest, TheSecondKills) {
  EXPECT_EXIT(
      {
        SignalAndWait(GetParam());
        raise(GetParam());
      },
      testing::KilledBySignal(GetParam()), "");
}

INSTANTIATE_TEST_SUITE_P(Signals, StopSignalTest, testing::Values(SIGINT, SIGTERM),
                         [](const auto& each) { return each.param == SIGINT ? "SIGINT" : "SIGTERM"; });

TEST(StopSignal, NothingIsRequestedWithoutASignal) {
  GTEST_FLAG_SET(death_test_style, "threadsafe");
  EXPECT_EXIT(_exit(InstallStopSignals().stop_requested() ? 1 : 7), testing::ExitedWithCode(7), "");
}

}  // namespace
}  // namespace firn
