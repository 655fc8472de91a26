#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <mutex>
#include <numeric>
#include <optional>

#include "format/parquet_guard.h"
#include "pipeline/transfer.h"

namespace firn {
namespace {

using Failed = std::unexpected<TransferFailure>;

// Inputs that are open at once: enough that columns can be handed out, few enough to stay small.
constexpr size_t kBatchSlices = 256;
constexpr int64_t kBatchBytes = 48 << 20;

// The end of the batch of slices that starts at `from`.
size_t BatchEnd(const std::vector<ScannedFile>& files, const std::vector<Slice>& slices, size_t from) {
  int64_t bytes = 0;
  size_t end = from;
  while (end < slices.size() && end - from < kBatchSlices && (end == from || bytes < kBatchBytes))
    bytes += files[slices[end++].file].input.object.size;
  return end;
}

// One Parquet object in the making.
class ParquetTransfer {
 public:
  ParquetTransfer(const ExecuteContext& context, const TransferPlan& plan, ParquetOutput& output,
                  std::atomic<int64_t>& done)
      : context_(context),
        plan_(plan),
        output_(output),
        done_(done),
        readers_(static_cast<size_t>(context.pool.threads())) {}

  std::expected<void, TransferFailure> WriteGroup(const std::vector<Slice>& slices) {
    const int64_t rows = std::accumulate(slices.begin(), slices.end(), int64_t{0},
                                         [](int64_t n, const Slice& slice) { return n + slice.count; });
    for (size_t from = 0; from < slices.size();) {
      const size_t end = BatchEnd(plan_.files, slices, from);
      const std::span<const Slice> batch(slices.data() + from, end - from);
      if (auto opened = OpenBatch(batch); !opened) return opened;
      if (from == 0)
        if (auto begun = output_.BeginRowGroup(rows); !begun) return Failed({std::move(begun.error()), {}});
      const bool last = end == slices.size();
      if (auto moved = MoveColumns(last); !moved) return Failed(TakeFailure(std::move(moved.error())));
      group_is_full_ = last;
      from = end;
      for (const Slice& slice : batch) done_ += slice.count;
      context_.progress("writing", done_, plan_.total_rows);
    }
    return {};
  }

  std::expected<void, TransferFailure> EndLastGroup() {
    open_.clear();
    if (!group_is_full_) return {};
    if (auto ended = output_.EndRowGroup(); !ended) return Failed({std::move(ended.error()), {}});
    return {};
  }

 private:
  // A full row group is closed, which one thread does, while the others open the next one's files.
  std::expected<void, TransferFailure> OpenBatch(std::span<const Slice> batch) {
    open_.clear();
    open_.resize(batch.size());
    const int64_t closing = std::exchange(group_is_full_, false) ? 1 : 0;
    Status closed;
    Status opened = context_.pool.ParallelFor(
        static_cast<int64_t>(batch.size()) + closing,
        [&](int64_t task, int) -> Status {
          if (task < closing) return closed = output_.EndRowGroup();
          return OpenOne(batch, static_cast<size_t>(task - closing));
        },
        context_.stop);
    if (!closed) return Failed({std::move(closed.error()), {}});
    if (!opened) return Failed(TakeFailure(std::move(opened.error())));
    return {};
  }

  Status OpenOne(std::span<const Slice> batch, size_t i) {
    const ScannedFile& file = plan_.files[batch[i].file];
    auto opened = OpenSlice::Open(context_.StoreOf(file.input), file, batch[i], plan_.mappings[*file.shape]);
    if (!opened) return Blame(file.input.object.key, std::move(opened.error()));
    open_[i] = std::move(*opened);
    return {};
  }

  // One task a column, so that a column's chunk is made by one thread, in order, whatever the number of threads.
  Status MoveColumns(bool last) {
    const auto columns = static_cast<int64_t>(plan_.layout.leaves().size());
    return context_.pool.ParallelFor(
        columns,
        [&](int64_t at, int worker) -> Status {
          const int column = Order()[static_cast<size_t>(at)];
          for (const auto& slice : open_) {
            Status moved = GuardParquet(slice->key(), [&] {
              slice->Read(readers_[static_cast<size_t>(worker)], static_cast<size_t>(column),
                          [&](const LeafBatch& batch) { output_.Write(column, batch); });
            });
            if (!moved) return Blame(slice->key(), std::move(moved.error()));
          }
          return last ? GuardParquet("writing Parquet", [&] { output_.EndColumn(column); }) : Status();
        },
        context_.stop);
  }

  // Columns with the most bytes first, so that no thread is left with a big one at the end.
  const std::vector<int>& Order() {
    const std::lock_guard lock(mutex_);
    if (!order_.empty()) return order_;
    order_.resize(plan_.layout.leaves().size());
    std::iota(order_.begin(), order_.end(), 0);
    std::ranges::stable_sort(order_, std::greater{}, [&](int column) {
      return open_.empty() ? 0 : open_[0]->EncodedBytes(static_cast<size_t>(column));
    });
    return order_;
  }

  Status Blame(const ObjectKey& key, Error error) {
    const std::lock_guard lock(mutex_);
    blamed_ = key;
    return std::unexpected(std::move(error));
  }

  TransferFailure TakeFailure(Error error) {
    const std::lock_guard lock(mutex_);
    return {std::move(error), blamed_};
  }

  const ExecuteContext& context_;
  const TransferPlan& plan_;
  ParquetOutput& output_;
  std::atomic<int64_t>& done_;
  std::vector<LeafReader> readers_;  // by worker
  std::vector<std::optional<OpenSlice>> open_;
  bool group_is_full_ = false;  // the open row group has all its rows, and is not closed yet
  std::mutex mutex_;
  std::vector<int> order_;  // guarded by mutex_ until it is set
  ObjectKey blamed_;        // guarded by mutex_
};

}  // namespace

std::expected<FinishedObject, TransferFailure> WriteParquetPart(const ExecuteContext& context, const TransferPlan& plan,
                                                                const OutputPart& part,
                                                                std::unique_ptr<ObjectWriter> writer,
                                                                const ParquetOutputOptions& options,
                                                                std::atomic<int64_t>& done) {
  auto output = ParquetOutput::Create(std::move(writer), plan.schema, options);
  if (!output) return Failed({std::move(output.error()), {}});
  ParquetTransfer transfer(context, plan, **output, done);
  for (const std::vector<Slice>& group :
       CutSlices(part.slices, part.rows, context.request.job->write.parquet.row_group_rows))
    if (auto written = transfer.WriteGroup(group); !written) return std::unexpected(std::move(written.error()));
  if (auto ended = transfer.EndLastGroup(); !ended) return std::unexpected(std::move(ended.error()));
  auto finished = (*output)->Finish();
  if (!finished) return Failed({std::move(finished.error()), {}});
  return std::move(*finished);
}

std::expected<FinishedObject, TransferFailure> TransferToParquet(const ExecuteContext& context,
                                                                 const TransferPlan& plan, const OutputPart& part,
                                                                 const ObjectKey& key, std::atomic<int64_t>& done) {
  static constexpr std::array kCodecNames = {"snappy", "gzip", "zstd", "lz4", "none"};
  auto writer = context.request.store->Create(key);
  if (!writer) return Failed({std::move(writer.error()), {}});
  const auto codec = static_cast<size_t>(context.request.job->write.parquet.codec);
  return WriteParquetPart(context, plan, part, std::move(*writer),
                          {.codec = kCodecNames[codec], .plain_columns = plan.plain_columns}, done);
}

}  // namespace firn
