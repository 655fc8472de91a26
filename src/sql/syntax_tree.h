#pragma once

#include <string>
#include <string_view>

#include "base/json.h"

namespace firn {

// Reading of DuckDB's json_serialize_sql: what is missing is null or "".
[[nodiscard]] const Json& Member(const Json& node, std::string_view name);
[[nodiscard]] std::string_view Text(const Json& node, std::string_view name);
[[nodiscard]] inline std::string_view TypeOf(const Json& node) {
  return Text(node, "type");
}

// ASCII, as SQL compares names.
[[nodiscard]] std::string LowerCase(std::string_view text);

}  // namespace firn
