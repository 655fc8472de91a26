#pragma once

#include <chrono>
#include <condition_variable>
#include <functional>
#include <mutex>
#include <optional>
#include <stop_token>
#include <thread>

#include "catalog/catalog.h"
#include "env/clock.h"
#include "env/log.h"
#include "run/run_state.h"

namespace firn {

// The side of a run that does not work: tells the catalog every few seconds that the run is alive, and ends the work
// when the operator, another process (state STOPPING in the catalog) or the job's timeout says so. Thread-safe. One
// thread of its own until End().
class RunWatch {
 public:
  struct Settings {
    std::chrono::nanoseconds timeout{0};  // by the clock; 0: none
    std::chrono::milliseconds beat = std::chrono::seconds(5);
  };
  // `record` is in the catalog already. `stop` is the operator's.
  RunWatch(Catalog& catalog, const Clock& clock, Log& log, RunRecord record, const Settings& settings,
           std::stop_token stop);
  RunWatch(const RunWatch&) = delete;
  RunWatch& operator=(const RunWatch&) = delete;
  ~RunWatch();

  // What the work listens to.
  [[nodiscard]] std::stop_token token() const { return work_.get_token(); }

  // Takes the step that the event leads to and records the new state.
  Status Tell(RunEvent event);

  // No beat after this, so that the final state cannot be overwritten. Returns the run as it was last recorded.
  struct Last {
    RunRecord record;
    RunLife life;
  };
  Last End();

 private:
  void Loop();
  void Beat();
  Status Perform(const RunStep& step);
  [[nodiscard]] std::chrono::nanoseconds UntilNextBeat() const;

  Catalog& catalog_;
  const Clock& clock_;
  Log& log_;
  const Settings settings_;
  std::stop_source work_;

  std::mutex mutex_;  // guards the rest
  std::condition_variable wake_;
  RunRecord record_;
  RunLife life_;
  bool stop_asked_ = false;
  bool ending_ = false;

  std::optional<std::stop_callback<std::function<void()>>> on_stop_;
  std::thread thread_;
};

}  // namespace firn
