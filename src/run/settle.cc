#include "run/settle.h"

#include <fmt/format.h>

#include <map>
#include <unordered_map>

#include "run/lake_layout.h"
#include "store/object_key.h"

namespace firn {
namespace {

bool Is(const Status& status, ErrorKind kind) {
  return !status && status.error().kind == kind;
}

std::unordered_map<std::string_view, const ObjectInfo*> ByKey(const std::vector<ObjectInfo>& objects) {
  std::unordered_map<std::string_view, const ObjectInfo*> by_key;
  for (const ObjectInfo& object : objects) by_key.emplace(object.key, &object);
  return by_key;
}

}  // namespace

Status Settler::SettleFolders(const TableName& table, const std::vector<Folder>& folders, const RunId& holder) {
  std::vector<std::string> names;
  for (const Folder& folder : folders) names.push_back(folder.partition);
  FIRN_TRY_ASSIGN(Catalog::SnapshotFiles current, catalog_.CurrentFiles(table, names));
  std::map<std::string, std::vector<FileRecord>> files;
  for (FileRecord& file : current.files) files[file.partition].push_back(std::move(file));
  for (const std::string& name : names) files.try_emplace(name);
  Status settled = pool_.ParallelFor(std::ssize(folders), [&](int64_t i, int) -> Status {
    const Folder& folder = folders[static_cast<size_t>(i)];
    return Converge(folder.location, files.at(folder.partition), SettleFolder(holder, static_cast<size_t>(i)));
  });
  if (exchanged_.exchange(false)) grace_.Begin();
  return settled;
}

Result<std::vector<Settler::Folder>> Settler::FoldersOf(const SnapshotId& snapshot, const TableName& table) {
  FIRN_TRY_ASSIGN(const TableRecord record, catalog_.GetTable(table));
  FIRN_TRY_ASSIGN(const auto replaced, catalog_.ReplacedPartitions(snapshot));
  std::vector<Folder> folders;
  for (const auto& [partition, files] : replaced)
    folders.push_back({PartitionName(record.partition_keys, partition.values), partition.location});
  return folders;
}

Status Settler::Converge(const std::string& location, const std::vector<FileRecord>& files, const std::string& build) {
  FIRN_TRY_ASSIGN(const std::vector<ObjectInfo> listed, store_.List(location));
  FIRN_TRY_ASSIGN(const bool there, IsThere(listed, files));
  if (there) return {};
  return store_.AtomicExchange() ? ExchangeIn(location, !listed.empty(), files, build) : LinkIn(listed, files);
}

// Names and sizes decide; while a staged object is still there, its version does too: with `names: plain` the old file
// may have the new one's name and size.
Result<bool> Settler::IsThere(const std::vector<ObjectInfo>& listed, const std::vector<FileRecord>& files) {
  if (listed.size() != files.size()) return false;
  const auto by_key = ByKey(listed);
  for (const FileRecord& file : files) {
    const auto found = by_key.find(file.key);
    if (found == by_key.end() || found->second->size != file.size) return false;
    if (file.staged_key.empty()) continue;
    const Result<ObjectInfo> staged = store_.Stat(file.staged_key);
    if (staged && staged->etag != found->second->etag) return false;
    if (!staged && staged.error().kind != ErrorKind::kNotFound) return std::unexpected(staged.error());
  }
  return true;
}

// The whole new folder is built first; then one exchange shows it. What was there is now in the staging folder and goes
// with it, after the snapshot is marked as settled and the grace of readers is over.
Status Settler::ExchangeIn(const std::string& location, bool replaces, const std::vector<FileRecord>& files,
                           const std::string& build) {
  FIRN_TRY(store_.RemovePrefix(build));
  for (const FileRecord& file : files) {
    const std::string_view name = std::string_view(file.key).substr(location.empty() ? 0 : location.size() + 1);
    FIRN_TRY(LinkFrom(file, JoinKey(build, name)));
  }
  Status exchanged = store_.ExchangeFolders(build, location);
  if (replaces) exchanged_ = true;
  return exchanged;
}

// New names first, then the superseded ones go: a listing holds every row at least once.
Status Settler::LinkIn(const std::vector<ObjectInfo>& listed, const std::vector<FileRecord>& files) {
  auto superseded = ByKey(listed);
  for (const FileRecord& file : files) {
    superseded.erase(file.key);
    if (file.staged_key.empty()) continue;
    Status linked = store_.Link(file.staged_key, file.key);
    if (Is(linked, ErrorKind::kAlreadyExists)) {  // by a settling that was cut off, or an older file of a plain name
      FIRN_TRY(store_.Remove(file.key));
      linked = store_.Link(file.staged_key, file.key);
    }
    FIRN_TRY(std::move(linked));
  }
  for (const auto& [key, object] : superseded) FIRN_TRY(store_.Remove(key));
  return {};
}

Status Settler::LinkFrom(const FileRecord& file, const std::string& to) {
  if (!file.staged_key.empty()) {
    Status linked = store_.Link(file.staged_key, to);
    if (!Is(linked, ErrorKind::kNotFound)) return linked;
  }
  Status linked = store_.Link(file.key, to);
  if (!Is(linked, ErrorKind::kNotFound)) return linked;
  return Fail(
      ErrorKind::kCorrupt, fmt::format("{} was committed, and its bytes are nowhere", file.key),
      "something removed it from the lake. `firn doctor` lists what is missing; run the job again for this partition");
}

Status Settler::CleanUp(const RunId& run, std::stop_token stop) {
  FIRN_TRY_ASSIGN(const RunRecord record, catalog_.GetRun(run));
  if (record.state == RunState::kSucceeded) FIRN_TRY(PublishQuarantine(record));
  return RemoveStaging(run, std::move(stop));
}

Status Settler::PublishQuarantine(const RunRecord& run) {
  const std::string staged = StagedQuarantine(run.id);
  FIRN_TRY_ASSIGN(const std::vector<ObjectInfo> objects, store_.List(staged));
  for (const ObjectInfo& object : objects) {
    const std::string_view name = std::string_view(object.key).substr(staged.size() + 1);
    Status linked = store_.Link(object.key, JoinKey(QuarantineOf(run.job, run.id), name));
    if (!Is(linked, ErrorKind::kAlreadyExists)) FIRN_TRY(std::move(linked));
  }
  return {};
}

Status Settler::RemoveStaging(const RunId& holder, std::stop_token stop) {
  grace_.Await(std::move(stop));
  return store_.RemovePrefix(StagingOf(holder));
}

}  // namespace firn
