#pragma once

#include <arrow/buffer.h>
#include <arrow/io/interfaces.h>

#include <condition_variable>
#include <deque>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <thread>

#include "base/hash.h"
#include "store/object_store.h"

namespace firn {

// Arrow's view of an ObjectWriter. A thread of its own checksums the bytes and hands them to the writer, so that
// encoding does not wait for the disk. At most kQueueBytes wait; Write then blocks. Used by one thread; the first
// failure of the writer is kept and ends everything after it.
class ObjectSink : public arrow::io::OutputStream {
 public:
  explicit ObjectSink(std::unique_ptr<ObjectWriter> writer);
  ~ObjectSink() override;

  arrow::Status Write(const void* data, int64_t nbytes) override;
  arrow::Status Write(const std::shared_ptr<arrow::Buffer>& buffer) override;
  arrow::Result<int64_t> Tell() const override { return position_; }
  arrow::Status Close() override { return arrow::Status::OK(); }
  [[nodiscard]] bool closed() const override { return false; }

  // The first failure, with its kind.
  std::optional<Error> failure();
  // Waits until everything is written, then makes the object visible.
  Result<ObjectInfo> Finish();
  [[nodiscard]] std::string Checksum() const { return ToHex(hash_.Digest()); }

 private:
  static constexpr int64_t kQueueBytes = 32 << 20;
  void Drain();
  void StopThread();

  std::unique_ptr<ObjectWriter> writer_;  // the thread's while it runs
  RunningHash hash_;                      // the thread's while it runs
  int64_t position_ = 0;

  std::mutex mutex_;
  std::condition_variable changed_;
  std::deque<std::shared_ptr<arrow::Buffer>> queue_;  // guarded by mutex_
  int64_t queued_bytes_ = 0;                          // guarded by mutex_
  bool ended_ = false;                                // guarded by mutex_
  std::optional<Error> failure_;                      // guarded by mutex_
  std::jthread thread_;
};

}  // namespace firn
