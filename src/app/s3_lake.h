#pragma once

#include <chrono>
#include <memory>

#include "env/clock.h"
#include "project/project.h"
#include "store/object_store.h"
#include "store/s3_store.h"

namespace firn {

// What the project file says of its lake on S3, under what the environment says: the variables of AWS's tools.
[[nodiscard]] S3Settings S3SettingsOf(const Project& project, const Environment& environment);

// The lake of a project on S3, where what is unavailable is asked again for so long, or until a signal ends that. Asks
// no server. See OpenS3Store for the errors. `clock` must outlive it.
Result<std::unique_ptr<ObjectStore>> OpenS3Lake(const Project& project, std::chrono::seconds patience,
                                                const Clock& clock);

}  // namespace firn
