#include "run/object_selection.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>

#include "run/lake_layout.h"

namespace firn {
namespace {

bool IsIn(std::string_view key, std::string_view folder) {
  return folder.empty() || (key.size() > folder.size() && key.starts_with(folder) && key[folder.size()] == '/');
}

// The part of a key that names the partition: one folder a partition key. Nothing when there are fewer folders.
std::optional<std::string_view> PartitionPart(std::string_view below, size_t keys) {
  size_t end = 0;
  for (size_t i = 0; i < keys; ++i) {
    end = below.find('/', end == 0 ? 0 : end + 1);
    if (end == std::string_view::npos) return std::nullopt;
  }
  return below.substr(0, end);
}

// Where the object lies, by its key alone.
Result<PartitionRecord> PlaceOf(const TableRecord& table, const ObjectKey& key) {
  FIRN_TRY(ValidateKey(key));
  const std::string_view location = WithoutSlashes(table.location);
  if (!IsIn(key, location))
    return Fail(
        ErrorKind::kInvalidArgument,
        fmt::format("object '{}' is not in table '{}', whose location is {}", key, table.name.str(), table.location),
        "Name an object of the table that the job reads, by its key in the lake.");
  const std::string_view below = std::string_view(key).substr(location.empty() ? 0 : location.size() + 1);
  const auto folder = PartitionPart(below, table.partition_keys.size());
  if (!folder)
    return Fail(ErrorKind::kMismatch,
                fmt::format("object '{}' lies in no partition of table '{}', which has {} partition keys", key,
                            table.name.str(), table.partition_keys.size()),
                "Put it into the folder of a partition.");
  auto values = ParsePartitionFolder(table.layout, table.partition_keys, *folder);
  if (!values) return std::unexpected(std::move(values.error()).Within(fmt::format("object '{}'", key)));
  PartitionRecord place{.values = std::move(*values), .location = std::string(location)};
  if (!folder->empty()) place.location += (location.empty() ? "" : "/") + std::string(*folder);
  return place;
}

Status CheckFilter(const TableRecord& table, const ReadSpec& read, const PartitionRecord& place,
                   const ObjectKey& object) {
  for (size_t i = 0; i < table.partition_keys.size(); ++i) {
    const auto wanted = read.partition.find(table.partition_keys[i]);
    if (wanted == read.partition.end() || wanted->second == place.values.values[i]) continue;
    return Fail(ErrorKind::kInvalidArgument,
                fmt::format("object '{}' lies in a partition that the job does not read: it reads {}={}", object,
                            wanted->first, wanted->second));
  }
  return {};
}

}  // namespace

Result<std::vector<PartitionRecord>> PartitionsOfObjects(Catalog& catalog, const TableRecord& table,
                                                         const ReadSpec& read, std::span<const ObjectKey> objects) {
  std::map<PartitionValues, PartitionRecord> partitions;
  for (const ObjectKey& object : objects) {
    FIRN_TRY_ASSIGN(PartitionRecord place, PlaceOf(table, object));
    FIRN_TRY(CheckFilter(table, read, place, object));
    partitions.emplace(place.values, std::move(place));
  }
  std::vector<PartitionRecord> found;
  for (auto& [values, place] : partitions) {
    std::vector<PartitionPredicate> where;
    for (size_t i = 0; i < table.partition_keys.size(); ++i)
      where.push_back({table.partition_keys[i], PartitionPredicate::Op::kEqual, {values.values[i]}});
    std::vector<PartitionRecord> known;
    if (!where.empty()) {
      FIRN_TRY_ASSIGN(known, catalog.FindPartitions(table.name, where));
    }
    found.push_back(known.empty() ? std::move(place) : std::move(known.front()));
  }
  return found;
}

Result<std::vector<ObjectInfo>> FindObjects(ObjectStore& store, std::string_view folder,
                                            std::span<const ObjectKey> objects) {
  std::vector<ObjectInfo> found;
  for (const ObjectKey& key : objects) {
    if (!IsIn(key, WithoutSlashes(folder))) continue;
    auto object = store.Stat(key);
    if (!object && object.error().kind == ErrorKind::kNotFound)
      return Fail(ErrorKind::kNotFound, fmt::format("there is no object '{}' (any more)", key),
                  "It was removed since its event, or the key is misspelt.");
    if (!object) return std::unexpected(std::move(object.error()));
    found.push_back(std::move(*object));
  }
  std::ranges::sort(found, {}, &ObjectInfo::key);
  const auto repeated = std::ranges::unique(found, {}, &ObjectInfo::key);
  found.erase(repeated.begin(), repeated.end());
  return found;
}

}  // namespace firn
