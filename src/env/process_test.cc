#include "env/process.h"

#include <gtest/gtest.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

namespace firn {
namespace {

TEST(Process, KnowsItself) {
  EXPECT_EQ(ProcessId(), getpid());
  EXPECT_GT(ProcessStartTime(ProcessId()), 0);
  EXPECT_EQ(ProcessStartTime(ProcessId()), ProcessStartTime(ProcessId()));
}

TEST(Process, ReadsTheStartOfAProcessWithAnyName) {
  int64_t start = ProcessStartTime(ProcessId());
  char saved[16];
  prctl(PR_GET_NAME, saved);
  prctl(PR_SET_NAME, "a) Z 1 (b");
  EXPECT_EQ(ProcessStartTime(ProcessId()), start);
  prctl(PR_SET_NAME, saved);
}

TEST(Process, HasNoStartWhenThereIsNone) {
  EXPECT_EQ(ProcessStartTime(0), 0);
  EXPECT_EQ(ProcessStartTime(-1), 0);
  EXPECT_EQ(ProcessStartTime(int64_t{1} << 40), 0);
}

TEST(Process, HasNoStartWhenItIsDeadAndNotCollected) {
  pid_t child = fork();
  ASSERT_GE(child, 0);
  if (child == 0) _exit(0);
  siginfo_t info{};
  ASSERT_EQ(waitid(P_PID, child, &info, WEXITED | WNOWAIT), 0);
  EXPECT_EQ(ProcessStartTime(child), 0);
  EXPECT_EQ(waitpid(child, nullptr, 0), child);
}

}  // namespace
}  // namespace firn
