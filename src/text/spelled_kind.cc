#include "text/spelled_kind.h"

#include <algorithm>
#include <chrono>

namespace firn {
namespace {

constexpr size_t kDateSize = 10;  // 2025-11-03
constexpr size_t kMostDoubleDigits = 17;
constexpr size_t kLongestDouble = 64;  // bytes; of zeros, mostly
constexpr size_t kMostFraction = 6;

bool IsDigit(char c) {
  return c >= '0' && c <= '9';
}

size_t DigitsAt(std::string_view text, size_t at) {
  size_t end = at;
  while (end < text.size() && IsDigit(text[end])) ++end;
  return end - at;
}

bool IsWord(std::string_view text, std::string_view lower) {
  return std::ranges::equal(text, lower, {},
                            [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c; });
}

// Digits from the first that is not 0 on; zeros at the end count: they were written.
size_t CountingDigits(std::string_view digits_and_point) {
  size_t count = 0;
  for (const char c : digits_and_point)
    if (IsDigit(c) && (c != '0' || count > 0)) ++count;
  return count;
}

// Of an exponent that begins at `at` and ends the text. With a greater one, a number may be no double.
bool IsExponent(std::string_view text, size_t at, bool needs_sign) {
  ++at;
  const bool sign = at < text.size() && (text[at] == '+' || text[at] == '-');
  if (needs_sign && !sign) return false;
  if (sign) ++at;
  const size_t digits = DigitsAt(text, at);
  return digits > 0 && at + digits == text.size() && (digits < 3 || (digits == 3 && text[at] < '2'));
}

TokenKind NumberKind(std::string_view text) {
  const size_t first = text.starts_with('-') ? 1 : 0;
  const size_t whole = DigitsAt(text, first);
  if (whole == 0 || (whole > 1 && text[first] == '0')) return TokenKind::kText;
  size_t at = first + whole;
  if (at == text.size()) return text == "-0" ? TokenKind::kText : TokenKind::kInteger;
  const bool point = text[at] == '.';
  if (point) {
    const size_t fraction = DigitsAt(text, at + 1);
    if (fraction == 0) return TokenKind::kText;
    at += 1 + fraction;
  }
  if (text.size() > kLongestDouble || CountingDigits(text.substr(first, at - first)) > kMostDoubleDigits)
    return TokenKind::kText;
  if (at == text.size()) return TokenKind::kNumber;
  const bool exponent = (text[at] == 'e' || text[at] == 'E') && IsExponent(text, at, !point);
  return exponent ? TokenKind::kNumber : TokenKind::kText;
}

int TwoDigits(std::string_view text, size_t at) {
  return IsDigit(text[at]) && IsDigit(text[at + 1]) ? (text[at] - '0') * 10 + text[at + 1] - '0' : 100;
}

bool IsDate(std::string_view text) {
  if (DigitsAt(text, 0) != 4 || text[4] != '-' || text[7] != '-') return false;
  const int year = TwoDigits(text, 0) * 100 + TwoDigits(text, 2);
  return std::chrono::year_month_day(std::chrono::year(year),
                                     std::chrono::month(static_cast<unsigned>(TwoDigits(text, 5))),
                                     std::chrono::day(static_cast<unsigned>(TwoDigits(text, 8))))
      .ok();
}

// 06:30, 06:30:00, 06:30:00.123456
bool IsTimeOfDay(std::string_view text) {
  if (text.size() < 5 || text[2] != ':' || TwoDigits(text, 0) > 23 || TwoDigits(text, 3) > 59) return false;
  if (text.size() == 5) return true;
  if (text.size() < 8 || text[5] != ':' || TwoDigits(text, 6) > 59) return false;
  if (text.size() == 8) return true;
  const size_t fraction = text.size() - 9;
  return text[8] == '.' && fraction >= 1 && fraction <= kMostFraction && DigitsAt(text, 9) == fraction;
}

TokenKind DateKind(std::string_view text) {
  if (text.size() < kDateSize || !IsDate(text.substr(0, kDateSize))) return TokenKind::kText;
  if (text.size() == kDateSize) return TokenKind::kDate;
  const bool zone = text.ends_with('Z');
  if (text[kDateSize] != 'T' && text[kDateSize] != ' ') return TokenKind::kText;
  if (!IsTimeOfDay(text.substr(kDateSize + 1, text.size() - kDateSize - 1 - (zone ? 1 : 0)))) return TokenKind::kText;
  return zone ? TokenKind::kInstant : TokenKind::kTimestamp;
}

}  // namespace

TokenKind SpelledKind(std::string_view text) {
  if (text.empty()) return TokenKind::kText;
  if (IsDigit(text[0]) || text[0] == '-') {
    const bool dashes = text.size() >= kDateSize && text[4] == '-';
    return dashes ? DateKind(text) : NumberKind(text);
  }
  if (text.size() == 4 && IsWord(text, "true")) return TokenKind::kBoolean;
  if (text.size() == 5 && IsWord(text, "false")) return TokenKind::kBoolean;
  return TokenKind::kText;
}

}  // namespace firn
