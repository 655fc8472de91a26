#include "run/lease_claim.h"

#include <condition_variable>
#include <mutex>

#include "run/run_state.h"

namespace firn {

RunId HolderIn(std::string_view message) {
  constexpr std::string_view kWord = "run ";
  for (size_t at = message.rfind(kWord); at != std::string_view::npos && at != 0; at = message.rfind(kWord, at - 1)) {
    std::string_view id = message.substr(at + kWord.size());
    id = id.substr(0, id.find_first_not_of("0123456789abcdefghijklmnopqrstuvwxyz_"));
    if (id.starts_with("jr_") || id.starts_with("recovery_")) return RunId(std::string(id));
  }
  return {};
}

Result<bool> LeaseClaim::IsStale(const RunId& holder) {
  if (const auto process = Liveness::ProcessOfRecovery(holder)) return !liveness_.AtWork(holder, *process);
  const Result<RunRecord> run = catalog_.GetRun(holder);
  if (run) return !liveness_.AtWork(*run);
  if (run.error().kind == ErrorKind::kNotFound) return true;
  return std::unexpected(run.error());
}

Status LeaseClaim::Acquire(const std::vector<Lease>& leases) {
  if (leases.empty()) return {};
  // Each round frees the leases of one dead holder; there are at most as many of them as leases.
  for (size_t round = 0; round <= leases.size(); ++round) {
    Status acquired = catalog_.AcquireLeases(leases);
    if (acquired || acquired.error().kind != ErrorKind::kConflict) return acquired;
    const RunId holder = HolderIn(acquired.error().message);
    if (holder.empty()) return acquired;
    FIRN_TRY_ASSIGN(const bool stale, IsStale(holder));
    if (!stale) return acquired;
    FIRN_TRY(catalog_.ReleaseLeases(holder));
  }
  return catalog_.AcquireLeases(leases);
}

Status LeaseClaim::AcquirePatiently(const std::vector<Lease>& leases, const Clock& clock, const Patience& patience,
                                    std::stop_token stop) {
  const int64_t deadline = clock.NowNs() + patience.wait.count();
  std::mutex mutex;
  std::condition_variable_any wake;
  for (bool waited = false;; waited = true) {
    Status acquired = Acquire(leases);
    if (acquired || acquired.error().kind != ErrorKind::kConflict) return acquired;
    if (clock.NowNs() >= deadline) return acquired;
    if (!waited && patience.before_waiting) FIRN_TRY(patience.before_waiting());
    std::unique_lock lock(mutex);
    wake.wait_for(lock, stop, patience.poll, [] { return false; });
    if (stop.stop_requested()) return Fail(ErrorKind::kStopped, "stopped while waiting: " + acquired.error().message);
  }
}

}  // namespace firn
