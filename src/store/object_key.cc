#include <fmt/format.h>

#include <algorithm>

#include "store/object_store.h"

namespace firn {
namespace {

constexpr size_t kMaxKey = 1024;
constexpr size_t kMaxSegment = 255;

// The key as a message can show it, whatever bytes it has.
std::string Shown(std::string_view key) {
  std::string shown;
  for (const char c : key.substr(0, 80)) {
    if (static_cast<uint8_t>(c) < 0x20 || c == 0x7F)
      shown += fmt::format("\\x{:02x}", static_cast<uint8_t>(c));
    else
      shown.push_back(c);
  }
  return key.size() > 80 ? shown + "..." : shown;
}

std::string_view WhatIsWrong(std::string_view segment) {
  if (segment.empty()) return "it has an empty part";
  if (segment == "." || segment == "..") return "'.' and '..' are no names";
  if (segment.size() > kMaxSegment) return "a part of it is longer than 255 bytes";
  const bool control = std::ranges::any_of(segment, [](char c) { return static_cast<uint8_t>(c) < 0x20 || c == 0x7F; });
  if (control) return "it has a control character";
  if (segment.find('\\') != std::string_view::npos) return "it has a backslash";
  return {};
}

}  // namespace

Status ValidateKey(std::string_view key) {
  const auto refuse = [&](std::string_view why) {
    return Fail(ErrorKind::kInvalidArgument, fmt::format("'{}' is no object key: {}", Shown(key), why),
                "Keys are names inside the lake, with '/' between their parts");
  };
  if (key.size() > kMaxKey) return refuse("it is longer than 1,024 bytes");
  for (size_t from = 0; from <= key.size();) {
    const size_t slash = std::min(key.find('/', from), key.size());
    if (const std::string_view wrong = WhatIsWrong(key.substr(from, slash - from)); !wrong.empty())
      return refuse(wrong);
    from = slash + 1;
  }
  return {};
}

}  // namespace firn
