#pragma once

#include <cstdint>
#include <string>

namespace firn {

// A number for people: 5,000,000.
[[nodiscard]] std::string GroupedDigits(int64_t number);

}  // namespace firn
