#include "run/readers_grace.h"

#include <algorithm>
#include <condition_variable>
#include <mutex>
#include <utility>

namespace firn {

void ReadersGrace::Await(std::stop_token stop) {
  const std::optional<int64_t> since = std::exchange(since_ns_, std::nullopt);
  if (!since) return;
  const std::chrono::nanoseconds passed(std::max<int64_t>(0, clock_.NowNs() - *since));  // the clock may be set back
  if (passed >= length_) return;
  std::mutex mutex;
  std::condition_variable_any wake;
  std::unique_lock lock(mutex);
  wake.wait_for(lock, std::move(stop), length_ - passed, [] { return false; });
}

}  // namespace firn
