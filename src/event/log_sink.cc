#include "event/log_sink.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/file.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>
#include <string_view>

namespace firn {
namespace {

// Closed, and with it unlocked, at the end of its scope.
class SharedFile {
 public:
  explicit SharedFile(const std::string& path)
      : descriptor_(open(path.c_str(), O_RDWR | O_APPEND | O_CREAT | O_CLOEXEC, 0666)) {}
  SharedFile(const SharedFile&) = delete;
  SharedFile& operator=(const SharedFile&) = delete;
  ~SharedFile() {
    if (descriptor_ >= 0) close(descriptor_);
  }

  // Each answers 0 or an errno.
  [[nodiscard]] int Lock() const;
  [[nodiscard]] int RemoveLineWithoutEnd() const;
  [[nodiscard]] int Append(std::string_view text) const;

 private:
  const int descriptor_;
};

int SharedFile::Lock() const {
  if (descriptor_ < 0) return errno;
  while (flock(descriptor_, LOCK_EX) != 0)
    if (errno != EINTR) return errno;
  return 0;
}

int SharedFile::RemoveLineWithoutEnd() const {
  const int64_t size = lseek(descriptor_, 0, SEEK_END);
  if (size < 0) return errno == ESPIPE ? 0 : errno;  // a pipe, a terminal
  std::array<char, 65536> part;
  int64_t keep = size;
  while (keep > 0) {
    const int64_t begin = std::max<int64_t>(0, keep - std::ssize(part));
    const ssize_t got = pread(descriptor_, part.data(), static_cast<size_t>(keep - begin), begin);
    if (got != keep - begin) return got < 0 ? errno : EIO;
    const size_t end = std::string_view(part.data(), static_cast<size_t>(got)).rfind('\n');
    keep = begin + (end == std::string_view::npos ? 0 : static_cast<int64_t>(end) + 1);
    if (end != std::string_view::npos) break;
  }
  return keep == size || ftruncate(descriptor_, keep) == 0 ? 0 : errno;
}

int SharedFile::Append(std::string_view text) const {
  const ssize_t written = write(descriptor_, text.data(), text.size());
  if (written == std::ssize(text)) return fsync(descriptor_) == 0 ? 0 : errno;
  const int code = written < 0 ? errno : ENOSPC;
  // Best effort: the next delivery looks for it, too.
  if (written > 0) static_cast<void>(RemoveLineWithoutEnd());
  return code;
}

std::unexpected<Error> Failed(int error_number, const std::string& path) {
  const ErrorKind kind = error_number == ENOSPC || error_number == EDQUOT  ? ErrorKind::kNoSpace
                         : error_number == EACCES || error_number == EROFS ? ErrorKind::kPermission
                                                                           : ErrorKind::kIo;
  return Fail(kind, fmt::format("cannot write the event to {}: {}", path, std::strerror(error_number)),
              "The event stays in the outbox and is tried again");
}

}  // namespace

Status LogSink::Deliver(const EventRecord& event) {
  const Json line = {{"event_id", event.id}, {"topic", event.topic}, {"key", event.key}, {"payload", event.payload}};
  const std::string text = line.dump(-1, ' ', false, Json::error_handler_t::replace) + "\n";
  const SharedFile file(path_);
  int code = file.Lock();
  if (code == 0) code = file.RemoveLineWithoutEnd();
  if (code == 0) code = file.Append(text);
  if (code != 0) return Failed(code, path_);
  return {};
}

}  // namespace firn
