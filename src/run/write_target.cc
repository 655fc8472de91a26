#include "run/write_target.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <optional>
#include <set>

#include "run/lake_layout.h"

namespace firn {
namespace {

std::vector<PartitionPredicate> Exactly(const std::vector<std::string>& keys, const PartitionValues& values) {
  std::vector<PartitionPredicate> where;
  for (size_t i = 0; i < keys.size(); ++i)
    where.push_back({keys[i], PartitionPredicate::Op::kEqual, {values.values.at(i)}});
  return where;
}

// "3" and "03" fulfil one predicate, and are two partitions.
Result<std::string> LocationOf(Catalog& catalog, const TableRecord& table, const PartitionValues& values) {
  if (!table.partition_keys.empty()) {
    FIRN_TRY_ASSIGN(const auto found, catalog.FindPartitions(table.name, Exactly(table.partition_keys, values)));
    for (const PartitionRecord& partition : found)
      if (partition.values == values) return std::string(WithoutSlashes(partition.location));
  }
  return PartitionLocation(table, values);
}

std::unexpected<Error> MissingFile(const FileRecord& file, const TableRecord& table) {
  return Fail(ErrorKind::kCorrupt,
              fmt::format("{} belongs to table '{}', and is not there", file.key, table.name.str()),
              "it was removed by hand: put it back, or rewrite the partition with mode: overwrite_partitions");
}

class ExistingFiles {
 public:
  ExistingFiles(const TableRecord& table, const WriteSpec& write) : table_(table), write_(write) {}

  Status Fill(std::vector<ObjectInfo> listed, std::map<ObjectKey, FileRecord> known, TargetPartition& target) {
    int64_t strangers = 0;
    for (ObjectInfo& object : listed) {
      const auto record = known.find(object.key);
      const NameSays says = JudgeName(object.key, target.location, write_.format);
      if (record == known.end() && says == NameSays::kHidden) continue;
      if (record == known.end() && says == NameSays::kOther && !FormatByName(object.key)) return StrangeFile(object);
      FIRN_TRY(CheckFormat(object));
      if (record == known.end()) ++strangers;
      FileRecord file =
          record != known.end() ? record->second : FileRecord{target.name, object.key, "", object.size, 0, ""};
      file.staged_key.clear();  // settled: it is under its own name
      known.erase(object.key);
      target.existing.push_back({std::move(file), std::move(object)});
    }
    if (!known.empty()) return MissingFile(known.begin()->second, table_);
    if (strangers > 0) with_strangers_.push_back(target.location);
    strangers_ += strangers;
    return {};
  }

  void Warn(std::vector<std::string>& warnings) const {
    if (strangers_ == 0) return;
    const std::string files = strangers_ == 1 ? "1 file" : fmt::format("{} files", strangers_);
    const std::string others =
        with_strangers_.size() == 1
            ? with_strangers_.front() + " holds"
            : fmt::format("{} partitions, first {}, hold", with_strangers_.size(), with_strangers_.front());
    warnings.push_back(
        fmt::format("{} {} that firn did not write: kept as part of table '{}'", others, files, table_.name.str()));
  }

 private:
  [[nodiscard]] Status StrangeFile(const ObjectInfo& object) const {
    return Fail(
        ErrorKind::kMismatch,
        fmt::format("{} is in a folder of table '{}', and is no data by its name", object.key, table_.name.str()),
        "a folder that a job writes belongs to its table: move the file elsewhere");
  }

  [[nodiscard]] Status CheckFormat(const ObjectInfo& object) const {
    const auto format = FormatByName(object.key);
    if (write_.mode != WriteMode::kAppend || !format || *format == write_.format) return {};
    return Fail(ErrorKind::kMismatch,
                fmt::format("cannot append {} files to a partition with {}", NameOf(write_.format), object.key),
                "write the format that the partition has, or rewrite it with mode: merge or overwrite_partitions");
  }

