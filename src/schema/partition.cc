#include "schema/partition.h"

#include <fmt/format.h>

#include <algorithm>

namespace firn {
namespace {

constexpr std::string_view kNull = "__HIVE_DEFAULT_PARTITION__";

// Hive escapes these in folder names (FileUtils.charToEscape), and control characters.
bool NeedsEscape(char c) {
  return static_cast<uint8_t>(c) < 0x20 || c == 0x7F ||
         std::string_view("\"#%'*/:=?\\{[]^").find(c) != std::string_view::npos;
}

std::string Escape(std::string_view text) {
  if (text.empty()) return std::string(kNull);
  if (text == "." || text == "..") return text.size() == 1 ? "%2E" : "%2E%2E";
  std::string escaped;
  for (const char c : text) {
    if (NeedsEscape(c))
      escaped += fmt::format("%{:02X}", static_cast<uint8_t>(c));
    else
      escaped.push_back(c);
  }
  return escaped;
}

int HexDigit(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  return -1;
}

std::string Unescape(std::string_view text) {
  std::string plain;
  for (size_t i = 0; i < text.size(); ++i) {
    const int high = text[i] == '%' && i + 2 < text.size() ? HexDigit(text[i + 1]) : -1;
    const int low = high >= 0 ? HexDigit(text[i + 2]) : -1;
    if (low < 0) {
      plain.push_back(text[i]);
      continue;
    }
    plain.push_back(static_cast<char>(high * 16 + low));
    i += 2;
  }
  return plain;
}

std::vector<std::string_view> Segments(std::string_view folder) {
  std::vector<std::string_view> segments;
  while (!folder.empty()) {
    const size_t slash = folder.find('/');
    segments.push_back(folder.substr(0, slash));
    folder = slash == std::string_view::npos ? std::string_view() : folder.substr(slash + 1);
  }
  return segments;
}

bool IsNumber(std::string_view text, size_t digits) {
  return text.size() == digits && std::ranges::all_of(text, [](char c) { return c >= '0' && c <= '9'; });
}

// YYYY, MM, DD in their places: what keeps a folder of a year from being taken for one of a day.
bool IsDatePart(std::string_view text, size_t place) {
  if (!IsNumber(text, place == 0 ? 4 : 2)) return false;
  if (place == 1) return text >= "01" && text <= "12";
  if (place == 2) return text >= "01" && text <= "31";
  return true;
}

std::unexpected<Error> DoesNotFollow(std::string_view folder, std::string_view layout) {
  return Fail(ErrorKind::kMismatch, fmt::format("the folder '{}' does not follow the layout {}", folder, layout),
              "Move it, or change `layout` and `partition_by` of the table");
}

}  // namespace

std::string PartitionName(const std::vector<std::string>& keys, const PartitionValues& values) {
  std::string name;
  for (size_t i = 0; i < keys.size() && i < values.values.size(); ++i)
    name += (name.empty() ? "" : "/") + Escape(keys[i]) + "=" + Escape(values.values[i]);
  return name;
}

Result<std::string> PartitionFolder(PartitionLayout layout, const std::vector<std::string>& keys,
                                    const PartitionValues& values) {
  if (values.values.size() != keys.size())
    return Fail(ErrorKind::kInvalidArgument,
                fmt::format("{} partition values for {} keys", values.values.size(), keys.size()));
  if (layout == PartitionLayout::kKeyValue) return PartitionName(keys, values);
  std::string folder;
  for (size_t i = 0; i < values.values.size(); ++i) {
    if (layout == PartitionLayout::kDate && !IsDatePart(values.values[i], i))
      return Fail(ErrorKind::kInvalidArgument,
                  fmt::format("'{}' is no {} of a YYYY/MM/DD folder", values.values[i], keys[i]));
    folder += (folder.empty() ? "" : "/") + Escape(values.values[i]);
  }
  return folder;
}

Result<PartitionValues> ParsePartitionFolder(PartitionLayout layout, const std::vector<std::string>& keys,
                                             std::string_view folder) {
  const std::vector<std::string_view> segments = Segments(folder);
  const std::string_view name = layout == PartitionLayout::kDate       ? "YYYY/MM/DD"
                                : layout == PartitionLayout::kKeyValue ? "key=value"
                                                                       : "positional";
  if (segments.size() != keys.size()) return DoesNotFollow(folder, name);
  PartitionValues values;
  for (size_t i = 0; i < segments.size(); ++i) {
    std::string_view value = segments[i];
    if (layout == PartitionLayout::kDate && !IsDatePart(value, i)) return DoesNotFollow(folder, name);
    if (layout == PartitionLayout::kKeyValue) {
      const size_t equals = value.find('=');
      if (equals == std::string_view::npos || Unescape(value.substr(0, equals)) != keys[i])
        return DoesNotFollow(folder, name);
      value = value.substr(equals + 1);
    }
    values.values.push_back(value == kNull ? std::string() : Unescape(value));
  }
  return values;
}

}  // namespace firn
