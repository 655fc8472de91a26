#include "pipeline/slice_mover.h"

#include <algorithm>
#include <numeric>

#include "format/parquet_guard.h"

namespace firn {
namespace {

constexpr size_t kBatchSlices = 256;
constexpr int64_t kBatchBytes = 48 << 20;

}  // namespace

std::span<const Slice> SliceMover::FirstOf(std::span<const Slice> slices) const {
  int64_t bytes = 0;
  size_t end = 0;
  while (end < slices.size() && end < kBatchSlices && (end == 0 || bytes < kBatchBytes))
    bytes += files_[slices[end++].file].input.object.size;
  return slices.first(end);
}

std::expected<void, TransferFailure> SliceMover::Open(std::span<const Slice> batch,
                                                      const std::function<Status()>& beside) {
  open_.clear();
  open_.resize(batch.size());
  const int64_t first = beside ? 1 : 0;
  Status done_beside;
  Status opened = context_.pool.ParallelFor(
      static_cast<int64_t>(batch.size()) + first,
      [&](int64_t task, int) -> Status {
        if (task < first) return done_beside = beside();
        const auto i = static_cast<size_t>(task - first);
        return OpenOne(batch[i], open_[i]);
      },
      context_.stop);
  if (!done_beside) return std::unexpected(TransferFailure{std::move(done_beside.error()), {}});
  if (!opened) return TakeFailure(std::move(opened.error()));
  return {};
}

Status SliceMover::OpenOne(const Slice& slice, std::optional<OpenSlice>& open) {
  const ScannedFile& file = files_[slice.file];
  auto opened = OpenSlice::Open(context_.StoreOf(file.input), file, slice, mappings_[*file.shape]);
  if (!opened) return Blame(file.input.object.key, std::move(opened.error()));
  open = std::move(*opened);
  return {};
}

std::expected<void, TransferFailure> SliceMover::Move(const Sink& sink, const std::function<void(int leaf)>& end) {
  const std::vector<int>& order = Order();
  Status moved = context_.pool.ParallelFor(
      std::ssize(order),
      [&](int64_t at, int worker) -> Status {
        const int leaf = order[static_cast<size_t>(at)];
        FIRN_TRY(MoveLeaf(leaf, readers_[static_cast<size_t>(worker)], sink));
        return end ? GuardParquet("the output", [&] { end(leaf); }) : Status();
      },
      context_.stop);
  if (!moved) return TakeFailure(std::move(moved.error()));
  return {};
}

Status SliceMover::MoveLeaf(int leaf, LeafReader& reader, const Sink& sink) {
  for (const auto& slice : open_) {
    Status moved = GuardParquet(slice->key(), [&] {
      slice->Read(reader, static_cast<size_t>(leaf), [&](const LeafBatch& batch) { sink(leaf, batch); });
    });
    if (!moved) return Blame(slice->key(), std::move(moved.error()));
  }
  return {};
}

int64_t SliceMover::EncodedBytes(size_t leaf) const {
  int64_t bytes = 0;
  for (const auto& slice : open_) bytes += slice->EncodedBytes(leaf);
  return bytes;
}

// Leaves with the most bytes first, so that no thread is left with a big one at the end.
const std::vector<int>& SliceMover::Order() {
  if (!order_.empty()) return order_;
  order_.resize(leaves_);
  std::iota(order_.begin(), order_.end(), 0);
  std::ranges::stable_sort(order_, std::greater{}, [&](int leaf) {
    return open_.empty() ? 0 : open_[0]->EncodedBytes(static_cast<size_t>(leaf));
  });
  return order_;
}

Status SliceMover::Blame(const ObjectKey& key, Error error) {
  const std::lock_guard lock(mutex_);
  blamed_ = key;
  return std::unexpected(std::move(error));
}

std::unexpected<TransferFailure> SliceMover::TakeFailure(Error error) {
  const std::lock_guard lock(mutex_);
  return std::unexpected(TransferFailure{std::move(error), blamed_});
}

}  // namespace firn
