#include "run/run_state.h"

#include "base/check.h"

namespace firn {
namespace {

// The record goes last: a process that dies before it leaves an unfinished run, which recovery takes up again.
const std::vector<RunEffect> kGiveUp = {RunEffect::kRemoveStaging, RunEffect::kReleaseLeases, RunEffect::kRecord};
const std::vector<RunEffect> kRecordOnly = {RunEffect::kRecord};

RunStep Move(RunLife life, RunState to, std::vector<RunEffect> effects) {
  life.state = to;
  return {life, std::move(effects)};
}

RunStep EndOfStoppedWork(const RunLife& life) {
  const bool timed_out = life.past_deadline && life.state != RunState::kStopping;
  return Move(life, timed_out ? RunState::kTimeout : RunState::kStopped, kGiveUp);
}

RunStep PassDeadline(RunLife life) {
  if (life.past_deadline || life.state == RunState::kStopping) return {life, {}};
  life.past_deadline = true;
  return {life, {RunEffect::kCancelWork}};
}

}  // namespace

bool IsFinal(RunState state) {
  switch (state) {
    case RunState::kStarting:
    case RunState::kRunning:
    case RunState::kStopping:
    case RunState::kWaiting:
      return false;
    case RunState::kStopped:
    case RunState::kSucceeded:
    case RunState::kFailed:
    case RunState::kTimeout:
    case RunState::kError:
      return true;
  }
  Check(false, "unknown run state");
  return true;
}

std::string_view NameOf(RunEvent event) {
  switch (event) {
    case RunEvent::kHeldUp:
      return "held up";
    case RunEvent::kClaimed:
      return "claimed";
    case RunEvent::kStopRequested:
      return "stop requested";
    case RunEvent::kDeadlinePassed:
      return "deadline passed";
    case RunEvent::kWorkStopped:
      return "work stopped";
    case RunEvent::kWorkFailed:
      return "work failed";
    case RunEvent::kRehearsed:
      return "rehearsed";
    case RunEvent::kCommitted:
      return "committed";
    case RunEvent::kProcessGone:
      return "process gone";
  }
  return "unknown";
}

RunStep Next(const RunLife& life, RunEvent event) {
  if (IsFinal(life.state)) return {life, {}};
  switch (event) {
    case RunEvent::kHeldUp:
      return life.state == RunState::kStarting ? Move(life, RunState::kWaiting, kRecordOnly) : RunStep{life, {}};
    case RunEvent::kClaimed:
      return life.state == RunState::kStarting || life.state == RunState::kWaiting
                 ? Move(life, RunState::kRunning, kRecordOnly)
                 : RunStep{life, {}};
    case RunEvent::kStopRequested:
      return life.state == RunState::kStopping
                 ? RunStep{life, {}}
                 : Move(life, RunState::kStopping, {RunEffect::kCancelWork, RunEffect::kRecord});
    case RunEvent::kDeadlinePassed:
      return PassDeadline(life);
    case RunEvent::kWorkStopped:
      return EndOfStoppedWork(life);
    case RunEvent::kWorkFailed:
    case RunEvent::kProcessGone:
      return Move(life, RunState::kFailed, kGiveUp);
    case RunEvent::kRehearsed:
      return Move(life, RunState::kSucceeded, kGiveUp);
    case RunEvent::kCommitted:
      return Move(life, RunState::kSucceeded,
                  {RunEffect::kSettle, RunEffect::kRemoveStaging, RunEffect::kReleaseLeases});
  }
  return {life, {}};
}

}  // namespace firn
