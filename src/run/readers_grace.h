#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <stop_token>

#include "env/clock.h"

namespace firn {

// How long a folder is kept after another one has taken its place. A program that opened it just before the exchange
// still has to read its names: were they removed by then, it would see an empty folder. Promised to one that reads them
// within the grace; not to a slower one, not for the files (one that is gone when it is opened means: list again), and
// not when firn is killed or told to stop in between. Not thread-safe.
class ReadersGrace {
 public:
  ReadersGrace(const Clock& clock, std::chrono::milliseconds length) : clock_(clock), length_(length) {}

  void Begin() { since_ns_ = clock_.NowNs(); }  // a folder has just been exchanged out
  // Waits for what is left since the last Begin, once; at most until `stop`.
  void Await(std::stop_token stop);

 private:
  const Clock& clock_;
  const std::chrono::nanoseconds length_;
  std::optional<int64_t> since_ns_;
};

}  // namespace firn
