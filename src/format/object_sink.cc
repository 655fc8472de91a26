#include "format/object_sink.h"

namespace firn {

ObjectSink::ObjectSink(std::unique_ptr<ObjectWriter> writer)
    : writer_(std::move(writer)), thread_([this] { Drain(); }) {}

ObjectSink::~ObjectSink() {
  StopThread();
}

arrow::Status ObjectSink::Write(const void* data, int64_t nbytes) {
  return Write(std::shared_ptr<arrow::Buffer>(
      arrow::Buffer::FromString(std::string(static_cast<const char*>(data), static_cast<size_t>(nbytes)))));
}

arrow::Status ObjectSink::Write(const std::shared_ptr<arrow::Buffer>& buffer) {
  std::unique_lock lock(mutex_);
  changed_.wait(lock, [&] { return queued_bytes_ < kQueueBytes || failure_; });
  if (failure_) return arrow::Status::IOError(failure_->Text());
  queued_bytes_ += buffer->size();
  position_ += buffer->size();
  queue_.push_back(buffer);
  changed_.notify_all();
  return arrow::Status::OK();
}

std::optional<Error> ObjectSink::failure() {
  const std::lock_guard lock(mutex_);
  return failure_;
}

void ObjectSink::Drain() {
  for (;;) {
    std::shared_ptr<arrow::Buffer> buffer;
    {
      std::unique_lock lock(mutex_);
      changed_.wait(lock, [&] { return !queue_.empty() || ended_; });
      if (queue_.empty()) return;
      buffer = std::move(queue_.front());
      queue_.pop_front();
      if (failure_) continue;
    }
    const std::string_view bytes{reinterpret_cast<const char*>(buffer->data()), static_cast<size_t>(buffer->size())};
    hash_.Update(bytes);
    Status written = writer_->Append(bytes);
    const std::lock_guard lock(mutex_);
    queued_bytes_ -= buffer->size();
    if (!written) failure_ = std::move(written.error());
    changed_.notify_all();
  }
}

void ObjectSink::StopThread() {
  {
    const std::lock_guard lock(mutex_);
    ended_ = true;
  }
  changed_.notify_all();
  if (thread_.joinable()) thread_.join();
}

Result<ObjectInfo> ObjectSink::Finish() {
  StopThread();
  if (failure_) return std::unexpected(*failure_);
  return writer_->Finish();
}

}  // namespace firn
