#include "app/screen.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cstdio>

namespace firn {
namespace {

std::string CellText(const Json& value) {
  if (value.is_null()) return "";
  if (value.is_string()) return value.get<std::string>();
  return value.dump(-1, ' ', false, Json::error_handler_t::replace);
}

// Columns that a terminal gives a text: one a code point, two for East Asian wide ones and emoji.
size_t DisplayWidth(std::string_view text) {
  size_t width = 0;
  for (size_t i = 0; i < text.size(); ++i) {
    const auto c = static_cast<uint8_t>(text[i]);
    if ((c & 0xC0) == 0x80) continue;
    const bool wide = c >= 0xF0 || (c >= 0xE2 && c <= 0xEA && !(c == 0xE2));
    width += wide ? 2 : 1;
  }
  return width;
}

std::string Padded(const std::string& text, size_t width, bool right) {
  const std::string pad(width - std::min(width, DisplayWidth(text)), ' ');
  return right ? pad + text : text + pad;
}

std::string CsvCell(const Json& value) {
  if (value.is_null()) return "";
  std::string quoted = "\"";
  for (const char c : CellText(value)) {
    if (c == '"') quoted.push_back(c);
    quoted.push_back(c);
  }
  return quoted + "\"";
}

void PrintCsv(const Json& records) {
  std::string line;
  for (const auto& [name, value] : records[0].items()) line += (line.empty() ? "" : ",") + CsvCell(Json(name));
  fmt::print("{}\n", line);
  for (const Json& record : records) {
    line.clear();
    bool first = true;
    for (const auto& [name, value] : record.items()) {
      if (!first) line += ",";
      line += CsvCell(value);
      first = false;
    }
    fmt::print("{}\n", line);
  }
}

void PrintTable(const Json& records) {
  std::vector<std::string> heads;
  std::vector<size_t> widths;
  std::vector<bool> numbers;
  for (const auto& [name, value] : records[0].items()) {
    heads.push_back(name);
    widths.push_back(DisplayWidth(name));
    numbers.push_back(value.is_number());
  }
  for (const Json& record : records) {
    size_t c = 0;
    for (const auto& [name, value] : record.items()) {
      widths[c] = std::max(widths[c], DisplayWidth(CellText(value)));
      ++c;
    }
  }
  const auto print_row = [&](auto&& cell) {
    std::string line;
    for (size_t c = 0; c < heads.size(); ++c) line += (c == 0 ? "" : "  ") + Padded(cell(c), widths[c], numbers[c]);
    line.erase(line.find_last_not_of(' ') + 1);
    fmt::print("{}\n", line);
  };
  print_row([&](size_t c) { return heads[c]; });
  print_row([&](size_t c) { return std::string(widths[c], '-'); });
  for (const Json& record : records) {
    std::vector<std::string> cells;
    for (const auto& [name, value] : record.items()) cells.push_back(CellText(value));
    print_row([&](size_t c) { return cells[c]; });
  }
}

bool IsMapOfMaps(const Json& value) {
  return value.is_object() && !value.empty() &&
         std::ranges::all_of(value, [](const Json& fields) { return fields.is_object(); });
}

// "location=lake/a, format=csv"
std::string FieldsText(const Json& fields) {
  std::string text;
  for (const auto& [name, value] : fields.items())
    text += fmt::format("{}{}={}", text.empty() ? "" : ", ", name, CellText(value));
  return text;
}

std::string Dump(const Json& json) {
  return json.dump(2, ' ', false, Json::error_handler_t::replace);
}

}  // namespace

void Screen::Records(const Json& records, std::string_view empty) const {
  if (json()) {
    fmt::print("{}\n", Dump(records));
  } else if (records.empty()) {
    fmt::print(stderr, "{}\n", empty);
  } else if (format_ == OutputFormat::kCsv) {
    PrintCsv(records);
  } else {
    PrintTable(records);
  }
}

void Screen::Record(const Json& record) const {
  if (json()) {
    fmt::print("{}\n", Dump(record));
    return;
  }
  size_t width = 0;
  for (const auto& [name, value] : record.items()) width = std::max(width, name.size());
  for (const auto& [name, value] : record.items()) {
    if (value.is_array() && !value.empty()) {
      fmt::print("{}\n", name);
      for (const Json& one : value) fmt::print("  - {}\n", CellText(one));
    } else if (IsMapOfMaps(value)) {
      fmt::print("{}\n", name);
      for (const auto& [key, fields] : value.items()) fmt::print("  - {}: {}\n", key, FieldsText(fields));
    } else {
      fmt::print("{:<{}}  {}\n", name, width, CellText(value));
    }
  }
}

void Screen::Text(std::string_view text) const {
  if (!json()) fmt::print("{}\n", text);
}

void Screen::Failure(const Error& error) const {
  if (json()) {
    fmt::print("{}\n",
               Dump({{"error", {{"kind", NameOf(error.kind)}, {"message", error.message}, {"hint", error.hint}}}}));
    return;
  }
  fmt::print(stderr, "firn: {}\n", error.message);
  if (!error.hint.empty()) fmt::print(stderr, "      {}\n", error.hint);
}

std::string Counted(int64_t number, std::string_view noun) {
  return fmt::format("{} {}{}", GroupedDigits(number), noun, number == 1 ? "" : "s");
}

std::string HumanBytes(int64_t bytes) {
  constexpr std::array kUnits = {"B", "kB", "MB", "GB", "TB"};
  auto value = static_cast<double>(bytes);
  size_t unit = 0;
  for (; value >= 1000 && unit + 1 < kUnits.size(); ++unit) value /= 1000;
  return unit == 0 ? fmt::format("{} B", bytes) : fmt::format("{:.{}f} {}", value, value < 10 ? 1 : 0, kUnits[unit]);
}

std::string HumanDuration(int64_t milliseconds) {
  if (milliseconds < 1000) return fmt::format("{} ms", milliseconds);
  if (milliseconds < 60'000) return fmt::format("{:.1f} s", static_cast<double>(milliseconds) / 1000);
  return fmt::format("{} min {} s", milliseconds / 60'000, milliseconds / 1000 % 60);
}

}  // namespace firn
