#pragma once

#include <stop_token>

#include "run/run_service.h"

namespace firn {

// Puts into the job's bookmark what it would read now and has not read, as if `run` had read it. The run stands in the
// catalog as a succeeded one that read nothing, so that the bookmark can be rewound to before it. `objects` empty: all
// that the job's `read` names. Errors as for a run.
Result<RunRecord> SetBookmark(const RunServices& services, const JobDefinition& job,
                              const std::vector<ObjectKey>& objects, RunRecord run, std::stop_token stop);

}  // namespace firn
