#pragma once

#include <expected>
#include <functional>
#include <mutex>
#include <optional>
#include <span>
#include <vector>

#include "pipeline/slice_source.h"

namespace firn {

// An input that turned out to be damaged while its rows were on their way.
struct TransferFailure {
  Error error;
  ObjectKey input;  // "" when the fault is not an input's
};

// Reads slices leaf by leaf, leaves in parallel, slices in order, so that what is made of one leaf does not depend on
// the number of threads. Not thread-safe; its callbacks are called by several threads.
class SliceMover {
 public:
  // What is given outlives the mover. `leaves`: how many the mappings have.
  SliceMover(const ExecuteContext& context, const std::vector<ScannedFile>& files, const ShapeMappings& mappings,
             size_t leaves)
      : context_(context),
        files_(files),
        mappings_(mappings),
        leaves_(leaves),
        readers_(static_cast<size_t>(context.pool.threads())) {}

  // The first of `slices` that are opened together: enough that leaves can be handed out, few enough to stay small.
  [[nodiscard]] std::span<const Slice> FirstOf(std::span<const Slice> slices) const;

  // Opens these instead of the last ones, and does `beside` at the same time, if there is any; its failure is nobody's
  // fault.
  std::expected<void, TransferFailure> Open(std::span<const Slice> batch, const std::function<Status()>& beside = {});

  // Hands each leaf of what is open to `sink`, and then to `end`, which may throw what Parquet throws.
  using Sink = std::function<void(int leaf, const LeafBatch& batch)>;
  std::expected<void, TransferFailure> Move(const Sink& sink, const std::function<void(int leaf)>& end = {});

  void Close() { open_.clear(); }
  // Bytes of the leaf's column chunks in what is open.
  [[nodiscard]] int64_t EncodedBytes(size_t leaf) const;

 private:
  Status OpenOne(const Slice& slice, std::optional<OpenSlice>& open);
  Status MoveLeaf(int leaf, LeafReader& reader, const Sink& sink);
  const std::vector<int>& Order();
  Status Blame(const ObjectKey& key, Error error);
  std::unexpected<TransferFailure> TakeFailure(Error error);

  const ExecuteContext& context_;
  const std::vector<ScannedFile>& files_;
  const ShapeMappings& mappings_;
  const size_t leaves_;
  std::vector<LeafReader> readers_;  // by worker
  std::vector<std::optional<OpenSlice>> open_;
  std::vector<int> order_;  // leaves as they are handed out
  std::mutex mutex_;
  ObjectKey blamed_;  // guarded by mutex_
};

}  // namespace firn
