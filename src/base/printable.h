#pragma once

#include <string>
#include <string_view>

namespace firn {

// A stranger's words for a message of ours: one line, without what disturbs a terminal, 300 bytes at most.
[[nodiscard]] std::string Printable(std::string_view text);

}  // namespace firn
