#include "run/input_selection.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <iterator>
#include <set>
#include <span>
#include <unordered_set>

#include "base/hash.h"
#include "base/nearest.h"
#include "run/lake_layout.h"
#include "run/object_selection.h"
#include "run/partition_date.h"
#include "text/format_guess.h"

namespace firn {
namespace {

// What lies in the input partitions.
struct Listings {
  std::vector<ObjectInfo> objects;  // of all partitions, one after the other
  std::vector<size_t> ends;         // of each partition's, in `objects`
  int64_t others = 0;               // by their names of another format
  ObjectKey first_other;

  [[nodiscard]] std::span<const ObjectInfo> Of(size_t partition) const {
    const size_t from = partition == 0 ? 0 : ends[partition - 1];
    return std::span(objects).subspan(from, ends[partition] - from);
  }
};

// Takes out what is no data; what is data of another format is counted.
void KeepData(std::vector<ObjectInfo>& objects, const std::string& location, FileFormat format, Listings& listings) {
  std::erase_if(objects, [&](const ObjectInfo& object) {
    const NameSays says = JudgeName(object.key, location, format);
    if (says == NameSays::kOther && listings.others++ == 0) listings.first_other = object.key;
    return says != NameSays::kData;
  });
}

// Who names an object wants it read.
Status CheckNames(const std::vector<ObjectInfo>& objects, const std::string& location, FileFormat format) {
  for (const ObjectInfo& object : objects) {
    const NameSays says = JudgeName(object.key, location, format);
    if (says == NameSays::kHidden)
      return Fail(ErrorKind::kInvalidArgument,
                  fmt::format("'{}' is no data: a name beginning with '_' or '.' is a mark of a program", object.key));
    if (says == NameSays::kOther)
      return Fail(ErrorKind::kInvalidArgument,
                  fmt::format("'{}' is not {} by its name, as the table's files are", object.key, NameOf(format)));
  }
  return {};
}

using Listed = std::vector<std::vector<ObjectInfo>>;  // of each partition

Result<Listed> ListAll(ObjectStore& store, WorkerPool& pool, const SelectionRequest& request, std::stop_token stop) {
  const std::vector<PartitionRecord>& partitions = *request.partitions;
  Listed listed(partitions.size());
  FIRN_TRY(pool.ParallelFor(
      std::ssize(listed),
      [&](int64_t index, int) -> Status {
        const auto at = static_cast<size_t>(index);
        if (request.objects != nullptr) {
          FIRN_TRY_ASSIGN(listed[at], FindObjects(store, partitions[at].location, *request.objects));
        } else {
          FIRN_TRY_ASSIGN(listed[at], store.List(partitions[at].location));
        }
        return {};
      },
      std::move(stop)));
  return listed;
}

// That of the table; of one that nobody declared or crawled, what its objects look like.
Result<FileFormat> FormatOf(ObjectStore& store, const TableRecord& table,
                            const std::vector<PartitionRecord>& partitions, const Listed& listed) {
  if (!table.format.empty()) return ParseFileFormat(table.format, table.name);
  std::vector<ObjectInfo> objects;
  for (size_t i = 0; i < listed.size(); ++i)
    for (const ObjectInfo& object : listed[i])
      if (JudgeName(object.key, partitions[i].location, FileFormat::kParquet) != NameSays::kHidden)
        objects.push_back(object);
  FIRN_TRY_ASSIGN(const std::string guessed, GuessFormat(store, objects));
  return ParseFileFormat(objects.empty() ? NameOf(FileFormat::kParquet) : guessed, table.name);
}

Listings KeepAllData(Listed listed, const std::vector<PartitionRecord>& partitions, FileFormat format) {
  Listings listings;
  for (size_t i = 0; i < listed.size(); ++i) {
    KeepData(listed[i], partitions[i].location, format, listings);
    if (listings.objects.empty())
      listings.objects = std::move(listed[i]);
    else
      std::ranges::move(listed[i], std::back_inserter(listings.objects));
    listings.ends.push_back(listings.objects.size());
  }
  return listings;
}

void WarnOfOthers(const Listings& listings, const TableRecord& table, FileFormat format, SelectedInputs& selected) {
  if (listings.others == 0) return;
  selected.warnings.push_back(
      listings.others == 1
          ? fmt::format("{} of table '{}' is not {} by its name and was not read", listings.first_other,
                        table.name.str(), NameOf(format))
          : fmt::format("{} objects of table '{}' are not {} by their names and were not read, first {}",
                        listings.others, table.name.str(), NameOf(format), listings.first_other));
}

// Which objects to read: all, the unread ones, or all of the targets that have an unread one.
class Choice {
 public:
  Choice(const SelectionRequest& request, const std::vector<ObjectInfo>& unread) : request_(request) {
    for (const ObjectInfo& object : unread) unread_.insert(object.key);
  }

  void LookAt(const Listings& listings) {
    for (size_t i = 0; i < listings.ends.size(); ++i)
      if (std::ranges::any_of(listings.Of(i), [&](const ObjectInfo& object) { return unread_.contains(object.key); }))
        fresh_targets_.insert((*request_.targets)[i]);
  }

  [[nodiscard]] bool Takes(const ObjectInfo& object, const PartitionValues& target) const {
    if (request_.bookmark == BookmarkOption::kDisable) return true;
    if (request_.job->write.mode == WriteMode::kOverwritePartitions) return fresh_targets_.contains(target);
    return unread_.contains(object.key);
  }

