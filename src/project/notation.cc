#include "project/notation.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <cstdint>
#include <map>
#include <vector>

namespace firn {
namespace {

constexpr int64_t kSecondsPerDay = 86'400;
constexpr std::chrono::seconds kLongestDuration{kSecondsPerDay * 366 * 100};

std::optional<int64_t> ParseDigits(std::string_view text) {
  int64_t value = 0;
  if (text.empty() || text.find_first_not_of("0123456789") != std::string_view::npos) return std::nullopt;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  return error == std::errc() ? std::optional(value) : std::nullopt;
}

std::optional<int64_t> SecondsOfUnit(char unit) {
  switch (unit) {
    case 's':
      return 1;
    case 'm':
      return 60;
    case 'h':
      return 3600;
    case 'd':
      return kSecondsPerDay;
    default:
      return std::nullopt;
  }
}

std::vector<std::string_view> Split(std::string_view text, char separator) {
  std::vector<std::string_view> parts;
  for (size_t start = 0; start <= text.size();) {
    const size_t end = std::min(text.find(separator, start), text.size());
    parts.push_back(text.substr(start, end - start));
    start = end + 1;
  }
  return parts;
}

std::vector<std::string_view> Words(std::string_view text) {
  std::vector<std::string_view> words = Split(text, ' ');
  std::erase_if(words, [](std::string_view word) { return word.empty(); });
  return words;
}

// "cron(0 6 * * ? *)" and "cron" -> "0 6 * * ? *"
std::optional<std::string_view> Inside(std::string_view text, std::string_view name) {
  if (!text.starts_with(name) || !text.ends_with(')')) return std::nullopt;
  text.remove_prefix(name.size());
  if (!text.starts_with('(')) return std::nullopt;
  return text.substr(1, text.size() - 2);
}

std::string CronProblem(std::string_view fields_text) {
  const std::vector<std::string_view> fields = Words(fields_text);
  if (fields.size() != 6) return "cron(...) has six fields: minutes hours day-of-month month day-of-week year";
  for (const std::string_view field : fields)
    if (!std::ranges::all_of(field, [](char c) {
          return (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') ||
                 std::string_view("*,-/?#").find(c) != std::string_view::npos;
        }))
      return "field '" + std::string(field) + "' of cron(...) has a character that no field takes";
  return {};
}

std::optional<int64_t> RateSeconds(std::string_view inside) {
  const std::vector<std::string_view> words = Words(inside);
  if (words.size() != 2) return std::nullopt;
  const auto count = ParseDigits(words[0]);
  if (!count || *count < 1 || *count > 1'000'000) return std::nullopt;
  std::string_view unit = words[1];
  if (unit.ends_with('s')) unit.remove_suffix(1);
  if (unit == "minute") return *count * 60;
  if (unit == "hour") return *count * 3600;
  if (unit == "day") return *count * kSecondsPerDay;
  return std::nullopt;
}

// 2025-11-03T06:30:00
bool IsLocalTime(std::string_view text) {
  constexpr std::string_view kPattern = "dddd-dd-ddTdd:dd:dd";
  return std::ranges::equal(text, kPattern, [](char c, char p) { return p == 'd' ? c >= '0' && c <= '9' : c == p; });
}

// How many values a cron field of `size` possible values names; nothing when it cannot be told.
std::optional<int64_t> CountCronValues(std::string_view field, int64_t size) {
  std::array<bool, 60> named{};
  for (const std::string_view part : Split(field, ',')) {
    const std::vector<std::string_view> step_parts = Split(part, '/');
    if (step_parts.size() > 2) return std::nullopt;
    const auto step = step_parts.size() == 2 ? ParseDigits(step_parts[1]) : std::optional<int64_t>(1);
    const std::vector<std::string_view> range = Split(step_parts[0], '-');
    const bool all = step_parts[0] == "*";
    const auto first = all ? std::optional<int64_t>(0) : ParseDigits(range[0]);
    const bool to_end = all || (step_parts.size() == 2 && range.size() == 1);
    const auto last = to_end ? std::optional<int64_t>(size - 1) : ParseDigits(range.back());
    if (!step || !first || !last || range.size() > 2 || *step < 1 || *last >= size) return std::nullopt;
    for (int64_t value = *first; value <= *last; value += *step) named[static_cast<size_t>(value)] = true;
  }
  return std::ranges::count(named, true);
}

}  // namespace

std::optional<std::chrono::seconds> ParseDuration(std::string_view text) {
  std::chrono::seconds total{0};
  if (text.empty()) return std::nullopt;
  while (!text.empty()) {
    const size_t digits = text.find_first_not_of("0123456789");
    if (digits == 0 || digits > 12 || digits == std::string_view::npos) return std::nullopt;
    const auto count = ParseDigits(text.substr(0, digits));
    const auto unit = SecondsOfUnit(text[digits]);
    if (!count || !unit) return std::nullopt;
    total += std::chrono::seconds(*count * *unit);
    if (total > kLongestDuration) return std::nullopt;
    text.remove_prefix(digits + 1);
  }
  return total;
}

std::optional<std::chrono::minutes> ParseTimeOfDay(std::string_view text) {
  if (text.size() != 5 || text[2] != ':') return std::nullopt;
  const auto hours = ParseDigits(text.substr(0, 2));
  const auto minutes = ParseDigits(text.substr(3));
  if (!hours || !minutes || *hours > 23 || *minutes > 59) return std::nullopt;
  return std::chrono::minutes(*hours * 60 + *minutes);
}

std::optional<OrderColumn> ParseOrderColumn(std::string_view text, bool descending) {
  OrderColumn order{{}, descending};
  const size_t last = text.find_last_not_of(' ');
  text = text.substr(0, last == std::string_view::npos ? 0 : last + 1);
  text.remove_prefix(std::min(text.find_first_not_of(' '), text.size()));
  const bool quoted = text.starts_with('"');
  const size_t end = quoted ? text.find('"', 1) : std::min(text.find(' '), text.size());
  if (end == std::string_view::npos) return std::nullopt;
  order.column = std::string(quoted ? text.substr(1, end - 1) : text.substr(0, end));
  const std::vector<std::string_view> rest = Words(text.substr(std::min(end + (quoted ? 1 : 0), text.size())));
  if (order.column.empty() || rest.size() > 1) return std::nullopt;
  if (!quoted && order.column.find_first_of(",\"()") != std::string::npos) return std::nullopt;
  if (rest.empty()) return order;
  order.descending = rest[0] == "desc" || rest[0] == "DESC";
  return order.descending || rest[0] == "asc" || rest[0] == "ASC" ? std::optional(order) : std::nullopt;
}

bool IsThreshold(std::string_view text) {
  if (ParseDuration(text)) return true;
  if (text.ends_with('%')) text.remove_suffix(1);
  if (text.starts_with('-')) text.remove_prefix(1);
  const size_t dot = std::min(text.find('.'), text.size());
  return ParseDigits(text.substr(0, dot)) && (dot == text.size() || ParseDigits(text.substr(dot + 1)));
}

std::optional<int64_t> ParseByteSize(std::string_view text) {
  static const std::map<std::string_view, double> kUnits = {
      {"", 1},     {"B", 1},     {"kB", 1e3},   {"KB", 1e3},      {"MB", 1e6},
      {"GB", 1e9}, {"TB", 1e12}, {"KiB", 1024}, {"MiB", 1048576}, {"GiB", 1073741824}};
  double number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error != std::errc()) return std::nullopt;
  const auto unit = kUnits.find(text.substr(static_cast<size_t>(end - text.data())));
  const double bytes = unit == kUnits.end() ? 0 : number * unit->second;
  if (!(bytes >= 1) || bytes > 1e15) return std::nullopt;
  return static_cast<int64_t>(bytes);
}

bool IsLocation(std::string_view text) {
  if (text.ends_with('/')) text.remove_suffix(1);
  if (text.size() > 900 || text.find_first_of(std::string_view("\0\\", 2)) != std::string_view::npos) return false;
  const std::vector<std::string_view> parts = Split(text, '/');
  return parts[0] != ".firn" && std::ranges::none_of(parts, [](std::string_view part) {
           return part.empty() || part == "." || part == ".." || part.ends_with(':');
         });
}

std::string ScheduleProblem(std::string_view text) {
  if (const auto cron = Inside(text, "cron")) return CronProblem(*cron);
  if (const auto rate = Inside(text, "rate"))
    return RateSeconds(*rate) ? "" : "rate(...) takes a positive number and minutes, hours or days: rate(6 hours)";
  if (const auto at = Inside(text, "at"))
    return IsLocalTime(*at) ? "" : "at(...) takes a time: at(2025-11-03T06:30:00)";
  return "not cron(...), rate(...) or at(...)";
}

int ExecutionsPerDayOf(std::string_view schedule) {
  if (const auto rate = Inside(schedule, "rate")) {
    const auto seconds = RateSeconds(*rate);
    return seconds && *seconds < kSecondsPerDay ? static_cast<int>(kSecondsPerDay / *seconds) : 1;
  }
  const auto cron = Inside(schedule, "cron");
  if (!cron || !CronProblem(*cron).empty()) return 1;
  const std::vector<std::string_view> fields = Words(*cron);
  const auto minutes = CountCronValues(fields[0], 60);
  const auto hours = CountCronValues(fields[1], 24);
  return minutes && hours ? std::max(1, static_cast<int>(*minutes * *hours)) : 1;
}

}  // namespace firn
