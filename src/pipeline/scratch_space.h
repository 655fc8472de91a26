#pragma once

#include <arrow/record_batch.h>

#include <atomic>
#include <memory>
#include <mutex>
#include <span>
#include <string>

#include "pipeline/execute.h"

namespace firn {

// Where an execution keeps rows that only it will read: as they are while there is memory, as Parquet on this machine's
// disk after that. Thread-safe. Outlives the inputs that it gave.
class ScratchSpace {
 public:
  // The folder is made when it is needed, and goes with the space; "" for memory alone. `memory_bytes`: the execution's
  // budget, of which a part is used; 0 for none.
  ScratchSpace(std::string folder, int64_t memory_bytes);
  ScratchSpace(const ScratchSpace&) = delete;
  ScratchSpace& operator=(const ScratchSpace&) = delete;
  ~ScratchSpace();

  using Batches = std::span<const std::shared_ptr<arrow::RecordBatch>>;  // of one schema, with rows
  // Says in `input` where the rows are from now on. Failures of the disk are its errors; what Parquet cannot hold is
  // kInvalidArgument.
  Status Store(const ObjectKey& key, Batches batches, InputFile& input);
  // What is on disk below it. Memory is given back with the last of the inputs.
  Status RemovePrefix(std::string_view prefix);

 private:
  Result<ObjectStore*> Disk();
  [[nodiscard]] bool TakeMemory(int64_t bytes);

  const std::string folder_;
  std::atomic<int64_t> free_bytes_;  // of memory
  std::mutex mutex_;                 // guards disk_
  std::unique_ptr<ObjectStore> disk_;
};

}  // namespace firn
