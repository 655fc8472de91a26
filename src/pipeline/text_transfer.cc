#include <condition_variable>
#include <mutex>

#include "format/parquet_guard.h"
#include "format/row_text.h"
#include "pipeline/transfer.h"

namespace firn {
namespace {

using Failed = std::unexpected<TransferFailure>;

// Lets tasks that finish in any order write in theirs. Tasks get their numbers in order, so the one whose turn it is
// always runs; the others wait with one text each.
class Turnstile {
 public:
  // Runs `write` when it is number's turn; false when a task before it failed.
  bool Pass(int64_t number, const std::function<Status()>& write, Status& result) {
    std::unique_lock lock(mutex_);
    turned_.wait(lock, [&] { return next_ == number || broken_; });
    if (broken_) return false;
    result = write();
    broken_ = !result;
    ++next_;
    turned_.notify_all();
    return true;
  }

  void Break() {
    const std::lock_guard lock(mutex_);
    broken_ = true;
    turned_.notify_all();
  }

 private:
  std::mutex mutex_;
  std::condition_variable turned_;
  int64_t next_ = 0;     // guarded by mutex_
  bool broken_ = false;  // guarded by mutex_
};

class TextTransfer {
 public:
  TextTransfer(const ExecuteContext& context, const TransferPlan& plan, const OutputPart& part, TextOutput& output,
               std::atomic<int64_t>& done)
      : context_(context), plan_(plan), part_(part), output_(output), done_(done) {
    const WriteSpec& write = context.request.job->write;
    const TextFormat format = write.format == FileFormat::kCsv ? TextFormat::kCsv : TextFormat::kJsonLines;
    const CsvDialect csv{write.csv.delimiter[0], write.csv.quote[0], write.csv.header, write.csv.null_text};
    for (int w = 0; w < context.pool.threads(); ++w) workers_.push_back(std::make_unique<Worker>(plan, format, csv));
  }

  std::expected<void, TransferFailure> WriteAll() {
    if (auto written = output_.Append(workers_[0]->rows.Header(), 0); !written)
      return Failed({std::move(written.error()), {}});
    Status all = context_.pool.ParallelFor(
        static_cast<int64_t>(part_.slices.size()),
        [&](int64_t i, int worker) { return WriteSlice(i, *workers_[static_cast<size_t>(worker)]); }, context_.stop);
    if (all) return {};
    const std::lock_guard lock(mutex_);
    return Failed({std::move(all.error()), blamed_});
  }

 private:
  struct Worker {
    Worker(const TransferPlan& plan, TextFormat format, const CsvDialect& csv)
        : rows(plan.schema, plan.layout, format, csv) {}
    LeafReader reader;
    RowText rows;
  };

  Status WriteSlice(int64_t number, Worker& worker) {
    const Slice& slice = part_.slices[static_cast<size_t>(number)];
    const ObjectKey& key = plan_.files[slice.file].input.object.key;
    std::string lines;
    if (Status made = MakeLines(slice, worker, lines); !made) {
      turnstile_.Break();
      const std::lock_guard lock(mutex_);
      blamed_ = key;
      return made;
    }
    Status written;
    const bool passed = turnstile_.Pass(number, [&] { return output_.Append(std::move(lines), slice.count); }, written);
    if (!passed) return Fail(ErrorKind::kStopped, "an earlier part failed");
    done_ += slice.count;
    context_.progress("writing", done_, plan_.total_rows);
    return written;
  }

  Status MakeLines(const Slice& slice, Worker& worker, std::string& lines) {
    const ScannedFile& file = plan_.files[slice.file];
    FIRN_TRY_ASSIGN(const OpenSlice open,
                    OpenSlice::Open(context_.StoreOf(file.input), file, slice, plan_.mappings[*file.shape]));
    return GuardParquet(open.key(), [&] {
      worker.rows.Clear();
      for (size_t leaf = 0; leaf < plan_.layout.leaves().size(); ++leaf)
        open.Read(worker.reader, leaf, [&](const LeafBatch& batch) { worker.rows.Add(leaf, batch); });
      worker.rows.AppendLines(lines);
    });
  }

  const ExecuteContext& context_;
  const TransferPlan& plan_;
  const OutputPart& part_;
  TextOutput& output_;
  std::atomic<int64_t>& done_;
  std::vector<std::unique_ptr<Worker>> workers_;
  Turnstile turnstile_;
  std::mutex mutex_;
  ObjectKey blamed_;  // guarded by mutex_
};

}  // namespace

std::expected<FinishedObject, TransferFailure> TransferToText(const ExecuteContext& context, const TransferPlan& plan,
                                                              const OutputPart& part, const ObjectKey& key,
                                                              std::atomic<int64_t>& done) {
  auto writer = context.request.store->Create(key);
  if (!writer) return Failed({std::move(writer.error()), {}});
  TextOutput output(std::move(*writer));
  if (auto written = TextTransfer(context, plan, part, output, done).WriteAll(); !written)
    return std::unexpected(std::move(written.error()));
  auto finished = output.Finish();
  if (!finished) return Failed({std::move(finished.error()), {}});
  return std::move(*finished);
}

}  // namespace firn
