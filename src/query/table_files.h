#pragma once

#include <compare>
#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "catalog/catalog.h"
#include "query/lake_files.h"
#include "query/scan_filter.h"
#include "store/object_store.h"

namespace firn {

// What one query reads of one table, of what there is.
struct TableScan {
  TableName table;
  SnapshotId snapshot;  // empty for a table whose files others write: its folders were listed
  int64_t files_read = 0;
  int64_t files_known = 0;  // of a listed table: as its partitions' records say
  int64_t partitions_read = 0;
  int64_t partitions_known = 0;
  int64_t bytes_read = 0;
  int64_t bytes_known = 0;
};

// How a text file is written.
struct TextLook {
  bool json = false;
  bool nothing = false;  // no record is in it
  char delimiter = ',';
  bool header = true;
  std::vector<std::string> columns = {};  // of CSV, in the order of the fields; empty: not looked at
  friend auto operator<=>(const TextLook&, const TextLook&) = default;
};

// A table's content at one moment: its files by partition, as paths.
struct TableFiles {
  struct Partition {
    PartitionValues values;
    std::vector<std::string> paths;
  };
  TableScan scan;
  std::vector<Partition> partitions;
  std::vector<ObjectInfo> objects;        // behind the paths; of a snapshot's the etag is not known
  std::vector<FileRecord> files;          // of the snapshot, those that are read
  std::map<std::string, TextLook> looks;  // by path; empty when the table says how all are written (query/text_look.h)
  std::vector<std::string> uncrawled;     // of the paths of a listed Parquet table, those that no crawl has read
};

// A table of which no format is known yet is taken for one.
[[nodiscard]] bool IsParquet(const TableRecord& table);

// Finds the files that a query has to read: of the current snapshot when the table has one, else by listing its
// partitions' folders, without the files that a crawl reported and skipped.
class TableFinder {
 public:
  TableFinder(Catalog& catalog, ObjectStore& store, LakeFiles& lake_files)
      : catalog_(catalog), store_(store), lake_files_(lake_files) {}

  // kConflict when commits come faster than they can be read; else the catalog's and the store's errors.
  Result<TableFiles> Find(const TableRecord& table, const ScanFilter& filter);
  // Whether the files still hold what the snapshot said. A name can be used again only with `names: plain`.
  Result<bool> StillHolds(const TableFiles& files);
  // kCorrupt when a file of the snapshot is gone, and no commit took it away.
  Status RequireThere(const TableFiles& files);

 private:
  Result<std::vector<PartitionRecord>> Partitions(const TableRecord& table, const ScanFilter& filter, TableScan& scan);
  Result<TableFiles> FindInSnapshot(const TableRecord& table, const ScanFilter& filter, const SnapshotRecord& snapshot);
  Result<TableFiles> FindByListing(const TableRecord& table, const ScanFilter& filter);
  Status AddListed(const TableRecord& table, const PartitionRecord& partition, TableFiles& found);
  Result<ObjectKey> KeyOfFile(const FileRecord& file, bool settled);

  Catalog& catalog_;
  ObjectStore& store_;
  LakeFiles& lake_files_;
};

}  // namespace firn
