#include "pipeline/partition_objects.h"

#include <arrow/api.h>
#include <arrow/util/byte_size.h>
#include <fmt/format.h>

#include "pipeline/scratch_space.h"

namespace firn {
namespace {

constexpr int64_t kPieceRows = 128'000;
// Each partition costs a folder, a few objects and a row of the catalog: more are no partitions but a mistake in a key.
constexpr size_t kMostPartitions = 10'000;

}  // namespace

Status PartitionObjects::Add(size_t place, std::vector<PartitionRows> split) {
  const std::lock_guard lock(mutex_);
  for (PartitionRows& one : split) {
    bytes_ += arrow::util::TotalBufferSize(*one.rows);
    added_[one.partition][place].push_back(std::move(one.rows));
  }
  if (added_.size() <= kMostPartitions) return {};
  return Fail(ErrorKind::kInvalidArgument, fmt::format("the rows fall into more than {} partitions", kMostPartitions),
              "Partition by columns with few values, such as the date; or read fewer rows a run");
}

std::vector<PartitionObjects::Piece> PartitionObjects::CutPieces() {
  std::vector<Piece> pieces;
  for (auto& [partition, places] : added_) {
    int64_t rows = kPieceRows;
    for (auto& [place, batches] : places) {
      for (auto& batch : batches) {
        if (rows >= kPieceRows) pieces.push_back({partition, {}});
        if (rows >= kPieceRows) rows = 0;
        rows += batch->num_rows();
        pieces.back().batches.push_back(std::move(batch));
      }
    }
  }
  return pieces;
}

Status PartitionObjects::Flush(WorkerPool& pool, const std::stop_token& stop) {
  std::vector<Piece> pieces = CutPieces();
  added_.clear();
  bytes_ = 0;
  const size_t before = stored_.size();
  stored_.resize(before + pieces.size());
  const int flush = flushes_++;
  return pool.ParallelFor(
      std::ssize(pieces),
      [&](int64_t at, int) -> Status {
        Piece& piece = pieces[static_cast<size_t>(at)];
        InputFile& input = stored_[before + static_cast<size_t>(at)];
        input.partition = piece.partition;
        FIRN_TRY(scratch_.Store(fmt::format("{}/{:06}-{:06}.parquet", prefix_, flush, at), piece.batches, input));
        piece.batches.clear();
        return {};
      },
      stop);
}

}  // namespace firn
