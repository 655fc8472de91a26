#pragma once

#include <span>
#include <string>

#include "base/result.h"
#include "store/object_store.h"

namespace firn {

// The format of a table of which nobody said it, by the content of the first objects, and by all names: "parquet",
// "csv", "json"; "text" when objects are CSV and JSON, or when content and name disagree: each object's content tells
// then. "" when none tells. The first object decides between Parquet and texts. Names of something else do not count.
// The store's errors; objects that vanish or are damaged are told by their names.
[[nodiscard]] Result<std::string> GuessFormat(ObjectStore& store, std::span<const ObjectInfo> objects);

}  // namespace firn
