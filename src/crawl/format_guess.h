#pragma once

#include <span>
#include <string>

#include "base/result.h"
#include "store/object_store.h"

namespace firn {

// "parquet", "csv" or "json", by the first of the objects that tells: by the extension of its name; without one, by
// Parquet's magic or the first character of a text. "" when none does. The store's errors; objects that vanish are
// passed over.
Result<std::string> GuessFormat(ObjectStore& store, std::span<const ObjectInfo> objects);

}  // namespace firn
