#include "query/column_names.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "sql/syntax_tree.h"

namespace firn {
namespace {

// What writers call the groups of lists and maps: no columns.
const std::set<std::string, std::less<>> kGroupNames = {"list", "element",   "item", "array", "bag",    "array_element",
                                                        "map",  "key_value", "key",  "value", "entries"};

Status CheckFields(const TableRecord& table, const std::vector<Field>& fields, const std::string& parent) {
  std::map<std::string, std::string> seen;  // in lower case -> as it is
  for (const Field& field : fields) {
    const auto [same, is_new] = seen.emplace(LowerCase(field.name), field.name);
    if (!is_new)
      return Fail(ErrorKind::kUnsupported,
                  fmt::format("table '{}' has the columns '{}' and '{}', and SQL does not tell names apart by case",
                              table.name.str(), parent + same->second, parent + field.name),
                  "let the producer use one spelling, or rename one in a job's steps and query what the job writes");
    FIRN_TRY(CheckFields(table, field.type.children, parent + field.name + "."));
  }
  return {};
}

// The columns and the fields of structs, at any depth, by their names in lower case.
struct KnownNames {
  std::set<std::string, std::less<>> exact;
  std::map<std::string, std::string> by_lower_case;
  bool has_groups = false;

  void Add(const std::vector<Field>& fields) {
    for (const Field& field : fields) {
      exact.insert(field.name);
      by_lower_case.emplace(LowerCase(field.name), field.name);
      AddFieldsOf(field.type);
    }
  }
  void AddFieldsOf(const Type& type) {
    if (type.kind == TypeKind::kStruct) return Add(type.children);
    has_groups = has_groups || !type.children.empty();
    for (const Field& child : type.children) AddFieldsOf(child.type);
  }
  // The column that a name of a file would be taken for; nullptr when it is none, or is the column itself.
  [[nodiscard]] const std::string* TakenFor(const std::string& name) const {
    if (exact.contains(name) || (has_groups && kGroupNames.contains(name))) return nullptr;
    const auto found = by_lower_case.find(LowerCase(name));
    return found == by_lower_case.end() ? nullptr : &found->second;
  }
};

std::string ListOf(const std::vector<std::string>& paths) {
  std::string list;
  for (const std::string& path : paths) list += (list.empty() ? "[" : ", ") + QuoteLiteral(path);
  return list + "]";
}

}  // namespace

Status CheckColumnNames(const TableRecord& table) {
  std::vector<Field> columns;
  for (const Field& field : table.schema.fields)
    if (std::ranges::find(table.partition_keys, field.name) == table.partition_keys.end()) columns.push_back(field);
  for (const std::string& key : table.partition_keys) columns.push_back({.name = key, .type = {}});
  return CheckFields(table, columns, "");
}

Status CheckFileNames(SqlEngine& engine, const TableRecord& table, const TableFiles& files) {
  if (files.uncrawled.empty()) return {};
  KnownNames known;
  known.Add(table.schema.fields);
  FIRN_TRY_ASSIGN(const auto names,
                  engine.QueryText(fmt::format(
                      "SELECT name, any_value(file_name) FROM parquet_schema({}) WHERE column_id > 0 GROUP BY name",
                      ListOf(files.uncrawled))));
  for (const auto& row : names.rows)
    if (const std::string* column = known.TakenFor(row[0].value_or("")))
      return Fail(ErrorKind::kUnsupported,
                  fmt::format("{} has a column '{}', table '{}' has '{}', and SQL does not tell names apart by case",
                              row[1].value_or(""), row[0].value_or(""), table.name.str(), *column),
                  "let the producer use one spelling; if it did, crawl the table, or declare the column as the files "
                  "spell it");
  return {};
}

}  // namespace firn
