#pragma once

#include <string>
#include <vector>

#include "base/result.h"
#include "crawl/crawler.h"

namespace firn {

// A folder that holds one partition's objects.
struct PartitionFolderInfo {
  PartitionValues values;
  std::string prefix;  // in the lake
};

struct FolderWalk {
  std::vector<PartitionFolderInfo> partitions;  // sorted by prefix
  std::vector<CrawlFinding> findings;           // objects and folders that do not follow the layout
};

// Two folders of one partition ("k=" and "k=__HIVE_DEFAULT_PARTITION__") are a finding: the first by name counts.
// Walks the folders below the table's location, level by level, to the depth of its partition keys; lists no
// partition's objects.
Result<FolderWalk> WalkPartitionFolders(const CrawlServices& services, const TableRecord& table, std::stop_token stop);

// Partition keys and layout of folders that nobody declared: key=value names, YYYY/MM/DD, else partition_0,
// partition_1, ... None when objects lie in the location itself.
Status InferPartitionKeys(ObjectStore& store, TableRecord& table);

// What a partition's folder holds: its data objects. Objects in further folders below are findings.
struct FolderContent {
  std::vector<ObjectInfo> objects;
  std::vector<CrawlFinding> findings;
};
enum class DeeperObjects { kFindings, kData };  // those in folders of the partition's folder
Result<FolderContent> ListPartition(ObjectStore& store, const std::string& prefix,
                                    DeeperObjects deeper = DeeperObjects::kFindings);

// Names starting with '_' or '.' are other programs' marks ("_SUCCESS", "_temporary"), for objects and folders alike.
[[nodiscard]] bool IsHidden(std::string_view name);

}  // namespace firn
