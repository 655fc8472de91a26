#pragma once

#include <arrow/type_fwd.h>

#include <atomic>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "pipeline/chunk_columns.h"
#include "sql/sql_engine.h"

namespace firn {

struct UniformStream {
  ArrowStream stream;
  // What ended the stream, with the input that is to blame: the engine passes an error on as text only.
  std::shared_ptr<std::optional<TransferFailure>> failure;
};

// The rows that a scan keeps, as Arrow batches with one schema, whatever shapes the files have, for the SQL engine.
// Columns have numbers: those of the scan's schema come first; then `keys` as text, the inputs' partition values, where
// the data has no column of the name; then __firn_part (INT32, number in partitions()), __firn_file (INT64, index in
// scan.files) and __firn_row (INT64, number in the file). Rows come in chunks of whole row groups, about 128,000 rows
// each. All given objects must outlive this, which must outlive its streams. Open is thread-safe.
class UniformRows {
 public:
  struct Options {
    bool with_existing = true;  // whether files take part that the written table has already
    std::vector<std::string> keys = {};
    // Streams come WithoutZonedNanos() but for these columns. Nothing: as they are.
    std::optional<std::set<std::string>> named = {};
  };
  static Result<std::unique_ptr<UniformRows>> Of(const ExecuteContext& context, const Scan& scan, Options options);

  [[nodiscard]] const std::shared_ptr<arrow::Schema>& schema() const { return schema_; }
  [[nodiscard]] size_t chunks() const { return chunks_.size(); }
  [[nodiscard]] const std::vector<PartitionValues>& partitions() const { return partitions_; }  // sorted
  [[nodiscard]] std::vector<int> NumbersOf(const std::vector<std::string>& columns) const;

  // A stream without rows that has all columns, in the types of the streams.
  [[nodiscard]] Result<ArrowStream> Like() const;
  // Those columns of the chunks from `first` to before `end`, in order. Memory is bounded by one chunk, whose columns
  // are read in parallel. Of no column, the lengths of the batches count.
  Result<UniformStream> Open(const std::vector<int>& columns, size_t first, size_t end) const {
    return Open(columns, first, end, {}, {});
  }
  // The same, and before a batch of the stream is given, `keep` has the same rows of the columns `kept`, in the types
  // of schema(). `keep` may throw what Parquet throws.
  using KeepBatch = std::function<void(const std::shared_ptr<arrow::RecordBatch>& rows)>;
  Result<UniformStream> Open(const std::vector<int>& columns, size_t first, size_t end, const std::vector<int>& kept,
                             KeepBatch keep) const;

 private:
  class Reader;
  // Columns that were asked for.
  struct Selection {
    std::vector<int> columns;
    std::unique_ptr<const ChunkColumns> data;
    std::shared_ptr<arrow::Schema> schema;
  };

  UniformRows(const ExecuteContext& context, const Scan& scan) : context_(context), scan_(scan) {}
  void CutChunks(bool with_existing);
  void NumberPartitions();
  // The number of the first column that is not the data's.
  [[nodiscard]] int first_key() const { return static_cast<int>(scan_.schema.fields.size()); }
  Status MakeSchema(const std::vector<std::string>& keys);
  Result<std::shared_ptr<const Selection>> Select(const std::vector<int>& columns) const;
  Result<std::shared_ptr<const Selection>> MakeSelection(const std::vector<int>& columns) const;

  const ExecuteContext& context_;
  const Scan& scan_;
  std::vector<OutputPart> chunks_;
  std::vector<PartitionValues> partitions_;
  std::vector<int32_t> part_of_file_;
  std::vector<size_t> keys_;  // positions in the partition values
  std::shared_ptr<arrow::Schema> schema_;
  std::shared_ptr<arrow::Schema> streamed_;  // the same in the types of the streams
  int64_t total_rows_ = 0;
  mutable std::atomic<int64_t> done_rows_ = 0;
  mutable std::mutex mutex_;
  mutable std::shared_ptr<const Selection> last_;  // guarded by mutex_
};

}  // namespace firn
