#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "pipeline/job.h"

namespace firn {

// The small notations inside values. Each answers nothing when the text is not of its kind.

[[nodiscard]] std::optional<std::chrono::seconds> ParseDuration(std::string_view text);   // 90s, 60m, 1h30m, 7d
[[nodiscard]] std::optional<std::chrono::minutes> ParseTimeOfDay(std::string_view text);  // 00:30
[[nodiscard]] std::optional<OrderColumn> ParseOrderColumn(std::string_view text,
                                                          bool descending);  // `x`, `x asc`, `"a b" desc`
[[nodiscard]] bool IsThreshold(std::string_view text);                       // 0, 0.5, 75%, 30m
[[nodiscard]] std::optional<int64_t> ParseByteSize(std::string_view text);   // 512MB, 2GB, 1GiB, 100
[[nodiscard]] bool IsLocation(std::string_view text);  // relative prefix: no empty, '.' or '..' part

// Of cron(...), rate(...), at(...), the outer form only; the expressions are understood by the scheduler. "" when it is
// well formed, else what is wrong.
[[nodiscard]] std::string ScheduleProblem(std::string_view text);
// How often a day such a schedule fires, on a day on which it does: what an event calls total_executions. 1 when it
// cannot be told.
[[nodiscard]] int ExecutionsPerDayOf(std::string_view schedule);

}  // namespace firn
