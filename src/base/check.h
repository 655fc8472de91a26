#pragma once

#include <source_location>
#include <string_view>

namespace firn {

// A broken invariant stops the process, in release too: a consolidation engine in doubt must not write.
[[noreturn]] void StopOnBrokenInvariant(std::string_view what, std::source_location where);

inline void Check(bool holds, std::string_view what, std::source_location where = std::source_location::current()) {
  if (!holds) [[unlikely]]
    StopOnBrokenInvariant(what, where);
}

}  // namespace firn
