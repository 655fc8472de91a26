#pragma once

#include "base/json.h"
#include "base/result.h"
#include "schema/type.h"

namespace firn {

// A schema as the catalog stores it: [{"name": "id", "type": "int64", "nullable": false}, {"name": "tags", "type":
// {"kind": "list", "children": [{"name": "element", "type": "string"}]}}]. A type without parameters is its name;
// "nullable" is written when false.
[[nodiscard]] Json ToJson(const Schema& schema);
[[nodiscard]] Result<Schema> SchemaFromJson(const Json& json);  // kCorrupt: says which field

}  // namespace firn
