#pragma once

#include <vector>

#include "catalog/catalog.h"
#include "project/project.h"

namespace firn {

// The project's tables as the catalog is to have them: what crawls and runs learned of columns, format and keys stays,
// and the project file adds what they have not seen. `now_ns` is when it is asked. kMismatch for what the catalog would
// refuse (another location or number of keys than what is written has, columns that do not fit those of the files), so
// that `plan` says it before `apply` changes anything.
[[nodiscard]] Result<std::vector<TableRecord>> DeclaredTables(const Project& project, Catalog& catalog, int64_t now_ns);

}  // namespace firn
