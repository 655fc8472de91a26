#include "env/time_zone.h"

#include <gtest/gtest.h>

#include <limits>

namespace firn {
namespace {

constexpr int64_t kSecond = 1'000'000'000;
constexpr int64_t kNoon = 1'762'171'200 * kSecond;  // 2025-11-03T12:00:00Z
constexpr int64_t kHour = 3'600 * kSecond;

TEST(LocalDate, IsTheDateOnTheWallThere) {
  int64_t two_at_night = kNoon - 10 * kHour;
  EXPECT_EQ(LocalDate("UTC", two_at_night).value(), "2025-11-03");
  EXPECT_EQ(LocalDate("America/Sao_Paulo", two_at_night).value(), "2025-11-02");
  EXPECT_EQ(LocalDate("Pacific/Kiritimati", kNoon).value(), "2025-11-04");
}

TEST(LocalDate, ChangesAtMidnightToTheNanosecond) {
  int64_t midnight = kNoon - 9 * kHour;  // 00:00 in Sao Paulo
  EXPECT_EQ(LocalDate("America/Sao_Paulo", midnight).value(), "2025-11-03");
  EXPECT_EQ(LocalDate("America/Sao_Paulo", midnight - 1).value(), "2025-11-02");
}

TEST(LocalDate, WorksBeforeTheEpoch) {
  EXPECT_EQ(LocalDate("UTC", -1).value(), "1969-12-31");
}

TEST(LocalDate, NamesTheNearestZone) {
  auto date = LocalDate("America/Sao_Paolo", kNoon);
  ASSERT_FALSE(date);
  EXPECT_EQ(date.error().kind, ErrorKind::kInvalidArgument);
  EXPECT_EQ(date.error().message, "unknown time zone 'America/Sao_Paolo'");
  EXPECT_EQ(date.error().hint, "Did you mean 'America/Sao_Paulo'?");
}

TEST(LocalDate, RefusesWhatIsNoZone) {
  for (std::string_view zone : {"", "../../etc/passwd", "/etc/localtime", "\n"}) {
    auto date = LocalDate(zone, kNoon);
    ASSERT_FALSE(date) << zone;
    EXPECT_EQ(date.error().kind, ErrorKind::kInvalidArgument);
  }
}

TEST(FormatLocal, FollowsDaylightSaving) {
  // Berlin left summer time on 2025-10-26 at 01:00 UTC: 02:59:59 was followed by 02:00:00.
  int64_t change = 1'761'440'400 * kSecond;
  EXPECT_EQ(FormatLocal("Europe/Berlin", change - kSecond).value(), "2025-10-26T02:59:59");
  EXPECT_EQ(FormatLocal("Europe/Berlin", change).value(), "2025-10-26T02:00:00");
}

TEST(FormatLocal, HasNoOffset) {
  EXPECT_EQ(FormatLocal("America/Sao_Paulo", kNoon).value(), "2025-11-03T09:00:00");
  EXPECT_EQ(FormatLocal("America/Sao_Paulo", kNoon - 1).value(), "2025-11-03T08:59:59");
}

TEST(FormatLocal, RefusesAnUnknownZone) {
  EXPECT_EQ(FormatLocal("Mars/Olympus_Mons", kNoon).error().kind, ErrorKind::kInvalidArgument);
}

TEST(FormatUtc, ShowsMicroseconds) {
  EXPECT_EQ(FormatUtc(1'762'152'332'123'456'789), "2025-11-03T06:45:32.123456+00:00");
  EXPECT_EQ(FormatUtc(0), "1970-01-01T00:00:00.000000+00:00");
  EXPECT_EQ(FormatUtc(-1), "1969-12-31T23:59:59.999999+00:00");
}

TEST(FormatUtc, CoversEveryTime) {
  EXPECT_EQ(FormatUtc(std::numeric_limits<int64_t>::max()), "2262-04-11T23:47:16.854775+00:00");
  EXPECT_EQ(FormatUtc(std::numeric_limits<int64_t>::min()), "1677-09-21T00:12:43.145224+00:00");
}

TEST(IsIsoDate, TakesOnlyDaysOfTheCalendarInTenCharacters) {
  for (std::string_view good : {"2025-11-03", "2024-02-29", "0000-01-01", "9999-12-31"}) {
    EXPECT_TRUE(IsIsoDate(good)) << good;
  }
  for (std::string_view bad :
       {"", "2025-11-3", "2025-13-01", "2025-00-01", "2025-11-31", "2025-02-29", "2025-11-00", "2025/11/03", "20251103",
        "2025-11-03 ", " 2025-11-03", "+025-11-03", "-025-11-03", "2025-11-0a", "2025-11-03T00:00:00"}) {
    EXPECT_FALSE(IsIsoDate(bad)) << bad;
  }
}

TEST(AddDays, GoesOverMonthsAndYears) {
  EXPECT_EQ(AddDays("2025-11-03", 0).value(), "2025-11-03");
  EXPECT_EQ(AddDays("2025-11-01", -1).value(), "2025-10-31");
  EXPECT_EQ(AddDays("2024-02-28", 1).value(), "2024-02-29");
  EXPECT_EQ(AddDays("2024-12-31", 1).value(), "2025-01-01");
}

TEST(AddDays, RefusesWhatIsNoDate) {
  auto date = AddDays("03.11.2025", 1);
  ASSERT_FALSE(date);
  EXPECT_EQ(date.error().kind, ErrorKind::kInvalidArgument);
  EXPECT_EQ(date.error().message, "'03.11.2025' is not a date");
}

TEST(AddDays, StaysInTheCalendar) {
  for (int count : {1, 4'000'000, std::numeric_limits<int>::max(), std::numeric_limits<int>::min()}) {
    EXPECT_EQ(AddDays("9999-12-31", count).error().kind, ErrorKind::kInvalidArgument) << count;
  }
  EXPECT_EQ(AddDays("0000-01-01", -1).error().kind, ErrorKind::kInvalidArgument);
}

}  // namespace
}  // namespace firn
