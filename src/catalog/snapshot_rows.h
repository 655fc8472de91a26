#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "catalog/catalog.h"
#include "catalog/database.h"
#include "catalog/partition_rows.h"
#include "catalog/table_rows.h"

namespace firn {

// Snapshots and their file lists. A partition's list is valid from the snapshot that `added` it until the one that
// `removed` it, so that a commit writes the lists of the partitions that it touches and no others. Every method runs
// inside the caller's transaction.
class SnapshotRows {
 public:
  explicit SnapshotRows(Database& database) : database_(database), partitions_(database) {}

  // Commit::snapshot, ::partitions and ::files.
  Status Insert(const TableRows::Found& table, const Commit& commit);
  Result<std::optional<SnapshotRecord>> Current(const TableRows::Found& table);
  Result<std::vector<SnapshotRecord>> List(const TableRows::Found& table);
  Result<Catalog::SnapshotFiles> CurrentFiles(const TableRows::Found& table,
                                              const std::optional<std::vector<std::string>>& partitions);
  Result<std::vector<SnapshotRecord>> Unsettled();
  Result<std::vector<std::pair<PartitionRecord, std::vector<FileRecord>>>> Replaced(const SnapshotId& id);
  Status MarkSettled(const SnapshotId& id);

 private:
  struct NewList {
    std::string name;
    PartitionRecord record;
    std::vector<const FileRecord*> files;
  };
  struct Totals {
    int64_t files = 0;
    int64_t bytes = 0;
    int64_t rows = 0;
  };
  struct Place {  // of a snapshot
    int64_t table_id = 0;
    int64_t sequence = 0;
  };

  static Result<std::vector<NewList>> ListsOf(const TableRows::Found& table, const Commit& commit);
  Status CheckIsNew(const SnapshotId& id);
  Status Replace(const TableRows::Found& table, int64_t sequence, const NewList& list, Totals& totals);
  Status CloseList(int64_t table_id, int64_t sequence, const std::string& partition, Totals& totals);
  Status InsertList(int64_t table_id, int64_t sequence, const NewList& list);
  Result<Place> PlaceOf(const SnapshotId& id);
  Result<std::vector<FileRecord>> FilesOfList(int64_t list, const std::string& partition);

  Database& database_;
  PartitionRows partitions_;
};

}  // namespace firn
