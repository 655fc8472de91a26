#include "event/log_sink.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>

namespace firn {
namespace {

std::unexpected<Error> Failed(int error_number, const std::string& path) {
  const ErrorKind kind = error_number == ENOSPC || error_number == EDQUOT ? ErrorKind::kNoSpace
                         : error_number == EACCES || error_number == EROFS ? ErrorKind::kPermission
                                                                           : ErrorKind::kIo;
  return Fail(kind, fmt::format("cannot write the event to {}: {}", path, std::strerror(error_number)), "The event stays in the outbox and is tried again");
}

}  // namespace

Status LogSink::Deliver(const EventRecord& event) {
  const Json line = {{"event_id", event.id}, {"topic", event.topic}, {"key", event.key}, {"payload", event.payload}};
  const std::string text = line.dump(-1, ' ', false, Json::error_handler_t::replace) + "\n";
  const int fd = open(path_.c_str(), O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC, 0666);
  if (fd < 0) return Failed(errno, path_);
  const ssize_t written = write(fd, text.data(), text.size());
  const int write_error = written < 0 ? errno : ENOSPC;
  const bool whole = written == static_cast<ssize_t>(text.size());
  const bool synced = whole && fsync(fd) == 0;
  const int sync_error = errno;
  close(fd);
  if (!whole) return Failed(write_error, path_);
  if (!synced) return Failed(sync_error, path_);
  return {};
}

}  // namespace firn
