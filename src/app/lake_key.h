#pragma once

#include <string>

#include "project/project.h"
#include "store/object_store.h"

namespace firn {

// The key in the lake of an object that somebody names: the key itself, s3://BUCKET/KEY in a lake on S3, or the path of
// a file in a lake that is a folder. kInvalidArgument when it is not in the lake.
[[nodiscard]] Result<ObjectKey> LakeKeyOf(const Project& project, const std::string& name);

// The same of an object that an event names by bucket and key. The bucket counts for a lake on S3 only: an event may be
// tried on a folder.
[[nodiscard]] Result<ObjectKey> LakeKeyOf(const Project& project, const std::string& bucket, const std::string& key);

}  // namespace firn
