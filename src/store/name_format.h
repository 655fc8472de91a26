#pragma once

#include <optional>
#include <string_view>

namespace firn {

// The format that an object's name tells: "parquet", "csv" or "json"; "" for an extension of something else; nothing
// without an extension. "day/part.csv.gz" is "csv".
[[nodiscard]] std::optional<std::string_view> FormatInName(std::string_view key);

}  // namespace firn
