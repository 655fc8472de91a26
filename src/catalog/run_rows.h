#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "catalog/database.h"
#include "catalog/records.h"

namespace firn {

// Runs, newest last by `number`, and the leases that they hold. Every method runs inside the caller's transaction.
class RunRows {
 public:
  explicit RunRows(Database& database) : database_(database) {}

  Status Create(const RunRecord& run);
  // kConflict when the run has ended and `run` says otherwise: an ended run keeps its state, unless its attempt rises.
  Status Update(const RunRecord& run);
  Result<RunRecord> Get(const RunId& id);
  Result<int64_t> Number(const RunId& id);  // rises with every CreateRun
  Result<std::vector<RunRecord>> List(const JobName& job, int64_t limit);
  Result<std::vector<RunRecord>> Unfinished();
  Result<int64_t> CountSucceeded(const JobName& job, std::string_view partition_date);
  Status CheckNotEnded(const RunId& id);  // kConflict

  Status Acquire(std::span<const Lease> leases);
  Status Release(std::span<const Lease> leases);
  Status ReleaseAll(const RunId& run);
  Status CheckHeld(const Lease& lease);       // kConflict unless lease.run holds it
  Status CheckNotOthers(const Lease& lease);  // kConflict when another run holds it

 private:
  Result<std::string> HolderOf(const Lease& lease);  // "" for nobody
  Result<std::vector<RunRecord>> ReadAll(Cursor row);
  Result<RunRecord> Read(const Cursor& row);

  Database& database_;
};

}  // namespace firn
