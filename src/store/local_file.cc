#include "store/local_file.h"

#include <fmt/compile.h>
#include <unistd.h>

#include <cerrno>

#include "store/system_error.h"

namespace firn {

ObjectInfo InfoOf(ObjectKey key, const struct stat& facts) {
  int64_t modified_ns = int64_t{facts.st_mtim.tv_sec} * 1'000'000'000 + facts.st_mtim.tv_nsec;
  std::string etag =
      fmt::format(FMT_COMPILE("{:x}-{:x}-{:x}"), facts.st_ino, facts.st_size, static_cast<uint64_t>(modified_ns));
  return {std::move(key), facts.st_size, modified_ns, std::move(etag)};
}

Result<int64_t> ReadFully(int file, std::string_view key, int64_t offset, int64_t length, char* data) {
  int64_t done = 0;
  while (done < length) {
    ssize_t got = pread(file, data + done, static_cast<size_t>(length - done), offset + done);
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) return FailWithCode(errno, "read", key);
    if (got == 0) break;
    done += got;
  }
  return done;
}

}  // namespace firn
