#pragma once

#include <string>
#include <vector>

#include "catalog/database.h"

namespace firn {

// Catalog::CheckIntegrity, inside the caller's transaction: one line a finding. Damage that keeps a check from running
// is a finding, not an error.
[[nodiscard]] Result<std::vector<std::string>> CheckCatalog(Database& database);

}  // namespace firn
