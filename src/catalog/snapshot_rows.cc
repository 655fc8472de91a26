#include "catalog/snapshot_rows.h"

#include <fmt/format.h>

#include <algorithm>
#include <unordered_map>
#include <unordered_set>

#include "catalog/partition_order.h"

namespace firn {
namespace {

// The columns of every statement that reads whole snapshots.
SnapshotRecord ReadSnapshot(const Cursor& row) {
  SnapshotRecord snapshot;
  snapshot.id = SnapshotId(row.Text(0));
  snapshot.table = TableName(row.Text(1));
  snapshot.run = RunId(row.Text(2));
  snapshot.sequence = row.Integer(3);
  snapshot.created_ns = row.Integer(4);
  snapshot.settled = row.Integer(5) != 0;
  snapshot.files = row.Integer(6);
  snapshot.bytes = row.Integer(7);
  snapshot.rows = row.Integer(8);
  return snapshot;
}

Result<std::vector<SnapshotRecord>> ReadSnapshots(Cursor row) {
  std::vector<SnapshotRecord> snapshots;
  for (;;) {
    FIRN_TRY_ASSIGN(const bool more, row.Next());
    if (!more) return snapshots;
    snapshots.push_back(ReadSnapshot(row));
  }
}

// The columns: partition, key, staged_key, size, rows, checksum.
Status ReadFiles(Cursor row, std::vector<FileRecord>& files) {
  for (;;) {
    FIRN_TRY_ASSIGN(const bool more, row.Next());
    if (!more) return {};
    files.push_back({row.Text(0), row.Text(1), row.Text(2), row.Integer(3), row.Integer(4), row.Text(5)});
  }
}

}  // namespace

Result<std::vector<SnapshotRows::NewList>> SnapshotRows::ListsOf(const TableRows::Found& table, const Commit& commit) {
  std::vector<NewList> lists;
  std::unordered_map<std::string, size_t> index;
  for (const PartitionRecord& partition : commit.partitions) {
    FIRN_TRY(CheckValueCount(table.record, partition.values));
    NewList list = {PartitionName(table.record.partition_keys, partition.values), partition, {}};
    list.record.files = list.record.bytes = list.record.rows = 0;
    if (!index.emplace(list.name, lists.size()).second)
      return Fail(ErrorKind::kInvalidArgument, fmt::format("a commit names partition '{}' twice", list.name));
    lists.push_back(std::move(list));
  }
  std::unordered_set<std::string_view> keys;
  for (const FileRecord& file : commit.files) {
    if (!keys.insert(file.key).second)
      return Fail(ErrorKind::kInvalidArgument, fmt::format("a commit names file {} twice", file.key));
    const auto found = index.find(file.partition);
    if (found == index.end())
      return Fail(
          ErrorKind::kInvalidArgument,
          fmt::format("a commit brings {} of partition '{}', which it does not replace", file.key, file.partition));
    NewList& list = lists[found->second];
    list.files.push_back(&file);
    list.record.files += 1;
    list.record.bytes += file.size;
    list.record.rows += file.rows;
  }
  return lists;
}

Status SnapshotRows::Insert(const TableRows::Found& table, const Commit& commit) {
  const SnapshotRecord& snapshot = commit.snapshot;
  FIRN_TRY(CheckIsNew(snapshot.id));
  FIRN_TRY_ASSIGN(const std::vector<NewList> lists, ListsOf(table, commit));
  FIRN_TRY_ASSIGN(const std::optional<SnapshotRecord> last, Current(table));
  const int64_t sequence = last ? last->sequence + 1 : 1;
  Totals totals = last ? Totals{last->files, last->bytes, last->rows} : Totals{};
  for (const NewList& list : lists) FIRN_TRY(Replace(table, sequence, list, totals));
  return database_.Run(
      "INSERT INTO snapshots (id, table_id, sequence, run, created_ns, settled, files, bytes, rows) "
      "VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",
      snapshot.id, table.id, sequence, snapshot.run, snapshot.created_ns, int64_t{snapshot.settled}, totals.files,
      totals.bytes, totals.rows);
}

Status SnapshotRows::CheckIsNew(const SnapshotId& id) {
  FIRN_TRY_ASSIGN(Cursor row, database_.Query("SELECT 1 FROM snapshots WHERE id = ?", id));
  FIRN_TRY_ASSIGN(const bool exists, row.Next());
  if (exists) return Fail(ErrorKind::kAlreadyExists, fmt::format("snapshot {} was committed before", id.str()));
  return {};
}

Status SnapshotRows::Replace(const TableRows::Found& table, int64_t sequence, const NewList& list, Totals& totals) {
  FIRN_TRY(CloseList(table.id, sequence, list.name, totals));
  FIRN_TRY(InsertList(table.id, sequence, list));
  totals.files += list.record.files;
  totals.bytes += list.record.bytes;
  totals.rows += list.record.rows;
  if (list.files.empty()) return partitions_.Erase(table.id, list.record.values);
  return partitions_.Put(table, {&list.record, 1});
}

Status SnapshotRows::CloseList(int64_t table_id, int64_t sequence, const std::string& partition, Totals& totals) {
  FIRN_TRY_ASSIGN(Cursor row, database_.Query("SELECT id, files, bytes, rows FROM file_lists "
                                              "WHERE table_id = ? AND partition = ? AND removed IS NULL",
                                              table_id, partition));
  FIRN_TRY_ASSIGN(const bool found, row.Next());
  if (!found) return {};
  totals.files -= row.Integer(1);
  totals.bytes -= row.Integer(2);
  totals.rows -= row.Integer(3);
  return database_.Run("UPDATE file_lists SET removed = ? WHERE id = ?", sequence, row.Integer(0));
}

Status SnapshotRows::InsertList(int64_t table_id, int64_t sequence, const NewList& list) {
  const PartitionRecord& record = list.record;
  FIRN_TRY(
      database_.Run("INSERT INTO file_lists (table_id, partition, order_key, value_list, location, "
                    "folder_modified_ns, files, bytes, rows, added) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
                    table_id, list.name, Blob{OrderKeyOf(record.values)}, PackValues(record.values), record.location,
                    record.folder_modified_ns, record.files, record.bytes, record.rows, sequence));
  const int64_t id = database_.last_row_id();
  for (const FileRecord* file : list.files)
    FIRN_TRY(
        database_.Run("INSERT INTO files (list_id, key, staged_key, size, rows, checksum) VALUES (?, ?, ?, ?, ?, ?)",
                      id, file->key, file->staged_key, file->size, file->rows, file->checksum));
  return {};
}

Result<std::optional<SnapshotRecord>> SnapshotRows::Current(const TableRows::Found& table) {
  FIRN_TRY_ASSIGN(Cursor row,
                  database_.Query("SELECT s.id, t.name, run, sequence, s.created_ns, settled, files, bytes, rows "
                                  "FROM snapshots s JOIN tables t ON t.id = s.table_id WHERE table_id = ? "
                                  "ORDER BY sequence DESC LIMIT 1",
                                  table.id));
  FIRN_TRY_ASSIGN(const bool found, row.Next());
  if (!found) return std::nullopt;
  return ReadSnapshot(row);
}

Result<std::vector<SnapshotRecord>> SnapshotRows::List(const TableRows::Found& table) {
  FIRN_TRY_ASSIGN(Cursor row,
                  database_.Query("SELECT s.id, t.name, run, sequence, s.created_ns, settled, files, bytes, rows "
                                  "FROM snapshots s JOIN tables t ON t.id = s.table_id WHERE table_id = ? "
                                  "ORDER BY sequence DESC",
                                  table.id));
  return ReadSnapshots(std::move(row));
}

Result<std::vector<SnapshotRecord>> SnapshotRows::Unsettled() {
  FIRN_TRY_ASSIGN(Cursor row,
                  database_.Query("SELECT s.id, t.name, run, sequence, s.created_ns, settled, files, bytes, rows "
                                  "FROM snapshots s JOIN tables t ON t.id = s.table_id WHERE settled = 0 "
                                  "ORDER BY table_id, sequence"));
  return ReadSnapshots(std::move(row));
}

Result<Catalog::SnapshotFiles> SnapshotRows::CurrentFiles(const TableRows::Found& table,
                                                          const std::optional<std::vector<std::string>>& partitions) {
  Catalog::SnapshotFiles current;
  FIRN_TRY_ASSIGN(const std::optional<SnapshotRecord> snapshot, Current(table));
  if (!snapshot) return current;
  current.snapshot = *snapshot;
  if (!partitions) {
    FIRN_TRY_ASSIGN(Cursor row, database_.Query("SELECT partition, key, staged_key, size, f.rows, checksum "
                                                "FROM file_lists l JOIN files f ON f.list_id = l.id "
                                                "WHERE table_id = ? AND removed IS NULL",
                                                table.id));
    FIRN_TRY(ReadFiles(std::move(row), current.files));
  } else {
    std::vector<std::string> names = *partitions;
    std::ranges::sort(names);
    names.erase(std::ranges::unique(names).begin(), names.end());
    for (const std::string& name : names) {
      FIRN_TRY_ASSIGN(Cursor row, database_.Query("SELECT partition, key, staged_key, size, f.rows, checksum "
                                                  "FROM file_lists l JOIN files f ON f.list_id = l.id "
                                                  "WHERE table_id = ? AND partition = ? AND removed IS NULL",
                                                  table.id, name));
      FIRN_TRY(ReadFiles(std::move(row), current.files));
    }
  }
  std::ranges::sort(current.files, {}, &FileRecord::key);
  return current;
}

Result<SnapshotRows::Place> SnapshotRows::PlaceOf(const SnapshotId& id) {
  FIRN_TRY_ASSIGN(Cursor row, database_.Query("SELECT table_id, sequence FROM snapshots WHERE id = ?", id));
  FIRN_TRY_ASSIGN(const bool found, row.Next());
  if (!found)
    return Fail(ErrorKind::kNotFound, fmt::format("no snapshot '{}'", id.str()), "`firn snapshots TABLE` lists them.");
  return Place{row.Integer(0), row.Integer(1)};
}

Result<std::vector<FileRecord>> SnapshotRows::FilesOfList(int64_t list, const std::string& partition) {
  std::vector<FileRecord> files;
  FIRN_TRY_ASSIGN(Cursor row, database_.Query("SELECT ?, key, staged_key, size, rows, checksum FROM files "
                                              "WHERE list_id = ? ORDER BY key",
                                              partition, list));
  FIRN_TRY(ReadFiles(std::move(row), files));
  return files;
}

// A partition that a later snapshot replaced *and settled* is left out: its folder is ahead of this snapshot already,
// and must not go back.
Result<std::vector<std::pair<PartitionRecord, std::vector<FileRecord>>>> SnapshotRows::Replaced(const SnapshotId& id) {
  FIRN_TRY_ASSIGN(const Place place, PlaceOf(id));
  FIRN_TRY_ASSIGN(Cursor row,
                  database_.Query("SELECT id, partition, value_list, location, files, bytes, rows, folder_modified_ns "
                                  "FROM file_lists own WHERE table_id = ? AND added = ? AND NOT EXISTS ("
                                  "SELECT 1 FROM file_lists later JOIN snapshots s ON s.table_id = later.table_id AND "
                                  "s.sequence = later.added WHERE later.table_id = own.table_id AND "
                                  "later.partition = own.partition AND later.added > own.added AND s.settled = 1) "
                                  "ORDER BY order_key",
                                  place.table_id, place.sequence));
  std::vector<std::pair<PartitionRecord, std::vector<FileRecord>>> replaced;
  for (;;) {
    FIRN_TRY_ASSIGN(const bool more, row.Next());
    if (!more) return replaced;
    std::optional<PartitionValues> values = UnpackValues(row.Text(2));
    if (!values) return database_.Corrupt(fmt::format("snapshot {} has a partition without values", id.str()));
    FIRN_TRY_ASSIGN(std::vector<FileRecord> files, FilesOfList(row.Integer(0), row.Text(1)));
    replaced.emplace_back(PartitionRecord{std::move(*values), row.Text(3), row.Integer(4), row.Integer(5),
                                          row.Integer(6), row.Integer(7)},
                          std::move(files));
  }
}

// A later snapshot that kept this one's files has them under their staged keys too: they are in place for it as well.
Status SnapshotRows::MarkSettled(const SnapshotId& id) {
  FIRN_TRY_ASSIGN(const Place place, PlaceOf(id));
  FIRN_TRY(
      database_.Run("UPDATE files SET staged_key = '' WHERE staged_key <> '' AND (list_id, key) IN ("
                    "SELECT later.id, mine.key FROM file_lists own JOIN files mine ON mine.list_id = own.id "
                    "JOIN file_lists later ON later.table_id = own.table_id AND later.partition = own.partition "
                    "AND later.added >= own.added WHERE own.table_id = ? AND own.added = ? AND mine.staged_key <> '')",
                    place.table_id, place.sequence));
  // Nobody looks after the leases of a run whose snapshot is settled: they end together.
  FIRN_TRY(database_.Run("DELETE FROM leases WHERE run = (SELECT run FROM snapshots WHERE id = ?)", id));
  return database_.Run("UPDATE snapshots SET settled = 1 WHERE id = ?", id);
}

}  // namespace firn
