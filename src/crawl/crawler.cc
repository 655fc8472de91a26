#include "crawl/crawler.h"

#include <fmt/format.h>

#include <algorithm>
#include <iterator>
#include <map>
#include <set>

#include "crawl/file_survey.h"
#include "crawl/partition_folders.h"
#include "crawl/text_survey.h"
#include "store/name_format.h"
#include "text/format_guess.h"

namespace firn {
namespace {

// Columns of text are declared or learned: any type can be read from it.
bool IsTextFormat(std::string_view format) {
  return format == "csv" || format == "json" || format == "text" || format == "dynamodb_json";
}

// One crawl of one table: list, read footers, merge, write the catalog.
class TableCrawl {
 public:
  TableCrawl(const CrawlServices& services, const CrawlOptions& options, const CrawlProgress& progress,
             std::stop_token stop)
      : services_(services),
        options_(options),
        progress_(progress),
        stop_(std::move(stop)),
        started_ns_(services.clock.NowNs()),
        table_(options.table) {}

  Result<CrawlReport> Run() {
    report_.table = table_.name;
    FIRN_TRY(LoadTable());
    if (table_.partition_keys.empty() && table_.format != "dynamodb_json")
      FIRN_TRY(InferPartitionKeys(services_.store, table_));
    FIRN_TRY(LoadPartitions());
    FIRN_TRY_ASSIGN(const std::vector<PartitionFolderInfo> folders, FoldersToList());
    FIRN_TRY_ASSIGN(std::vector<Listed> listed, ListFolders(folders));
    FIRN_TRY(LookForData(listed));
    FIRN_TRY(FindFormat(listed));
    KeepData(listed);
    FIRN_TRY(ChooseFiles(listed));
    FIRN_TRY(ReadFiles());
    CountFiles();
    FIRN_TRY(WriteCatalog());
    report_.schema = table_.schema;
    report_.duration_ms = (services_.clock.NowNs() - started_ns_) / 1'000'000;
    return std::move(report_);
  }

 private:
  struct Listed {
    PartitionFolderInfo folder;
    FolderContent content;
  };

  // A partition with something new. Its record counts the files that need not be read again, then the good ones of
  // `files_` from first_file on.
  struct Partition {
    PartitionRecord record;
    size_t first_file = 0;
    size_t files = 0;
  };

  // What the catalog has learned so far; name, location, format, keys and layout are as declared.
  Status LoadTable() {
    auto known = services_.catalog.GetTable(table_.name);
    if (!known && known.error().kind != ErrorKind::kNotFound) return std::unexpected(std::move(known.error()));
    report_.table_created = !known;
    if (known) before_ = std::move(*known);
    if (table_.format.empty()) table_.format = before_.format;
    if (before_.options.contains("csv")) table_.options["csv"] = before_.options["csv"];  // as the last run wrote
    if (IsTextFormat(table_.format))
      table_.schema = DeclaredOver(table_.schema, before_.schema);
    else if (!before_.schema.fields.empty())
      table_.schema = before_.schema;
    if (known && table_.partition_keys.empty()) {
      table_.partition_keys = before_.partition_keys;
      table_.layout = before_.layout;
    }
    report_.schema_before = before_.schema;
    return {};
  }

  // Partitions found under another location, layout or number of keys are not those that will be found now.
  Status LoadPartitions() {
    if (report_.table_created) return {};
    FIRN_TRY_ASSIGN(auto partitions, services_.catalog.FindPartitions(table_.name, {}));
    const bool same = before_.location == table_.location && before_.layout == table_.layout &&
                      before_.partition_keys.size() == table_.partition_keys.size();
    if (!same) {
      gone_ = std::move(partitions);
      return {};
    }
    for (PartitionRecord& partition : partitions) {
      PartitionValues values = partition.values;
      known_.emplace(std::move(values), std::move(partition));
    }
    return {};
  }

  Result<std::vector<PartitionFolderInfo>> FoldersToList() {
    FIRN_TRY_ASSIGN(FolderWalk walk, WalkPartitionFolders(services_, table_, stop_));
    FIRN_TRY(Report(std::move(walk.findings)));
    report_.nothing_there = walk.partitions.empty();
    if (options_.new_folders_only && !table_.partition_keys.empty()) {
      std::erase_if(walk.partitions, [&](const auto& folder) { return known_.contains(folder.values); });
      return std::move(walk.partitions);
    }
    std::set<PartitionValues> there;
    for (const PartitionFolderInfo& folder : walk.partitions) there.insert(folder.values);
    for (const auto& [values, record] : known_)
      if (!there.contains(values)) gone_.push_back(record);
    return std::move(walk.partitions);
  }

