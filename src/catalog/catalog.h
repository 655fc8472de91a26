#pragma once

#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "catalog/records.h"

namespace firn {

// A comparison on a partition key; a predicate is their conjunction. Keys compare as text, except that two texts that
// both are integers compare as integers ("9" < "11").
struct PartitionPredicate {
  std::string key;
  enum class Op { kEqual, kNotEqual, kLess, kLessOrEqual, kGreater, kGreaterOrEqual, kIn } op = Op::kEqual;
  std::vector<std::string> values;  // one; several for kIn
};

// Everything that changes together when a run ends well. One SQLite transaction applies it all, or nothing.
struct Commit {
  SnapshotRecord snapshot;                  // id, table, run, created_ns; totals and sequence are computed
  std::vector<PartitionRecord> partitions;  // those written: created or replaced. One with no files is removed.
  std::vector<FileRecord> files;            // the complete new file lists of those partitions (kept files included)
  std::optional<TableRecord> table;         // when the run changes the table's schema or format
  std::vector<BookmarkEntry> bookmark;      // added to the job's bookmark
  RunRecord run;                            // its final state
  std::vector<EventRecord> events;          // ids are given by the catalog
  std::vector<Lease> release;
};

// The one transactional store of a lake: `.firn/catalog.db`. SQLite in WAL mode with synchronous=FULL; several
// processes may use it at once. Thread-safe: one connection, one mutex. Errors: kCorrupt (with `firn doctor`'s advice),
// kConflict (busy past 30 s, or a lost race), kNotFound, kNoSpace, kPermission, kIo.
class Catalog {
 public:
  virtual ~Catalog() = default;

  // Opens or creates. An older schema version is migrated in one transaction; a newer one is refused (kUnsupported).
  static Result<std::unique_ptr<Catalog>> Open(const std::string& path);
  // For reading, with no right to write: kPermission for every change. Nothing is made; kNotFound when it is not there.
  static Result<std::unique_ptr<Catalog>> OpenReadOnly(const std::string& path);

  // --- tables and partitions
  // Creates, or makes a new version when something changed; sets version. kMismatch for another number of keys than the
  // partitions have, and for another location than that of the table's snapshots.
  virtual Status PutTable(const TableRecord& table) = 0;
  virtual Status CheckTable(const TableRecord& table) = 0;          // what PutTable would refuse; nothing is changed
  virtual Result<TableRecord> GetTable(const TableName& name) = 0;  // kNotFound, with the nearest name
  virtual Result<std::vector<TableRecord>> ListTables() = 0;
  virtual Result<std::vector<TableRecord>> TableVersions(const TableName& name) = 0;  // newest first
  virtual Status DropTable(const TableName& name) = 0;
  virtual Status PutPartitions(const TableName& table,
                               std::span<const PartitionRecord> partitions) = 0;  // insert or replace
  virtual Status RemovePartitions(const TableName& table, std::span<const PartitionValues> partitions) = 0;
  // Sorted by values. A predicate on one million partitions answers in milliseconds when it fixes a prefix of the keys.
  virtual Result<std::vector<PartitionRecord>> FindPartitions(const TableName& table,
                                                              std::span<const PartitionPredicate> where,
                                                              int64_t limit = -1) = 0;
  virtual Result<int64_t> CountPartitions(const TableName& table) = 0;

