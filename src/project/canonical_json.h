#pragma once

#include <optional>

#include "base/json.h"
#include "project/key_table.h"
#include "project/yaml_tree.h"

namespace firn {

// A document without findings as JSON: typed values, defaults filled in, keys in table order, names sorted where their
// order means nothing. Nothing for a key that is absent and has no default. `node` may be nullptr: absent.
[[nodiscard]] std::optional<Json> ToCanonicalJson(const YamlNode* node, const KeyNode& key);

// A scalar with its YAML type: true, 7, 0.5 or "text".
[[nodiscard]] Json ScalarToJson(const YamlNode& scalar);

}  // namespace firn