  Result<std::vector<Listed>> ListFolders(const std::vector<PartitionFolderInfo>& folders) {
    std::vector<Listed> listed(folders.size());
    PhaseProgress phase(progress_, "listing", static_cast<int64_t>(folders.size()));
    // An export of DynamoDB has folders of its own: AWSDynamoDB/<id>/data.
    const DeeperObjects deeper = table_.format == "dynamodb_json" ? DeeperObjects::kData : DeeperObjects::kFindings;
    const auto list_one = [&](int64_t index, int) -> Status {
      const auto i = static_cast<size_t>(index);
      listed[i].folder = folders[i];
      FIRN_TRY_ASSIGN(listed[i].content, ListPartition(services_.store, folders[i].prefix, deeper));
      phase.Step();
      return {};
    };
    FIRN_TRY(services_.pool.ParallelFor(static_cast<int64_t>(folders.size()), list_one, stop_));
    return listed;
  }

  // A location that is mistyped looks like a table whose data is still to come.
  Status LookForData(const std::vector<Listed>& listed) {
    if (table_.partition_keys.empty()) report_.nothing_there = listed.empty() || listed.front().content.objects.empty();
    if (!report_.nothing_there ||
        !services_.store.Stat(table_.location.substr(0, table_.location.find_last_not_of('/') + 1)))
      return {};
    return Fail(ErrorKind::kInvalidArgument,
                fmt::format("the location {} of table '{}' is a file", table_.location, table_.name.str()),
                "A table's location is the folder that holds its files or its partitions' folders");
  }

  Status ChooseFiles(std::vector<Listed>& listed) {
    for (Listed& one : listed) {
      FIRN_TRY(Report(std::move(one.content.findings)));
      report_.files_seen += static_cast<int64_t>(one.content.objects.size());
      const auto known = known_.find(one.folder.values);
      if (known == known_.end()) {
        if (!one.content.objects.empty()) Take(one.folder, {}, std::move(one.content.objects));
      } else if (one.content.objects.empty()) {
        gone_.push_back(known->second);
      } else {
        FIRN_TRY(TakeChanged(one.folder, known->second, std::move(one.content.objects)));
      }
    }
    return {};
  }

  // Objects that were only added are read alone. After any other change, the whole partition is counted anew: what
  // the replaced and removed objects held is not remembered.
  Status TakeChanged(const PartitionFolderInfo& folder, const PartitionRecord& known, std::vector<ObjectInfo> objects) {
    FIRN_TRY_ASSIGN(std::vector<ObjectInfo> fresh, services_.catalog.NotSeenByCrawler(table_.name, objects));
    const bool added_only = known.location == folder.prefix &&
                            known.files + static_cast<int64_t>(fresh.size()) == static_cast<int64_t>(objects.size());
    if (added_only && fresh.empty()) return {};
    if (added_only)
      Take(folder, known, std::move(fresh));
    else
      Take(folder, {}, std::move(objects));
    return {};
  }

  void Take(const PartitionFolderInfo& folder, const PartitionRecord& counted, std::vector<ObjectInfo> objects) {
    PartitionRecord record = counted;
    record.values = folder.values;
    record.location = folder.prefix;
    partitions_.push_back({.record = std::move(record), .first_file = files_.size(), .files = objects.size()});
    std::ranges::move(objects, std::back_inserter(files_));
  }

  // What nobody declared, the files tell. Without one, Parquet is as good as any: the first crawl that finds some asks
  // again; so does one of a table of texts, which may get others beside those it has.
  Status FindFormat(const std::vector<Listed>& listed) {
    const bool learned = !before_.format.empty() && (!before_.schema.fields.empty() || !known_.empty());
    if (!options_.table.format.empty() || (learned && !IsTextFormat(before_.format)) || before_.format == "text")
      return {};
    std::vector<ObjectInfo> objects;
    for (const Listed& one : listed)
      objects.insert(objects.end(), one.content.objects.begin(), one.content.objects.end());
    FIRN_TRY_ASSIGN(const std::string found, GuessFormat(services_.store, objects));
    if (!learned)
      table_.format = found.empty() ? "parquet" : found;
    else if (IsTextFormat(found) && found != before_.format)
      table_.format = "text";
    return {};
  }

  // Objects with the names of something else are no data, for runs and queries neither.
  void KeepData(std::vector<Listed>& listed) const {
    for (Listed& one : listed)
      std::erase_if(one.content.objects,
                    [&](const ObjectInfo& object) { return !NameFits(object.key, table_.format); });
  }

