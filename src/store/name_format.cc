#include "store/name_format.h"

#include <algorithm>
#include <array>
#include <cctype>
#include <string>
#include <utility>

#include "store/object_key.h"

namespace firn {
namespace {

constexpr std::array<std::pair<std::string_view, std::string_view>, 7> kExtensions = {{
    {"parquet", "parquet"},
    {"pq", "parquet"},
    {"csv", "csv"},
    {"tsv", "csv"},
    {"json", "json"},
    {"jsonl", "json"},
    {"ndjson", "json"},
}};
constexpr std::array<std::string_view, 4> kCompressions = {"gz", "zst", "bz2", "lz4"};

// In lower case, without that of a compression; "" when there is none.
std::string ExtensionOf(std::string_view key) {
  std::string_view rest = LastSegmentOf(key);
  for (;;) {
    const size_t dot = rest.rfind('.');
    if (dot == std::string_view::npos || dot == 0) return {};
    std::string extension(rest.substr(dot + 1));
    std::ranges::transform(extension, extension.begin(),
                           [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
    if (std::ranges::find(kCompressions, extension) == kCompressions.end()) return extension;
    rest = rest.substr(0, dot);
  }
}

}  // namespace

std::optional<std::string_view> FormatInName(std::string_view key) {
  const std::string extension = ExtensionOf(key);
  if (extension.empty()) return std::nullopt;
  const auto* found = std::ranges::find(kExtensions, extension, &decltype(kExtensions)::value_type::first);
  return found == kExtensions.end() ? std::string_view() : found->second;
}

bool NameFits(std::string_view key, std::string_view format) {
  const bool items = format == "dynamodb_json";
  const std::string_view wanted = items ? "json" : format;
  const std::string_view named = FormatInName(key).value_or(wanted);
  if (format == "text" && (named == "csv" || named == "json")) return true;
  return named == wanted && !(items && IsExportManifest(key));
}

bool IsExportManifest(std::string_view key) {
  const std::string_view name = LastSegmentOf(key);
  return name.starts_with("manifest-summary.") || name.starts_with("manifest-files.");
}

}  // namespace firn
