#pragma once

#include <atomic>
#include <chrono>
#include <cstdint>

namespace firn {

// The time of day. Thread-safe. Whoever asks for the time takes a Clock, so that tests move it by hand instead of
// sleeping.
class Clock {
 public:
  virtual ~Clock() = default;
  [[nodiscard]] virtual int64_t NowNs()
      const = 0;  // nanoseconds since the epoch, UTC; may step when the machine is set
};

class SystemClock : public Clock {
 public:
  [[nodiscard]] int64_t NowNs() const override;
};

// Stands still until it is moved.
class FakeClock : public Clock {
 public:
  explicit FakeClock(int64_t now_ns = 0) : now_ns_(now_ns) {}
  [[nodiscard]] int64_t NowNs() const override { return now_ns_.load(); }
  void Set(int64_t now_ns) { now_ns_.store(now_ns); }
  void Advance(std::chrono::nanoseconds by) { now_ns_.fetch_add(by.count()); }

 private:
  std::atomic<int64_t> now_ns_;
};

}  // namespace firn
