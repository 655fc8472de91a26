#include "catalog/partition_rows.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <utility>

#include "catalog/partition_order.h"

namespace firn {

Status CheckValueCount(const TableRecord& table, const PartitionValues& values) {
  if (values.values.size() == table.partition_keys.size()) return {};
  return Fail(ErrorKind::kInvalidArgument,
              fmt::format("a partition of table '{}' has {} values [{}]; the table has {} keys [{}]", table.name.str(),
                          values.values.size(), fmt::join(values.values, ", "), table.partition_keys.size(),
                          fmt::join(table.partition_keys, ", ")));
}

Status PartitionRows::Put(const TableRows::Found& table, std::span<const PartitionRecord> partitions) {
  for (const PartitionRecord& partition : partitions) {
    FIRN_TRY(CheckValueCount(table.record, partition.values));
    FIRN_TRY(
        database_.Run("INSERT OR REPLACE INTO partitions (table_id, order_key, value_list, location, files, bytes, "
                      "rows, folder_modified_ns) VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
                      table.id, Blob{OrderKeyOf(partition.values)}, PackValues(partition.values), partition.location,
                      partition.files, partition.bytes, partition.rows, partition.folder_modified_ns));
  }
  return {};
}

Status PartitionRows::Remove(const TableRows::Found& table, std::span<const PartitionValues> partitions) {
  for (const PartitionValues& values : partitions) {
    FIRN_TRY(CheckNotInSnapshot(table, values));
    FIRN_TRY(Erase(table.id, values));
  }
  return {};
}

Status PartitionRows::Erase(int64_t table_id, const PartitionValues& values) {
  return database_.Run("DELETE FROM partitions WHERE table_id = ? AND order_key = ?", table_id,
                       Blob{OrderKeyOf(values)});
}

Status PartitionRows::CheckNotInSnapshot(const TableRows::Found& table, const PartitionValues& values) {
  FIRN_TRY(CheckValueCount(table.record, values));
  const std::string name = PartitionName(table.record.partition_keys, values);
  FIRN_TRY_ASSIGN(Cursor row, database_.Query("SELECT files FROM file_lists WHERE table_id = ? AND partition = ? AND "
                                              "removed IS NULL AND files > 0",
                                              table.id, name));
  FIRN_TRY_ASSIGN(const bool held, row.Next());
  if (!held) return {};
  return Fail(ErrorKind::kConflict,
              fmt::format("partition '{}' of table '{}' cannot be removed: the table's snapshot holds {} file(s) there",
                          name, table.record.name.str(), row.Integer(0)),
              "Replace it by a run that writes no rows there.");
}

Result<std::vector<PartitionRecord>> PartitionRows::Find(const TableRows::Found& table,
                                                         std::span<const PartitionPredicate> where, int64_t limit) {
  FIRN_TRY_ASSIGN(const PartitionFilter filter, PartitionFilter::Make(table.record.partition_keys, where));
  std::vector<PartitionRecord> found;
  const auto full = [&] { return limit >= 0 && std::cmp_greater_equal(found.size(), limit); };
  for (const OrderKeyRange& range : filter.Ranges()) {
    FIRN_TRY_ASSIGN(Cursor row, database_.Query("SELECT value_list, location, files, bytes, rows, folder_modified_ns "
                                                "FROM partitions WHERE table_id = ? AND order_key >= ? AND "
                                                "order_key < ? ORDER BY order_key",
                                                table.id, Blob{range.from}, Blob{range.to}));
    while (!full()) {
      FIRN_TRY_ASSIGN(const bool more, row.Next());
      if (!more) break;
      std::optional<PartitionValues> values = UnpackValues(row.Text(0));
      if (!values || values->values.size() != table.record.partition_keys.size())
        return database_.Corrupt(fmt::format("table '{}' has a partition of other keys", table.record.name.str()));
      if (!filter.Matches(*values)) continue;
      found.push_back(
          {std::move(*values), row.Text(1), row.Integer(2), row.Integer(3), row.Integer(4), row.Integer(5)});
    }
  }
  return found;
}

Result<int64_t> PartitionRows::Count(const TableRows::Found& table) {
  FIRN_TRY_ASSIGN(Cursor row, database_.Query("SELECT count(*) FROM partitions WHERE table_id = ?", table.id));
  FIRN_TRY(row.Next());
  return row.Integer(0);
}

}  // namespace firn
