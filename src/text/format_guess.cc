#include "text/format_guess.h"

#include <algorithm>
#include <map>
#include <set>

#include "store/name_format.h"
#include "text/text_chunks.h"

namespace firn {
namespace {

constexpr size_t kMostLookedAt = 10;  // objects of each kind of name
constexpr std::string_view kParquetMagic = "PAR1";

std::string_view NameOf(TextForm form) {
  return form == TextForm::kJson ? "json" : "csv";
}

// "" when it cannot be read or holds no text.
Result<std::string_view> FormatOfContent(ObjectStore& store, const ObjectInfo& object) {
  TextBytes bytes(store, object);
  std::string head;
  const auto more = bytes.Read(head);
  if (!more) {
    const ErrorKind kind = more.error().kind;
    const bool of_object = kind == ErrorKind::kNotFound || kind == ErrorKind::kMismatch ||
                           kind == ErrorKind::kCorrupt || kind == ErrorKind::kUnsupported;
    if (!of_object) return std::unexpected(more.error());
    return "";
  }
  const std::string_view text = std::string_view(head).substr(0, kCsvHead);
  if (text.starts_with(kParquetMagic)) return "parquet";
  if (text.find('\0') != std::string_view::npos || text.find_first_not_of(" \t\r\n") == std::string_view::npos)
    return "";
  return NameOf(FormOf(object.key, text, text.size() == head.size()));
}

}  // namespace

Result<std::string> GuessFormat(ObjectStore& store, std::span<const ObjectInfo> objects) {
  std::map<std::string_view, size_t> looked_at;  // by what the name says
  std::set<std::string_view> texts;
  for (const ObjectInfo& object : objects) {
    const auto named = FormatInName(object.key);
    if (named == "") continue;
    std::string_view content = named.value_or("");
    if (named != "parquet" && looked_at[content]++ < kMostLookedAt) {
      FIRN_TRY_ASSIGN(const std::string_view found, FormatOfContent(store, object));
      if (!found.empty()) content = found;
    }
    if (content == "parquet" && texts.empty()) return "parquet";
    if (content == "parquet" || content.empty()) continue;
    texts.insert(content);
    if (named && *named != content) texts.insert(*named);
    if (texts.size() > 1) return "text";
  }
  return texts.empty() ? "" : std::string(*texts.begin());
}

}  // namespace firn
