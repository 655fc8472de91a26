#pragma once

#include <cstdint>
#include <limits>
#include <mutex>

#include "store/store_call.h"

namespace firn {

// Plays the death of the process after the k-th operation: the first k do what they should, and nothing reaches the
// store any more. Writers that had not finished lose all they were given. To try every point: run once with no limit,
// take operations(), then run for each k below it on a fresh store, and look at the inner store as a restarted process
// would. Dying in the middle of an operation that is atomic leaves what dying before or after it leaves. Thread-safe.
class CrashStore : public InterceptedStore {
 public:
  static constexpr int64_t kNever = std::numeric_limits<int64_t>::max();

  explicit CrashStore(ObjectStore& inner, int64_t after_operations = kNever)
      : InterceptedStore(inner), after_operations_(after_operations) {}

  [[nodiscard]] int64_t operations() const;  // asked for, the refused ones too
  [[nodiscard]] bool crashed() const;        // an operation was refused
  // Every error of a crashed store is kIo with this at the start of its message.
  static constexpr std::string_view kMessage = "the process died";

 protected:
  [[nodiscard]] Verdict Before(const StoreCall& call) override;

 private:
  const int64_t after_operations_;
  mutable std::mutex mutex_;  // guards the rest
  int64_t operations_ = 0;
};

}  // namespace firn
