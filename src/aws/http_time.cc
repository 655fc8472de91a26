#include "aws/http_time.h"

#include <ctime>

namespace firn {
namespace {

constexpr int64_t kNsPerSecond = 1'000'000'000;

int64_t ParseTimeNs(const std::string& text, const char* format) {
  std::tm time{};
  if (strptime(text.c_str(), format, &time) == nullptr) return 0;
  return static_cast<int64_t>(timegm(&time)) * kNsPerSecond;
}

}  // namespace

int64_t ParseIsoTimeNs(const std::string& text) {
  return ParseTimeNs(text, "%Y-%m-%dT%H:%M:%S");
}

int64_t ParseHttpTimeNs(const std::string& text) {
  return ParseTimeNs(text, "%a, %d %b %Y %H:%M:%S");
}

}  // namespace firn
