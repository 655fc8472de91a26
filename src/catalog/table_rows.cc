#include "catalog/table_rows.h"

#include <fmt/format.h>

#include <array>
#include <utility>

#include "base/nearest.h"
#include "catalog/partition_order.h"
#include "catalog/schema_json.h"
#include "catalog/stored_json.h"

namespace firn {
namespace {

constexpr std::array<std::pair<PartitionLayout, std::string_view>, 3> kLayouts = {{
    {PartitionLayout::kKeyValue, "key_value"},
    {PartitionLayout::kDate, "date"},
    {PartitionLayout::kPositional, "positional"},
}};

std::string_view NameOf(PartitionLayout layout) {
  for (const auto& [value, name] : kLayouts)
    if (value == layout) return name;
  return {};
}

// What makes a new version when it changes; options and times do not.
bool SameShape(const TableRecord& a, const TableRecord& b) {
  return a.location == b.location && a.format == b.format && a.partition_keys == b.partition_keys &&
         a.layout == b.layout && a.schema == b.schema;
}

}  // namespace

Status TableRows::Put(const TableRecord& table) {
  if (table.name.empty()) return Fail(ErrorKind::kInvalidArgument, "a table needs a name");
  FIRN_TRY_ASSIGN(const std::optional<Found> now, Find(table.name));
  return now ? Change(*now, table) : Create(table);
}

Status TableRows::Check(const TableRecord& table) {
  FIRN_TRY_ASSIGN(const std::optional<Found> now, Find(table.name));
  if (!now) return {};
  FIRN_TRY(CheckKeyChange(*now, table));
  return CheckMove(*now, table);
}

Status TableRows::Create(const TableRecord& table) {
  FIRN_TRY(
      database_.Run("INSERT INTO tables (name, version, created_ns) VALUES (?, 1, ?)", table.name, table.created_ns));
  return AddVersion(database_.last_row_id(), 1, table);
}

Status TableRows::Change(const Found& now, const TableRecord& table) {
  if (SameShape(now.record, table)) {
    if (now.record.options == table.options) return {};
    return database_.Run("UPDATE table_versions SET options = ?, updated_ns = ? WHERE table_id = ? AND version = ?",
                         StoreJson(table.options), table.updated_ns, now.id, now.record.version);
  }
  FIRN_TRY(CheckKeyChange(now, table));
  FIRN_TRY(CheckMove(now, table));
  if (now.record.partition_keys != table.partition_keys) FIRN_TRY(RenameLists(now.id, table));
  FIRN_TRY(database_.Run("UPDATE tables SET version = version + 1 WHERE id = ?", now.id));
  return AddVersion(now.id, now.record.version + 1, table);
}

// Keys may be renamed at any time; their number is that of every partition's values.
Status TableRows::CheckKeyChange(const Found& now, const TableRecord& table) {
  if (now.record.partition_keys.size() == table.partition_keys.size()) return {};
  FIRN_TRY_ASSIGN(Cursor row, database_.Query("SELECT EXISTS (SELECT 1 FROM partitions WHERE table_id = ?) OR "
                                              "EXISTS (SELECT 1 FROM file_lists WHERE table_id = ?)",
                                              now.id, now.id));
  FIRN_TRY(row.Next());
  if (row.Integer(0) == 0) return {};
  return Fail(ErrorKind::kMismatch,
              fmt::format("table '{}' has partitions of {} keys; it cannot be given {} keys", table.name.str(),
                          now.record.partition_keys.size(), table.partition_keys.size()),
              "Use another table's name, or remove the table first.");
}

// What jobs have written stays where it is: with a new location, a table would lie in two places.
Status TableRows::CheckMove(const Found& now, const TableRecord& table) {
  if (now.record.location == table.location) return {};
  FIRN_TRY_ASSIGN(Cursor row, database_.Query("SELECT EXISTS (SELECT 1 FROM snapshots WHERE table_id = ?)", now.id));
  FIRN_TRY(row.Next());
  if (row.Integer(0) == 0) return {};
  return Fail(ErrorKind::kMismatch,
              fmt::format("table '{}' has been written to {}; its location cannot become {}", table.name.str(),
                          now.record.location, table.location),
              "Keep the location, or declare the new place as a table of another name.");
}

// File lists are found by their partition's name, and that holds the keys.
Status TableRows::RenameLists(int64_t id, const TableRecord& table) {
  std::vector<std::pair<int64_t, std::string>> names;
  FIRN_TRY_ASSIGN(Cursor row, database_.Query("SELECT id, value_list FROM file_lists WHERE table_id = ?", id));
  for (;;) {
    FIRN_TRY_ASSIGN(const bool more, row.Next());
    if (!more) break;
    const auto values = UnpackValues(row.Text(1));
    if (!values) return database_.Corrupt(fmt::format("file list {} has no partition values", row.Integer(0)));
    names.emplace_back(row.Integer(0), PartitionName(table.partition_keys, *values));
  }
  for (const auto& [list, name] : names)
    FIRN_TRY(database_.Run("UPDATE file_lists SET partition = ? WHERE id = ?", name, list));
  return {};
}

Status TableRows::AddVersion(int64_t id, int64_t version, const TableRecord& table) {
  return database_.Run(
      "INSERT INTO table_versions (table_id, version, location, format, partition_keys, layout, schema, options, "
      "updated_ns) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",
      id, version, table.location, table.format, StoreJson(Json(table.partition_keys)), NameOf(table.layout),
      StoreJson(ToJson(table.schema)), StoreJson(table.options), table.updated_ns);
}

Result<std::optional<TableRows::Found>> TableRows::Find(const TableName& name) {
  FIRN_TRY_ASSIGN(Cursor row,
                  database_.Query("SELECT name, v.version, location, format, partition_keys, layout, schema, options, "
                                  "created_ns, updated_ns, id FROM tables JOIN table_versions v "
                                  "ON v.table_id = id AND v.version = tables.version WHERE name = ?",
                                  name));
  FIRN_TRY_ASSIGN(const bool found, row.Next());
  if (!found) return std::nullopt;
  FIRN_TRY_ASSIGN(TableRecord record, Read(row));
  return Found{row.Integer(10), std::move(record)};
}

Result<TableRows::Found> TableRows::Get(const TableName& name) {
  FIRN_TRY_ASSIGN(std::optional<Found> found, Find(name));
  if (found) return std::move(*found);
  std::vector<std::string> names;
  FIRN_TRY_ASSIGN(Cursor row, database_.Query("SELECT name FROM tables ORDER BY name"));
  for (;;) {
    FIRN_TRY_ASSIGN(const bool more, row.Next());
    if (!more) break;
    names.push_back(row.Text(0));
  }
  return Fail(ErrorKind::kNotFound, fmt::format("no table '{}'", name.str()),
              names.empty() ? "The catalog has no tables yet: `firn apply` and `firn crawl` make them."
                            : SuggestFrom(name.str(), names));
}

Result<std::vector<TableRecord>> TableRows::List() {
  std::vector<TableRecord> tables;
  FIRN_TRY_ASSIGN(Cursor row,
                  database_.Query("SELECT name, v.version, location, format, partition_keys, layout, schema, options, "
                                  "created_ns, updated_ns FROM tables JOIN table_versions v "
                                  "ON v.table_id = id AND v.version = tables.version ORDER BY name"));
  for (;;) {
    FIRN_TRY_ASSIGN(const bool more, row.Next());
    if (!more) return tables;
    FIRN_TRY_ASSIGN(TableRecord table, Read(row));
    tables.push_back(std::move(table));
  }
}

Result<std::vector<TableRecord>> TableRows::Versions(const TableName& name) {
  FIRN_TRY_ASSIGN(const Found found, Get(name));
  std::vector<TableRecord> versions;
  FIRN_TRY_ASSIGN(Cursor row,
                  database_.Query("SELECT name, v.version, location, format, partition_keys, layout, schema, options, "
                                  "created_ns, updated_ns FROM tables JOIN table_versions v ON v.table_id = id "
                                  "WHERE id = ? ORDER BY v.version DESC",
                                  found.id));
  for (;;) {
    FIRN_TRY_ASSIGN(const bool more, row.Next());
    if (!more) return versions;
    FIRN_TRY_ASSIGN(TableRecord table, Read(row));
    versions.push_back(std::move(table));
  }
}

Status TableRows::Drop(const TableName& name) {
  FIRN_TRY_ASSIGN(const Found found, Get(name));
  FIRN_TRY_ASSIGN(Cursor lease,
                  database_.Query("SELECT partition, run FROM leases WHERE table_name = ? LIMIT 1", name));
  FIRN_TRY_ASSIGN(const bool leased, lease.Next());
  if (leased)
    return Fail(ErrorKind::kConflict,
                fmt::format("table '{}' is being written: run {} holds partition '{}'", name.str(), lease.Text(1),
                            lease.Text(0)),
                "Wait for the run to end, or stop it.");
  // Lists before snapshots: both go with the table, but a list may not outlive its snapshot.
  FIRN_TRY(database_.Run("DELETE FROM file_lists WHERE table_id = ?", found.id));
  FIRN_TRY(database_.Run("DELETE FROM crawled WHERE table_name = ?", name));
  return database_.Run("DELETE FROM tables WHERE id = ?", found.id);
}

Result<TableRecord> TableRows::Read(const Cursor& row) {
  TableRecord table;
  table.name = TableName(row.Text(0));
  table.version = row.Integer(1);
  table.location = row.Text(2);
  table.format = row.Text(3);
  const std::string what = fmt::format("the columns of table '{}'", table.name.str());
  FIRN_TRY_ASSIGN(const Json keys, LoadJson(database_, row.Text(4), what));
  for (const Json& key : keys) {
    if (!key.is_string()) return database_.Corrupt(what + " are not names");
    table.partition_keys.push_back(key.get<std::string>());
  }
  for (const auto& [layout, name] : kLayouts)
    if (name == row.Text(5)) table.layout = layout;
  FIRN_TRY_ASSIGN(const Json schema, LoadJson(database_, row.Text(6), what));
  auto parsed = SchemaFromJson(schema);
  if (!parsed) return database_.Corrupt(fmt::format("{}: {}", what, parsed.error().message));
  table.schema = std::move(*parsed);
  FIRN_TRY_ASSIGN(table.options, LoadJson(database_, row.Text(7), what));
  table.created_ns = row.Integer(8);
  table.updated_ns = row.Integer(9);
  return table;
}

}  // namespace firn
