#pragma once

#include "app/screen.h"
#include "catalog/records.h"

namespace firn {

// What a run says to people: its figures on the screen; what it warns of, and what went wrong, on stderr.
void SayRun(const Screen& screen, const RunRecord& run);

// 0 for a run that succeeded, 3 when it had nothing to do and that was to be told, 1 for all others.
[[nodiscard]] int ExitCodeOf(const RunRecord& run, bool fail_if_empty);

// Of `--fail-if-empty`.
inline constexpr int kNothingToDo = 3;

}  // namespace firn
