#include "query/result_writer.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cctype>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "base/json.h"
#include "query/display_width.h"

namespace firn {
namespace {

using Row = QueryResult::Row;
using Out = std::function<Status(std::string_view)>;

bool IsNumber(const std::string& type) {
  constexpr std::array<std::string_view, 13> kNumbers = {"TINYINT",  "SMALLINT",  "INTEGER",  "BIGINT",  "HUGEINT",
                                                         "UTINYINT", "USMALLINT", "UINTEGER", "UBIGINT", "UHUGEINT",
                                                         "FLOAT",    "DOUBLE",    "BIGNUM"};
  return type.starts_with("DECIMAL") || std::ranges::find(kNumbers, type) != kNumbers.end();
}

// 1234567 -> "1,234,567".
std::string Grouped(int64_t number) {
  std::string text = std::to_string(number);
  for (size_t i = text.size(); i > 3; i -= 3) text.insert(i - 3, ",");
  return text;
}

std::string Size(int64_t bytes) {
  constexpr std::array<std::string_view, 5> kUnits = {"B", "KB", "MB", "GB", "TB"};
  auto size = static_cast<double>(bytes);
  size_t unit = 0;
  for (; size >= 1000 && unit + 1 < kUnits.size(); ++unit) size /= 1000;
  return unit == 0 ? fmt::format("{} B", bytes) : fmt::format("{:.1f} {}", size, kUnits[unit]);
}

// Calls `each` with the rows as they come; the number of rows.
Result<int64_t> ForEach(QueryResult& result, const std::function<Status(const std::vector<Row>&)>& each) {
  int64_t count = 0;
  while (true) {
    FIRN_TRY_ASSIGN(const auto rows, result.Next());
    if (rows.empty()) return count;
    count += static_cast<int64_t>(rows.size());
    FIRN_TRY(each(rows));
  }
}

void AppendQuoted(std::string_view text, std::string& out) {
  out += '"';
  for (char c : text) {
    if (c == '"') out += '"';
    out += c;
  }
  out += '"';
}

Result<int64_t> WriteCsv(QueryResult& result, const Out& out) {
  std::string text;
  for (size_t i = 0; i < result.columns().size(); ++i) {
    if (i > 0) text += ',';
    AppendQuoted(result.columns()[i].name, text);
  }
  FIRN_TRY(out(text + "\n"));
  return ForEach(result, [&](const std::vector<Row>& rows) {
    text.clear();
    for (const Row& row : rows) {
      for (size_t i = 0; i < row.size(); ++i) {
        if (i > 0) text += ',';
        if (row[i]) AppendQuoted(*row[i], text);
      }
      text += '\n';
    }
    return out(text);
  });
}

std::string JsonString(const std::string& text) {
  return Json(text).dump(-1, ' ', false, Json::error_handler_t::replace);
}

std::string JsonCell(const std::string& type, const std::optional<std::string>& cell) {
  if (!cell) return "null";
  if (type == "BOOLEAN") return *cell;
  // NaN and infinities have no JSON: they are strings, alone or (the whole value then) nested.
  if (IsNumber(type)) return std::isdigit(static_cast<unsigned char>(cell->back())) != 0 ? *cell : JsonString(*cell);
  if ((type == "JSON" || IsNestedSqlType(type)) && Json::accept(*cell)) return *cell;
  return JsonString(*cell);
}

std::vector<std::string> UniqueNames(const std::vector<SqlColumn>& columns) {
  std::vector<std::string> names;
  std::set<std::string> given;
  for (const SqlColumn& column : columns) {
    std::string name = column.name;
    for (int i = 1; !given.insert(name).second; ++i) name = fmt::format("{}_{}", column.name, i);
    names.push_back(JsonString(name) + ": ");
  }
  return names;
}

Result<int64_t> WriteJson(QueryResult& result, const Out& out) {
  const std::vector<std::string> names = UniqueNames(result.columns());
  std::string text = "[";
  bool first = true;
  FIRN_TRY_ASSIGN(const int64_t count, ForEach(result, [&](const std::vector<Row>& rows) {
                    for (const Row& row : rows) {
                      text += std::exchange(first, false) ? "\n  {" : ",\n  {";
                      for (size_t i = 0; i < row.size(); ++i)
                        text += (i == 0 ? "" : ", ") + names[i] + JsonCell(result.columns()[i].type, row[i]);
                      text += '}';
                    }
                    return out(std::exchange(text, {}));
                  }));
  FIRN_TRY(out(text + (count == 0 ? "]\n" : "\n]\n")));
  return count;
}

// Rows of cells, drawn with lines between the columns.
class TextGrid {
 public:
  TextGrid(const std::vector<SqlColumn>& columns, int cell_width) : cell_width_(cell_width) {
    Row names;
    for (const SqlColumn& column : columns) {
      names.emplace_back(column.name);
      right_.push_back(IsNumber(column.type));
    }
    widths_.resize(columns.size());
    Add(names);
  }

