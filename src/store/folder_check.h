#pragma once

#include <string_view>

#include "base/result.h"
#include "store/lake_root.h"

namespace firn {

// Whether another folder can take the place of `prefix`, or be made there: the folder and the one that it is in (or the
// nearest one above that exists) may be changed by this user, and are on the mount on which firn's own folder is,
// because no rename leaves a mount. kPermission, kUnsupported; kInvalidArgument and kAlreadyExists when a symlink or an
// object is in the way.
Status CheckLocalFolder(const LakeRoot& root, std::string_view prefix);

}  // namespace firn
