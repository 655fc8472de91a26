#include "format/parquet_file.h"

#include <arrow/io/memory.h>

#include <cstring>
#include <mutex>
#include <optional>

#include "format/bytes_buffer.h"
#include "format/parquet_guard.h"

namespace firn {
namespace {

arrow::Status ToArrow(const Error& error) {
  return arrow::Status::IOError(error.Text());
}

// Ranges of an object, always of the same version. Thread-safe: it holds no position that matters to ReadAt.
class ObjectFile : public arrow::io::RandomAccessFile {
 public:
  ObjectFile(ObjectStore& store, ObjectInfo object) : store_(store), object_(std::move(object)) {}

  // The first failure of the store, which Parquet only passes on as text.
  std::optional<Error> failure() {
    const std::lock_guard lock(mutex_);
    return failure_;
  }

  arrow::Result<int64_t> GetSize() override { return object_.size; }
  arrow::Result<int64_t> ReadAt(int64_t position, int64_t nbytes, void* out) override {
    ARROW_ASSIGN_OR_RAISE(const auto buffer, ReadAt(position, nbytes));
    std::memcpy(out, buffer->data(), static_cast<size_t>(buffer->size()));
    return buffer->size();
  }
  arrow::Result<std::shared_ptr<arrow::Buffer>> ReadAt(int64_t position, int64_t nbytes) override {
    auto bytes = store_.ReadRange(object_, position, std::min(nbytes, object_.size - position));
    if (bytes) return std::make_shared<BytesBuffer>(std::move(*bytes));
    const std::lock_guard lock(mutex_);
    failure_ = bytes.error();
    return ToArrow(bytes.error());
  }

  arrow::Status Seek(int64_t position) override {
    position_ = position;
    return arrow::Status::OK();
  }
  arrow::Result<int64_t> Tell() const override { return position_; }
  arrow::Result<int64_t> Read(int64_t nbytes, void* out) override {
    ARROW_ASSIGN_OR_RAISE(const int64_t n, ReadAt(position_, nbytes, out));
    position_ += n;
    return n;
  }
  arrow::Result<std::shared_ptr<arrow::Buffer>> Read(int64_t nbytes) override {
    ARROW_ASSIGN_OR_RAISE(auto buffer, ReadAt(position_, nbytes));
    position_ += buffer->size();
    return buffer;
  }
  arrow::Status Close() override {
    closed_ = true;
    return arrow::Status::OK();
  }
  [[nodiscard]] bool closed() const override { return closed_; }

 private:
  ObjectStore& store_;
  const ObjectInfo object_;
  int64_t position_ = 0;
  bool closed_ = false;
  std::mutex mutex_;
  std::optional<Error> failure_;  // guarded by mutex_
};

}  // namespace

Result<ParquetFile> OpenParquet(ObjectStore& store, const ObjectInfo& object) {
  if (object.size == 0)
    return Fail(ErrorKind::kCorrupt, object.key + ": it is empty (0 bytes), a Parquet file has at least 12",
                "Remove it, or set bad_files: quarantine");
  std::shared_ptr<arrow::io::RandomAccessFile> source;
  std::shared_ptr<ObjectFile> ranged;
  if (object.size <= kWholeReadBytes) {
    FIRN_TRY_ASSIGN(Bytes bytes, store.Read(object));
    source = std::make_shared<arrow::io::BufferReader>(std::make_shared<BytesBuffer>(std::move(bytes)));
  } else {
    source = ranged = std::make_shared<ObjectFile>(store, object);
  }
  ParquetFile file{.object = object, .reader = nullptr};
  Status opened = GuardParquet(object.key, [&] { file.reader = parquet::ParquetFileReader::Open(std::move(source)); });
  if (!opened && ranged && ranged->failure()) return std::unexpected(*ranged->failure());
  FIRN_TRY(opened);
  return file;
}

}  // namespace firn
