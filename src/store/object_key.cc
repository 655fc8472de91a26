#include <fmt/format.h>

#include <algorithm>

#include "store/object_key.h"
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

Status ValidatePrefix(std::string_view prefix) {
  return prefix.empty() ? Status{} : ValidateKey(prefix);
}

Status ValidateKeyToChange(std::string_view key) {
  FIRN_TRY(ValidateKey(key));
  if (IsAtOrBelow(key, kTempFolder) || key == kStateFolder)
    return Fail(ErrorKind::kInvalidArgument, fmt::format("'{}' belongs to the store itself", Shown(key)),
                "Choose another key");
  return {};
}

Status ValidatePrefixToChange(std::string_view prefix) {
  FIRN_TRY(ValidatePrefix(prefix));
  if (IsAtOrBelow(prefix, kTempFolder) || prefix == kStateFolder)
    return Fail(ErrorKind::kInvalidArgument, fmt::format("'{}' belongs to the store itself", Shown(prefix)),
                "Choose another folder");
  return {};
}

Status ValidateReplaceable(std::string_view prefix) {
  FIRN_TRY(ValidateKey(prefix));
  return ValidatePrefixToChange(prefix);
}

Status ValidateExchange(std::string_view a, std::string_view b) {
  for (const std::string_view folder : {a, b}) FIRN_TRY(ValidateReplaceable(folder));
  if (a != b && (IsAtOrBelow(a, b) || IsAtOrBelow(b, a)))
    return Fail(ErrorKind::kInvalidArgument,
                fmt::format("'{}' and '{}' cannot be exchanged: one is inside the other", Shown(a), Shown(b)));
  return {};
}

bool IsAtOrBelow(std::string_view key, std::string_view prefix) {
  return prefix.empty() || (key.starts_with(prefix) && (key.size() == prefix.size() || key[prefix.size()] == '/'));
}

bool IsHiddenIn(std::string_view key, std::string_view prefix) {
  return IsAtOrBelow(key, kStateFolder) && !IsAtOrBelow(prefix, kStateFolder);
}

std::string_view ParentOf(std::string_view key) {
  const size_t slash = key.rfind('/');
  return slash == std::string_view::npos ? std::string_view() : key.substr(0, slash);
}

std::string_view LastSegmentOf(std::string_view key) {
  const size_t slash = key.rfind('/');
  return slash == std::string_view::npos ? key : key.substr(slash + 1);
}

std::string JoinKey(std::string_view prefix, std::string_view name) {
  return prefix.empty() ? std::string(name) : fmt::format("{}/{}", prefix, name);
}

std::string EscapeKey(std::string_view key) {
  return Shown(key);
}

std::unexpected<Error> FailNoObject(std::string_view key) {
  return Fail(ErrorKind::kNotFound, fmt::format("there is no object {}", Shown(key)));
}
std::unexpected<Error> FailObjectExists(std::string_view key) {
  return Fail(ErrorKind::kAlreadyExists, fmt::format("{} exists already", Shown(key)));
}
std::unexpected<Error> FailChangedObject(std::string_view key) {
  return Fail(ErrorKind::kMismatch, fmt::format("{} changed between listing and reading", Shown(key)),
              "Run again: the next run takes it as it is then");
}
std::unexpected<Error> FailFinishedWriter(std::string_view key) {
  return Fail(ErrorKind::kInternal, fmt::format("the writer of {} was used after Finish", Shown(key)));
}
std::unexpected<Error> FailObjectAsFolder(std::string_view key) {
  return Fail(ErrorKind::kAlreadyExists, fmt::format("{}: a part of its path is an object", Shown(key)));
}
std::unexpected<Error> FailNotAFolder(std::string_view prefix) {
  return Fail(ErrorKind::kInvalidArgument, fmt::format("{} is an object, not a folder", Shown(prefix)));
}

Result<ByteRange> RangeWithin(std::string_view key, int64_t size, int64_t offset, int64_t length) {
  if (offset < 0) offset = std::max<int64_t>(0, size + offset);
  if (length < 0) return Fail(ErrorKind::kInvalidArgument, fmt::format("{}: cannot read {} bytes", Shown(key), length));
  offset = std::min(offset, size);
  return ByteRange{offset, std::min(length, size - offset)};
}

}  // namespace firn
