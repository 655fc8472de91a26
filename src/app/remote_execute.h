#pragma once

#include <string>

#include "env/worker_pool.h"
#include "run/run_service.h"

namespace firn {

// Execute for a lake that is far away. It reads each small input three times: those are fetched first, once and many at
// a time, to `scratch` on this machine.
ExecuteFunction RemoteExecute(WorkerPool& readers, std::string scratch);

}  // namespace firn
