#pragma once

#include <cstdint>
#include <filesystem>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <vector>

#include "base/json.h"
#include "base/result.h"
#include "env/clock.h"

namespace firn {

enum class LogLevel { kDebug, kInfo, kWarning, kError };

[[nodiscard]] std::string_view NameOf(LogLevel level);  // "debug", "info", "warning", "error"

// Structured log. Thread-safe. Writing never fails for the caller: a full disk must not end a run that needs no disk
// for its log.
class Log {
 public:
  virtual ~Log() = default;
  // `fields` is an object, or null for none.
  virtual void Write(LogLevel level, std::string_view message, const Json& fields = {}) = 0;
};

// One JSON object a line: time, level, message, then the fields. A line is one write(2) on an append-only file, so that
// lines of several processes do not mix. A line that was cut (a full disk, a kill) is ended before the next one. Bytes
// that are not UTF-8 become U+FFFD; a field named as one of the first three gets a '_' behind its name.
class JsonLog : public Log {
 public:
  // Appends to `path`, which is created. kPermission, kNotFound (no such folder), kIo.
  static Result<std::unique_ptr<JsonLog>> Open(const std::filesystem::path& path, const Clock& clock,
                                               LogLevel minimum = LogLevel::kInfo);
  static std::unique_ptr<JsonLog> ToStderr(const Clock& clock, LogLevel minimum = LogLevel::kInfo);
  JsonLog(const JsonLog&) = delete;
  JsonLog& operator=(const JsonLog&) = delete;
  ~JsonLog() override;

  void Write(LogLevel level, std::string_view message, const Json& fields = {}) override;

 private:
  JsonLog(int descriptor, bool owned, const Clock& clock, LogLevel minimum)
      : descriptor_(descriptor), owned_(owned), clock_(clock), minimum_(minimum) {}

  const int descriptor_;
  const bool owned_;
  const Clock& clock_;
  const LogLevel minimum_;
  std::mutex mutex_;  // a line that needs a second write(2) stays whole within this process
  bool cut_ = false;  // our last line lacks its end
};

class NullLog : public Log {
 public:
  void Write(LogLevel, std::string_view, const Json& = {}) override {}
};

// Adds fields to every line: a run's log carries its run id. `inner` must outlive it.
class FieldsLog : public Log {
 public:
  FieldsLog(Log& inner, Json fields) : inner_(inner), fields_(std::move(fields)) {}
  void Write(LogLevel level, std::string_view message, const Json& fields = {}) override;

 private:
  Log& inner_;
  const Json fields_;
};

// Keeps what was written, for tests.
class MemoryLog : public Log {
 public:
  struct Line {
    LogLevel level;
    std::string message;
    Json fields;
  };
  void Write(LogLevel level, std::string_view message, const Json& fields = {}) override;
  [[nodiscard]] std::vector<Line> Lines() const;

 private:
  mutable std::mutex mutex_;
  std::vector<Line> lines_;
};

}  // namespace firn
