#include "base/error.h"

#include <array>
#include <utility>

namespace firn {
namespace {

struct KindFacts {
  ErrorKind kind;
  std::string_view name;
  int exit_code;
  bool retryable;
};

constexpr std::array kFacts = {
    KindFacts{ErrorKind::kInvalidArgument, "InvalidArgument", 2, false},
    KindFacts{ErrorKind::kNotFound, "NotFound", 2, false},
    KindFacts{ErrorKind::kAlreadyExists, "AlreadyExists", 2, false},
    KindFacts{ErrorKind::kConflict, "Conflict", 1, true},
    KindFacts{ErrorKind::kPermission, "Permission", 1, false},
    KindFacts{ErrorKind::kCorrupt, "Corrupt", 1, false},
    KindFacts{ErrorKind::kMismatch, "Mismatch", 1, false},
    KindFacts{ErrorKind::kQuality, "Quality", 1, false},
    KindFacts{ErrorKind::kNoSpace, "NoSpace", 1, false},
    KindFacts{ErrorKind::kUnavailable, "Unavailable", 1, true},
    KindFacts{ErrorKind::kTimeout, "Timeout", 1, true},
    KindFacts{ErrorKind::kStopped, "Stopped", 1, true},
    KindFacts{ErrorKind::kUnsupported, "Unsupported", 2, false},
    KindFacts{ErrorKind::kUnknownOutcome, "UnknownOutcome", 1, false},
    KindFacts{ErrorKind::kIo, "Io", 1, false},
    KindFacts{ErrorKind::kInternal, "Internal", 1, false},
};

const KindFacts& FactsOf(ErrorKind kind) {
  return kFacts[static_cast<size_t>(kind)];
}

}  // namespace

std::string Error::Text() const {
  if (hint.empty()) return message;
  return message + (message.ends_with('.') ? " " : ". ") + hint;
}

Error Error::Within(std::string_view what) && {
  message = std::string(what) + ": " + message;
  return std::move(*this);
}

std::string_view NameOf(ErrorKind kind) {
  return FactsOf(kind).name;
}
int ExitCodeOf(ErrorKind kind) {
  return FactsOf(kind).exit_code;
}
bool IsRetryable(ErrorKind kind) {
  return FactsOf(kind).retryable;
}

}  // namespace firn
