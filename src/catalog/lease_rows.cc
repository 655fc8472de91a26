#include <fmt/format.h>

#include "catalog/run_rows.h"

// The leases of RunRows.
namespace firn {
namespace {

std::string Describe(const Lease& lease) {
  if (lease.partition.empty()) return fmt::format("table '{}'", lease.table.str());
  return fmt::format("partition '{}' of table '{}'", lease.partition, lease.table.str());
}

std::unexpected<Error> HeldBy(const Lease& lease, const std::string& holder) {
  return Fail(ErrorKind::kConflict, fmt::format("{} is being written by run {}", Describe(lease), holder),
              fmt::format("Wait for it to end (`firn runs show {}`), or stop it; then run again.", holder));
}

}  // namespace

// The lease of a whole table, "", covers those of its partitions.
Result<std::string> RunRows::HolderOf(const Lease& lease) {
  FIRN_TRY_ASSIGN(Cursor row, database_.Query("SELECT run FROM leases WHERE table_name = ? AND partition IN (?, '') "
                                              "ORDER BY run = ? DESC",
                                              lease.table, lease.partition, lease.run));
  FIRN_TRY_ASSIGN(const bool held, row.Next());
  return held ? row.Text(0) : std::string();
}

Status RunRows::Acquire(std::span<const Lease> leases) {
  for (const Lease& lease : leases) {
    FIRN_TRY(CheckNotOthers(lease));
    FIRN_TRY(database_.Run("INSERT OR REPLACE INTO leases (table_name, partition, run) VALUES (?, ?, ?)", lease.table,
                           lease.partition, lease.run));
  }
  return {};
}

Status RunRows::Release(std::span<const Lease> leases) {
  for (const Lease& lease : leases)
    FIRN_TRY(database_.Run("DELETE FROM leases WHERE table_name = ? AND partition = ? AND run = ?", lease.table,
                           lease.partition, lease.run));
  return {};
}

Status RunRows::ReleaseAll(const RunId& run) {
  return database_.Run("DELETE FROM leases WHERE run = ?", run);
}

Status RunRows::CheckNotOthers(const Lease& lease) {
  FIRN_TRY_ASSIGN(Cursor row, database_.Query("SELECT partition, run FROM leases WHERE table_name = ? AND run <> ? AND "
                                              "(partition IN (?, '') OR ? = '')",
                                              lease.table, lease.run, lease.partition, lease.partition));
  FIRN_TRY_ASSIGN(const bool held, row.Next());
  if (!held) return {};
  return HeldBy({lease.table, row.Text(0), lease.run}, row.Text(1));
}

Status RunRows::CheckHeld(const Lease& lease) {
  FIRN_TRY_ASSIGN(const std::string holder, HolderOf(lease));
  if (holder == lease.run.str()) return {};
  if (!holder.empty()) return HeldBy(lease, holder);
  return Fail(ErrorKind::kConflict,
              fmt::format("run {} no longer holds {}: it was taken for dead", lease.run.str(), Describe(lease)),
              "Nothing was committed. Run the job again.");
}

}  // namespace firn
