#include "store/faulty_store.h"

#include <utility>

namespace firn {

FaultRule NoFault() {
  return [](const StoreCall&, int64_t) -> std::optional<Fault> { return std::nullopt; };
}

FaultRule FailOnce(int64_t ordinal, Error error) {
  return [ordinal, error = std::move(error)](const StoreCall&, int64_t at) -> std::optional<Fault> {
    return at == ordinal ? std::optional(Fault{error}) : std::nullopt;
  };
}

FaultRule FailForGood(int64_t from_ordinal, Error error) {
  return [from_ordinal, error = std::move(error)](const StoreCall&, int64_t at) -> std::optional<Fault> {
    return at >= from_ordinal ? std::optional(Fault{error}) : std::nullopt;
  };
}

FaultRule TearOnce(int64_t ordinal, Error error) {
  return [ordinal, error = std::move(error)](const StoreCall&, int64_t at) -> std::optional<Fault> {
    return at == ordinal ? std::optional(Fault{error, true}) : std::nullopt;
  };
}

FaultRule FailOperation(StoreOperation operation, int64_t nth, Error error) {
  return [operation, left = nth, error = std::move(error)](const StoreCall& call,
                                                           int64_t) mutable -> std::optional<Fault> {
    if (call.operation != operation) return std::nullopt;
    return --left == 0 ? std::optional(Fault{error}) : std::nullopt;
  };
}

void FaultyStore::SetRule(FaultRule rule) {
  std::lock_guard lock(mutex_);
  rule_ = std::move(rule);
}

int64_t FaultyStore::calls() const {
  std::lock_guard lock(mutex_);
  return calls_;
}

int64_t FaultyStore::faults() const {
  std::lock_guard lock(mutex_);
  return faults_;
}

Verdict FaultyStore::Before(const StoreCall& call) {
  std::lock_guard lock(mutex_);
  std::optional<Fault> fault = rule_(call, ++calls_);
  if (!fault) return {};
  ++faults_;
  return {fault->torn ? Verdict::Deed::kHalf : Verdict::Deed::kNone, std::move(fault->error)};
}

}  // namespace firn
