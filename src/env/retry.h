#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <mutex>
#include <stop_token>

#include "base/result.h"
#include "env/clock.h"
#include "env/random.h"

namespace firn {

struct RetryPolicy {
  std::chrono::nanoseconds budget = std::chrono::seconds(60);  // of one operation, from its first try to its last pause
  std::chrono::nanoseconds first_pause = std::chrono::milliseconds(50);  // at most; doubled each time, up to
  std::chrono::nanoseconds longest_pause = std::chrono::seconds(5);
  int max_tries = 100;
};

// Waits; false when the program was asked to stop: then the last error is the answer.
using Pause = std::function<bool(std::chrono::nanoseconds)>;
// Really waits, and ends at once when it is asked to stop.
[[nodiscard]] Pause PauseUnlessStopped(std::stop_token stop);

// Whether and when operations that failed with kUnavailable are tried again. The one place of that rule: exponential
// backoff with full jitter ("Exponential Backoff And Jitter", AWS Architecture Blog), a pause being of any length up to
// the one that the policy names, so that many callers that a server refused together do not come back together.
// Thread-safe; the clock and `random` must outlive it.
class Retries {
 public:
  Retries(RetryPolicy policy, const Clock& clock, Random& random, Pause pause);

  // The tries of one operation; for one thread.
  class Operation {
   public:
    // After a try that failed: waits, and says whether to try again. If not, `error` is the operation's, with how often
    // it was tried. `at_least`: a wait that the server asked for.
    bool Again(Error& error, std::chrono::nanoseconds at_least = {});

   private:
    friend class Retries;
    explicit Operation(Retries& retries);

    Retries& retries_;
    const int64_t start_ns_;
    std::chrono::nanoseconds paused_{0};
    int tries_ = 0;
  };
  [[nodiscard]] Operation Begin() { return Operation(*this); }

  // Calls `act`, which returns a Result, until it succeeds, fails in another way, or the budget is spent.
  template <class Act>
  auto Repeat(Act act) -> decltype(act()) {
    Operation operation = Begin();
    while (true) {
      auto result = act();
      if (result.has_value() || !operation.Again(result.error())) return result;
    }
  }

 private:
  std::chrono::nanoseconds NextPause(int tries);

  const RetryPolicy policy_;
  const Clock& clock_;
  const Pause pause_;
  std::mutex mutex_;  // guards the rest
  Random& random_;
};

}  // namespace firn
