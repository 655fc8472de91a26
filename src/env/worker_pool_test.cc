#include "env/worker_pool.h"

#include <gtest/gtest.h>

#include <atomic>
#include <latch>
#include <stdexcept>
#include <string>
#include <vector>

namespace firn {
namespace {

class WorkerPoolTest : public testing::TestWithParam<int> {
 protected:
  WorkerPool pool_{GetParam()};
};

TEST_P(WorkerPoolTest, RunsEveryIndexOnce) {
  std::vector<std::atomic<int>> seen(10'000);
  ASSERT_TRUE(pool_.ParallelFor(std::ssize(seen), [&](int64_t index, int) -> Status {
    ++seen[static_cast<size_t>(index)];
    return {};
  }));
  for (const auto& times : seen) EXPECT_EQ(times.load(), 1);
}

TEST_P(WorkerPoolTest, DoesNothingForNothing) {
  EXPECT_TRUE(pool_.ParallelFor(0, [](int64_t, int) { return Fail(ErrorKind::kInternal, "called"); }));
}

TEST_P(WorkerPoolTest, GivesEachWorkerItsOwnScratch) {
  std::vector<int64_t> sums(static_cast<size_t>(pool_.threads()));  // plain integers: a shared one is a race under tsan
  ASSERT_TRUE(pool_.ParallelFor(5'000, [&](int64_t index, int worker) -> Status {
    sums.at(static_cast<size_t>(worker)) += index;
    return {};
  }));
  int64_t total = 0;
  for (int64_t sum : sums) total += sum;
  EXPECT_EQ(total, 5'000 * 4'999 / 2);
}

TEST_P(WorkerPoolTest, ReturnsTheErrorOfTheLowestIndexWhateverTheThreads) {
  for (int round = 0; round < 50; ++round) {
    Status status = pool_.ParallelFor(1'000, [](int64_t index, int) -> Status {
      if (index % 10 == 7) return Fail(ErrorKind::kCorrupt, std::to_string(index));
      return {};
    });
    ASSERT_FALSE(status);
    EXPECT_EQ(status.error().message, "7");
  }
}

TEST_P(WorkerPoolTest, HandsOutNothingAfterAnError) {
  std::atomic<int64_t> called = 0;
  ASSERT_FALSE(pool_.ParallelFor(1'000'000'000, [&](int64_t, int) {
    ++called;
    return Fail(ErrorKind::kCorrupt, "bad");
  }));
  EXPECT_LE(called.load(), pool_.threads());
}

TEST_P(WorkerPoolTest, StopsOnRequest) {
  std::stop_source source;
  Status status = pool_.ParallelFor(
      1'000'000'000,
      [&](int64_t index, int) -> Status {
        if (index == 5) source.request_stop();
        return {};
      },
      source.get_token());
  ASSERT_FALSE(status);
  EXPECT_EQ(status.error().kind, ErrorKind::kStopped);
}

TEST_P(WorkerPoolTest, AStopThatComesWithTheLastIndexLosesNothing) {
  std::stop_source source;
  EXPECT_TRUE(pool_.ParallelFor(
      10,
      [&](int64_t index, int) -> Status {
        if (index == 9) source.request_stop();
        return {};
      },
      source.get_token()));
}

TEST_P(WorkerPoolTest, TurnsAnExceptionIntoAnError) {
  Status status = pool_.ParallelFor(3, [](int64_t, int) -> Status { throw std::runtime_error("boom"); });
  ASSERT_FALSE(status);
  EXPECT_EQ(status.error().kind, ErrorKind::kInternal);
  EXPECT_EQ(status.error().message, "a task threw: boom");
}

TEST_P(WorkerPoolTest, MayBeCalledFromItsOwnTasks) {
  std::atomic<int64_t> leaves = 0;
  ASSERT_TRUE(pool_.ParallelFor(20, [&](int64_t, int) {
    return pool_.ParallelFor(20, [&](int64_t, int) -> Status {
      ++leaves;
      return {};
    });
  }));
  EXPECT_EQ(leaves.load(), 400);
}

TEST_P(WorkerPoolTest, MayBeCalledFromSeveralThreads) {
  std::atomic<int64_t> done = 0;
  {
    std::vector<std::jthread> callers;
    for (int caller = 0; caller < 4; ++caller) {
      callers.emplace_back([&] {
        for (int round = 0; round < 100; ++round) {
          Status status = pool_.ParallelFor(7, [&](int64_t, int) -> Status {
            ++done;
            return {};
          });
          EXPECT_TRUE(status);
        }
      });
    }
  }
  EXPECT_EQ(done.load(), 4 * 100 * 7);
}

INSTANTIATE_TEST_SUITE_P(Threads, WorkerPoolTest, testing::Values(1, 2, 8), testing::PrintToStringParamName());

TEST(WorkerPool, RunsTasksAtTheSameTime) {
  WorkerPool pool(3);
  std::latch together(3);  // would wait for ever if the three tasks took turns
  EXPECT_TRUE(pool.ParallelFor(3, [&](int64_t, int) -> Status {
    together.arrive_and_wait();
    return {};
  }));
}

TEST(WorkerPool, TakesFewerThanOneThreadAsOne) {
  EXPECT_EQ(WorkerPool(0).threads(), 1);
}

}  // namespace
}  // namespace firn