 private:
  const SelectionRequest& request_;
  std::unordered_set<std::string> unread_;
  std::set<PartitionValues> fresh_targets_;
};

std::string HashOf(const std::vector<InputFile>& files) {
  RunningHash hash;
  for (const InputFile& file : files)
    hash.Update(fmt::format("{}\n{}\n{}\n", file.object.key, file.object.size, file.object.etag));
  return ToHex(hash.Digest());
}

Status CheckKeyExists(const TableRecord& table, const std::string& key) {
  if (std::ranges::find(table.partition_keys, key) != table.partition_keys.end()) return {};
  return Fail(ErrorKind::kInvalidArgument,
              fmt::format("read.partition names '{}', which is no partition key of table '{}'", key, table.name.str()),
              SuggestFrom(key, table.partition_keys));
}

std::string Describe(const PartitionPredicate& predicate) {
  return fmt::format("{}={}", predicate.key, fmt::join(predicate.values, ","));
}

}  // namespace

Result<InputPartitions> FindInputPartitions(Catalog& catalog, const TableRecord& table, const ReadSpec& read) {
  InputPartitions partitions;
  if (!read.date.empty()) {
    FIRN_TRY_ASSIGN(partitions.where, DatePredicates(table.partition_keys, read.date));
  }
  for (const auto& [key, value] : read.partition) {
    FIRN_TRY(CheckKeyExists(table, key));
    partitions.where.push_back({key, PartitionPredicate::Op::kEqual, {value}});
  }
  if (table.partition_keys.empty()) {
    partitions.found.push_back({.values = {}, .location = table.location});
    return partitions;
  }
  FIRN_TRY_ASSIGN(partitions.found, catalog.FindPartitions(table.name, partitions.where));
  return partitions;
}

std::string NoDataSentence(const TableRecord& table, const ReadSpec& read,
                           const std::vector<PartitionPredicate>& where) {
  std::string name;
  for (const PartitionPredicate& predicate : where) name += (name.empty() ? "" : "/") + Describe(predicate);
  if (name.empty()) return fmt::format("No data found in table '{}'", table.name.str());
  const std::string date = read.date.empty() ? "" : fmt::format(" ({})", read.date);
  return fmt::format("No data found for partition {}{} of table '{}'", name, date, table.name.str());
}

bool RowsSayPartitions(const TableRecord& from, const TableRecord& to) {
  return std::ranges::any_of(to.partition_keys, [&](const std::string& key) {
    return std::ranges::find(from.partition_keys, key) == from.partition_keys.end();
  });
}

void TellTables(const TableRecord& from, const TableRecord& to, ExecuteRequest& request) {
  request.partition_keys = to.partition_keys;
  request.partition_by_rows = RowsSayPartitions(from, to);
  if (request.partition_by_rows) request.input_keys = from.partition_keys;
  request.table_schema = from.schema;
  request.existing_schema = to.schema;
  request.schema_change = SchemaChangeOf(from);
  request.csv = CsvSettingsOf(from);
  request.existing_csv = CsvSettingsOf(to);
}

Result<std::vector<PartitionValues>> MapToTarget(const TableRecord& from,
                                                 const std::vector<PartitionRecord>& partitions,
                                                 const TableRecord& to) {
  std::vector<size_t> positions;
  for (const std::string& key : to.partition_keys) {
    const auto found = std::ranges::find(from.partition_keys, key);
    if (found == from.partition_keys.end())
      return Fail(ErrorKind::kInvalidArgument,
                  fmt::format("table '{}' is partitioned by '{}', which table '{}' is not", to.name.str(), key,
                              from.name.str()),
                  "the rows of one input partition go to one output partition: give both tables this key");
    positions.push_back(static_cast<size_t>(found - from.partition_keys.begin()));
  }
  std::vector<PartitionValues> targets(partitions.size());
  for (size_t i = 0; i < partitions.size(); ++i)
    for (const size_t position : positions) targets[i].values.push_back(partitions[i].values.values.at(position));
  return targets;
}

Result<SelectedInputs> SelectInputs(ObjectStore& store, Catalog& catalog, WorkerPool& pool,
                                    const SelectionRequest& request, std::stop_token stop) {
  const std::vector<PartitionRecord>& partitions = *request.partitions;
  FIRN_TRY_ASSIGN(Listed listed, ListAll(store, pool, request, std::move(stop)));
  FIRN_TRY_ASSIGN(const FileFormat format, FormatOf(store, *request.table, partitions, listed));
  if (request.objects != nullptr)
    for (size_t i = 0; i < listed.size(); ++i) FIRN_TRY(CheckNames(listed[i], partitions[i].location, format));
  const Listings listings = KeepAllData(std::move(listed), partitions, format);
  SelectedInputs selected;
  WarnOfOthers(listings, *request.table, format, selected);
  if (request.bookmark != BookmarkOption::kDisable) {
    FIRN_TRY_ASSIGN(selected.unread, catalog.NotInBookmark(request.job->name, listings.objects));
  }
  Choice choice(request, selected.unread);
  choice.LookAt(listings);
  selected.listed = std::ssize(listings.objects);
  for (size_t i = 0; i < listings.ends.size(); ++i) {
    for (const ObjectInfo& object : listings.Of(i)) {
      if (!choice.Takes(object, (*request.targets)[i])) continue;
      selected.files.push_back({object, format, (*request.targets)[i], false});
    }
  }
  std::ranges::sort(selected.files, {}, [](const InputFile& file) -> const ObjectKey& { return file.object.key; });
  selected.hash = HashOf(selected.files);
  return selected;
}

}  // namespace firn
