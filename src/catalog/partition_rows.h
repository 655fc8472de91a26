#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "catalog/catalog.h"
#include "catalog/database.h"
#include "catalog/table_rows.h"

namespace firn {

// The partitions of tables, in the order of partition_order.h. Every method runs inside the caller's transaction.
class PartitionRows {
 public:
  explicit PartitionRows(Database& database) : database_(database) {}

  Status Put(const TableRows::Found& table, std::span<const PartitionRecord> partitions);
  // kConflict when the table's current snapshot holds files there.
  Status Remove(const TableRows::Found& table, std::span<const PartitionValues> partitions);
  Result<std::vector<PartitionRecord>> Find(const TableRows::Found& table, std::span<const PartitionPredicate> where,
                                            int64_t limit);
  Result<int64_t> Count(const TableRows::Found& table);
  Status Erase(int64_t table_id, const PartitionValues& values);  // without looking at snapshots; not there: succeeds

 private:
  Status CheckNotInSnapshot(const TableRows::Found& table, const PartitionValues& values);

  Database& database_;
};

// kInvalidArgument unless there is one value for each of the table's keys.
[[nodiscard]] Status CheckValueCount(const TableRecord& table, const PartitionValues& values);

}  // namespace firn
