#pragma once

#include <array>
#include <atomic>
#include <cstdint>

#include "store/store_call.h"

namespace firn {

// Counts what a program asks of its store: what a run read and wrote, and how many requests a bucket would have billed.
// Thread-safe.
class CountingStore : public InterceptedStore {
 public:
  using InterceptedStore::InterceptedStore;

  struct Count {
    int64_t calls = 0;   // passed on, whatever became of them
    int64_t failed = 0;  // of these
    int64_t bytes = 0;   // returned by Read and ReadRange, taken by Append
    friend bool operator==(const Count&, const Count&) = default;
  };
  [[nodiscard]] Count Of(StoreOperation operation) const;
  [[nodiscard]] Count Total() const;
  [[nodiscard]] int64_t bytes_read() const;
  [[nodiscard]] int64_t bytes_written() const;
  void Reset();

 protected:
  [[nodiscard]] Verdict Before(const StoreCall&) override { return {}; }
  void After(const StoreCall& call, bool succeeded, int64_t bytes) override;

 private:
  struct Counter {
    std::atomic<int64_t> calls = 0;
    std::atomic<int64_t> failed = 0;
    std::atomic<int64_t> bytes = 0;
  };
  std::array<Counter, kStoreOperations> counters_;
};

}  // namespace firn
