#include "schema/partition.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <chrono>

#include "base/check.h"

namespace firn {
namespace {

constexpr size_t kMostDateKeys = 4;  // year, month, day, hour

// Hive's FileUtils.charToEscape.
bool NeedsEscape(char c) {
  const auto byte = static_cast<unsigned char>(c);
  return byte < 0x20 || byte == 0x7f || std::string_view("\"#%'*/:=?\\{[]^").find(c) != std::string_view::npos;
}

std::string Escape(std::string_view text) {
  std::string escaped;
  for (const char c : text) {
    if (NeedsEscape(c))
      escaped += fmt::format("%{:02X}", static_cast<unsigned char>(c));
    else
      escaped += c;
  }
  return escaped;
}

int HexDigit(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  return -1;
}

// A '%' that no two hex digits follow stands for itself, as in Hive.
std::string Unescape(std::string_view text) {
  std::string plain;
  for (size_t i = 0; i < text.size(); ++i) {
    const int high = text[i] == '%' && i + 2 < text.size() ? HexDigit(text[i + 1]) : -1;
    const int low = high >= 0 ? HexDigit(text[i + 2]) : -1;
    if (low >= 0) {
      plain += static_cast<char>(high * 16 + low);
      i += 2;
    } else {
      plain += text[i];
    }
  }
  return plain;
}

// Hive knows no empty value: it writes "" and NULL to the same folder.
std::string SegmentOf(std::string_view value) {
  return value.empty() ? std::string(kNullPartition) : Escape(value);
}
std::string ValueOf(std::string_view segment) {
  return segment.empty() ? std::string(kNullPartition) : Unescape(segment);
}

// A folder that is nothing but its value must not read as "here" or "above".
std::string BareSegment(std::string_view value) {
  if (value == ".") return "%2E";
  if (value == "..") return "%2E%2E";
  return SegmentOf(value);
}

bool IsNumber(std::string_view text, size_t digits, int least, int most) {
  if (text.size() != digits || !std::ranges::all_of(text, [](char c) { return c >= '0' && c <= '9'; })) return false;
  int value = 0;
  std::from_chars(text.data(), text.data() + text.size(), value);
  return value >= least && value <= most;
}

bool IsCalendarDay(const std::vector<std::string>& parts) {
  return std::chrono::year_month_day(std::chrono::year(std::stoi(parts[0])),
                                     std::chrono::month(static_cast<unsigned>(std::stoi(parts[1]))),
                                     std::chrono::day(static_cast<unsigned>(std::stoi(parts[2]))))
      .ok();
}

// YYYY, MM, DD, HH: as many as the table has keys.
bool IsDate(const std::vector<std::string>& parts) {
  if (parts.empty() || parts.size() > kMostDateKeys || !IsNumber(parts[0], 4, 0, 9999)) return false;
  constexpr int kLeast[] = {0, 1, 1, 0};
  constexpr int kMost[] = {9999, 12, 31, 23};
  for (size_t i = 1; i < parts.size(); ++i)
    if (!IsNumber(parts[i], 2, kLeast[i], kMost[i])) return false;
  return parts.size() < 3 || IsCalendarDay(parts);
}

std::vector<std::string> Split(std::string_view folder) {
  std::vector<std::string> segments;
  if (folder.empty()) return segments;
  for (size_t start = 0;;) {
    const size_t slash = folder.find('/', start);
    segments.emplace_back(folder.substr(start, slash - start));
    if (slash == std::string_view::npos) return segments;
    start = slash + 1;
  }
}

std::string LayoutText(PartitionLayout layout, const std::vector<std::string>& keys) {
  if (keys.empty()) return "of a table without partition keys";
  if (layout == PartitionLayout::kDate) {
    constexpr std::string_view kForms[] = {"YYYY", "YYYY/MM", "YYYY/MM/DD", "YYYY/MM/DD/HH"};
    return std::string(kForms[std::min(keys.size(), kMostDateKeys) - 1]);
  }
  std::string text;
  for (const std::string& key : keys) {
    if (!text.empty()) text += '/';
    text += layout == PartitionLayout::kKeyValue ? Escape(key) + "=..." : "<" + key + ">";
  }
  return text;
}

std::unexpected<Error> DoesNotFollow(PartitionLayout layout, const std::vector<std::string>& keys,
                                     std::string_view folder) {
  return Fail(ErrorKind::kMismatch,
              fmt::format("the folder '{}' does not follow the layout {}", folder, LayoutText(layout, keys)),
              "Move its objects, or set the table's partition_by and layout to what the folders are");
}

}  // namespace

std::string PartitionName(const std::vector<std::string>& keys, const PartitionValues& values) {
  Check(keys.size() == values.values.size(), "a partition has one value for each key");
  std::string name;
  for (size_t i = 0; i < keys.size(); ++i) {
    if (i > 0) name += '/';
    name += Escape(keys[i]) + "=" + SegmentOf(values.values[i]);
  }
  return name;
}

Result<std::string> PartitionFolder(PartitionLayout layout, const std::vector<std::string>& keys,
                                    const PartitionValues& values) {
  if (keys.size() != values.values.size())
    return Fail(ErrorKind::kInvalidArgument,
                fmt::format("{} partition values for {} partition keys", values.values.size(), keys.size()));
  if (layout == PartitionLayout::kKeyValue) return PartitionName(keys, values);
  if (layout == PartitionLayout::kDate && !keys.empty() && !IsDate(values.values))
    return Fail(ErrorKind::kInvalidArgument,
                fmt::format("the partition {} has no folder in the layout {}", PartitionName(keys, values),
                            LayoutText(layout, keys)),
                "Its values must be a year of four digits, then a month and a day of two");
  std::string folder;
  for (const std::string& value : values.values) {
    if (!folder.empty()) folder += '/';
    folder += BareSegment(value);
  }
  return folder;
}

Result<PartitionValues> ParsePartitionFolder(PartitionLayout layout, const std::vector<std::string>& keys,
                                             std::string_view folder) {
  const std::vector<std::string> segments = Split(folder);
  if (segments.size() != keys.size()) return DoesNotFollow(layout, keys, folder);
  if (layout == PartitionLayout::kDate) {
    if (!keys.empty() && !IsDate(segments)) return DoesNotFollow(layout, keys, folder);
    return PartitionValues{segments};
  }
  PartitionValues values;
  for (size_t i = 0; i < keys.size(); ++i) {
    std::string_view segment = segments[i];
    if (layout == PartitionLayout::kKeyValue) {
      const size_t equals = segment.find('=');
      if (equals == std::string_view::npos || Unescape(segment.substr(0, equals)) != keys[i])
        return DoesNotFollow(layout, keys, folder);
      segment.remove_prefix(equals + 1);
    } else if (segment.empty() || segment == "." || segment == "..") {
      return DoesNotFollow(layout, keys, folder);
    }
    values.values.push_back(ValueOf(segment));
  }
  return values;
}

}  // namespace firn
