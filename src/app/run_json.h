#pragma once

#include <vector>

#include "base/json.h"
#include "catalog/records.h"

namespace firn {

// A run as `run`, `runs` and `runs show` print it: the figures of the contract first, under their stable names, then
// state of life, arguments, quality, error.
[[nodiscard]] Json RunToJson(const RunRecord& run);
// {"chain_runs": [...], "chain_crawls": [...]}: what came after a run.
[[nodiscard]] Json ChainToJson(const std::vector<RunRecord>& runs, const std::vector<Json>& crawls);
// The columns of the list for people.
[[nodiscard]] Json RunToRow(const RunRecord& run);

}  // namespace firn
