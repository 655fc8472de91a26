#include "run/partition_date.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <array>

#include "env/time_zone.h"

namespace firn {
namespace {

constexpr std::array<std::string_view, 3> kDateKeys = {"year", "month", "day"};
constexpr std::array<size_t, 3> kDateWidths = {4, 2, 2};

std::optional<size_t> IndexOf(const std::vector<std::string>& keys, std::string_view name) {
  const auto found = std::ranges::find(keys, name);
  if (found == keys.end()) return std::nullopt;
  return static_cast<size_t>(found - keys.begin());
}

bool HasYearMonthDay(const std::vector<std::string>& keys) {
  return std::ranges::all_of(kDateKeys, [&](std::string_view key) { return IndexOf(keys, key).has_value(); });
}

bool NamesDate(std::string_view key) {
  return key == "date" || key == "dt" || key == "ds" || key.ends_with("_date");
}

std::optional<size_t> DateKey(const std::vector<std::string>& keys) {
  if (keys.size() == 1) return 0;
  const auto found = std::ranges::find_if(keys, NamesDate);
  if (found == keys.end()) return std::nullopt;
  return static_cast<size_t>(found - keys.begin());
}

// "3" -> "03"; empty when it is not a number of at most `width` digits.
std::string Padded(std::string_view text, size_t width) {
  if (text.empty() || text.size() > width || text.find_first_not_of("0123456789") != std::string_view::npos) return {};
  return std::string(width - text.size(), '0') + std::string(text);
}

PartitionPredicate Equals(std::string_view key, std::string_view value) {
  return {std::string(key), PartitionPredicate::Op::kEqual, {std::string(value)}};
}

}  // namespace

Result<std::vector<PartitionPredicate>> DatePredicates(const std::vector<std::string>& keys, std::string_view date) {
  if (!IsIsoDate(date))
    return Fail(ErrorKind::kInvalidArgument, fmt::format("'{}' is not a date", date),
                "write a date of the calendar as 2025-11-03, or today or yesterday");
  if (HasYearMonthDay(keys))
    return std::vector{Equals("year", date.substr(0, 4)), Equals("month", date.substr(5, 2)),
                       Equals("day", date.substr(8, 2))};
  if (const auto index = DateKey(keys)) return std::vector{Equals(keys[*index], date)};
  return Fail(
      ErrorKind::kInvalidArgument,
      fmt::format("cannot find the partition of {} by the keys [{}]", date, fmt::join(keys, ", ")),
      "read.date needs the keys year, month and day, or one key that holds the date; use read.partition for others");
}

std::string DateOfPartition(const std::vector<std::string>& keys, const PartitionValues& values) {
  if (values.values.size() != keys.size()) return {};
  std::string date;
  if (HasYearMonthDay(keys)) {
    for (size_t part = 0; part < kDateKeys.size(); ++part) {
      if (part > 0) date += '-';
      date += Padded(values.values[*IndexOf(keys, kDateKeys[part])], kDateWidths[part]);
    }
  } else if (const auto index = DateKey(keys)) {
    date = values.values[*index];
  }
  return IsIsoDate(date) ? date : std::string();
}

std::optional<PartitionValues> FixedPartition(const std::vector<std::string>& keys,
                                              const std::vector<PartitionPredicate>& where) {
  PartitionValues fixed;
  for (const std::string& key : keys) {
    const auto found = std::ranges::find_if(where, [&](const PartitionPredicate& predicate) {
      return predicate.key == key && predicate.op == PartitionPredicate::Op::kEqual && predicate.values.size() == 1;
    });
    if (found == where.end()) return std::nullopt;
    fixed.values.push_back(found->values.front());
  }
  return fixed;
}

}  // namespace firn
