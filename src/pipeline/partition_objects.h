#pragma once

#include <map>
#include <mutex>
#include <stop_token>
#include <vector>

#include "env/worker_pool.h"
#include "pipeline/execute.h"
#include "pipeline/row_partitioner.h"

namespace firn {

// Collects rows of many partitions and stores them as Parquet objects, whose names sort as their rows stand.
class PartitionObjects {
 public:
  PartitionObjects(ScratchSpace& scratch, std::string prefix) : scratch_(scratch), prefix_(std::move(prefix)) {}

  // The rows of `place`, those of a higher one follow. Thread-safe. kInvalidArgument when there are more partitions
  // than one run may write.
  Status Add(size_t place, std::vector<PartitionRows> split);
  [[nodiscard]] int64_t bytes() const { return bytes_; }  // in memory, added since the last Flush

  // Stores what was added, in parallel. Places added later must be higher. What Parquet cannot hold is
  // kInvalidArgument.
  Status Flush(WorkerPool& pool, const std::stop_token& stop);

  // What was stored, by partition.
  [[nodiscard]] std::vector<InputFile> Take() { return std::move(stored_); }

 private:
  using Batches = std::vector<std::shared_ptr<arrow::RecordBatch>>;
  struct Piece {
    PartitionValues partition;
    Batches batches;
  };
  [[nodiscard]] std::vector<Piece> CutPieces();

  ScratchSpace& scratch_;
  const std::string prefix_;
  std::mutex mutex_;  // guards the rest while rows are added
  std::map<PartitionValues, std::map<size_t, Batches>> added_;
  int64_t bytes_ = 0;
  int flushes_ = 0;
  std::vector<InputFile> stored_;
};

}  // namespace firn
