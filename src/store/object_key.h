#pragma once

#include <string>
#include <string_view>

#include "base/result.h"
#include "store/object_store.h"

namespace firn {

// The rules of keys that every store shares; ValidateKey itself is in object_store.h.

// firn's own folder at the top of a lake. Listings show it only to those who name it.
inline constexpr std::string_view kStateFolder = ".firn";
// Inside it: files that are being written. A store cleans up there, so no key may be below it.
inline constexpr std::string_view kTempFolder = ".firn/tmp";

// As ValidateKey, but "" is the whole lake.
[[nodiscard]] Status ValidatePrefix(std::string_view prefix);
// As the two above, for operations that change something: refuses kTempFolder too.
[[nodiscard]] Status ValidateKeyToChange(std::string_view key);
// For operations that move or remove whole folders: refuses the folders of firn themselves as well.
[[nodiscard]] Status ValidatePrefixToChange(std::string_view prefix);
// For ExchangeFolders: refuses the lake itself, and a folder with one inside it.
[[nodiscard]] Status ValidateExchange(std::string_view a, std::string_view b);

[[nodiscard]] bool IsAtOrBelow(std::string_view key, std::string_view prefix);  // "a/b" and "a/b/c", not "a/bc"
[[nodiscard]] bool IsHiddenIn(std::string_view key, std::string_view prefix);   // firn's own, and `prefix` is not
[[nodiscard]] std::string_view ParentOf(std::string_view key);                  // "a/b" of "a/b/c", "" of "a"
[[nodiscard]] std::string_view LastSegmentOf(std::string_view key);             // "c" of "a/b/c"
[[nodiscard]] std::string JoinKey(std::string_view prefix, std::string_view name);

// A key as it may be shown: what would disturb a terminal or a log is written as \x07.
[[nodiscard]] std::string EscapeKey(std::string_view key);

// For CheckReplaceable: the rules of ExchangeFolders for one folder.
[[nodiscard]] Status ValidateReplaceable(std::string_view prefix);

// What all stores say in the same words.
[[nodiscard]] std::unexpected<Error> FailNoObject(std::string_view key);        // kNotFound
[[nodiscard]] std::unexpected<Error> FailObjectExists(std::string_view key);    // kAlreadyExists
[[nodiscard]] std::unexpected<Error> FailChangedObject(std::string_view key);   // kMismatch
[[nodiscard]] std::unexpected<Error> FailFinishedWriter(std::string_view key);  // kInternal: used after Finish
[[nodiscard]] std::unexpected<Error> FailObjectAsFolder(
    std::string_view key);  // kAlreadyExists: "a/b" where "a" is an object
[[nodiscard]] std::unexpected<Error> FailNotAFolder(
    std::string_view prefix);  // kInvalidArgument: ExchangeFolders of an object

// The part of an object of `size` bytes that ReadRange(offset, length) means.
struct ByteRange {
  int64_t offset = 0;
  int64_t length = 0;
};
[[nodiscard]] Result<ByteRange> RangeWithin(std::string_view key, int64_t size, int64_t offset, int64_t length);

}  // namespace firn
