#pragma once

#include "catalog/catalog.h"
#include "catalog/catalog_rows.h"

namespace firn {

// Catalog::Apply, inside the caller's transaction: checks first (the run has not ended, its leases are its own), then
// every row.
[[nodiscard]] Status ApplyCommit(CatalogRows& rows, const Commit& commit);

}  // namespace firn
