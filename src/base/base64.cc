#include "base/base64.h"

#include <algorithm>
#include <cstddef>
#include <cstdint>

namespace firn {
namespace {

constexpr std::string_view kDigits = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

// Three bytes of two to four digits; missing ones are zero.
std::optional<uint32_t> ThreeBytes(std::string_view digits) {
  uint32_t three = 0;
  for (const char c : digits) {
    const size_t digit = kDigits.find(c);
    if (digit == std::string_view::npos) return std::nullopt;
    three = three << 6 | static_cast<uint32_t>(digit);
  }
  return three << (6 * (4 - digits.size()));
}

}  // namespace

void AppendBase64(std::string_view bytes, std::string& out) {
  for (size_t i = 0; i < bytes.size(); i += 3) {
    const size_t left = std::min<size_t>(3, bytes.size() - i);
    uint32_t three = 0;
    for (size_t b = 0; b < 3; ++b) three = three << 8 | (b < left ? static_cast<uint8_t>(bytes[i + b]) : 0U);
    for (size_t d = 0; d < 4; ++d) out.push_back(d <= left ? kDigits[three >> (18 - 6 * d) & 63] : '=');
  }
}

std::optional<std::string> DecodeBase64(std::string_view text) {
  if (text.size() % 4 != 0) return std::nullopt;
  const size_t padding = text.ends_with("==") ? 2 : text.ends_with('=') ? 1 : 0;
  std::string bytes;
  bytes.reserve(text.size() / 4 * 3);
  for (size_t at = 0; at < text.size(); at += 4) {
    const size_t missing = at + 4 == text.size() ? padding : 0;
    const auto three = ThreeBytes(text.substr(at, 4 - missing));
    if (!three || (*three & ((1U << (8 * missing)) - 1)) != 0) return std::nullopt;
    for (size_t b = 0; b < 3 - missing; ++b) bytes.push_back(static_cast<char>(*three >> (16 - 8 * b)));
  }
  return bytes;
}

}  // namespace firn