  void Add(const Row& row) {
    std::vector<std::string> cells;
    for (size_t i = 0; i < row.size(); ++i) {
      cells.push_back(row[i] ? CutToWidth(WithoutControls(*row[i]), cell_width_) : "NULL");
      widths_[i] = std::max(widths_[i], DisplayWidth(cells.back()));
    }
    rows_.push_back(std::move(cells));
  }

  [[nodiscard]] std::string Draw() const {
    std::string text;
    for (size_t r = 0; r < rows_.size(); ++r) {
      for (size_t i = 0; i < widths_.size(); ++i) AppendCell(i, rows_[r][i], right_[i], text);
      text += '\n';
      if (r == 0) AppendRule(text);
    }
    return text;
  }

 private:
  void AppendCell(size_t column, const std::string& cell, bool right, std::string& text) const {
    const std::string space(static_cast<size_t>(widths_[column] - DisplayWidth(cell)), ' ');
    const bool last = column + 1 == widths_.size();
    text += column == 0 ? " " : "│ ";
    text += right ? space + cell : last ? cell : cell + space;
    if (!last) text += ' ';
  }

  void AppendRule(std::string& text) const {
    for (size_t i = 0; i < widths_.size(); ++i) {
      if (i > 0) text += "┼";
      for (int w = 0; w < widths_[i] + 2; ++w) text += "─";
    }
    text += '\n';
  }

  int cell_width_;
  std::vector<bool> right_;
  std::vector<int> widths_;
  std::vector<std::vector<std::string>> rows_;
};

Result<int64_t> WriteTable(QueryResult& result, const ResultWriteOptions& options, const Out& out) {
  TextGrid grid(result.columns(), options.table_cell_width);
  int64_t shown = 0;
  FIRN_TRY_ASSIGN(const int64_t count, ForEach(result, [&](const std::vector<Row>& rows) -> Status {
                    for (const Row& row : rows) {
                      if (shown == options.table_rows) break;
                      grid.Add(row);
                      ++shown;
                    }
                    return {};
                  }));
  FIRN_TRY(out(grid.Draw()));
  const std::string rows = fmt::format("({} {}", Grouped(count), count == 1 ? "row" : "rows");
  FIRN_TRY(out(shown < count ? fmt::format("{}; the first {} shown)\n", rows, Grouped(shown)) : rows + ")\n"));
  return count;
}

}  // namespace

Result<int64_t> WriteResult(QueryResult& result, const ResultWriteOptions& options, const Out& out) {
  switch (options.format) {
    case ResultFormat::kCsv:
      return WriteCsv(result, out);
    case ResultFormat::kJson:
      return WriteJson(result, out);
    case ResultFormat::kTable:
      return WriteTable(result, options, out);
  }
  return Fail(ErrorKind::kInternal, "a format without a writer");
}

std::string DescribeScans(const std::vector<TableScan>& scans) {
  std::string text;
  for (const TableScan& scan : scans)
    text += fmt::format("{}  {} of {} files, {} of {} partitions, {} of {}\n", scan.table.str(),
                        Grouped(scan.files_read), Grouped(scan.files_known), Grouped(scan.partitions_read),
                        Grouped(scan.partitions_known), Size(scan.bytes_read), Size(scan.bytes_known));
  return text;
}

}  // namespace firn
