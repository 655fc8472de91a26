#include "env/time_zone.h"

#include <date/tz.h>
#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <exception>
#include <optional>
#include <vector>

#include "base/nearest.h"

namespace firn {
namespace {

using std::chrono::days;
using std::chrono::floor;
using std::chrono::seconds;
using std::chrono::sys_days;
using std::chrono::sys_time;
using std::chrono::year_month_day;

constexpr int kLastYear = 9999;

std::string FormatDate(year_month_day date) {
  return fmt::format("{:04d}-{:02d}-{:02d}", int(date.year()), unsigned(date.month()), unsigned(date.day()));
}

struct Instant {
  sys_time<seconds> second;
  int64_t nanosecond;  // 0 to 999,999,999
};

// Not std::chrono::floor, which overflows in the first second that 64 bits of nanoseconds can name.
Instant Split(int64_t ns) {
  constexpr int64_t kSecond = 1'000'000'000;
  int64_t second = ns / kSecond - (ns % kSecond < 0 ? 1 : 0);
  return {sys_time<seconds>(seconds(second)), (ns % kSecond + kSecond) % kSecond};
}

std::string FormatSeconds(sys_time<seconds> time) {
  auto day = floor<days>(time);
  std::chrono::hh_mm_ss clock(time - day);
  return fmt::format("{}T{:02d}:{:02d}:{:02d}", FormatDate(day), clock.hours().count(), clock.minutes().count(),
                     clock.seconds().count());
}

std::optional<int> ParseDigits(std::string_view text) {
  int value = 0;
  for (char c : text) {
    if (c < '0' || c > '9') return std::nullopt;
    value = value * 10 + (c - '0');
  }
  return value;
}

std::optional<year_month_day> ParseDate(std::string_view text) {
  if (text.size() != 10 || text[4] != '-' || text[7] != '-') return std::nullopt;
  auto year = ParseDigits(text.substr(0, 4));
  auto month = ParseDigits(text.substr(5, 2));
  auto day = ParseDigits(text.substr(8, 2));
  if (!year || !month || !day) return std::nullopt;
  year_month_day date{std::chrono::year(*year), std::chrono::month(unsigned(*month)), std::chrono::day(unsigned(*day))};
  return date.ok() ? std::optional(date) : std::nullopt;
}

Result<const date::tzdb*> Zones() {
  try {
    return &date::get_tzdb();
  } catch (const std::exception& thrown) {
    return Fail(ErrorKind::kNotFound, fmt::format("cannot read the time zones of this machine: {}", thrown.what()),
                "install tzdata");
  }
}

std::string SuggestZone(const date::tzdb& zones, std::string_view name) {
  std::vector<std::string> names;
  for (const auto& zone : zones.zones) names.push_back(zone.name());
  std::string nearest = Nearest(name, names);
  return nearest.empty() ? "use an IANA name such as America/Sao_Paulo" : fmt::format("Did you mean '{}'?", nearest);
}

// What the clock on the wall shows, as if it were UTC.
Result<sys_time<seconds>> WallTime(std::string_view iana_zone, int64_t ns) {
  FIRN_TRY_ASSIGN(const date::tzdb* zones, Zones());
  // Not tzdb::locate_zone: Debian's library does not export it.
  auto zone = std::ranges::lower_bound(zones->zones, iana_zone, {}, &date::time_zone::name);
  if (zone == zones->zones.end() || zone->name() != iana_zone) {
    return Fail(ErrorKind::kInvalidArgument, fmt::format("unknown time zone '{}'", iana_zone),
                SuggestZone(*zones, iana_zone));
  }
  try {
    auto second = Split(ns).second;
    return second + zone->get_info(second).offset;
  } catch (const std::exception& thrown) {
    return Fail(ErrorKind::kCorrupt, fmt::format("cannot read the time zone '{}': {}", iana_zone, thrown.what()),
                "install tzdata again");
  }
}

}  // namespace

Result<std::string> LocalDate(std::string_view iana_zone, int64_t now_ns) {
  FIRN_TRY_ASSIGN(auto wall, WallTime(iana_zone, now_ns));
  return FormatDate(floor<days>(wall));
}

Result<std::string> FormatLocal(std::string_view iana_zone, int64_t ns) {
  FIRN_TRY_ASSIGN(auto wall, WallTime(iana_zone, ns));
  return FormatSeconds(wall);
}

std::string FormatUtc(int64_t ns) {
  Instant instant = Split(ns);
  return fmt::format("{}.{:06d}+00:00", FormatSeconds(instant.second), instant.nanosecond / 1000);
}

bool IsIsoDate(std::string_view text) {
  return ParseDate(text).has_value();
}

Result<std::string> AddDays(std::string_view iso_date, int count) {
  auto date = ParseDate(iso_date);
  if (!date) {
    return Fail(ErrorKind::kInvalidArgument, fmt::format("'{}' is not a date", iso_date), "write it as 2025-11-03");
  }
  // More days than the calendar has cannot give a date in it, and would overflow on the way.
  constexpr int kDaysOfCalendar = 3'660'000;
  if (count < -kDaysOfCalendar || count > kDaysOfCalendar) count = kDaysOfCalendar;
  year_month_day moved = sys_days(*date) + days(count);
  if (int(moved.year()) < 0 || int(moved.year()) > kLastYear) {
    return Fail(ErrorKind::kInvalidArgument, fmt::format("{} days from {} is past the calendar", count, iso_date),
                "stay within the years 0000 to 9999");
  }
  return FormatDate(moved);
}

}  // namespace firn
