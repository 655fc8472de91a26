#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/result.h"

namespace firn {

// How a table's folders spell its partition keys, below the table's location.
enum class PartitionLayout {
  kKeyValue,    // year=2025/month=11/day=03 (Hive)
  kDate,        // 2025/11/03 for keys year, month, day (`layout: YYYY/MM/DD`)
  kPositional,  // a/b: values only, keys by position (the crawler's partition_0, partition_1, ...)
};

// The value of a partition whose rows have NULL or "" there.
inline constexpr std::string_view kNullPartition = "__HIVE_DEFAULT_PARTITION__";

// One partition's values, in the order of the table's partition keys. Values are text, as in the Glue catalog.
struct PartitionValues {
  std::vector<std::string> values;
  friend auto operator<=>(const PartitionValues&, const PartitionValues&) = default;
};

// "year=2025/month=11/day=03": the canonical name of a partition in messages, JSON and the catalog, whatever its
// layout. Values are percent-encoded as Hive does
// ('/', '=', '%', control characters); a NULL value is "__HIVE_DEFAULT_PARTITION__". "" for a table without partition
// keys.
[[nodiscard]] std::string PartitionName(const std::vector<std::string>& keys, const PartitionValues& values);

// The folder of a partition, relative to the table's location, without a slash at either end.
[[nodiscard]] Result<std::string> PartitionFolder(PartitionLayout layout, const std::vector<std::string>& keys,
                                                  const PartitionValues& values);

// The reverse: "2025/11/03" -> values. kMismatch when the folder does not follow the layout.
[[nodiscard]] Result<PartitionValues> ParsePartitionFolder(PartitionLayout layout, const std::vector<std::string>& keys,
                                                           std::string_view folder);

}  // namespace firn
