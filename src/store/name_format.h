#pragma once

#include <optional>
#include <string_view>

namespace firn {

// The format that an object's name tells: "parquet", "csv" or "json"; "" for an extension of something else; nothing
// without an extension. "day/part.csv.gz" is "csv".
[[nodiscard]] std::optional<std::string_view> FormatInName(std::string_view key);

// Whether an object may hold data of a table's `format` by its name; one without an extension may hold any. Files of
// "text" have the names of CSV or JSON; files of
// "dynamodb_json" have the names of JSON; the manifests of a DynamoDB export, which lie beside its data, hold none.
[[nodiscard]] bool NameFits(std::string_view key, std::string_view format);
[[nodiscard]] bool IsExportManifest(std::string_view key);

}  // namespace firn
