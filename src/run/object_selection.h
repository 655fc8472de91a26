#pragma once

#include <span>
#include <vector>

#include "catalog/catalog.h"
#include "pipeline/job.h"
#include "store/object_store.h"

namespace firn {

// Single objects as the input of a run: an event named them, or a person did.

// The partitions of the table in which the objects lie, each once, by values: as the catalog knows them, or, of those
// that nobody has crawled yet, as their folders say. `read.date` does not count, the objects say what is read.
// kInvalidArgument for a key that is not in the table's location, is no data by its name, or lies in a partition that
// `read.partition` leaves out; kMismatch when its folders do not follow the table's layout.
Result<std::vector<PartitionRecord>> PartitionsOfObjects(Catalog& catalog, const TableRecord& table,
                                                         const ReadSpec& read, std::span<const ObjectKey> objects);

// The objects of `objects` that lie in the folder, at their present versions, by key. kNotFound for one that is gone.
Result<std::vector<ObjectInfo>> FindObjects(ObjectStore& store, std::string_view folder,
                                            std::span<const ObjectKey> objects);

}  // namespace firn
