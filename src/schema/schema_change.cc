#include "schema/schema_change.h"

#include <fmt/format.h>

#include <algorithm>

#include "schema/merge.h"
#include "schema/names.h"

namespace firn {
namespace {

bool SameTypes(const Type& a, const Type& b) {
  return Describe(a) == Describe(b);
}

// Of structs: whether `wide` has no field more, at any depth, and no type that is wider.
Status CheckColumn(const Field& known, const Field& wide, SchemaChange change, const std::string& path) {
  if (SameTypes(known.type, wide.type)) return {};
  if (known.type.kind != wide.type.kind || known.type.children.empty())
    return Fail(
        ErrorKind::kMismatch,
        fmt::format("column '{}' is {}, and the values are {}", path, Describe(known.type), Describe(wide.type)),
        "Correct the values, or let the table follow its files: schema_change: evolve");
  for (const Field& child : wide.type.children) {
    const auto same = std::ranges::find(known.type.children, child.name, &Field::name);
    if (same != known.type.children.end())
      FIRN_TRY(CheckColumn(*same, child, change, path + "." + child.name));
    else if (change == SchemaChange::kFail)
      return std::unexpected(NoSuchColumn(path + "." + child.name));
  }
  return {};
}

}  // namespace

Error NoSuchColumn(std::string_view name) {
  return {ErrorKind::kMismatch, fmt::format("the table has no column '{}'", name),
          "Declare it, or let the table follow its files: schema_change: evolve"};
}

Schema DeclaredOver(const Schema& declared, const Schema& learned) {
  Schema both = declared;
  for (const Field& field : learned.fields)
    if (declared.Find(field.name) == nullptr) both.fields.push_back(field);
  return both;
}

Result<Schema> ChangeSchema(const Schema& table, const Schema& file, SchemaChange change) {
  if (table.fields.empty()) return file;
  FIRN_TRY_ASSIGN(Schema merged, MergeSchemas(table, file));
  if (change == SchemaChange::kEvolve) return merged;
  for (const Field& field : merged.fields) {
    if (const Field* const known = table.Find(field.name))
      FIRN_TRY(CheckColumn(*known, field, change, field.name));
    else if (change == SchemaChange::kFail)
      return std::unexpected(NoSuchColumn(field.name));
  }
  return table;
}

}  // namespace firn
