#pragma once

#include <string_view>

#include "base/result.h"

namespace firn {

// An errno as an error of ours: "cannot write a/b.csv: No space left on device", with its kind and what the operator
// can do.
[[nodiscard]] std::unexpected<Error> FailWithCode(int code, std::string_view action, std::string_view key);

}  // namespace firn
