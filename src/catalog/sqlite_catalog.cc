#include "catalog/sqlite_catalog.h"

#include <fmt/format.h>

#include <filesystem>
#include <random>

#include "catalog/apply_commit.h"
#include "catalog/integrity.h"
#include "catalog/migrations.h"
#include "catalog/stored_json.h"

namespace firn {
namespace {

// A new catalog is made whole under another name: so an empty file is always a damaged one, never one that a process
// was about to fill. Of two processes that make it at once, the first one's stays.
Status MakeCatalog(const std::string& path) {
  std::error_code code;
  if (path == ":memory:" || std::filesystem::exists(std::filesystem::symlink_status(path, code))) return {};
  const std::string made = fmt::format("{}.new-{:08x}", path, std::random_device()());
  auto opened = SqliteCatalog::Open(made);
  const bool whole = opened.has_value();
  if (whole) opened->reset();
  if (whole) std::filesystem::create_hard_link(made, path, code);
  std::error_code ignored;
  std::filesystem::remove(made, ignored);
  if (!whole) return std::unexpected(std::move(opened.error()));
  if (!code || code == std::errc::file_exists) return {};
  return Fail(ErrorKind::kIo, fmt::format("cannot make the catalog {}: {}", path, code.message()));
}

}  // namespace

Result<std::unique_ptr<Catalog>> Catalog::Open(const std::string& path) {
  FIRN_TRY(MakeCatalog(path));
  FIRN_TRY_ASSIGN(std::unique_ptr<Catalog> catalog, SqliteCatalog::Open(path));
  return catalog;
}

Result<std::unique_ptr<Catalog>> Catalog::OpenReadOnly(const std::string& path) {
  std::error_code code;
  if (!std::filesystem::exists(path, code) && !code)
    return Fail(ErrorKind::kNotFound, fmt::format("there is no catalog {}", path), "`firn apply` makes it.");
  FIRN_TRY_ASSIGN(std::unique_ptr<Catalog> catalog, SqliteCatalog::Open(path, {.read_only = true}));
  return catalog;
}

Result<std::unique_ptr<SqliteCatalog>> SqliteCatalog::Open(const std::string& path, const DatabaseOptions& options) {
  FIRN_TRY_ASSIGN(std::unique_ptr<Database> database, Database::Open(path, options));
  FIRN_TRY(options.read_only ? RequireNewest(*database) : Migrate(*database));
  return std::unique_ptr<SqliteCatalog>(new SqliteCatalog(std::move(database)));
}

template <class Body>
auto SqliteCatalog::InTransaction(Transaction::Kind kind, Body body) -> decltype(body()) {
  const std::scoped_lock lock(mutex_);
  FIRN_TRY_ASSIGN(Transaction transaction, Transaction::Begin(*database_, kind));
  auto answer = body();
  if (!answer) return answer;
  FIRN_TRY(transaction.Commit());
  return answer;
}

// --- tables and partitions

Status SqliteCatalog::PutTable(const TableRecord& table) {
  return Write([&] { return rows_.tables.Put(table); });
}

Status SqliteCatalog::CheckTable(const TableRecord& table) {
  return Read([&] { return rows_.tables.Check(table); });
}

Result<TableRecord> SqliteCatalog::GetTable(const TableName& name) {
  return Read([&]() -> Result<TableRecord> {
    FIRN_TRY_ASSIGN(TableRows::Found found, rows_.tables.Get(name));
    return std::move(found.record);
  });
}

Result<std::vector<TableRecord>> SqliteCatalog::ListTables() {
  return Read([&] { return rows_.tables.List(); });
}

Result<std::vector<TableRecord>> SqliteCatalog::TableVersions(const TableName& name) {
  return Read([&] { return rows_.tables.Versions(name); });
}

Status SqliteCatalog::DropTable(const TableName& name) {
  return Write([&] { return rows_.tables.Drop(name); });
}

Status SqliteCatalog::PutPartitions(const TableName& table, std::span<const PartitionRecord> partitions) {
  return Write([&]() -> Status {
    FIRN_TRY_ASSIGN(const TableRows::Found found, rows_.tables.Get(table));
    return rows_.partitions.Put(found, partitions);
  });
}

Status SqliteCatalog::RemovePartitions(const TableName& table, std::span<const PartitionValues> partitions) {
  return Write([&]() -> Status {
    FIRN_TRY_ASSIGN(const TableRows::Found found, rows_.tables.Get(table));
    return rows_.partitions.Remove(found, partitions);
  });
}

Result<std::vector<PartitionRecord>> SqliteCatalog::FindPartitions(const TableName& table,
                                                                   std::span<const PartitionPredicate> where,
                                                                   int64_t limit) {
  return Read([&]() -> Result<std::vector<PartitionRecord>> {
    FIRN_TRY_ASSIGN(const TableRows::Found found, rows_.tables.Get(table));
    return rows_.partitions.Find(found, where, limit);
  });
}

Result<int64_t> SqliteCatalog::CountPartitions(const TableName& table) {
  return Read([&]() -> Result<int64_t> {
    FIRN_TRY_ASSIGN(const TableRows::Found found, rows_.tables.Get(table));
    return rows_.partitions.Count(found);
  });
}

// --- snapshots

Status SqliteCatalog::Apply(const Commit& commit) {
  return Write([&] { return ApplyCommit(rows_, commit); });
}

Result<std::optional<SnapshotRecord>> SqliteCatalog::CurrentSnapshot(const TableName& table) {
  return Read([&]() -> Result<std::optional<SnapshotRecord>> {
    FIRN_TRY_ASSIGN(const TableRows::Found found, rows_.tables.Get(table));
    return rows_.snapshots.Current(found);
  });
}

Result<std::vector<SnapshotRecord>> SqliteCatalog::ListSnapshots(const TableName& table) {
  return Read([&]() -> Result<std::vector<SnapshotRecord>> {
    FIRN_TRY_ASSIGN(const TableRows::Found found, rows_.tables.Get(table));
    return rows_.snapshots.List(found);
  });
}

Result<Catalog::SnapshotFiles> SqliteCatalog::CurrentFiles(const TableName& table,
                                                           const std::optional<std::vector<std::string>>& partitions) {
  return Read([&]() -> Result<SnapshotFiles> {
    FIRN_TRY_ASSIGN(const TableRows::Found found, rows_.tables.Get(table));
    return rows_.snapshots.CurrentFiles(found, partitions);
  });
}

Result<std::vector<SnapshotRecord>> SqliteCatalog::UnsettledSnapshots() {
  return Read([&] { return rows_.snapshots.Unsettled(); });
}

Result<std::vector<std::pair<PartitionRecord, std::vector<FileRecord>>>> SqliteCatalog::ReplacedPartitions(
    const SnapshotId& snapshot) {
  return Read([&] { return rows_.snapshots.Replaced(snapshot); });
}

Status SqliteCatalog::MarkSettled(const SnapshotId& snapshot) {
  return Write([&] { return rows_.snapshots.MarkSettled(snapshot); });
}

// --- runs

Status SqliteCatalog::CreateRun(const RunRecord& run) {
  return Write([&] { return rows_.runs.Create(run); });
}

Status SqliteCatalog::UpdateRun(const RunRecord& run) {
  return Write([&] { return rows_.runs.Update(run); });
}

Result<RunRecord> SqliteCatalog::GetRun(const RunId& id) {
  return Read([&] { return rows_.runs.Get(id); });
}

Result<std::vector<RunRecord>> SqliteCatalog::ListRuns(const JobName& job, int64_t limit) {
  return Read([&] { return rows_.runs.List(job, limit); });
}

Result<std::vector<RunRecord>> SqliteCatalog::UnfinishedRuns() {
  return Read([&] { return rows_.runs.Unfinished(); });
}

Result<int64_t> SqliteCatalog::CountSucceeded(const JobName& job, std::string_view partition_date) {
  return Read([&] { return rows_.runs.CountSucceeded(job, partition_date); });
}

Status SqliteCatalog::AcquireLeases(std::span<const Lease> leases) {
  return Write([&] { return rows_.runs.Acquire(leases); });
}

Status SqliteCatalog::ReleaseLeases(const RunId& run) {
  return Write([&] { return rows_.runs.ReleaseAll(run); });
}

// --- bookmarks

Result<std::vector<ObjectInfo>> SqliteCatalog::NotInBookmark(const JobName& job, std::span<const ObjectInfo> objects) {
  return Read([&] { return rows_.bookmarks.NotIn(job, objects); });
}

Result<std::vector<BookmarkEntry>> SqliteCatalog::ShowBookmark(const JobName& job, int64_t limit) {
  return Read([&] { return rows_.bookmarks.Show(job, limit); });
}

Result<int64_t> SqliteCatalog::CountBookmark(const JobName& job) {
  return Read([&] { return rows_.bookmarks.Count(job); });
}

Status SqliteCatalog::ResetBookmark(const JobName& job) {
  return Write([&] { return rows_.bookmarks.Reset(job); });
}

Status SqliteCatalog::RewindBookmark(const JobName& job, const RunId& to) {
  return Write([&]() -> Status {
    FIRN_TRY_ASSIGN(const RunRecord run, rows_.runs.Get(to));
    if (run.job != job)
      return Fail(ErrorKind::kInvalidArgument,
                  fmt::format("run {} is of job '{}', not of '{}'", to.str(), run.job.str(), job.str()),
                  fmt::format("`firn runs {}` lists the runs to rewind to.", job.str()));
    FIRN_TRY_ASSIGN(const int64_t number, rows_.runs.Number(to));
    return rows_.bookmarks.Rewind(job, number);
  });
}

// --- outbox

Result<std::vector<EventRecord>> SqliteCatalog::PendingEvents(int64_t limit) {
  return Read([&] { return rows_.events.Pending(limit); });
}

Result<std::vector<EventRecord>> SqliteCatalog::ListEvents(int64_t after_id, int64_t limit) {
  return Read([&] { return rows_.events.List(after_id, limit); });
}

Status SqliteCatalog::MarkEvent(int64_t id, EventState state, std::string_view error, int64_t now_ns) {
  return Write([&] { return rows_.events.Mark(id, state, error, now_ns); });
}

// --- crawler's memory

Result<std::vector<ObjectInfo>> SqliteCatalog::NotSeenByCrawler(const TableName& table,
                                                                std::span<const ObjectInfo> objects) {
  return Read([&] { return rows_.bookmarks.NotSeen(table, objects); });
}

Result<std::vector<ObjectInfo>> SqliteCatalog::NotSkippedByCrawler(const TableName& table,
                                                                   std::span<const ObjectInfo> objects) {
  return Read([&] { return rows_.bookmarks.NotSkipped(table, objects); });
}

Status SqliteCatalog::RememberCrawled(const TableName& table, std::span<const ObjectInfo> objects) {
  return Write([&] { return rows_.bookmarks.Remember(table, objects, false); });
}

Status SqliteCatalog::RememberSkipped(const TableName& table, std::span<const ObjectInfo> objects) {
  return Write([&] { return rows_.bookmarks.Remember(table, objects, true); });
}

Status SqliteCatalog::ForgetCrawled(const TableName& table, std::string_view prefix) {
  return Write([&] { return rows_.bookmarks.Forget(table, prefix); });
}

// --- project state

Result<std::map<std::string, Json, std::less<>>> SqliteCatalog::ListDeployed() {
  return Read([&]() -> Result<std::map<std::string, Json, std::less<>>> {
    std::map<std::string, Json, std::less<>> deployed;
    FIRN_TRY_ASSIGN(Cursor row, database_->Query("SELECT environment, state FROM deployed"));
    for (;;) {
      FIRN_TRY_ASSIGN(const bool more, row.Next());
      if (!more) return deployed;
      const std::string environment = row.Text(0);
      FIRN_TRY_ASSIGN(deployed[environment],
                      LoadJson(*database_, row.Text(1), fmt::format("what environment '{}' deployed", environment)));
    }
  });
}

Status SqliteCatalog::PutDeployed(std::string_view environment, const Json& state) {
  return Write([&] {
    return database_->Run("INSERT OR REPLACE INTO deployed (environment, state) VALUES (?, ?)", environment,
                          StoreJson(state));
  });
}

Result<std::vector<std::string>> SqliteCatalog::CheckIntegrity() {
  std::vector<std::string> findings;
  const Status ended = Read([&]() -> Status {
    FIRN_TRY_ASSIGN(findings, CheckCatalog(*database_));
    return {};
  });
  // A transaction over damaged pages may fail to end, too; what was found stays found.
  if (ended) return findings;
  if (ended.error().kind != ErrorKind::kCorrupt) return std::unexpected(ended.error());
  if (findings.empty()) findings.push_back(ended.error().message);
  return findings;
}

}  // namespace firn
