#include "env/retry.h"

#include <fmt/format.h>

#include <algorithm>
#include <condition_variable>
#include <utility>

namespace firn {

using std::chrono::nanoseconds;

Pause PauseUnlessStopped(std::stop_token stop) {
  return [stop = std::move(stop)](nanoseconds pause) {
    std::mutex mutex;
    std::condition_variable_any never;
    std::unique_lock lock(mutex);
    never.wait_for(lock, stop, pause, [] { return false; });
    return !stop.stop_requested();
  };
}

Retries::Retries(RetryPolicy policy, const Clock& clock, Random& random, Pause pause)
    : policy_(policy), clock_(clock), pause_(std::move(pause)), random_(random) {}

Retries::Operation::Operation(Retries& retries) : retries_(retries), start_ns_(retries.clock_.NowNs()) {}

// The clock may be set back meanwhile: the pauses count at least.
bool Retries::Operation::Again(Error& error, nanoseconds at_least) {
  ++tries_;
  const nanoseconds spent = std::max(nanoseconds(retries_.clock_.NowNs() - start_ns_), paused_);
  if (error.kind == ErrorKind::kUnavailable && tries_ < retries_.policy_.max_tries) {
    const nanoseconds pause = std::max(retries_.NextPause(tries_), at_least);
    if (spent + pause <= retries_.policy_.budget && retries_.pause_(pause)) {
      paused_ += pause;
      return true;
    }
  }
  const double seconds = std::chrono::duration<double>(spent).count();
  if (tries_ > 1) error.message += fmt::format(" (tried {} times in {:.1f} s)", tries_, seconds);
  return false;
}

nanoseconds Retries::NextPause(int tries) {
  nanoseconds most = policy_.first_pause;
  for (int i = 1; i < tries && most < policy_.longest_pause; ++i) most *= 2;
  most = std::min(most, policy_.longest_pause);
  const std::lock_guard lock(mutex_);
  return nanoseconds(static_cast<int64_t>(random_.Next() % (static_cast<uint64_t>(most.count()) + 1)));
}

}  // namespace firn
