#include "query/table_files.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <optional>
#include <utility>

#include "run/lake_layout.h"

namespace firn {
namespace {

constexpr int kTries = 5;
// Up to here all partitions are looked at, so that a scan can say what it left out; above, the catalog's lookup narrows
// them first.
constexpr int64_t kManyPartitions = 20'000;

// By the rule of runs: no hidden names, and none of another format.
bool IsData(const ObjectKey& key, const PartitionRecord& partition, const TableRecord& table) {
  const auto format = ParseFileFormat(table.format.empty() ? "parquet" : table.format, table.name);
  const NameSays says = JudgeName(key, partition.location, format.value_or(FileFormat::kParquet));
  return says == NameSays::kData || (!format && says == NameSays::kOther);
}

}  // namespace

bool IsParquet(const TableRecord& table) {
  return table.format.empty() || table.format == "parquet";
}

Result<TableFiles> TableFinder::Find(const TableRecord& table, const ScanFilter& filter) {
  for (int attempt = 0; attempt < kTries; ++attempt) {
    FIRN_TRY_ASSIGN(const auto snapshot, catalog_.CurrentSnapshot(table.name));
    if (!snapshot) return FindByListing(table, filter);
    FIRN_TRY_ASSIGN(auto found, FindInSnapshot(table, filter, *snapshot));
    // Partitions and files are two reads; both belong to one snapshot when it is still the same.
    if (found.scan.snapshot == snapshot->id) return found;
  }
  return Fail(ErrorKind::kConflict, fmt::format("'{}' is committed to faster than it can be read", table.name.str()),
              "run the query again");
}

Result<bool> TableFinder::StillHolds(const TableFiles& files) {
  if (files.scan.snapshot.empty()) return true;
  FIRN_TRY_ASSIGN(const auto now, catalog_.CurrentSnapshot(files.scan.table));
  if (now && now->id == files.scan.snapshot) return true;
  FIRN_TRY_ASSIGN(const auto current, catalog_.CurrentFiles(files.scan.table, std::nullopt));
  std::map<std::string_view, std::string_view> checksums;
  for (const FileRecord& file : current.files) checksums[file.key] = file.checksum;
  return std::ranges::all_of(files.files, [&](const FileRecord& file) {
    const auto same = checksums.find(file.key);
    return same == checksums.end() || same->second == file.checksum;
  });
}

Status TableFinder::RequireThere(const TableFiles& files) {
  if (files.scan.snapshot.empty()) return {};
  FIRN_TRY_ASSIGN(const auto now, catalog_.CurrentSnapshot(files.scan.table));
  if (!now || now->id != files.scan.snapshot || !now->settled) return {};
  for (const FileRecord& file : files.files) {
    const auto there = store_.Stat(file.key);
    if (there.has_value() || there.error().kind != ErrorKind::kNotFound) continue;
    return Fail(ErrorKind::kCorrupt,
                fmt::format("{} belongs to table '{}', and is not there", file.key, files.scan.table.str()),
                "`firn doctor` lists what is missing: put it back, or rewrite the partition with mode: "
                "overwrite_partitions");
  }
  return {};
}

// The partitions that the filter keeps; counts those that there are.
Result<std::vector<PartitionRecord>> TableFinder::Partitions(const TableRecord& table, const ScanFilter& filter,
                                                             TableScan& scan) {
  FIRN_TRY_ASSIGN(scan.partitions_known, catalog_.CountPartitions(table.name));
  const bool narrow = scan.partitions_known > kManyPartitions;
  FIRN_TRY_ASSIGN(auto partitions,
                  catalog_.FindPartitions(table.name, narrow ? filter.Lookup() : std::vector<PartitionPredicate>()));
  for (const PartitionRecord& partition : partitions) {
    scan.files_known += partition.files;
    scan.bytes_known += partition.bytes;
  }
  std::erase_if(partitions, [&](const PartitionRecord& partition) { return !filter.Keeps(partition.values); });
  scan.partitions_read = static_cast<int64_t>(partitions.size());
  return partitions;
}

Result<TableFiles> TableFinder::FindInSnapshot(const TableRecord& table, const ScanFilter& filter,
                                               const SnapshotRecord& snapshot) {
  TableFiles found{.scan = {.table = table.name}};
  FIRN_TRY_ASSIGN(const auto partitions, Partitions(table, filter, found.scan));
  std::map<std::string, const PartitionRecord*> by_name;
  std::vector<std::string> names;
  for (const PartitionRecord& partition : partitions) {
    names.push_back(PartitionName(table.partition_keys, partition.values));
    by_name[names.back()] = &partition;
  }
  const bool all = filter.keeps_all();
  FIRN_TRY_ASSIGN(auto current,
                  catalog_.CurrentFiles(table.name, all ? std::nullopt : std::optional(std::move(names))));
  found.scan.snapshot = current.snapshot.id;
  if (current.snapshot.id != snapshot.id) return found;
  found.scan.files_known = current.snapshot.files;
  found.scan.bytes_known = current.snapshot.bytes;
  std::map<std::string, TableFiles::Partition> grouped;
  for (const FileRecord& file : current.files) {
    const auto partition = by_name.find(file.partition);
    if (partition == by_name.end() && !file.partition.empty())
      return Fail(
          ErrorKind::kCorrupt,
          fmt::format("'{}' has files of the partition {} and no such partition", table.name.str(), file.partition),
          "run `firn doctor`");
    TableFiles::Partition& group = grouped[file.partition];
    if (partition != by_name.end()) group.values = partition->second->values;
    FIRN_TRY_ASSIGN(ObjectKey key, KeyOfFile(file, current.snapshot.settled));
    group.paths.push_back(lake_files_.PathOf(key));
    found.objects.push_back({.key = std::move(key), .size = file.size, .etag = {}});
    found.scan.bytes_read += file.size;
  }
  for (auto& [name, group] : grouped) found.partitions.push_back(std::move(group));
  found.scan.files_read = static_cast<int64_t>(current.files.size());
  found.files = std::move(current.files);
  return found;
}

// Until the snapshot is settled, a new file may still be under its staged name.
Result<ObjectKey> TableFinder::KeyOfFile(const FileRecord& file, bool settled) {
  if (settled || file.staged_key.empty()) return file.key;
  const auto final_object = store_.Stat(file.key);
  if (final_object.has_value() && final_object->size == file.size) return file.key;
  const auto staged = store_.Stat(file.staged_key);
  if (staged.has_value()) return file.staged_key;
  if (staged.error().kind == ErrorKind::kNotFound) return file.key;  // settled meanwhile
  return std::unexpected(staged.error());
}

Result<TableFiles> TableFinder::FindByListing(const TableRecord& table, const ScanFilter& filter) {
  TableFiles found{.scan = {.table = table.name}};
  FIRN_TRY_ASSIGN(const auto partitions, Partitions(table, filter, found.scan));
  for (const PartitionRecord& partition : partitions) FIRN_TRY(AddListed(table, partition, found));
  if (table.partition_keys.empty() && partitions.empty())
    FIRN_TRY(AddListed(table, {.values = {}, .location = table.location}, found));
  // What was listed is known, too: files may have come since the last crawl.
  found.scan.files_known = std::max(found.scan.files_known, found.scan.files_read);
  found.scan.bytes_known = std::max(found.scan.bytes_known, found.scan.bytes_read);
  return found;
}

Status TableFinder::AddListed(const TableRecord& table, const PartitionRecord& partition, TableFiles& found) {
  FIRN_TRY_ASSIGN(auto objects, store_.List(partition.location));
  std::erase_if(objects, [&](const ObjectInfo& object) { return !IsData(object.key, partition, table); });
  FIRN_TRY_ASSIGN(objects, catalog_.NotSkippedByCrawler(table.name, objects));
  if (IsParquet(table)) {
    FIRN_TRY_ASSIGN(const auto uncrawled, catalog_.NotSeenByCrawler(table.name, objects));
    for (const ObjectInfo& object : uncrawled) found.uncrawled.push_back(lake_files_.PathOf(object.key));
  }
  TableFiles::Partition group{.values = partition.values, .paths = {}};
  for (const ObjectInfo& object : objects) {
    group.paths.push_back(lake_files_.PathOf(object.key));
    found.scan.bytes_read += object.size;
  }
  found.scan.files_read += static_cast<int64_t>(group.paths.size());
  if (!group.paths.empty()) found.partitions.push_back(std::move(group));
  found.objects.insert(found.objects.end(), objects.begin(), objects.end());
  return {};
}

}  // namespace firn
