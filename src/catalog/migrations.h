#pragma once

#include "base/result.h"
#include "catalog/database.h"

namespace firn {

inline constexpr int64_t kCatalogVersion =
    1;  // PRAGMA user_version of the newest schema; docs of each in migrations.cc

// Brings a catalog to kCatalogVersion in one transaction; an empty file becomes one. kUnsupported for a newer version,
// kCorrupt for another program's database.
[[nodiscard]] Status Migrate(Database& database);

}  // namespace firn
