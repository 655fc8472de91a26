#pragma once

#include "base/result.h"

namespace firn {

// Loads libcurl and libcrypto, which are not linked: loading them and what they stand on takes 7 ms, which every start
// would pay, also of a lake in a folder. Their functions are defined in aws_libraries.cc, and pass on to the libraries;
// they load them, too, but can only end the process when there are none. kUnsupported when one cannot be loaded.
Status LoadAwsLibraries();

}  // namespace firn
