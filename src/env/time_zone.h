#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "base/result.h"

namespace firn {

// Calendar dates ("2025-11-03", years 0000 to 9999, proleptic Gregorian) and wall clocks of IANA zones
// ("America/Sao_Paulo"), from the system's tzdata. Thread-safe. An unknown zone is kInvalidArgument and names the
// nearest one; a machine without tzdata is kNotFound.

// The date on the wall there at that time.
[[nodiscard]] Result<std::string> LocalDate(std::string_view iana_zone, int64_t now_ns);
// Wall time without an offset, whole seconds: "2025-11-03T06:30:00".
[[nodiscard]] Result<std::string> FormatLocal(std::string_view iana_zone, int64_t ns);
// "2025-11-03T06:45:32.123456+00:00", microseconds rounded down.
[[nodiscard]] std::string FormatUtc(int64_t ns);

// A day that the calendar has, written with exactly ten characters.
[[nodiscard]] bool IsIsoDate(std::string_view text);
// kInvalidArgument when `iso_date` is none or the answer would leave the years 0000 to 9999.
[[nodiscard]] Result<std::string> AddDays(std::string_view iso_date, int days);

}  // namespace firn
