#include "env/log.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <system_error>
#include <utility>

#include "env/time_zone.h"

namespace firn {
namespace {

ErrorKind KindOfOpenError(int code) {
  if (code == EACCES || code == EPERM || code == EROFS) return ErrorKind::kPermission;
  return code == ENOENT ? ErrorKind::kNotFound : ErrorKind::kIo;
}

// Whether the file's last line lacks its end. What cannot be told (a pipe, a file that may not be read) counts as
// whole.
bool EndsInTheMiddle(const std::filesystem::path& path) {
  const int descriptor = open(path.c_str(), O_RDONLY | O_NONBLOCK | O_CLOEXEC);
  if (descriptor < 0) return false;
  struct stat facts{};
  char last = '\n';
  if (fstat(descriptor, &facts) == 0 && S_ISREG(facts.st_mode) && facts.st_size > 0 &&
      pread(descriptor, &last, 1, facts.st_size - 1) != 1)
    last = '\n';
  close(descriptor);
  return last != '\n';
}

std::string LineOf(int64_t now_ns, LogLevel level, std::string_view message, const Json& fields) {
  Json line = {{"time", FormatUtc(now_ns)}, {"level", NameOf(level)}, {"message", message}};
  if (fields.is_object()) {
    for (const auto& [name, value] : fields.items()) {
      bool taken = name == "time" || name == "level" || name == "message";
      line[taken ? name + "_" : name] = value;
    }
  }
  return line.dump(-1, ' ', false, Json::error_handler_t::replace) + "\n";
}

}  // namespace

std::string_view NameOf(LogLevel level) {
  switch (level) {
    case LogLevel::kDebug:
      return "debug";
    case LogLevel::kInfo:
      return "info";
    case LogLevel::kWarning:
      return "warning";
    case LogLevel::kError:
      return "error";
  }
  return "unknown";
}

Result<std::unique_ptr<JsonLog>> JsonLog::Open(const std::filesystem::path& path, const Clock& clock,
                                               LogLevel minimum) {
  int descriptor = open(path.c_str(), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0644);
  if (descriptor < 0) {
    int code = errno;
    return Fail(KindOfOpenError(code),
                fmt::format("cannot open the log {}: {}", path.string(), std::generic_category().message(code)),
                "name a file in a folder that exists and may be written");
  }
  std::unique_ptr<JsonLog> log(new JsonLog(descriptor, true, clock, minimum));
  log->cut_ = EndsInTheMiddle(path);
  return log;
}

std::unique_ptr<JsonLog> JsonLog::ToStderr(const Clock& clock, LogLevel minimum) {
  return std::unique_ptr<JsonLog>(new JsonLog(STDERR_FILENO, false, clock, minimum));
}

JsonLog::~JsonLog() {
  if (owned_) close(descriptor_);
}

void JsonLog::Write(LogLevel level, std::string_view message, const Json& fields) {
  if (level < minimum_) return;
  std::string line = LineOf(clock_.NowNs(), level, message, fields);
  std::lock_guard lock(mutex_);
  if (cut_) line.insert(0, 1, '\n');
  std::string_view rest = line;
  while (!rest.empty()) {
    ssize_t written = write(descriptor_, rest.data(), rest.size());
    if (written < 0 && errno == EINTR) continue;
    if (written <= 0) break;
    rest.remove_prefix(static_cast<size_t>(written));
  }
  const bool began = rest.size() < line.size();
  if (began) cut_ = !rest.empty();
}

void FieldsLog::Write(LogLevel level, std::string_view message, const Json& fields) {
  Json all = fields_;
  if (fields.is_object()) all.update(fields);
  inner_.Write(level, message, all);
}

void MemoryLog::Write(LogLevel level, std::string_view message, const Json& fields) {
  std::lock_guard lock(mutex_);
  lines_.push_back({level, std::string(message), fields});
}

std::vector<MemoryLog::Line> MemoryLog::Lines() const {
  std::lock_guard lock(mutex_);
  return lines_;
}

}  // namespace firn
