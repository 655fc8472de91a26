#pragma once

#include <stop_token>
#include <string_view>

namespace firn {

// From now on the first SIGINT or SIGTERM requests a stop instead of ending the process; a second one of the same kind
// kills, for those who cannot wait. Callbacks of the token run in a thread of their own, not in the signal handler, and
// may do anything. Later calls return the same token.
[[nodiscard]] std::stop_token InstallStopSignals();

// "SIGINT" or "SIGTERM": the first that came since; "" before.
[[nodiscard]] std::string_view StopSignalName();

}  // namespace firn
