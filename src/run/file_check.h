#pragma once

#include <string>
#include <vector>

#include "catalog/catalog.h"
#include "store/object_store.h"

namespace firn {

// A file of a table's current snapshot that is not as it was committed.
struct DamagedFile {
  TableName table;
  std::string partition;
  ObjectKey key;
  std::string problem;  // "is missing", "has 12 bytes and was committed with 34"
};

// Compares what the catalog says with what lies in the lake, by names and sizes: one listing a table, no bytes.
Result<std::vector<DamagedFile>> FindDamagedFiles(ObjectStore& store, Catalog& catalog);

// Staging folders of runs that are over, which a recovery would have removed.
Result<std::vector<std::string>> FindLeftovers(ObjectStore& store, Catalog& catalog);

}  // namespace firn
