#include "env/broken_pipe.h"

#include <gtest/gtest.h>
#include <unistd.h>

#include <cerrno>

namespace firn {
namespace {

TEST(BrokenPipeBlock, AWriteThatNobodyReadsIsAnErrorAndTheMaskIsAsItWas) {
  int ends[2];
  ASSERT_EQ(pipe(ends), 0);
  close(ends[0]);
  {
    const BrokenPipeBlock block;
    EXPECT_EQ(write(ends[1], "x", 1), -1);
    EXPECT_EQ(errno, EPIPE);
  }
  close(ends[1]);
  sigset_t now;
  ASSERT_EQ(pthread_sigmask(SIG_SETMASK, nullptr, &now), 0);
  EXPECT_EQ(sigismember(&now, SIGPIPE), 0);
  EXPECT_EQ(sigpending(&now), 0);
  EXPECT_EQ(sigismember(&now, SIGPIPE), 0);
}

}  // namespace
}  // namespace firn
