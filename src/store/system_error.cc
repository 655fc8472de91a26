#include "store/system_error.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <string>
#include <system_error>

namespace firn {
namespace {

struct CodeFacts {
  int code;
  ErrorKind kind;
  std::string_view hint;
};

constexpr std::string_view kFreeSpace = "Free space on the lake's disk, or raise the quota; then run again.";
constexpr std::string_view kGiveRights = "Give the user that runs firn the right to it.";
constexpr std::string_view kNoCrossing =
    "Parts of a lake may not be mounted from another file system: mount the whole lake there.";

constexpr std::array kCodeFacts = {
    CodeFacts{ENOENT, ErrorKind::kNotFound, ""},
    CodeFacts{ENOTDIR, ErrorKind::kNotFound, ""},
    CodeFacts{ENXIO, ErrorKind::kNotFound, ""},  // a socket: not an object
    CodeFacts{EEXIST, ErrorKind::kAlreadyExists, ""},
    CodeFacts{ENOSPC, ErrorKind::kNoSpace, kFreeSpace},
    CodeFacts{EDQUOT, ErrorKind::kNoSpace, kFreeSpace},
    CodeFacts{EACCES, ErrorKind::kPermission, kGiveRights},
    CodeFacts{EPERM, ErrorKind::kPermission, kGiveRights},
    CodeFacts{EROFS, ErrorKind::kPermission, "Mount the lake's file system for writing."},
    CodeFacts{ENAMETOOLONG, ErrorKind::kInvalidArgument, "Choose a shorter name."},
    CodeFacts{EXDEV, ErrorKind::kUnsupported, kNoCrossing},
    CodeFacts{EMFILE, ErrorKind::kUnavailable, "Raise the limit of open files (ulimit -n)."},
    CodeFacts{ENFILE, ErrorKind::kUnavailable, "The machine has too many open files."},
};

}  // namespace

std::unexpected<Error> FailWithCode(int code, std::string_view action, std::string_view key) {
  const auto* facts = std::ranges::find(kCodeFacts, code, &CodeFacts::code);
  bool known = facts != kCodeFacts.end();
  std::string_view what = key.empty() ? "the lake" : key;
  return Fail(known ? facts->kind : ErrorKind::kIo,
              fmt::format("cannot {} {}: {}", action, what, std::generic_category().message(code)),
              std::string(known ? facts->hint : ""));
}

}  // namespace firn
