#include "app/declared_tables.h"

#include <fmt/format.h>

#include <utility>

#include "schema/merge.h"
#include "schema/schema_change.h"

namespace firn {
namespace {

Status KeepLearned(Catalog& catalog, const TableRecord& known, TableRecord& declared) {
  declared.created_ns = known.created_ns;
  if (declared.partition_keys.empty() && !known.partition_keys.empty()) {
    declared.partition_keys = known.partition_keys;
    declared.layout = known.layout;
  }
  if (known.options.contains("csv"))
    declared.options["csv"] = known.options["csv"];  // how the last run wrote its files
  FIRN_TRY_ASSIGN(const auto snapshot, catalog.CurrentSnapshot(declared.name));
  if (declared.format.empty() || snapshot) declared.format = known.format;
  if (declared.schema.fields.empty() || snapshot) {
    declared.schema = known.schema;
  } else if (declared.format == "csv" || declared.format == "json" || declared.format == "text" ||
             declared.format == "dynamodb_json") {
    declared.schema = DeclaredOver(declared.schema, known.schema);
  } else if (declared.format == "parquet" && !known.schema.fields.empty()) {
    auto merged = MergeSchemas(known.schema, declared.schema);
    if (!merged)
      return std::unexpected(
          std::move(merged.error())
              .Within(fmt::format("the columns of table '{}' in the project file do not fit those of its files",
                                  declared.name.str())));
    declared.schema = std::move(*merged);
  }
  return {};
}

}  // namespace

Result<std::vector<TableRecord>> DeclaredTables(const Project& project, Catalog& catalog, int64_t now_ns) {
  std::vector<TableRecord> tables;
  for (const TableDefinition& definition : project.tables) {
    TableRecord table = ToRecord(definition);
    table.created_ns = table.updated_ns = now_ns;
    auto known = catalog.GetTable(table.name);
    if (!known && known.error().kind != ErrorKind::kNotFound) return std::unexpected(std::move(known.error()));
    if (known) FIRN_TRY(KeepLearned(catalog, *known, table));
    FIRN_TRY(catalog.CheckTable(table));
    tables.push_back(std::move(table));
  }
  return tables;
}

}  // namespace firn
