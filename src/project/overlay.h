#pragma once

#include "project/finding.h"
#include "project/yaml_tree.h"

namespace firn {

// Puts an environment's overlay over the base: maps merge deep, lists and scalars replace, null removes. Every part
// keeps the position where it was written. Removing what is not there is a finding: it is a name spelled wrong.
[[nodiscard]] YamlNode MergeOverlay(YamlNode base, const YamlNode& overlay, Findings& findings);

}  // namespace firn
