#pragma once

#include <string>
#include <vector>

#include "catalog/catalog.h"
#include "pipeline/execute.h"

namespace firn {

// The partitions that a run replaces, and what they hold before it.

// A file that the partition holds, in the catalog's terms and in the store's.
struct ExistingFile {
  FileRecord record;
  ObjectInfo object;
};

struct TargetPartition {
  PartitionValues values;
  std::string name;                    // PartitionName()
  std::string location;                // folder in the lake
  std::vector<ExistingFile> existing;  // filled for `append` and `merge`
};

// The distinct ones among `values`, sorted. One that the catalog knows keeps its location.
Result<std::vector<TargetPartition>> FindTargets(Catalog& catalog, const TableRecord& table,
                                                 const std::vector<PartitionValues>& values);

// Refuses a table whose folder another table shares: settling replaces folders whole. kInvalidArgument.
Status CheckOwnFolder(Catalog& catalog, const TableRecord& table);

// Fills `existing` with all that is in the partition's folder, whoever put it there: append and merge lose nothing. The
// caller holds the leases and has settled the partitions. kCorrupt when a file of the snapshot is missing; for append,
// kMismatch when the partition holds files of another format. One warning of all files that firn did not
// write.
Status FindExisting(ObjectStore& store, Catalog& catalog, const TableRecord& table, const WriteSpec& write,
                    std::vector<TargetPartition>& targets, std::vector<std::string>& warnings);

// How CSV files are written, as a table's option "csv" keeps it.
[[nodiscard]] Json CsvOptionsOf(const CsvOptions& csv);

// All files of a table are read in one way: refuses a run that writes another format, or CSV in another manner, beside
// files that stay. kMismatch. After FindExisting.
Status CheckOneFormat(Catalog& catalog, const TableRecord& table, const WriteSpec& write,
                      const std::vector<TargetPartition>& targets);

[[nodiscard]] std::vector<Lease> LeasesOf(const TableName& table, const std::vector<TargetPartition>& targets,
                                          const RunId& run);

}  // namespace firn
