#include "store/crash_store.h"

#include <fmt/format.h>

namespace firn {

int64_t CrashStore::operations() const {
  std::lock_guard lock(mutex_);
  return operations_;
}

bool CrashStore::crashed() const {
  std::lock_guard lock(mutex_);
  return operations_ > after_operations_;
}

Verdict CrashStore::Before(const StoreCall& call) {
  std::lock_guard lock(mutex_);
  if (++operations_ <= after_operations_) return {};
  return {Verdict::Deed::kNone, Error{ErrorKind::kIo, fmt::format("{} before operation {}: {} {}", kMessage,
                                                                  operations_, NameOf(call.operation), call.key)}};
}

}  // namespace firn
