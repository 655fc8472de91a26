#pragma once

#include <string>
#include <string_view>

namespace firn {

// What went wrong, sorted by what the caller does next. Each kind has one exit code and one answer to "is a retry
// sensible?"; see error.cc.
enum class ErrorKind {
  kInvalidArgument,  // wrong use: command line, project file, request. Nothing was tried.
  kNotFound,         // the named object, table, job or run does not exist
  kAlreadyExists,    // creating what is there
  kConflict,         // somebody else holds it or changed it meanwhile: wait or retry
  kPermission,       // refused by the file system or the service
  kCorrupt,          // bytes that are not what they claim to be
  kMismatch,         // well-formed data that does not fit: schema, type, checksum
  kQuality,          // a data-quality rule with `fail` was broken
  kNoSpace,          // disk or quota is full
  kUnavailable,      // a server does not answer or throttles: retry
  kTimeout,          // past its deadline
  kStopped,          // asked to stop (signal, `stop`): state is clean
  kUnsupported,      // understood, and not offered
  kUnknownOutcome,   // it may have happened: check, then retry
  kIo,               // the machine failed us in another way
  kInternal,         // a mistake of firn
};

// An error is for its reader: `message` says what, which object, which row; `hint` says what to do, or is empty.
struct Error {
  ErrorKind kind = ErrorKind::kInternal;
  std::string message;
  std::string hint;

  // "cannot read landing/a.parquet: it is empty. Move it away, or set bad_files: quarantine."
  [[nodiscard]] std::string Text() const;
  // Puts "what: " before the message: the caller's part of the story.
  [[nodiscard]] Error Within(std::string_view what) &&;
};

[[nodiscard]] std::string_view NameOf(ErrorKind kind);  // "NotFound", stable: part of JSON output
[[nodiscard]] int ExitCodeOf(ErrorKind kind);           // 1 the run failed, 2 wrong use or project file
[[nodiscard]] bool IsRetryable(ErrorKind kind);         // the same call may succeed later

}  // namespace firn
