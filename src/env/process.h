#pragma once

#include <cstdint>

namespace firn {

// Who holds a lease: a process is named by its id and its start, because ids are used again.

[[nodiscard]] int64_t ProcessId();

// Clock ticks from boot to the start of the process; 0 when there is none, or when it is dead and only waits to be
// collected by its parent.
[[nodiscard]] int64_t ProcessStartTime(int64_t pid);

}  // namespace firn
