#pragma once

#include <arrow/type_fwd.h>

#include <expected>
#include <memory>
#include <set>
#include <string>
#include <vector>

#include "pipeline/transfer.h"

namespace firn {

// Columns of a scan's files as Arrow, of one schema whatever shapes the files have. Plain columns and structs are
// gathered from the pages; lists, maps and rare types go through a small Parquet image in memory, by the code that
// writes outputs, and Parquet's Arrow reader, so that they have one implementation. The given objects outlive this.
// Thread-safe.
class ChunkColumns {
 public:
  // Columns in the types of the batches. Texts have offsets of 64 bits where they are gathered.
  static Result<arrow::FieldVector> FieldsOf(const Schema& columns);

  // `columns` are of the scan's schema.
  static Result<std::unique_ptr<ChunkColumns>> Of(const ExecuteContext& context, const Scan& scan,
                                                  const Schema& columns);

  // The chunk's rows, in order, as batches of FieldsOf, columns read in parallel. Of no columns, one batch that has
  // their number.
  [[nodiscard]] std::expected<arrow::RecordBatchVector, TransferFailure> Read(const OutputPart& chunk) const;

 private:
  // Some of the columns, as a schema of their own, and how the files' become these.
  struct Part {
    Schema schema;
    ParquetLayout layout;
    ShapeMappings mappings;
  };
  // Where a column is.
  struct Place {
    bool gathered;
    int number;  // in its part
  };

  ChunkColumns(const ExecuteContext& context, const Scan& scan) : context_(context), scan_(scan) {}
  Result<std::unique_ptr<const Part>> MakePart(Schema schema) const;
  [[nodiscard]] std::expected<arrow::ArrayVector, TransferFailure> Gather(const OutputPart& chunk) const;
  [[nodiscard]] std::expected<arrow::RecordBatchVector, TransferFailure> ReadImage(const OutputPart& chunk) const;
  [[nodiscard]] std::shared_ptr<arrow::RecordBatch> Joined(int64_t offset, int64_t rows,
                                                           const arrow::ArrayVector& gathered,
                                                           const arrow::RecordBatch* imaged) const;

  const ExecuteContext& context_;
  const Scan& scan_;
  arrow::FieldVector fields_;
  std::vector<Place> places_;             // of each column
  std::unique_ptr<const Part> gathered_;  // nullptr: no such columns
  std::unique_ptr<const Part> imaged_;
  std::set<std::string> plain_columns_;  // of the image: all
};

}  // namespace firn
