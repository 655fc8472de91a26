#include "crawl/crawler.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <optional>
#include <set>

#include "crawl/partition_folders.h"
#include "format/parquet_footer.h"
#include "schema/merge.h"

namespace firn {
namespace {

// One crawl of one table: list, read footers, merge, write the catalog.
class TableCrawl {
 public:
  TableCrawl(const CrawlServices& services, const CrawlOptions& options, const CrawlProgress& progress, std::stop_token stop)
      : services_(services), options_(options), progress_(progress), stop_(std::move(stop)), table_(options.table) {}

  Result<CrawlReport> Run() {
    report_.table = table_.name;
    FIRN_TRY(LoadTable());
    if (table_.partition_keys.empty()) FIRN_TRY(InferPartitionKeys(services_.store, table_));
    FIRN_TRY_ASSIGN(const std::vector<PartitionFolderInfo> folders, FoldersToList());
    FIRN_TRY(ListObjects(folders));
    if (table_.format == "parquet") FIRN_TRY(ReadFooters());
    FIRN_TRY(WriteCatalog());
    report_.schema = table_.schema;
    return report_;
  }

 private:
  struct Partition {
    PartitionRecord record;
    std::vector<ObjectInfo> objects;
  };

  // What the catalog has learned so far; location, format, keys and layout are as declared.
  Status LoadTable() {
    auto known = services_.catalog.GetTable(table_.name);
    if (!known && known.error().kind != ErrorKind::kNotFound) return std::unexpected(std::move(known.error()));
    if (table_.format.empty()) table_.format = "parquet";
    if (!known) {
      report_.table_created = true;
      return {};
    }
    if (!known->schema.fields.empty()) table_.schema = known->schema;
    if (table_.partition_keys.empty()) {
      table_.partition_keys = known->partition_keys;
      table_.layout = known->layout;
    }
    before_ = std::move(*known);
    FIRN_TRY_ASSIGN(const auto partitions, services_.catalog.FindPartitions(table_.name, {}));
    for (const PartitionRecord& partition : partitions) known_.emplace(partition.values, partition);
    return {};
  }

  Result<std::vector<PartitionFolderInfo>> FoldersToList() {
    FIRN_TRY_ASSIGN(FolderWalk walk, WalkPartitionFolders(services_, table_, stop_));
    for (CrawlFinding& finding : walk.findings) FIRN_TRY(Report(std::move(finding), ErrorKind::kMismatch));
    if (options_.new_folders_only) {
      std::erase_if(walk.partitions, [&](const auto& folder) { return known_.contains(folder.values); });
      return std::move(walk.partitions);
    }
    std::set<PartitionValues> there;
    for (const PartitionFolderInfo& folder : walk.partitions) there.insert(folder.values);
    for (const auto& [values, record] : known_)
      if (!there.contains(values)) gone_.push_back(values);
    return std::move(walk.partitions);
  }

  Status ListObjects(const std::vector<PartitionFolderInfo>& folders) {
    std::vector<Partition> listed(folders.size());
    FIRN_TRY(services_.pool.ParallelFor(
        static_cast<int64_t>(folders.size()),
        [&](int64_t i, int) -> Status {
          const PartitionFolderInfo& folder = folders[static_cast<size_t>(i)];
          FIRN_TRY_ASSIGN(std::vector<ObjectInfo> objects, services_.store.List(folder.prefix));
          std::erase_if(objects, [](const ObjectInfo& object) { return !IsDataObject(object.key); });
          Partition& partition = listed[static_cast<size_t>(i)];
          partition.record.values = folder.values;
          partition.record.location = folder.prefix;
          partition.record.files = static_cast<int64_t>(objects.size());
          for (const ObjectInfo& object : objects) partition.record.bytes += object.size;
          partition.objects = std::move(objects);
          progress_("listing", i + 1, static_cast<int64_t>(folders.size()));
          return {};
        },
        stop_));
    for (Partition& partition : listed) {
      report_.files_seen += partition.record.files;
      if (partition.objects.empty()) continue;
      FIRN_TRY_ASSIGN(const auto fresh, services_.catalog.NotSeenByCrawler(table_.name, partition.objects));
      const auto known = known_.find(partition.record.values);
      if (fresh.empty() && known != known_.end() && known->second.files == partition.record.files) continue;
      if (known != known_.end()) partition.record.rows = known->second.rows;
      fresh_.insert(fresh_.end(), fresh.begin(), fresh.end());
      partitions_.push_back(std::move(partition));
    }
    return {};
  }

