#include "crawl/format_guess.h"

#include <algorithm>

#include "store/name_format.h"

namespace firn {
namespace {

constexpr int64_t kHead = 4096;

std::string ByText(std::string_view head) {
  if (head.empty() || head.find('\0') != std::string_view::npos) return "";
  const size_t first = head.find_first_not_of(" \t\r\n");
  if (first == std::string_view::npos) return "";
  return head[first] == '{' ? "json" : "csv";
}

Result<std::string> GuessOne(ObjectStore& store, const ObjectInfo& object) {
  if (const auto by_name = FormatInName(object.key)) return std::string(*by_name);
  const auto head = store.ReadRange(object, 0, std::min(object.size, kHead));
  if (!head && head.error().kind != ErrorKind::kNotFound && head.error().kind != ErrorKind::kMismatch)
    return std::unexpected(head.error());
  const std::string_view text = head ? head->view() : std::string_view();
  return text.starts_with("PAR1") ? "parquet" : ByText(text);
}

}  // namespace

Result<std::string> GuessFormat(ObjectStore& store, std::span<const ObjectInfo> objects) {
  for (const ObjectInfo& object : objects) {
    FIRN_TRY_ASSIGN(std::string format, GuessOne(store, object));
    if (!format.empty()) return format;
  }
  return "";
}

}  // namespace firn
