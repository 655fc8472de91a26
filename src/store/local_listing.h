#pragma once

#include <string_view>
#include <vector>

#include "store/lake_root.h"
#include "store/object_store.h"

namespace firn {

// Listings of a local lake; see LocalStore for what they promise. A folder that is not there is empty.
Result<FolderListing> ListLocalFolder(const LakeRoot& root, std::string_view prefix);
// All folders below too, sorted by key.
Result<std::vector<ObjectInfo>> ListLocalTree(const LakeRoot& root, std::string_view prefix);

}  // namespace firn
