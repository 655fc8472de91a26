#pragma once

#include <condition_variable>
#include <cstdint>
#include <functional>
#include <list>
#include <mutex>
#include <stop_token>
#include <thread>
#include <vector>

#include "base/result.h"

namespace firn {

// A fixed set of threads for work that splits by index. Thread-safe: several threads may call ParallelFor at once, and
// a task may call it again, because the caller works too instead of waiting for a free thread.
class WorkerPool {
 public:
  // `threads` counts the caller: 1 runs everything in the calling thread. Fewer than 1 is taken as 1.
  explicit WorkerPool(int threads);
  WorkerPool(const WorkerPool&) = delete;
  WorkerPool& operator=(const WorkerPool&) = delete;
  ~WorkerPool();

  [[nodiscard]] int threads() const { return static_cast<int>(workers_.size()) + 1; }

  using Task = std::function<Status(int64_t index, int worker)>;

  // Runs task(0 .. count-1) and returns when none of them runs any more. Indexes are handed out in order. `worker` is
  // below threads(), and no two tasks of one call run at once with the same worker, so it indexes scratch space. The
  // first error ends the rest: no further index is handed out, and the error with the lowest index is returned. Every
  // index below a failed one was handed out before it, so for tasks that fail by their input alone, the answer does not
  // depend on the number of threads. kStopped when `stop` was requested before the last index was handed out. A task
  // that throws is a kInternal error.
  Status ParallelFor(int64_t count, const Task& task, std::stop_token stop = {});

 private:
  struct Batch;

  void WorkerLoop(int worker);
  void Work(Batch& batch, int worker);

  std::mutex mutex_;  // guards the rest
  std::condition_variable wake_;
  std::condition_variable left_;
  std::list<Batch*> batches_;  // those that still have indexes to hand out
  bool closing_ = false;

  std::vector<std::jthread> workers_;  // last: joined before the above goes
};

}  // namespace firn
