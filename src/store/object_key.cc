#include "store/object_key.h"

#include <fmt/format.h>

#include <algorithm>

namespace firn {
namespace {

constexpr size_t kLongestSegment = 255;  // NAME_MAX of Linux
constexpr size_t kLongestKey = 1024;     // of S3

bool IsControl(char c) { return static_cast<unsigned char>(c) < 0x20 || c == 0x7f; }

std::unexpected<Error> Refuse(std::string_view key, std::string_view why) {
  constexpr size_t kShown = 120;
  std::string shown = EscapeKey(key.substr(0, kShown)) + (key.size() > kShown ? "..." : "");
  return Fail(ErrorKind::kInvalidArgument, fmt::format("'{}' is no object key: {}", shown, why),
              "write it as zone/table/partition/file, relative to the lake");
}

Status ValidateSegment(std::string_view key, std::string_view segment) {
  if (segment.empty()) return Refuse(key, "it has an empty segment");
  if (segment == "." || segment == "..") return Refuse(key, fmt::format("'{}' is no name", segment));
  if (segment.size() > kLongestSegment) {
    return Refuse(key, fmt::format("a segment has {} bytes, at most {} are allowed", segment.size(), kLongestSegment));
  }
  return {};
}

}  // namespace

Status ValidateKey(std::string_view key) {
  if (key.empty()) return Refuse(key, "it is empty");
  if (key.size() > kLongestKey) {
    return Refuse(key, fmt::format("it has {} bytes, at most {} are allowed", key.size(), kLongestKey));
  }
  if (key.front() == '/') return Refuse(key, "it begins with '/'");
  if (key.back() == '/') return Refuse(key, "it ends with '/'");
  if (std::ranges::any_of(key, IsControl)) return Refuse(key, "it has a control character");
  if (key.find('\\') != std::string_view::npos) return Refuse(key, "it has a '\\'");
  size_t begin = 0;
  while (begin <= key.size()) {
    size_t end = std::min(key.find('/', begin), key.size());
    FIRN_TRY(ValidateSegment(key, key.substr(begin, end - begin)));
    begin = end + 1;
  }
  return {};
}

Status ValidatePrefix(std::string_view prefix) { return prefix.empty() ? Status() : ValidateKey(prefix); }

Status ValidateKeyToChange(std::string_view key) {
  FIRN_TRY(ValidateKey(key));
  if (key == kStateFolder || IsAtOrBelow(key, kTempFolder)) return Refuse(key, "firn keeps its own files there");
  return {};
}

Status ValidatePrefixToChange(std::string_view prefix) {
  return prefix.empty() ? Status() : ValidateKeyToChange(prefix);
}

Status ValidateExchange(std::string_view a, std::string_view b) {
  FIRN_TRY(ValidateKeyToChange(a));
  FIRN_TRY(ValidateKeyToChange(b));
  if (a != b && (IsAtOrBelow(a, b) || IsAtOrBelow(b, a))) {
    return Fail(ErrorKind::kInvalidArgument, fmt::format("cannot exchange {} with {}: one is inside the other", a, b));
  }
  return {};
}

bool IsAtOrBelow(std::string_view key, std::string_view prefix) {
  if (prefix.empty()) return true;
  return key.starts_with(prefix) && (key.size() == prefix.size() || key[prefix.size()] == '/');
}

bool IsHiddenIn(std::string_view key, std::string_view prefix) {
  return IsAtOrBelow(key, kStateFolder) && !IsAtOrBelow(prefix, kStateFolder);
}

std::string_view ParentOf(std::string_view key) {
  size_t slash = key.rfind('/');
  return slash == std::string_view::npos ? std::string_view() : key.substr(0, slash);
}

std::string_view LastSegmentOf(std::string_view key) {
  size_t slash = key.rfind('/');
  return slash == std::string_view::npos ? key : key.substr(slash + 1);
}

std::string JoinKey(std::string_view prefix, std::string_view name) {
  std::string key;
  key.reserve(prefix.size() + 1 + name.size());
  key.append(prefix);
  if (!prefix.empty()) key.push_back('/');
  return key.append(name);
}

std::string EscapeKey(std::string_view key) {
  std::string shown;
  for (char c : key) {
    if (IsControl(c)) {
      shown += fmt::format("\\x{:02x}", static_cast<unsigned char>(c));
    } else {
      shown.push_back(c);
    }
  }
  return shown;
}

std::unexpected<Error> FailNoObject(std::string_view key) {
  return Fail(ErrorKind::kNotFound, fmt::format("there is no object {}", key));
}

std::unexpected<Error> FailObjectExists(std::string_view key) {
  return Fail(ErrorKind::kAlreadyExists, fmt::format("{} exists already, and objects are never replaced", key));
}

std::unexpected<Error> FailChangedObject(std::string_view key) {
  return Fail(ErrorKind::kMismatch, fmt::format("{} changed between listing and reading", key),
              "Run again: the next run lists it anew. Writers should write to another name and rename.");
}

std::unexpected<Error> FailFinishedWriter(std::string_view key) {
  return Fail(ErrorKind::kInternal, fmt::format("the writer of {} was used after it had finished", key));
}

std::unexpected<Error> FailObjectAsFolder(std::string_view key) {
  return Fail(ErrorKind::kAlreadyExists, fmt::format("cannot create {}: a part of its path is an object", key));
}

std::unexpected<Error> FailNotAFolder(std::string_view prefix) {
  return Fail(ErrorKind::kInvalidArgument, fmt::format("cannot exchange {}: it is not a folder", prefix));
}

Result<ByteRange> RangeWithin(std::string_view key, int64_t size, int64_t offset, int64_t length) {
  if (length < 0) {
    return Fail(ErrorKind::kInvalidArgument, fmt::format("cannot read {} bytes of {}", length, key));
  }
  int64_t begin = offset < 0 ? std::max<int64_t>(0, size + offset) : std::min(offset, size);
  return ByteRange{begin, std::min(length, size - begin)};
}

}  // namespace firn
