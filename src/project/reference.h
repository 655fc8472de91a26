#pragma once

#include <string>

#include "base/json.h"

namespace firn {

// Both are generated from the key table; the copies in docs/reference/ are held to them by a test (FIRN_UPDATE_DOCS=1
// writes them anew).

// JSON Schema, draft 2020-12, for editors that complete and check YAML.
[[nodiscard]] Json ProjectJsonSchema();

// docs/reference/project-file.md
[[nodiscard]] std::string ProjectReferenceMarkdown();

}  // namespace firn
