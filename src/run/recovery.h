#pragma once

#include <string_view>

#include "catalog/catalog.h"
#include "env/clock.h"
#include "env/log.h"
#include "run/liveness.h"
#include "run/settle.h"

namespace firn {

// Ends what dead processes left. Several may run at once; each step may be repeated from any point.
class Recovery {
 public:
  Recovery(ObjectStore& store, Catalog& catalog, const Clock& clock, WorkerPool& pool, Log& log, Liveness& liveness,
           std::chrono::milliseconds readers_grace)
      : store_(store),
        catalog_(catalog),
        clock_(clock),
        log_(log),
        liveness_(liveness),
        settler_(store, catalog, pool, ReadersGrace(clock, readers_grace)) {}

  // `unique` names this recovery. Goes on after an error, and returns the first.
  Status Run(std::string_view unique);

 private:
  Status EndDeadRuns();
  Status EndDeadRun(const RunId& id);
  Status SettleAll(const RunId& self);
  Status Settle(const SnapshotRecord& snapshot, const RunId& self);
  Status SettleHeld(const SnapshotRecord& snapshot, const std::vector<Settler::Folder>& folders, const RunId& self);
  Status RemoveOrphans(const RunId& self);
  Status RemoveOrphan(const RunId& holder);

  ObjectStore& store_;
  Catalog& catalog_;
  const Clock& clock_;
  Log& log_;
  Liveness& liveness_;
  Settler settler_;
};

}  // namespace firn
