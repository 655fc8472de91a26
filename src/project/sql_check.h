#pragma once

#include "project/finding.h"
#include "project/yaml_tree.h"

namespace firn {

// Whether the SQL in the jobs' steps can be read, in a document that has no other findings. It needs the SQL engine:
// for `validate`, not for every verb.
void CheckSql(const YamlNode& root, Findings& findings);

}  // namespace firn
