#pragma once

#include <arrow/type_fwd.h>

#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "base/result.h"
#include "schema/partition.h"

namespace firn {

// Rows of one partition, without the columns that say so.
struct PartitionRows {
  PartitionValues partition;
  std::shared_ptr<arrow::RecordBatch> rows;
};

// Deals the rows of a batch to partitions. Thread-safe.
class RowPartitioner {
 public:
  // By the column __firn_part, a number in `partitions`.
  static RowPartitioner ByNumber(std::vector<PartitionValues> partitions);
  // By columns of text or INT64, one a key; NULL and "" are kNullPartition.
  static RowPartitioner ByColumns(std::vector<std::string> columns);

  // Sorted by partition; the rows of one keep their order. What Arrow cannot do is kInternal.
  [[nodiscard]] Result<std::vector<PartitionRows>> Split(const std::shared_ptr<arrow::RecordBatch>& batch) const;

 private:
  RowPartitioner(std::vector<PartitionValues> numbered, std::vector<std::string> columns)
      : numbered_(std::move(numbered)), columns_(std::move(columns)) {}

  std::vector<PartitionValues> numbered_;
  std::vector<std::string> columns_;
};

}  // namespace firn
