#include "run/recovery.h"

#include <fmt/format.h>

#include <set>

#include "run/lake_layout.h"
#include "run/lease_claim.h"
#include "run/run_state.h"
#include "store/object_key.h"

namespace firn {
namespace {

// Keeps the first error of several steps that do not depend on one another.
class FirstError {
 public:
  void Add(Status status) {
    if (status_ && !status) status_ = std::move(status);
  }
  Status Take() && { return std::move(status_); }

 private:
  Status status_;
};

void TellWhatHappened(RunRecord& run, int64_t now_ns) {
  run.completed_ns = now_ns;
  run.error_kind = std::string(NameOf(ErrorKind::kIo));
  run.error_message = fmt::format("the process ended without a word (process {})", run.pid);
  run.error_hint =
      "Nothing was committed: run the job again. If it ends so again, the system may have killed it for its memory: "
      "look into the kernel's log, and give the run less with --memory.";
}

}  // namespace

Status Recovery::Run(std::string_view unique) {
  const RunId self = liveness_.RecoveryId(unique);
  const AtWorkScope scope(liveness_, self);
  FirstError first;
  first.Add(EndDeadRuns());
  first.Add(SettleAll(self));
  first.Add(RemoveOrphans(self));
  return std::move(first).Take();
}

Status Recovery::EndDeadRuns() {
  FIRN_TRY_ASSIGN(const std::vector<RunRecord> runs, catalog_.UnfinishedRuns());
  FirstError first;
  for (const RunRecord& run : runs)
    if (!liveness_.AtWork(run)) first.Add(EndDeadRun(run.id));
  return std::move(first).Take();
}

// Reads the run again, because it may have committed and died between the list and the look at its process; now that
// it is dead, it stays as it is.
Status Recovery::EndDeadRun(const RunId& id) {
  FIRN_TRY_ASSIGN(RunRecord run, catalog_.GetRun(id));
  const RunStep step = Next({run.state, false}, RunEvent::kProcessGone);
  if (step.effects.empty()) return {};
  for (const RunEffect effect : step.effects) {
    if (effect == RunEffect::kRemoveStaging) FIRN_TRY(settler_.RemoveStaging(id));
    if (effect == RunEffect::kReleaseLeases) FIRN_TRY(catalog_.ReleaseLeases(id));
    if (effect != RunEffect::kRecord) continue;
    run.state = step.life.state;
    TellWhatHappened(run, clock_.NowNs());
    FIRN_TRY(catalog_.UpdateRun(run));
  }
  log_.Write(LogLevel::kWarning, "a run's process is gone; the run is marked as failed", {{"job_run_id", id.str()}});
  return {};
}

Status Recovery::SettleAll(const RunId& self) {
  FIRN_TRY_ASSIGN(const std::vector<SnapshotRecord> snapshots, catalog_.UnsettledSnapshots());
  FirstError first;
  for (const SnapshotRecord& snapshot : snapshots) first.Add(Settle(snapshot, self));
  return std::move(first).Take();
}

Status Recovery::Settle(const SnapshotRecord& snapshot, const RunId& self) {
  FIRN_TRY_ASSIGN(const std::vector<Settler::Folder> folders, settler_.FoldersOf(snapshot.id, snapshot.table));
  std::vector<Lease> leases;
  for (const Settler::Folder& folder : folders) leases.push_back({snapshot.table, folder.partition, self});
  const Status claimed = LeaseClaim(catalog_, liveness_).Acquire(leases);
  if (!claimed && claimed.error().kind == ErrorKind::kConflict) return {};  // its writer, or the next one, settles it
  FIRN_TRY(claimed);
  Status settled = SettleHeld(snapshot, folders, self);
  FIRN_TRY(catalog_.ReleaseLeases(self));
  return settled;
}

Status Recovery::SettleHeld(const SnapshotRecord& snapshot, const std::vector<Settler::Folder>& folders,
                            const RunId& self) {
  FIRN_TRY(settler_.SettleFolders(snapshot.table, folders, self));
  FIRN_TRY(catalog_.MarkSettled(snapshot.id));
  FIRN_TRY(settler_.CleanUp(snapshot.run));
  FIRN_TRY(settler_.RemoveStaging(self));
  log_.Write(LogLevel::kInfo, "finished the commit of a run that was cut off",
             {{"job_run_id", snapshot.run.str()}, {"snapshot_id", snapshot.id.str()}, {"table", snapshot.table.str()}});
  return {};
}

// The folders are listed before the records are read: whoever has a folder has a record by then.
Status Recovery::RemoveOrphans(const RunId& self) {
  FIRN_TRY_ASSIGN(const FolderListing staging, store_.ListFolder(kStagingRoot));
  if (staging.folders.empty()) return {};
  FIRN_TRY_ASSIGN(const std::vector<SnapshotRecord> unsettled, catalog_.UnsettledSnapshots());
  std::set<RunId> needed{self};
  for (const SnapshotRecord& snapshot : unsettled) needed.insert(snapshot.run);
  FirstError first;
  for (const std::string& folder : staging.folders) {
    const RunId holder{std::string(LastSegmentOf(folder))};
    if (!needed.contains(holder)) first.Add(RemoveOrphan(holder));
  }
  return std::move(first).Take();
}

Status Recovery::RemoveOrphan(const RunId& holder) {
  if (const auto process = Liveness::ProcessOfRecovery(holder))
    return liveness_.AtWork(holder, *process) ? Status() : settler_.RemoveStaging(holder);
  const Result<RunRecord> run = catalog_.GetRun(holder);
  if (!run && run.error().kind == ErrorKind::kNotFound) return settler_.RemoveStaging(holder);
  if (!run) return std::unexpected(run.error());
  if (liveness_.AtWork(*run)) return {};
  return settler_.CleanUp(holder);
}

}  // namespace firn
