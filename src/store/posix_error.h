#pragma once

#include <string>

#include "base/result.h"

namespace firn {

// errno of a failed call as an error: "cannot read a/b.parquet: No such file or directory".
[[nodiscard]] std::unexpected<Error> FailFromErrno(int error_number, const std::string& what);

}  // namespace firn
