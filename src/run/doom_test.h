#pragma once

#include <mutex>
#include <string>

#include "catalog/catalog.h"
#include "store/store_call.h"

namespace firn {

// One count over all operations of a process on its store and its catalog, and what happens at the k-th: the process
// dies before it (it and all later ones are refused), it fails once undone, or it is done and its answer is lost.
class Doom {
 public:
  enum class Kind { kNone, kDies, kFailsOnce, kLosesAnswer };
  Doom(Kind kind, int64_t at) : kind_(kind), at_(at) {}

  enum class Fate { kDone, kRefused, kDoneUnheard };
  Fate Next() {
    const std::scoped_lock lock(mutex_);
    const int64_t number = ++count_;
    if (kind_ == Kind::kDies) return number >= at_ ? Fate::kRefused : Fate::kDone;
    if (kind_ == Kind::kNone || number != at_) return Fate::kDone;
    return kind_ == Kind::kFailsOnce ? Fate::kRefused : Fate::kDoneUnheard;
  }
  [[nodiscard]] int64_t count() const {
    const std::scoped_lock lock(mutex_);
    return count_;
  }
  [[nodiscard]] static Error Played() { return {ErrorKind::kIo, "a failure was played", ""}; }

 private:
  const Kind kind_;
  const int64_t at_;
  mutable std::mutex mutex_;
  int64_t count_ = 0;
};

class DoomedStore : public InterceptedStore {
 public:
  DoomedStore(ObjectStore& inner, Doom& doom, bool exchanges)
      : InterceptedStore(inner), doom_(doom), exchanges_(exchanges) {}
  [[nodiscard]] bool AtomicExchange() const override { return exchanges_; }

 protected:
  [[nodiscard]] Verdict Before(const StoreCall&) override {
    switch (doom_.Next()) {
      case Doom::Fate::kDone:
        return {};
      case Doom::Fate::kRefused:
        return {Verdict::Deed::kNone, Doom::Played()};
      case Doom::Fate::kDoneUnheard:
        return {Verdict::Deed::kHalf, Doom::Played()};
    }
    return {};
  }

 private:
  Doom& doom_;
  const bool exchanges_;
};

class DoomedCatalog : public Catalog {
 public:
  DoomedCatalog(Catalog& inner, Doom& doom) : inner_(inner), doom_(doom) {}

