#pragma once

#include <memory>

#include "env/clock.h"
#include "env/random.h"
#include "project/project.h"
#include "run/source_scan.h"

namespace firn {

// Scans tables of DynamoDB for runs, under the project's and the environment's settings, into `folder` of this machine,
// which is made with the first scan. Asks nobody before. `project`, `clock` and `random` must outlive it. Thread-safe
// as far as `random` is.
[[nodiscard]] std::unique_ptr<SourceScanner> MakeDynamoScanner(const Project& project, std::string folder,
                                                               const Clock& clock, Random& random);

}  // namespace firn