  // --- snapshots
  virtual Status Apply(const Commit& commit) = 0;
  virtual Result<std::optional<SnapshotRecord>> CurrentSnapshot(const TableName& table) = 0;
  virtual Result<std::vector<SnapshotRecord>> ListSnapshots(const TableName& table) = 0;  // newest first
  // The files of the current snapshot, in key order; of the named partitions only when `partitions` is given. One
  // consistent read together with the snapshot's id.
  struct SnapshotFiles {
    SnapshotRecord snapshot;
    std::vector<FileRecord> files;
  };
  virtual Result<SnapshotFiles> CurrentFiles(const TableName& table,
                                             const std::optional<std::vector<std::string>>& partitions) = 0;
  virtual Result<std::vector<SnapshotRecord>> UnsettledSnapshots() = 0;
  // What settling the snapshot has to bring about: for each partition that it replaced, the files it shall hold.
  virtual Result<std::vector<std::pair<PartitionRecord, std::vector<FileRecord>>>> ReplacedPartitions(
      const SnapshotId& snapshot) = 0;
  // Releases the leases of the snapshot's run in the same transaction.
  virtual Status MarkSettled(const SnapshotId& snapshot) = 0;

  // --- runs
  virtual Status CreateRun(
      const RunRecord& run) = 0;  // kAlreadyExists when its identity was asked for before (message names that run)
  virtual Status UpdateRun(const RunRecord& run) = 0;
  virtual Result<RunRecord> GetRun(const RunId& id) = 0;
  virtual Result<std::vector<RunRecord>> ListRuns(const JobName& job,
                                                  int64_t limit) = 0;  // newest first; empty job: all
  virtual Result<std::vector<RunRecord>> UnfinishedRuns() = 0;
  // How many runs of `job` SUCCEEDED with metrics.partition_date == date.
  virtual Result<int64_t> CountSucceeded(const JobName& job, std::string_view partition_date) = 0;
  virtual Status AcquireLeases(std::span<const Lease> leases) = 0;  // all or none; kConflict names the holder
  virtual Status ReleaseLeases(const RunId& run) = 0;

  // --- bookmarks
  // Those of `objects` that the job's bookmark does not hold at that very version. Costs what `objects` costs, not what
  // the bookmark holds.
  virtual Result<std::vector<ObjectInfo>> NotInBookmark(const JobName& job, std::span<const ObjectInfo> objects) = 0;
  virtual Result<std::vector<BookmarkEntry>> ShowBookmark(const JobName& job, int64_t limit) = 0;
  virtual Result<int64_t> CountBookmark(const JobName& job) = 0;
  virtual Status ResetBookmark(const JobName& job) = 0;
  virtual Status RewindBookmark(const JobName& job, const RunId& to) = 0;  // forgets what runs after `to` added

  // --- outbox
  // In id order. Not those of runs whose snapshot is not settled yet, nor later ones of their keys.
  virtual Result<std::vector<EventRecord>> PendingEvents(int64_t limit) = 0;
  virtual Result<std::vector<EventRecord>> ListEvents(int64_t after_id, int64_t limit) = 0;
  virtual Status MarkEvent(int64_t id, EventState state, std::string_view error, int64_t now_ns) = 0;

  // --- crawler's memory: the objects of a table that count as its data, so that a crawl finds what is new, and those
  // that it left out. An object stands for its very version: rewritten, it is in neither set.
  virtual Result<std::vector<ObjectInfo>> NotSeenByCrawler(const TableName& table,
                                                           std::span<const ObjectInfo> objects) = 0;
  virtual Result<std::vector<ObjectInfo>> NotSkippedByCrawler(const TableName& table,
                                                              std::span<const ObjectInfo> objects) = 0;
  virtual Status RememberCrawled(const TableName& table, std::span<const ObjectInfo> objects) = 0;
  virtual Status RememberSkipped(const TableName& table, std::span<const ObjectInfo> objects) = 0;
  virtual Status ForgetCrawled(const TableName& table, std::string_view prefix) = 0;

  // --- project state: what `apply` deployed, by environment
  virtual Result<std::map<std::string, Json, std::less<>>> ListDeployed() = 0;
  virtual Status PutDeployed(std::string_view environment, const Json& state) = 0;

  // PRAGMA integrity_check and our own cross-checks; one line a finding, empty when all is well.
  virtual Result<std::vector<std::string>> CheckIntegrity() = 0;
};

}  // namespace firn