  Status PutTable(const TableRecord& table) override {
    return Pass([&] { return inner_.PutTable(table); });
  }
  Status CheckTable(const TableRecord& table) override {
    return Pass([&] { return inner_.CheckTable(table); });
  }
  Result<TableRecord> GetTable(const TableName& name) override {
    return Pass([&] { return inner_.GetTable(name); });
  }
  Result<std::vector<TableRecord>> ListTables() override {
    return Pass([&] { return inner_.ListTables(); });
  }
  Result<std::vector<TableRecord>> TableVersions(const TableName& name) override {
    return Pass([&] { return inner_.TableVersions(name); });
  }
  Status DropTable(const TableName& name) override {
    return Pass([&] { return inner_.DropTable(name); });
  }
  Status PutPartitions(const TableName& table, std::span<const PartitionRecord> partitions) override {
    return Pass([&] { return inner_.PutPartitions(table, partitions); });
  }
  Status RemovePartitions(const TableName& table, std::span<const PartitionValues> partitions) override {
    return Pass([&] { return inner_.RemovePartitions(table, partitions); });
  }
  Result<std::vector<PartitionRecord>> FindPartitions(const TableName& table, std::span<const PartitionPredicate> where,
                                                      int64_t limit) override {
    return Pass([&] { return inner_.FindPartitions(table, where, limit); });
  }
  Result<int64_t> CountPartitions(const TableName& table) override {
    return Pass([&] { return inner_.CountPartitions(table); });
  }
  Status Apply(const Commit& commit) override {
    return Pass([&] { return inner_.Apply(commit); });
  }
  Result<std::optional<SnapshotRecord>> CurrentSnapshot(const TableName& table) override {
    return Pass([&] { return inner_.CurrentSnapshot(table); });
  }
  Result<std::vector<SnapshotRecord>> ListSnapshots(const TableName& table) override {
    return Pass([&] { return inner_.ListSnapshots(table); });
  }
  Result<SnapshotFiles> CurrentFiles(const TableName& table,
                                     const std::optional<std::vector<std::string>>& partitions) override {
    return Pass([&] { return inner_.CurrentFiles(table, partitions); });
  }
  Result<std::vector<SnapshotRecord>> UnsettledSnapshots() override {
    return Pass([&] { return inner_.UnsettledSnapshots(); });
  }
  Result<std::vector<std::pair<PartitionRecord, std::vector<FileRecord>>>> ReplacedPartitions(
      const SnapshotId& snapshot) override {
    return Pass([&] { return inner_.ReplacedPartitions(snapshot); });
  }
  Status MarkSettled(const SnapshotId& snapshot) override {
    return Pass([&] { return inner_.MarkSettled(snapshot); });
  }
  Status CreateRun(const RunRecord& run) override {
    return Pass([&] { return inner_.CreateRun(run); });
  }
  Status UpdateRun(const RunRecord& run) override {
    return Pass([&] { return inner_.UpdateRun(run); });
  }
  Result<RunRecord> GetRun(const RunId& id) override {
    return Pass([&] { return inner_.GetRun(id); });
  }
  Result<std::vector<RunRecord>> ListRuns(const JobName& job, int64_t limit) override {
    return Pass([&] { return inner_.ListRuns(job, limit); });
  }
  Result<std::vector<RunRecord>> UnfinishedRuns() override {
    return Pass([&] { return inner_.UnfinishedRuns(); });
  }
  Result<int64_t> CountSucceeded(const JobName& job, std::string_view date) override {
    return Pass([&] { return inner_.CountSucceeded(job, date); });
  }
  Status AcquireLeases(std::span<const Lease> leases) override {
    return Pass([&] { return inner_.AcquireLeases(leases); });
  }
  Status ReleaseLeases(const RunId& run) override {
    return Pass([&] { return inner_.ReleaseLeases(run); });
  }
  Result<std::vector<ObjectInfo>> NotInBookmark(const JobName& job, std::span<const ObjectInfo> objects) override {
    return Pass([&] { return inner_.NotInBookmark(job, objects); });
  }
  Result<std::vector<BookmarkEntry>> ShowBookmark(const JobName& job, int64_t limit) override {
    return Pass([&] { return inner_.ShowBookmark(job, limit); });
  }
  Result<int64_t> CountBookmark(const JobName& job) override {
    return Pass([&] { return inner_.CountBookmark(job); });
  }
  Status ResetBookmark(const JobName& job) override {
    return Pass([&] { return inner_.ResetBookmark(job); });
  }
  Status RewindBookmark(const JobName& job, const RunId& to) override {
    return Pass([&] { return inner_.RewindBookmark(job, to); });
  }
  Result<std::vector<EventRecord>> PendingEvents(int64_t limit) override {
    return Pass([&] { return inner_.PendingEvents(limit); });
  }
  Result<std::vector<EventRecord>> ListEvents(int64_t after_id, int64_t limit) override {
    return Pass([&] { return inner_.ListEvents(after_id, limit); });
  }
  Status MarkEvent(int64_t id, EventState state, std::string_view error, int64_t now_ns) override {
    return Pass([&] { return inner_.MarkEvent(id, state, error, now_ns); });
  }
  Result<std::vector<ObjectInfo>> NotSeenByCrawler(const TableName& table,
                                                   std::span<const ObjectInfo> objects) override {
    return Pass([&] { return inner_.NotSeenByCrawler(table, objects); });
  }
  Result<std::vector<ObjectInfo>> NotSkippedByCrawler(const TableName& table,
                                                      std::span<const ObjectInfo> objects) override {
    return Pass([&] { return inner_.NotSkippedByCrawler(table, objects); });
  }
  Status RememberCrawled(const TableName& table, std::span<const ObjectInfo> objects) override {
    return Pass([&] { return inner_.RememberCrawled(table, objects); });
  }
  Status RememberSkipped(const TableName& table, std::span<const ObjectInfo> objects) override {
    return Pass([&] { return inner_.RememberSkipped(table, objects); });
  }
  Status ForgetCrawled(const TableName& table, std::string_view prefix) override {
    return Pass([&] { return inner_.ForgetCrawled(table, prefix); });
  }
  Result<std::map<std::string, Json, std::less<>>> ListDeployed() override {
    return Pass([&] { return inner_.ListDeployed(); });
  }
  Status PutDeployed(std::string_view environment, const Json& state) override {
    return Pass([&] { return inner_.PutDeployed(environment, state); });
  }
  Result<std::vector<std::string>> CheckIntegrity() override { return inner_.CheckIntegrity(); }

 private:
  template <class Act>
  auto Pass(Act act) -> decltype(act()) {
    const Doom::Fate fate = doom_.Next();
    if (fate == Doom::Fate::kRefused) return std::unexpected(Doom::Played());
    auto answer = act();
    if (fate == Doom::Fate::kDoneUnheard) return std::unexpected(Doom::Played());
    return answer;
  }

  Catalog& inner_;
  Doom& doom_;
};

}  // namespace firn
