#pragma once

#include <string>
#include <string_view>

#include "schema/type.h"

namespace firn {

// The hint for a column that is not there: the nearest of the schema's names, fields of structs as in a.b.
[[nodiscard]] std::string SuggestColumn(const Schema& schema, std::string_view name);

}  // namespace firn
