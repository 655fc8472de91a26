#pragma once

#include <optional>
#include <string>
#include <vector>

#include "catalog/catalog.h"
#include "schema/partition.h"
#include "sql/statement.h"

namespace firn {

// Which partitions of a table a statement needs. It needs one when any of its uses may: when no comparison on a
// partition key is surely untrue for it.
class ScanFilter {
 public:
  // Keeps every partition.
  ScanFilter() = default;
  ScanFilter(const std::vector<std::string>& keys, const std::vector<TableUse>& uses);

  [[nodiscard]] bool keeps_all() const { return uses_.empty(); }
  [[nodiscard]] bool Keeps(const PartitionValues& partition) const;
  // What the catalog can look up: a condition that every partition kept fulfils. Empty when there is none. (The catalog
  // compares integers as numbers, SQL as text: equal texts are equal either way, so only equality is passed on.)
  [[nodiscard]] std::vector<PartitionPredicate> Lookup() const;

 private:
  struct Test {
    size_t key = 0;
    ColumnComparison comparison;
  };
  static bool Holds(const Test& test, const PartitionValues& partition);

  std::vector<std::string> keys_;
  std::vector<std::vector<Test>> uses_;
};

// A partition's value as SQL sees it: NULL for Hive's default partition.
[[nodiscard]] std::optional<std::string> SqlValue(const std::string& partition_value);

}  // namespace firn
