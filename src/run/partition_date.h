#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "catalog/catalog.h"

namespace firn {

// A table is partitioned by date when its keys contain year, month and day, or one key that holds an ISO date: the only
// key, or one named date, dt, ds or something_date.

// What a partition must fulfil to be of that ISO date. kInvalidArgument when the keys do not spell a date, or the text
// is none.
[[nodiscard]] Result<std::vector<PartitionPredicate>> DatePredicates(const std::vector<std::string>& keys,
                                                                     std::string_view date);

// The reverse: "2025-11-03", or "" when the partition has no date.
[[nodiscard]] std::string DateOfPartition(const std::vector<std::string>& keys, const PartitionValues& values);

// The partition that the predicates fix wholly (each key by one kEqual), or nothing.
[[nodiscard]] std::optional<PartitionValues> FixedPartition(const std::vector<std::string>& keys,
                                                            const std::vector<PartitionPredicate>& where);

}  // namespace firn
