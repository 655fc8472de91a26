#include "base/check.h"

#include <fmt/format.h>

#include <cstdio>
#include <cstdlib>

namespace firn {

void StopOnBrokenInvariant(std::string_view what, std::source_location where) {
  fmt::print(stderr, "firn: internal error: {} ({}:{}). Nothing was committed by this step. Please report it.\n", what,
             where.file_name(), where.line());
  std::abort();
}

}  // namespace firn
