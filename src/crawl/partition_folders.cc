#include "crawl/partition_folders.h"

#include <fmt/format.h>

#include <algorithm>

namespace firn {
namespace {

std::string_view LastPart(std::string_view key) {
  const size_t slash = key.rfind('/');
  return slash == std::string_view::npos ? key : key.substr(slash + 1);
}

bool IsDigits(std::string_view text, size_t count) {
  return text.size() == count && std::ranges::all_of(text, [](char c) { return c >= '0' && c <= '9'; });
}

}  // namespace

bool IsDataObject(std::string_view key) {
  const std::string_view name = LastPart(key);
  return !name.starts_with('_') && !name.starts_with('.');
}

Result<FolderWalk> WalkPartitionFolders(const CrawlServices& services, const TableRecord& table, std::stop_token stop) {
  FolderWalk walk;
  std::vector<std::string> level = {table.location};
  for (size_t depth = 0; depth < table.partition_keys.size(); ++depth) {
    std::vector<FolderListing> listings(level.size());
    FIRN_TRY(services.pool.ParallelFor(
        static_cast<int64_t>(level.size()),
        [&](int64_t i, int) -> Status {
          FIRN_TRY_ASSIGN(listings[static_cast<size_t>(i)], services.store.ListFolder(level[static_cast<size_t>(i)]));
          return {};
        },
        stop));
    level.clear();
    for (FolderListing& listing : listings) {
      for (const ObjectInfo& object : listing.objects)
        if (IsDataObject(object.key)) walk.findings.push_back({object.key, fmt::format("it lies outside the partition folders ({} levels)", table.partition_keys.size())});
      for (std::string& folder : listing.folders)
        if (IsDataObject(folder)) level.push_back(std::move(folder));
    }
  }
  std::ranges::sort(level);
  for (std::string& prefix : level) {
    const std::string_view below = prefix.size() > table.location.size() ? std::string_view(prefix).substr(table.location.size() + 1) : std::string_view();
    auto values = ParsePartitionFolder(table.layout, table.partition_keys, below);
    if (values) walk.partitions.push_back({std::move(*values), std::move(prefix)});
    else walk.findings.push_back({prefix, values.error().Text()});
  }
  return walk;
}

Status InferPartitionKeys(ObjectStore& store, TableRecord& table) {
  std::vector<std::string> names;
  for (std::string folder = table.location;;) {
    FIRN_TRY_ASSIGN(const FolderListing listing, store.ListFolder(folder));
    const auto below = std::ranges::find_if(listing.folders, [](const std::string& one) { return IsDataObject(one); });
    if (below == listing.folders.end() || std::ranges::any_of(listing.objects, [](const ObjectInfo& one) { return IsDataObject(one.key); })) break;
    folder = *below;
    names.emplace_back(LastPart(folder));
  }
  if (names.empty()) return {};
  if (std::ranges::all_of(names, [](const std::string& name) { return name.find('=') != std::string::npos; })) {
    table.layout = PartitionLayout::kKeyValue;
    for (const std::string& name : names) table.partition_keys.push_back(name.substr(0, name.find('=')));
  } else if (names.size() == 3 && IsDigits(names[0], 4) && IsDigits(names[1], 2) && IsDigits(names[2], 2)) {
    table.layout = PartitionLayout::kDate;
    table.partition_keys = {"year", "month", "day"};
  } else {
    table.layout = PartitionLayout::kPositional;
    for (size_t i = 0; i < names.size(); ++i) table.partition_keys.push_back(fmt::format("partition_{}", i));
  }
  return {};
}

}  // namespace firn
