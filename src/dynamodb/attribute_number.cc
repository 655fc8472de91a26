#include "dynamodb/attribute_number.h"

#include <charconv>
#include <cstdint>

namespace firn {
namespace {

constexpr size_t kMaxDigits = 38;
constexpr int64_t kMinMagnitude = -130;
constexpr int64_t kMaxMagnitude = 125;

bool IsDigit(char c) {
  return c >= '0' && c <= '9';
}

// Takes the digits off the front of a text.
std::string_view TakeDigits(std::string_view& text) {
  size_t size = 0;
  while (size < text.size() && IsDigit(text[size])) ++size;
  const std::string_view digits = text.substr(0, size);
  text.remove_prefix(size);
  return digits;
}

// "-12.50E+3": its parts as they stand there.
struct NumberParts {
  bool negative = false;
  std::string_view whole;
  std::string_view fraction;
  std::string_view exponent;  // with its sign; empty: none
};

std::optional<NumberParts> PartsOf(std::string_view text) {
  NumberParts parts;
  if (!text.empty() && (text.front() == '-' || text.front() == '+')) {
    parts.negative = text.front() == '-';
    text.remove_prefix(1);
  }
  parts.whole = TakeDigits(text);
  if (text.starts_with('.')) {
    text.remove_prefix(1);
    parts.fraction = TakeDigits(text);
  }
  if (parts.whole.empty() && parts.fraction.empty()) return std::nullopt;
  if (text.empty()) return parts;
  if (text.front() != 'e' && text.front() != 'E') return std::nullopt;
  parts.exponent = text.substr(1);
  text = parts.exponent;
  if (!text.empty() && (text.front() == '-' || text.front() == '+')) text.remove_prefix(1);
  const bool valid = !TakeDigits(text).empty() && text.empty();
  return valid ? std::optional(parts) : std::nullopt;
}

void DropLeadingZeros(std::string_view& digits) {
  while (digits.starts_with('0')) digits.remove_prefix(1);
}

}  // namespace

std::optional<std::string> JsonNumberText(std::string_view text) {
  const auto parts = PartsOf(text);
  if (!parts) return std::nullopt;
  std::string_view whole = parts->whole;
  while (whole.size() > 1 && whole.front() == '0') whole.remove_prefix(1);
  std::string json = parts->negative ? "-" : "";
  json += whole.empty() ? "0" : whole;
  if (!parts->fraction.empty()) (json += '.') += parts->fraction;
  if (!parts->exponent.empty()) (json += 'E') += parts->exponent;
  return json;
}

bool IsDynamoNumber(std::string_view text) {
  const auto parts = PartsOf(text);
  if (!parts) return false;
  const std::string digits = std::string(parts->whole) + std::string(parts->fraction);
  std::string_view significant = digits;
  DropLeadingZeros(significant);
  const size_t leading = digits.size() - significant.size();
  while (significant.ends_with('0')) significant.remove_suffix(1);
  if (significant.empty()) return true;
  int64_t exponent = 0;
  std::string_view written = parts->exponent;
  if (written.starts_with('+')) written.remove_prefix(1);
  if (!written.empty() && std::from_chars(written.data(), written.data() + written.size(), exponent).ec != std::errc())
    return false;
  if (exponent > 10'000 || exponent < -10'000) return false;
  // Of the first significant digit.
  const int64_t magnitude = static_cast<int64_t>(parts->whole.size()) - static_cast<int64_t>(leading) - 1 + exponent;
  return significant.size() <= kMaxDigits && magnitude >= kMinMagnitude && magnitude <= kMaxMagnitude;
}

}  // namespace firn
