#include "catalog/apply_commit.h"

#include <fmt/format.h>

namespace firn {
namespace {

Status CheckLeases(CatalogRows& rows, const Commit& commit) {
  for (const Lease& lease : commit.release) {
    if (lease.run != commit.run.id)
      return Fail(ErrorKind::kInvalidArgument,
                  fmt::format("run {} cannot release a lease of run {}", commit.run.id.str(), lease.run.str()));
    FIRN_TRY(rows.runs.CheckHeld(lease));
  }
  return {};
}

Status ApplySnapshot(CatalogRows& rows, const Commit& commit) {
  if (commit.snapshot.run != commit.run.id)
    return Fail(ErrorKind::kInvalidArgument,
                fmt::format("snapshot {} is of run '{}', its commit of run '{}'", commit.snapshot.id.str(),
                            commit.snapshot.run.str(), commit.run.id.str()));
  FIRN_TRY_ASSIGN(const TableRows::Found table, rows.tables.Get(commit.snapshot.table));
  for (const PartitionRecord& partition : commit.partitions) {
    FIRN_TRY(CheckValueCount(table.record, partition.values));
    const std::string name = PartitionName(table.record.partition_keys, partition.values);
    FIRN_TRY(rows.runs.CheckNotOthers({table.record.name, name, commit.run.id}));
  }
  return rows.snapshots.Insert(table, commit);
}

}  // namespace

Status ApplyCommit(CatalogRows& rows, const Commit& commit) {
  FIRN_TRY(rows.runs.CheckNotEnded(commit.run.id));
  FIRN_TRY(CheckLeases(rows, commit));
  if (commit.table) FIRN_TRY(rows.tables.Put(*commit.table));
  const bool has_snapshot = !commit.snapshot.id.empty();
  if (!has_snapshot && !(commit.partitions.empty() && commit.files.empty()))
    return Fail(ErrorKind::kInvalidArgument, "a commit that replaces partitions needs a snapshot");
  if (has_snapshot) FIRN_TRY(ApplySnapshot(rows, commit));
  FIRN_TRY_ASSIGN(const int64_t run_number, rows.runs.Number(commit.run.id));
  FIRN_TRY(rows.bookmarks.Add(commit.run.job, run_number, commit.bookmark));
  FIRN_TRY(rows.runs.Update(commit.run));
  FIRN_TRY(rows.events.Add(commit.events));
  return rows.runs.Release(commit.release);
}

}  // namespace firn
