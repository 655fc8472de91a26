#include "store/posix_error.h"

#include <fmt/format.h>

#include <cerrno>
#include <system_error>

namespace firn {

std::unexpected<Error> FailFromErrno(int error_number, const std::string& what) {
  const std::string message = fmt::format("{}: {}", what, std::generic_category().message(error_number));
  switch (error_number) {
    case ENOENT:
    case ENOTDIR:
      return Fail(ErrorKind::kNotFound, message);
    case EEXIST:
      return Fail(ErrorKind::kAlreadyExists, message);
    case EACCES:
    case EPERM:
    case EROFS:
      return Fail(ErrorKind::kPermission, message, "Give the user who runs firn the right to it");
    case ENOSPC:
    case EDQUOT:
      return Fail(ErrorKind::kNoSpace, message, "Free some space and run again: nothing was committed");
    case EXDEV:
    case ELOOP:
      return Fail(ErrorKind::kInvalidArgument, message + " (it leads out of the lake)",
                  "Links must stay inside the lake");
    case EMFILE:
    case ENFILE:
      return Fail(ErrorKind::kUnavailable, message, "Raise the limit of open files (ulimit -n)");
    default:
      return Fail(ErrorKind::kIo, message);
  }
}

}  // namespace firn
