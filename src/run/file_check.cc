#include "run/file_check.h"

#include <fmt/format.h>

#include <algorithm>
#include <optional>
#include <unordered_map>

#include "run/lake_layout.h"
#include "run/liveness.h"
#include "store/object_key.h"

namespace firn {
namespace {

using Sizes = std::unordered_map<std::string, int64_t>;

// A partition may lie outside its table's folder, and a file that is not settled in the staging folder.
Result<std::optional<int64_t>> SizeOf(ObjectStore& store, const Sizes& listed, const ObjectKey& key) {
  if (const auto found = listed.find(key); found != listed.end()) return found->second;
  const auto object = store.Stat(key);
  if (object) return object->size;
  if (object.error().kind == ErrorKind::kNotFound) return std::nullopt;
  return std::unexpected(object.error());
}

Result<std::string> ProblemOf(ObjectStore& store, const Sizes& listed, const FileRecord& file) {
  FIRN_TRY_ASSIGN(const auto size, SizeOf(store, listed, file.key));
  if (size && *size == file.size) return "";
  if (!file.staged_key.empty()) {
    FIRN_TRY_ASSIGN(const auto staged, SizeOf(store, listed, file.staged_key));
    if (staged && *staged == file.size) return "";
  }
  if (!size) return "is missing";
  return fmt::format("has {} bytes and was committed with {}", *size, file.size);
}

Status CheckTable(ObjectStore& store, Catalog& catalog, const TableRecord& table, std::vector<DamagedFile>& damaged) {
  FIRN_TRY_ASSIGN(const auto current, catalog.CurrentFiles(table.name, std::nullopt));
  if (current.files.empty()) return {};
  FIRN_TRY_ASSIGN(const auto objects, store.List(WithoutSlashes(table.location)));
  Sizes listed;
  for (const ObjectInfo& object : objects) listed.emplace(object.key, object.size);
  for (const FileRecord& file : current.files) {
    FIRN_TRY_ASSIGN(std::string problem, ProblemOf(store, listed, file));
    if (!problem.empty()) damaged.push_back({table.name, file.partition, file.key, std::move(problem)});
  }
  return {};
}

}  // namespace

Result<std::vector<DamagedFile>> FindDamagedFiles(ObjectStore& store, Catalog& catalog) {
  FIRN_TRY_ASSIGN(const auto tables, catalog.ListTables());
  std::vector<DamagedFile> damaged;
  for (const TableRecord& table : tables) FIRN_TRY(CheckTable(store, catalog, table, damaged));
  return damaged;
}

Result<std::vector<std::string>> FindLeftovers(ObjectStore& store, Catalog& catalog) {
  FIRN_TRY_ASSIGN(const FolderListing staging, store.ListFolder(kStagingRoot));
  FIRN_TRY_ASSIGN(const auto unfinished, catalog.UnfinishedRuns());
  FIRN_TRY_ASSIGN(const auto unsettled, catalog.UnsettledSnapshots());
  std::vector<std::string> leftovers;
  for (const std::string& folder : staging.folders) {
    const RunId holder{std::string(LastSegmentOf(folder))};
    const bool needed = Liveness::ProcessOfRecovery(holder).has_value() ||
                        std::ranges::find(unfinished, holder, &RunRecord::id) != unfinished.end() ||
                        std::ranges::find(unsettled, holder, &SnapshotRecord::run) != unsettled.end();
    if (needed) continue;
    // Some S3 servers go on listing a folder after its last object is gone.
    FIRN_TRY_ASSIGN(const auto objects, store.List(folder));
    if (!objects.empty()) leftovers.push_back(folder);
  }
  return leftovers;
}

}  // namespace firn
