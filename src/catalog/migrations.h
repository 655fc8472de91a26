#pragma once

#include "base/result.h"
#include "catalog/database.h"

namespace firn {

// PRAGMA user_version of the newest schema; docs of each in migrations.cc
inline constexpr int64_t kCatalogVersion = 2;

// Brings a catalog to kCatalogVersion in one transaction; an empty file becomes one. kUnsupported for a newer version,
// kCorrupt for another program's database.
[[nodiscard]] Status Migrate(Database& database);

// For a reader who may not migrate: kUnsupported unless the catalog has kCatalogVersion.
[[nodiscard]] Status RequireNewest(Database& database);

}  // namespace firn
