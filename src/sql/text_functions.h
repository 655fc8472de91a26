#pragma once

#include "base/result.h"
#include "sql/connection.h"

namespace firn {

// Gives the engine initcap(text), as Spark has it: the first letter of each word large, all others small; words are
// what spaces part.
[[nodiscard]] Status DefineTextFunctions(Connection& connection);

}  // namespace firn
