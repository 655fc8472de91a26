#include "catalog/records.h"

#include "base/check.h"

namespace firn {

SchemaChange SchemaChangeOf(const TableRecord& table) {
  const std::string change = table.options.value("schema_change", "evolve");
  return change == "freeze" ? SchemaChange::kFreeze : change == "fail" ? SchemaChange::kFail : SchemaChange::kEvolve;
}

std::string_view NameOf(RunState state) {
  switch (state) {
    case RunState::kStarting:
      return "STARTING";
    case RunState::kRunning:
      return "RUNNING";
    case RunState::kStopping:
      return "STOPPING";
    case RunState::kStopped:
      return "STOPPED";
    case RunState::kSucceeded:
      return "SUCCEEDED";
    case RunState::kFailed:
      return "FAILED";
    case RunState::kTimeout:
      return "TIMEOUT";
    case RunState::kError:
      return "ERROR";
    case RunState::kWaiting:
      return "WAITING";
  }
  StopOnBrokenInvariant("a run state without a name", std::source_location::current());
}

std::string_view NameOf(EventState state) {
  switch (state) {
    case EventState::kPending:
      return "PENDING";
    case EventState::kDelivered:
      return "DELIVERED";
    case EventState::kFailed:
      return "FAILED";
  }
  StopOnBrokenInvariant("an event state without a name", std::source_location::current());
}

}  // namespace firn