  Status ReadFiles() {
    FIRN_TRY_ASSIGN(survey_, IsTextFormat(table_.format)
                                 ? SurveyTexts(services_, table_, files_, options_.skip_bad_files, progress_, stop_)
                                 : SurveyFiles(services_, table_.schema, SchemaChangeOf(table_), table_.partition_keys,
                                               files_, options_.skip_bad_files, progress_, stop_));
    report_.files_read = static_cast<int64_t>(files_.size());
    table_.schema = std::move(survey_.schema);
    report_.remarks = std::move(survey_.remarks);
    return Report(std::move(survey_.findings));
  }

  // Only good files count. A bad one is looked at and reported until it is gone, and queries leave it out.
  void CountFiles() {
    for (Partition& partition : partitions_) {
      for (size_t i = partition.first_file; i < partition.first_file + partition.files; ++i) {
        if (!survey_.files[i].good) {
          skipped_.push_back(files_[i]);
          continue;
        }
        ++partition.record.files;
        partition.record.bytes += files_[i].size;
        partition.record.rows += survey_.files[i].rows;
        remembered_.push_back(files_[i]);
      }
    }
  }

  Status Report(std::vector<CrawlFinding> findings) {
    if (!findings.empty() && !options_.skip_bad_files)
      return std::unexpected(ErrorOf(findings.front(), ErrorKind::kMismatch));
    std::ranges::move(findings, std::back_inserter(report_.findings));
    return {};
  }

  // Removals first: then a crawl that is cut short anywhere leaves partitions unknown, which the next one finds anew.
  Status WriteCatalog() {
    FIRN_TRY(RemoveGone());
    table_.updated_ns = services_.clock.NowNs();
    table_.created_ns = report_.table_created ? table_.updated_ns : before_.created_ns;
    report_.table_updated = !report_.table_created && IsChanged();
    if (report_.table_created || report_.table_updated) FIRN_TRY(services_.catalog.PutTable(table_));
    std::vector<PartitionRecord> records;
    for (const Partition& partition : partitions_) {
      const auto known = known_.find(partition.record.values);
      const bool is_new = known == known_.end();
      // A folder of nothing but bad files stays unknown, so that a crawl of new folders looks at it again.
      if (is_new ? partition.record.files == 0 : partition.record == known->second) continue;
      ++(is_new ? report_.partitions_added : report_.partitions_updated);
      records.push_back(partition.record);
    }
    if (!records.empty()) FIRN_TRY(services_.catalog.PutPartitions(table_.name, records));
    if (!remembered_.empty()) FIRN_TRY(services_.catalog.RememberCrawled(table_.name, remembered_));
    if (!skipped_.empty()) FIRN_TRY(services_.catalog.RememberSkipped(table_.name, skipped_));
    return {};
  }

  [[nodiscard]] bool IsChanged() const {
    return table_.schema != before_.schema || table_.partition_keys != before_.partition_keys ||
           table_.format != before_.format || table_.location != before_.location || table_.layout != before_.layout;
  }

  Status RemoveGone() {
    if (gone_.empty()) return {};
    std::vector<PartitionValues> values;
    for (const PartitionRecord& partition : gone_) values.push_back(partition.values);
    FIRN_TRY(services_.catalog.RemovePartitions(table_.name, values));
    for (const PartitionRecord& partition : gone_)
      FIRN_TRY(services_.catalog.ForgetCrawled(table_.name, partition.location));
    report_.partitions_removed = static_cast<int64_t>(gone_.size());
    return {};
  }

  const CrawlServices& services_;
  const CrawlOptions& options_;
  const CrawlProgress& progress_;
  const std::stop_token stop_;
  const int64_t started_ns_;
  TableRecord table_;
  TableRecord before_;  // as the catalog had it; empty when it had none
  std::map<PartitionValues, PartitionRecord> known_;
  std::vector<PartitionRecord> gone_;
  std::vector<Partition> partitions_;
  std::vector<ObjectInfo> files_;  // of those partitions: to be read
  FileSurvey survey_;              // of files_
  std::vector<ObjectInfo> remembered_;
  std::vector<ObjectInfo> skipped_;
  CrawlReport report_;
};

}  // namespace

Result<CrawlReport> Crawl(const CrawlServices& services, const CrawlOptions& options, const CrawlProgress& progress,
                          std::stop_token stop) {
  return TableCrawl(services, options, progress, std::move(stop)).Run();
}

}  // namespace firn