  const TableRecord& table_;
  const WriteSpec& write_;
  int64_t strangers_ = 0;
  std::vector<std::string> with_strangers_;  // locations
};

// A folder with files that the run leaves as they are.
Result<std::optional<std::string>> FindWhatStays(Catalog& catalog, const TableRecord& table, const WriteSpec& write,
                                                 const std::vector<TargetPartition>& targets) {
  std::set<PartitionValues> replaced;
  for (const TargetPartition& target : targets) {
    if (write.mode == WriteMode::kAppend && !target.existing.empty()) return target.location;
    replaced.insert(target.values);
  }
  if (table.partition_keys.empty()) return std::nullopt;
  FIRN_TRY_ASSIGN(const std::vector<PartitionRecord> partitions, catalog.FindPartitions(table.name, {}));
  for (const PartitionRecord& partition : partitions)
    if (partition.files > 0 && !replaced.contains(partition.values)) return partition.location;
  return std::nullopt;
}

}  // namespace

Result<std::vector<TargetPartition>> FindTargets(Catalog& catalog, const TableRecord& table,
                                                 const std::vector<PartitionValues>& values) {
  std::vector<TargetPartition> targets;
  for (const PartitionValues& each : std::set<PartitionValues>(values.begin(), values.end())) {
    FIRN_TRY_ASSIGN(std::string location, LocationOf(catalog, table, each));
    targets.push_back({each, PartitionName(table.partition_keys, each), std::move(location), {}});
  }
  return targets;
}

Status CheckOwnFolder(Catalog& catalog, const TableRecord& table) {
  FIRN_TRY_ASSIGN(const std::vector<TableRecord> tables, catalog.ListTables());
  for (const TableRecord& other : tables) {
    if (other.name == table.name || !FoldersOverlap(other.location, table.location)) continue;
    return Fail(ErrorKind::kInvalidArgument,
                fmt::format("table '{}' ({}) cannot be written: table '{}' ({}) shares its folder", table.name.str(),
                            table.location, other.name.str(), other.location),
                "a commit replaces folders whole: give each table a location of its own");
  }
  return {};
}

Status FindExisting(ObjectStore& store, Catalog& catalog, const TableRecord& table, const WriteSpec& write,
                    std::vector<TargetPartition>& targets, std::vector<std::string>& warnings) {
  std::vector<std::string> names;
  for (const TargetPartition& target : targets) names.push_back(target.name);
  FIRN_TRY_ASSIGN(Catalog::SnapshotFiles current, catalog.CurrentFiles(table.name, names));
  std::map<std::string, std::map<ObjectKey, FileRecord>> known;
  for (FileRecord& file : current.files) known[file.partition].emplace(file.key, file);
  ExistingFiles existing(table, write);
  for (TargetPartition& target : targets) {
    FIRN_TRY_ASSIGN(std::vector<ObjectInfo> listed, store.List(target.location));
    FIRN_TRY(existing.Fill(std::move(listed), std::move(known[target.name]), target));
  }
  existing.Warn(warnings);
  return {};
}

Json CsvOptionsOf(const CsvOptions& csv) {
  return Json{{"delimiter", csv.delimiter}, {"header", csv.header}, {"quote", csv.quote}, {"null_text", csv.null_text}};
}

Status CheckOneFormat(Catalog& catalog, const TableRecord& table, const WriteSpec& write,
                      const std::vector<TargetPartition>& targets) {
  const bool same_format = table.format.empty() || table.format == NameOf(write.format);
  const bool same_csv = write.format != FileFormat::kCsv || table.format != "csv" ||
                        table.options.value("csv", CsvOptionsOf({})) == CsvOptionsOf(write.csv);
  if (same_format && same_csv) return {};
  FIRN_TRY_ASSIGN(const std::optional<std::string> stays, FindWhatStays(catalog, table, write, targets));
  if (!stays) return {};
  return Fail(
      ErrorKind::kMismatch,
      same_format ? fmt::format("the files in {} were written with other `csv` settings than this run's", *stays)
                  : fmt::format("table '{}' holds {} files (in {}), and this run would write {}", table.name.str(),
                                table.format, *stays, NameOf(write.format)),
      "All files of a table are read in one way: write to another table, or rewrite all partitions in one run.");
}

std::vector<Lease> LeasesOf(const TableName& table, const std::vector<TargetPartition>& targets, const RunId& run) {
  std::vector<Lease> leases;
  for (const TargetPartition& target : targets) leases.push_back({table, target.name, run});
  return leases;
}

}  // namespace firn
