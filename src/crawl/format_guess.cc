#include "crawl/format_guess.h"

#include <algorithm>
#include <array>
#include <cctype>
#include <utility>

#include "store/object_key.h"

namespace firn {
namespace {

constexpr size_t kMostLookedAt = 10;
constexpr int64_t kHead = 4096;

constexpr std::array<std::pair<std::string_view, std::string_view>, 7> kExtensions = {{
    {".parquet", "parquet"},
    {".pq", "parquet"},
    {".csv", "csv"},
    {".tsv", "csv"},
    {".json", "json"},
    {".jsonl", "json"},
    {".ndjson", "json"},
}};
constexpr std::array<std::string_view, 4> kCompressions = {".gz", ".zst", ".bz2", ".lz4"};

std::string ByName(const ObjectKey& key) {
  std::string name(LastSegmentOf(key));
  std::ranges::transform(name, name.begin(), [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
  for (const std::string_view compression : kCompressions)
    if (name.ends_with(compression)) name.resize(name.size() - compression.size());
  for (const auto& [extension, format] : kExtensions)
    if (name.ends_with(extension)) return std::string(format);
  return "";
}

std::string ByText(std::string_view head) {
  if (head.empty() || head.find('\0') != std::string_view::npos) return "";
  const size_t first = head.find_first_not_of(" \t\r\n");
  if (first == std::string_view::npos) return "";
  return head[first] == '{' ? "json" : "csv";
}

Result<std::string> GuessOne(ObjectStore& store, const ObjectInfo& object) {
  const auto head = store.ReadRange(object, 0, std::min(object.size, kHead));
  if (!head && head.error().kind != ErrorKind::kNotFound && head.error().kind != ErrorKind::kMismatch)
    return std::unexpected(head.error());
  const std::string_view text = head ? head->view() : std::string_view();
  if (text.starts_with("PAR1")) return "parquet";
  std::string by_name = ByName(object.key);
  return by_name.empty() ? ByText(text) : by_name;
}

}  // namespace

Result<std::string> GuessFormat(ObjectStore& store, std::span<const ObjectInfo> objects) {
  for (const ObjectInfo& object : objects.first(std::min(objects.size(), kMostLookedAt))) {
    FIRN_TRY_ASSIGN(std::string format, GuessOne(store, object));
    if (!format.empty()) return format;
  }
  return "";
}

}  // namespace firn
