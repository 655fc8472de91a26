#include "app/progress_line.h"

#include <fmt/format.h>
#include <unistd.h>

#include <cstdio>

#include "app/screen.h"

namespace firn {

ProgressLine::ProgressLine() : enabled_(isatty(STDERR_FILENO) == 1) {}

ProgressLine::~ProgressLine() {
  if (enabled_ && !phase_.empty()) fmt::print(stderr, "\r\033[K");
}

void ProgressLine::Show(std::string_view phase, int64_t done, int64_t total) {
  if (!enabled_) return;
  const std::unique_lock lock(mutex_, std::try_to_lock);
  if (!lock) return;  // somebody else is showing a newer figure
  const auto now = Clock::now();
  if (phase != phase_) {
    phase_ = phase;
    phase_started_ = now;
  } else if (now - shown_ < std::chrono::milliseconds(100)) {
    return;
  }
  shown_ = now;
  const double seconds = std::chrono::duration<double>(now - phase_started_).count();
  std::string line = fmt::format("{:<9} {} of {}", phase, GroupedDigits(done), GroupedDigits(total));
  if (seconds > 0.5 && done > 0) {
    const double rate = static_cast<double>(done) / seconds;
    line += fmt::format("  {}/s  {} left", GroupedDigits(static_cast<int64_t>(rate)),
                        HumanDuration(static_cast<int64_t>(static_cast<double>(total - done) / rate * 1000)));
  }
  fmt::print(stderr, "\r\033[K{}", line);
  (void)std::fflush(stderr);
}

}  // namespace firn
