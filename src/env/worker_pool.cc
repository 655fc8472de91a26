#include "env/worker_pool.h"

#include <algorithm>
#include <atomic>
#include <exception>
#include <limits>
#include <optional>
#include <utility>

namespace firn {

struct WorkerPool::Batch {
  int64_t count = 0;
  const Task* task = nullptr;
  std::stop_token stop;

  std::atomic<int64_t> next{0};
  std::atomic<bool> ended{false};  // an error or a stop: hand out no more

  // Guarded by the pool's mutex.
  int inside = 0;  // pool threads in Work(); the caller must not leave before them
  int64_t failed_index = std::numeric_limits<int64_t>::max();
  std::optional<Error> error;
  bool stopped = false;
};

namespace {

Status RunTask(const WorkerPool::Task& task, int64_t index, int worker) {
  try {
    return task(index, worker);
  } catch (const std::exception& thrown) {
    return Fail(ErrorKind::kInternal, std::string("a task threw: ") + thrown.what());
  } catch (...) {
    return Fail(ErrorKind::kInternal, "a task threw something unknown");
  }
}

}  // namespace

WorkerPool::WorkerPool(int threads) {
  for (int worker = 1; worker < threads; ++worker) {
    workers_.emplace_back([this, worker] { WorkerLoop(worker); });
  }
}

WorkerPool::~WorkerPool() {
  {
    std::lock_guard lock(mutex_);
    closing_ = true;
  }
  wake_.notify_all();
}

Status WorkerPool::ParallelFor(int64_t count, const Task& task, std::stop_token stop) {
  Batch batch;
  batch.count = count;
  batch.task = &task;
  batch.stop = std::move(stop);
  if (count > 1 && !workers_.empty()) {
    std::lock_guard lock(mutex_);
    batches_.push_back(&batch);
    wake_.notify_all();
  }
  Work(batch, 0);
  std::unique_lock lock(mutex_);
  batches_.remove(&batch);
  left_.wait(lock, [&batch] { return batch.inside == 0; });
  if (batch.error) return std::unexpected(std::move(*batch.error));
  if (batch.stopped) return Fail(ErrorKind::kStopped, "stopped on request");
  return {};
}

void WorkerPool::WorkerLoop(int worker) {
  std::unique_lock lock(mutex_);
  while (true) {
    wake_.wait(lock, [this] { return closing_ || !batches_.empty(); });
    if (closing_) return;
    Batch& batch = *batches_.front();
    ++batch.inside;
    lock.unlock();
    Work(batch, worker);
    lock.lock();
    batches_.remove(&batch);  // Work only returns when there is nothing left to hand out
    if (--batch.inside == 0) left_.notify_all();
  }
}

void WorkerPool::Work(Batch& batch, int worker) {
  while (!batch.ended.load()) {
    if (batch.stop.stop_requested()) {
      std::lock_guard lock(mutex_);
      // Only a stop that left something undone is one: a batch that was handed out whole has its answer.
      batch.stopped = batch.stopped || batch.next.load() < batch.count;
      batch.ended = true;
      return;
    }
    int64_t index = batch.next.fetch_add(1);
    if (index >= batch.count) return;
    Status status = RunTask(*batch.task, index, worker);
    if (status.has_value()) continue;
    std::lock_guard lock(mutex_);
    batch.ended = true;
    if (index >= batch.failed_index) return;
    batch.failed_index = index;
    batch.error = std::move(status.error());
    return;
  }
}

}  // namespace firn
