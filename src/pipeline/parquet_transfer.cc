#include <array>
#include <functional>
#include <numeric>
#include <span>
#include <utility>

#include "pipeline/transfer.h"

namespace firn {
namespace {

using Failed = std::unexpected<TransferFailure>;

// One Parquet object in the making.
class ParquetTransfer {
 public:
  ParquetTransfer(const ExecuteContext& context, const TransferPlan& plan, ParquetOutput& output,
                  std::atomic<int64_t>& done)
      : context_(context),
        plan_(plan),
        output_(output),
        done_(done),
        mover_(context, plan.files, plan.mappings, plan.layout.leaves().size()) {}

  std::expected<void, TransferFailure> WriteGroup(const std::vector<Slice>& slices) {
    const int64_t rows = std::accumulate(slices.begin(), slices.end(), int64_t{0},
                                         [](int64_t n, const Slice& slice) { return n + slice.count; });
    for (std::span<const Slice> left = slices; !left.empty();) {
      const std::span<const Slice> batch = mover_.FirstOf(left);
      const bool first = left.size() == slices.size();
      left = left.subspan(batch.size());
      if (auto opened = mover_.Open(batch, TakeFullGroup()); !opened) return opened;
      if (first)
        if (auto begun = output_.BeginRowGroup(rows); !begun) return Failed({std::move(begun.error()), {}});
      if (auto moved = Move(left.empty()); !moved) return moved;
      for (const Slice& slice : batch) done_ += slice.count;
      context_.progress("writing", done_, plan_.total_rows);
    }
    group_is_full_ = !slices.empty();
    return {};
  }

  std::expected<void, TransferFailure> EndLastGroup() {
    mover_.Close();
    if (!group_is_full_) return {};
    if (auto ended = output_.EndRowGroup(); !ended) return Failed({std::move(ended.error()), {}});
    return {};
  }

 private:
  // A full row group is closed, which one thread does, while the others open the next one's files.
  std::function<Status()> TakeFullGroup() {
    if (!std::exchange(group_is_full_, false)) return {};
    return [this] { return output_.EndRowGroup(); };
  }

  std::expected<void, TransferFailure> Move(bool last) {
    const auto end = [this](int column) { output_.EndColumn(column); };
    return mover_.Move([this](int column, const LeafBatch& batch) { output_.Write(column, batch); },
                       last ? std::function<void(int)>(end) : nullptr);
  }

  const ExecuteContext& context_;
  const TransferPlan& plan_;
  ParquetOutput& output_;
  std::atomic<int64_t>& done_;
  SliceMover mover_;
  bool group_is_full_ = false;  // the open row group has all its rows, and is not closed yet
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
