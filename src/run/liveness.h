#pragma once

#include <functional>
#include <mutex>
#include <optional>
#include <set>
#include <string_view>

#include "base/strong_id.h"
#include "catalog/records.h"

namespace firn {

// A process is named by its id and its start, because ids are used again.
struct ProcessMark {
  int64_t pid = 0;
  int64_t started = 0;
  friend bool operator==(const ProcessMark&, const ProcessMark&) = default;
};

[[nodiscard]] ProcessMark ThisProcess();
[[nodiscard]] bool IsAlive(const ProcessMark& process);

// Tells the holders of leases and staging folders that are at work from those that ended without a word. Thread-safe;
// one for each process and catalog.
class Liveness {
 public:
  using Probe = std::function<bool(const ProcessMark&)>;
  explicit Liveness(ProcessMark self = ThisProcess(), Probe alive = IsAlive) : self_(self), alive_(std::move(alive)) {}

  [[nodiscard]] const ProcessMark& self() const { return self_; }

  // A recovery holds leases and a staging folder without being a run: its id says which process it belongs to.
  [[nodiscard]] RunId RecoveryId(std::string_view unique) const;
  [[nodiscard]] static std::optional<ProcessMark> ProcessOfRecovery(const RunId& holder);

  void Enter(const RunId& holder);
  void Leave(const RunId& holder);

  // Whether that process still works on it: alive, and when it is this one, between Enter and Leave.
  [[nodiscard]] bool AtWork(const RunId& holder, const ProcessMark& process) const;
  [[nodiscard]] bool AtWork(const RunRecord& run) const { return AtWork(run.id, {run.pid, run.pid_started}); }

 private:
  const ProcessMark self_;
  const Probe alive_;
  mutable std::mutex mutex_;  // guards the rest
  std::set<RunId> holders_;
};

// Enter now, Leave at the end of the scope.
class AtWorkScope {
 public:
  AtWorkScope(Liveness& liveness, RunId holder) : liveness_(liveness), holder_(std::move(holder)) {
    liveness_.Enter(holder_);
  }
  AtWorkScope(const AtWorkScope&) = delete;
  AtWorkScope& operator=(const AtWorkScope&) = delete;
  ~AtWorkScope() { liveness_.Leave(holder_); }

 private:
  Liveness& liveness_;
  const RunId holder_;
};

}  // namespace firn
