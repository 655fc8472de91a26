#pragma once

#include <chrono>
#include <mutex>
#include <string>
#include <string_view>

namespace firn {

// One line on a terminal's stderr: phase, done of total, rate, time left. Silent when stderr is not a terminal.
// Thread-safe.
class ProgressLine {
 public:
  ProgressLine();
  ProgressLine(const ProgressLine&) = delete;
  ProgressLine& operator=(const ProgressLine&) = delete;
  ~ProgressLine();  // clears the line

  void Show(std::string_view phase, int64_t done, int64_t total);

 private:
  using Clock = std::chrono::steady_clock;
  const bool enabled_;
  std::mutex mutex_;  // guards the rest
  std::string phase_;
  Clock::time_point phase_started_;
  Clock::time_point shown_;
};

}  // namespace firn
