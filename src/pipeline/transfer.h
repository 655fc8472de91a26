#pragma once

#include <atomic>
#include <expected>
#include <set>
#include <string>

#include "format/parquet_output.h"
#include "format/text_output.h"
#include "pipeline/slice_mover.h"

namespace firn {

// Writes one output part. What is the same for all parts of a run:
struct TransferPlan {
  const std::vector<ScannedFile>& files;
  const Schema& schema;
  const ParquetLayout& layout;
  const ShapeMappings& mappings;
  std::set<std::string> plain_columns = {};  // see ParquetOutputOptions
  int64_t total_rows = 0;                    // of all parts, for progress
};

// Moves the part's rows column by column from the inputs' pages into one Parquet object's column chunks, columns in
// parallel. `done` counts rows over all parts.
std::expected<FinishedObject, TransferFailure> TransferToParquet(const ExecuteContext& context,
                                                                 const TransferPlan& plan, const OutputPart& part,
                                                                 const ObjectKey& key, std::atomic<int64_t>& done);

// The same into any writer, with any options: what the above does with the job's.
std::expected<FinishedObject, TransferFailure> WriteParquetPart(const ExecuteContext& context, const TransferPlan& plan,
                                                                const OutputPart& part,
                                                                std::unique_ptr<ObjectWriter> writer,
                                                                const ParquetOutputOptions& options,
                                                                std::atomic<int64_t>& done);

// Writes the part's rows as lines of CSV or JSON, slices in parallel, in order.
std::expected<FinishedObject, TransferFailure> TransferToText(const ExecuteContext& context, const TransferPlan& plan,
                                                              const OutputPart& part, const ObjectKey& key,
                                                              std::atomic<int64_t>& done);

// Columns whose values, in a sample of the inputs, are mostly distinct. kStopped.
Result<std::set<std::string>> FindPlainColumns(const ExecuteContext& context, const TransferPlan& plan,
                                               const std::vector<OutputPart>& parts);

}  // namespace firn
