#include "crawl/partition_folders.h"

#include <fmt/format.h>

#include <algorithm>
#include <set>

namespace firn {
namespace {

std::string_view LastPart(std::string_view key) {
  const size_t slash = key.rfind('/');
  return slash == std::string_view::npos ? key : key.substr(slash + 1);
}

// The part of `key` below the folder `prefix`.
std::string_view Below(std::string_view prefix, std::string_view key) {
  if (prefix.empty()) return key;
  return key.size() > prefix.size() ? key.substr(prefix.size() + 1) : std::string_view();
}

// One level deeper: the folders in each of `level`; data objects beside them are findings.
Result<std::vector<std::string>> NextLevel(const CrawlServices& services, const TableRecord& table,
                                           const std::vector<std::string>& level, std::stop_token stop,
                                           std::vector<CrawlFinding>& findings) {
  std::vector<FolderListing> listings(level.size());
  const auto list = [&](int64_t i, int) -> Status {
    FIRN_TRY_ASSIGN(listings[static_cast<size_t>(i)], services.store.ListFolder(level[static_cast<size_t>(i)]));
    return {};
  };
  FIRN_TRY(services.pool.ParallelFor(static_cast<int64_t>(level.size()), list, std::move(stop)));
  std::vector<std::string> next;
  for (FolderListing& listing : listings) {
    for (const ObjectInfo& object : listing.objects)
      if (!IsHidden(LastPart(object.key)))
        findings.push_back({.key = object.key,
                            .problem = fmt::format("it lies above the partition folders, which are {} levels below {}",
                                                   table.partition_keys.size(), table.location),
                            .kind = CrawlFinding::Kind::kMisplaced});
    for (std::string& folder : listing.folders)
      if (!IsHidden(LastPart(folder))) next.push_back(std::move(folder));
  }
  return next;
}

bool AllDistinct(const std::vector<std::string>& names) {
  return std::set<std::string>(names.begin(), names.end()).size() == names.size();
}

// Key names of key=value folders, or nothing.
std::vector<std::string> KeysOf(const std::vector<std::string>& folders) {
  std::vector<std::string> keys;
  for (const std::string& folder : folders) {
    const size_t equals = folder.find('=');
    if (equals == 0 || equals == std::string::npos) return {};
    keys.push_back(folder.substr(0, equals));
  }
  return AllDistinct(keys) ? keys : std::vector<std::string>();
}

std::string Joined(const std::vector<std::string>& names) {
  std::string text;
  for (const std::string& name : names) (text += text.empty() ? "" : "/") += name;
  return text;
}

void NameKeys(const std::vector<std::string>& folders, TableRecord& table) {
  table.layout = PartitionLayout::kKeyValue;
  table.partition_keys = KeysOf(folders);
  if (!table.partition_keys.empty()) return;
  std::vector<std::string> date = {"year", "month", "day", "hour"};
  date.resize(std::clamp<size_t>(folders.size(), 3, 4));
  table.layout = PartitionLayout::kDate;
  table.partition_keys = date;
  if (ParsePartitionFolder(PartitionLayout::kDate, date, Joined(folders))) return;
  table.layout = PartitionLayout::kPositional;
  table.partition_keys.clear();
  for (size_t i = 0; i < folders.size(); ++i) table.partition_keys.push_back(fmt::format("partition_{}", i));
}

}  // namespace

bool IsHidden(std::string_view name) {
  return name.starts_with('_') || name.starts_with('.');
}

Result<FolderWalk> WalkPartitionFolders(const CrawlServices& services, const TableRecord& table, std::stop_token stop) {
  FolderWalk walk;
  std::vector<std::string> level = {table.location};
  for (size_t depth = 0; depth < table.partition_keys.size(); ++depth) {
    FIRN_TRY_ASSIGN(level, NextLevel(services, table, level, stop, walk.findings));
  }
  std::ranges::sort(level);
  std::set<PartitionValues> seen;
  for (std::string& prefix : level) {
    auto values = ParsePartitionFolder(table.layout, table.partition_keys, Below(table.location, prefix));
    std::string problem;
    if (!values)
      problem = values.error().message;
    else if (!seen.insert(*values).second)
      problem = "another folder is the same partition " + PartitionName(table.partition_keys, *values);
    if (problem.empty())
      walk.partitions.push_back({std::move(*values), std::move(prefix)});
    else
      walk.findings.push_back({.key = prefix, .problem = problem, .kind = CrawlFinding::Kind::kMisplaced});
  }
  return walk;
}

Status InferPartitionKeys(ObjectStore& store, TableRecord& table) {
  std::vector<std::string> folders;
  for (std::string folder = table.location;;) {
    FIRN_TRY_ASSIGN(const FolderListing listing, store.ListFolder(folder));
    const auto visible = [](const std::string& one) { return !IsHidden(LastPart(one)); };
    const auto below = std::ranges::find_if(listing.folders, visible);
    const bool data = std::ranges::any_of(listing.objects, visible, &ObjectInfo::key);
    if (data || below == listing.folders.end()) break;
    folder = *below;
    folders.emplace_back(LastPart(folder));
  }
  if (!folders.empty()) NameKeys(folders, table);
  return {};
}

Result<FolderContent> ListPartition(ObjectStore& store, const std::string& prefix, DeeperObjects deeper_objects) {
  FIRN_TRY_ASSIGN(std::vector<ObjectInfo> listed, store.List(prefix));
  FolderContent content;
  content.objects.reserve(listed.size());
  for (ObjectInfo& object : listed) {
    std::string_view rest = Below(prefix, object.key);
    bool hidden = false;
    bool deeper = false;
    for (size_t slash = rest.find('/'); slash != std::string_view::npos && !hidden; slash = rest.find('/')) {
      hidden = IsHidden(rest);
      deeper = true;
      rest.remove_prefix(slash + 1);
    }
    if (hidden || IsHidden(rest)) continue;
    if (deeper && deeper_objects == DeeperObjects::kFindings)
      content.findings.push_back({.key = object.key,
                                  .problem = fmt::format("it lies deeper than the partition folder {}", prefix),
                                  .kind = CrawlFinding::Kind::kMisplaced});
    else
      content.objects.push_back(std::move(object));
  }
  return content;
}

}  // namespace firn
