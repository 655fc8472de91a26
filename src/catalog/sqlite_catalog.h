#pragma once

#include <memory>
#include <mutex>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "catalog/catalog.h"
#include "catalog/catalog_rows.h"
#include "catalog/database.h"

namespace firn {

// Thread-safe: every call takes the mutex and runs as one transaction of its own. A writing call takes SQLite's write
// lock at its start.
class SqliteCatalog final : public Catalog {
 public:
  static Result<std::unique_ptr<SqliteCatalog>> Open(const std::string& path, const DatabaseOptions& options = {});

  Status PutTable(const TableRecord& table) override;
  Status CheckTable(const TableRecord& table) override;
  Result<TableRecord> GetTable(const TableName& name) override;
  Result<std::vector<TableRecord>> ListTables() override;
  Result<std::vector<TableRecord>> TableVersions(const TableName& name) override;
  Status DropTable(const TableName& name) override;
  Status PutPartitions(const TableName& table, std::span<const PartitionRecord> partitions) override;
  Status RemovePartitions(const TableName& table, std::span<const PartitionValues> partitions) override;
  Result<std::vector<PartitionRecord>> FindPartitions(const TableName& table, std::span<const PartitionPredicate> where,
                                                      int64_t limit) override;
  Result<int64_t> CountPartitions(const TableName& table) override;

  Status Apply(const Commit& commit) override;
  Result<std::optional<SnapshotRecord>> CurrentSnapshot(const TableName& table) override;
  Result<std::vector<SnapshotRecord>> ListSnapshots(const TableName& table) override;
  Result<SnapshotFiles> CurrentFiles(const TableName& table,
                                     const std::optional<std::vector<std::string>>& partitions) override;
  Result<std::vector<SnapshotRecord>> UnsettledSnapshots() override;
  Result<std::vector<std::pair<PartitionRecord, std::vector<FileRecord>>>> ReplacedPartitions(
      const SnapshotId& snapshot) override;
  Status MarkSettled(const SnapshotId& snapshot) override;

  Status CreateRun(const RunRecord& run) override;
  Status UpdateRun(const RunRecord& run) override;
  Result<RunRecord> GetRun(const RunId& id) override;
  Result<std::vector<RunRecord>> ListRuns(const JobName& job, int64_t limit) override;
  Result<std::vector<RunRecord>> UnfinishedRuns() override;
  Result<int64_t> CountSucceeded(const JobName& job, std::string_view partition_date) override;
  Status AcquireLeases(std::span<const Lease> leases) override;
  Status ReleaseLeases(const RunId& run) override;

  Result<std::vector<ObjectInfo>> NotInBookmark(const JobName& job, std::span<const ObjectInfo> objects) override;
  Result<std::vector<BookmarkEntry>> ShowBookmark(const JobName& job, int64_t limit) override;
  Result<int64_t> CountBookmark(const JobName& job) override;
  Status ResetBookmark(const JobName& job) override;
  Status RewindBookmark(const JobName& job, const RunId& to) override;

  Result<std::vector<EventRecord>> PendingEvents(int64_t limit) override;
  Result<std::vector<EventRecord>> ListEvents(int64_t after_id, int64_t limit) override;
  Status MarkEvent(int64_t id, EventState state, std::string_view error, int64_t now_ns) override;

  Result<std::vector<ObjectInfo>> NotSeenByCrawler(const TableName& table,
                                                   std::span<const ObjectInfo> objects) override;
  Result<std::vector<ObjectInfo>> NotSkippedByCrawler(const TableName& table,
                                                      std::span<const ObjectInfo> objects) override;
  Status RememberCrawled(const TableName& table, std::span<const ObjectInfo> objects) override;
  Status RememberSkipped(const TableName& table, std::span<const ObjectInfo> objects) override;
  Status ForgetCrawled(const TableName& table, std::string_view prefix) override;

  Result<std::map<std::string, Json, std::less<>>> ListDeployed() override;
  Status PutDeployed(std::string_view environment, const Json& state) override;
  Result<std::vector<std::string>> CheckIntegrity() override;

  // For tests: to break a row, to fail at a statement, to count what was read. Not under the mutex.
  [[nodiscard]] Database& database() { return *database_; }

 private:
  explicit SqliteCatalog(std::unique_ptr<Database> database) : database_(std::move(database)), rows_(*database_) {}

  template <class Body>
  auto InTransaction(Transaction::Kind kind, Body body) -> decltype(body());
  template <class Body>
  auto Read(Body body) -> decltype(body()) {
    return InTransaction(Transaction::Kind::kRead, std::move(body));
  }
  template <class Body>
  Status Write(Body body) {
    return InTransaction(Transaction::Kind::kWrite, std::move(body));
  }

  std::mutex mutex_;  // guards everything below
  std::unique_ptr<Database> database_;
  CatalogRows rows_;
};

}  // namespace firn
