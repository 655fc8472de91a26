#include "store/counting_store.h"

namespace firn {

CountingStore::Count CountingStore::Of(StoreOperation operation) const {
  const Counter& counter = counters_[static_cast<size_t>(operation)];
  return {counter.calls.load(), counter.failed.load(), counter.bytes.load()};
}

CountingStore::Count CountingStore::Total() const {
  Count total;
  for (const Counter& counter : counters_) {
    total.calls += counter.calls.load();
    total.failed += counter.failed.load();
    total.bytes += counter.bytes.load();
  }
  return total;
}

int64_t CountingStore::bytes_read() const {
  return Of(StoreOperation::kRead).bytes + Of(StoreOperation::kReadRange).bytes;
}

int64_t CountingStore::bytes_written() const {
  return Of(StoreOperation::kAppend).bytes;
}

void CountingStore::Reset() {
  for (Counter& counter : counters_) {
    counter.calls = 0;
    counter.failed = 0;
    counter.bytes = 0;
  }
}

void CountingStore::After(const StoreCall& call, bool succeeded, int64_t bytes) {
  Counter& counter = counters_[static_cast<size_t>(call.operation)];
  ++counter.calls;
  counter.failed += succeeded ? 0 : 1;
  counter.bytes += bytes;
}

}  // namespace firn
