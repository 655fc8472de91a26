#pragma once

#include <cstdint>
#include <string>

namespace firn {

// The forms in which services write a time, to the second, as nanoseconds since the epoch; 0 when it is none.
[[nodiscard]] int64_t ParseHttpTimeNs(const std::string& text);  // "Mon, 12 Oct 2009 17:50:30 GMT"
[[nodiscard]] int64_t ParseIsoTimeNs(const std::string& text);   // "2009-10-12T17:50:30.000Z"

}  // namespace firn