  Status ReadFooters() {
    std::vector<std::optional<FileSummary>> summaries(fresh_.size());
    std::vector<std::optional<Error>> errors(fresh_.size());
    FIRN_TRY(services_.pool.ParallelFor(
        static_cast<int64_t>(fresh_.size()),
        [&](int64_t i, int) -> Status {
          auto summary = ReadParquetFooter(services_.store, fresh_[static_cast<size_t>(i)]);
          progress_("footers", i + 1, static_cast<int64_t>(fresh_.size()));
          if (summary) summaries[static_cast<size_t>(i)] = std::move(*summary);
          else errors[static_cast<size_t>(i)] = std::move(summary.error());
          return {};
        },
        stop_));
    report_.files_read = static_cast<int64_t>(fresh_.size());
    std::map<ObjectKey, int64_t> rows;
    for (size_t i = 0; i < fresh_.size(); ++i) {
      if (errors[i]) FIRN_TRY(Report({fresh_[i].key, errors[i]->Text()}, errors[i]->kind));
      if (!summaries[i]) continue;
      rows[fresh_[i].key] = summaries[i]->rows;
      FIRN_TRY(MergeFile(fresh_[i].key, *summaries[i]));
    }
    CountRows(rows);
    return {};
  }

  // Thousands of files share a few schemas: each is merged once.
  Status MergeFile(const ObjectKey& key, const FileSummary& summary) {
    const auto same = std::ranges::find(merged_, summary.fingerprint, &Merged::fingerprint);
    if (same != merged_.end()) return same->fits ? Status{} : Report({key, same->problem}, ErrorKind::kMismatch);
    auto wider = table_.schema.fields.empty() ? Result<Schema>(summary.schema) : MergeSchemas(table_.schema, summary.schema);
    if (wider) {
      table_.schema = std::move(*wider);
      merged_.push_back({summary.fingerprint, key, true, {}});
      return {};
    }
    const auto other = std::ranges::find(merged_, true, &Merged::fits);
    const std::string other_name = other == merged_.end() ? "the catalog's table" : other->example;
    merged_.push_back({summary.fingerprint, key, false, fmt::format("it does not fit {}: {}", other_name, wider.error().message)});
    return Report({key, merged_.back().problem}, ErrorKind::kMismatch);
  }

  // Rows of partitions whose every file was read now; a partition with files read earlier adds to what it had.
  void CountRows(const std::map<ObjectKey, int64_t>& rows) {
    for (Partition& partition : partitions_) {
      const bool all_new = std::ranges::all_of(partition.objects, [&](const ObjectInfo& object) { return rows.contains(object.key); });
      if (all_new) partition.record.rows = 0;
      for (const ObjectInfo& object : partition.objects)
        if (const auto found = rows.find(object.key); found != rows.end()) partition.record.rows += found->second;
    }
  }

  Status Report(CrawlFinding finding, ErrorKind kind) {
    if (!options_.skip_bad_files)
      return Fail(kind, finding.key + ": " + finding.problem, "Move the file away, or set on_conflict: skip in the crawler to report it and go on");
    report_.findings.push_back(std::move(finding));
    return {};
  }

  Status WriteCatalog() {
    table_.updated_ns = services_.clock.NowNs();
    if (report_.table_created) table_.created_ns = table_.updated_ns;
    else table_.created_ns = before_.created_ns;
    report_.table_updated = !report_.table_created && (table_.schema != before_.schema || table_.partition_keys != before_.partition_keys ||
                                                       table_.format != before_.format || table_.location != before_.location || table_.layout != before_.layout);
    if (report_.table_created || report_.table_updated) FIRN_TRY(services_.catalog.PutTable(table_));
    std::vector<PartitionRecord> records;
    for (const Partition& partition : partitions_) {
      records.push_back(partition.record);
      ++(known_.contains(partition.record.values) ? report_.partitions_updated : report_.partitions_added);
    }
    if (!records.empty()) FIRN_TRY(services_.catalog.PutPartitions(table_.name, records));
    if (!gone_.empty()) FIRN_TRY(RemoveGone());
    if (!fresh_.empty()) FIRN_TRY(services_.catalog.RememberCrawled(table_.name, fresh_));
    return {};
  }

  Status RemoveGone() {
    FIRN_TRY(services_.catalog.RemovePartitions(table_.name, gone_));
    for (const PartitionValues& values : gone_) FIRN_TRY(services_.catalog.ForgetCrawled(table_.name, known_.at(values).location));
    report_.partitions_removed = static_cast<int64_t>(gone_.size());
    return {};
  }

  struct Merged {
    Hash128 fingerprint;
    ObjectKey example;
    bool fits = true;
    std::string problem;
  };

  const CrawlServices& services_;
  const CrawlOptions& options_;
  const CrawlProgress& progress_;
  std::stop_token stop_;
  TableRecord table_;
  TableRecord before_;
  std::map<PartitionValues, PartitionRecord> known_;
  std::vector<PartitionValues> gone_;
  std::vector<Partition> partitions_;  // new, or with new files
  std::vector<ObjectInfo> fresh_;      // objects whose footers are to be read
  std::vector<Merged> merged_;
  CrawlReport report_;
};

}  // namespace

Result<CrawlReport> Crawl(const CrawlServices& services, const CrawlOptions& options, const CrawlProgress& progress, std::stop_token stop) {
  return TableCrawl(services, options, progress, std::move(stop)).Run();
}

}  // namespace firn
