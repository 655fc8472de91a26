#pragma once

#include "project/finding.h"
#include "project/yaml_tree.h"

namespace firn {

// Puts the project's `variables` into every text of the document, names included: `${var.NAME}` alone takes the value
// with its type, within a longer text it takes the value's text, and `$${var.NAME}` stands for the text ${var.NAME}. An
// unknown name, a value that is no scalar or refers to another variable, and two names that become one are findings.
[[nodiscard]] YamlNode PutInVariables(YamlNode root, Findings& findings);

}  // namespace firn
