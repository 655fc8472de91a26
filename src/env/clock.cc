#include "env/clock.h"

namespace firn {

int64_t SystemClock::NowNs() const {
  auto since_epoch = std::chrono::system_clock::now().time_since_epoch();
  return std::chrono::duration_cast<std::chrono::nanoseconds>(since_epoch).count();
}

}  // namespace firn
