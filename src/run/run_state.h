#pragma once

#include <string_view>
#include <vector>

#include "catalog/records.h"

namespace firn {

// The life of a run as a pure function: what happened -> the next state, and what is to be done about it. JobRun and
// Recovery perform the effects, in the order given; each may be performed again after a crash.

// All that the machine remembers.
struct RunLife {
  RunState state = RunState::kStarting;
  bool past_deadline = false;
  friend bool operator==(const RunLife&, const RunLife&) = default;
};

enum class RunEvent {
  kHeldUp,          // another run holds a partition, and this one may wait
  kClaimed,         // the partitions are ours
  kStopRequested,   // signal, `stop`
  kDeadlinePassed,  // the job's timeout
  kWorkStopped,     // the work ended because it was asked to
  kWorkFailed,      // the work ended with another error
  kRehearsed,       // a dry run did all but the commit
  kCommitted,       // the catalog's transaction is through
  kProcessGone,     // found by recovery
};

enum class RunEffect {
  kRecord,         // write the state (and the error, if any) to the catalog
  kCancelWork,     // request the stop of whatever runs
  kRemoveStaging,  // what was written and not committed
  kReleaseLeases,
  kSettle,  // reveal what was committed, drop what it superseded
};

struct RunStep {
  RunLife life;
  std::vector<RunEffect> effects;
};

[[nodiscard]] bool IsFinal(RunState state);
[[nodiscard]] std::string_view NameOf(RunEvent event);

// An event that means nothing in a state (everything, once the run is over) changes nothing.
[[nodiscard]] RunStep Next(const RunLife& life, RunEvent event);

}  // namespace firn
