#pragma once

#include <chrono>
#include <functional>
#include <stop_token>
#include <string_view>
#include <vector>

#include "catalog/catalog.h"
#include "env/clock.h"
#include "run/liveness.h"

namespace firn {

// Takes leases from whoever ended without giving them back, and waits for those at work.
class LeaseClaim {
 public:
  LeaseClaim(Catalog& catalog, const Liveness& liveness) : catalog_(catalog), liveness_(liveness) {}

  // All or none. kConflict names the holder, which is at work.
  Status Acquire(const std::vector<Lease>& leases);

  struct Patience {
    std::chrono::nanoseconds wait{0};  // by the clock
    std::chrono::milliseconds poll = std::chrono::milliseconds(200);
    std::function<Status()> before_waiting;  // called once
  };
  // The same, again and again until the holders are done. kConflict past `wait`, kStopped.
  Status AcquirePatiently(const std::vector<Lease>& leases, const Clock& clock, const Patience& patience,
                          std::stop_token stop);

 private:
  Result<bool> IsStale(const RunId& holder);

  Catalog& catalog_;
  const Liveness& liveness_;
};

// The run or recovery that a kConflict of AcquireLeases names; empty when none is found in the message.
[[nodiscard]] RunId HolderIn(std::string_view message);

}  // namespace firn
