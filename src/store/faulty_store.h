#pragma once

#include <cstdint>
#include <functional>
#include <mutex>
#include <optional>

#include "store/store_call.h"

namespace firn {

// A failure to be played: nothing of the call is done, or with `torn` a part of it (see Verdict::Deed::kHalf), and
// `error` is returned.
struct Fault {
  Error error;
  bool torn = false;
};

// Decides about each call; `ordinal` counts the calls of the store from 1. Called under the store's mutex, so it may
// keep state.
using FaultRule = std::function<std::optional<Fault>(const StoreCall& call, int64_t ordinal)>;

[[nodiscard]] FaultRule NoFault();
[[nodiscard]] FaultRule FailOnce(int64_t ordinal, Error error);
[[nodiscard]] FaultRule FailForGood(int64_t from_ordinal, Error error);
[[nodiscard]] FaultRule TearOnce(int64_t ordinal, Error error);
// The n-th call of that operation, n from 1.
[[nodiscard]] FaultRule FailOperation(StoreOperation operation, int64_t nth, Error error);

// A store that fails as told. A writer with a failed Append or Finish cannot be finished any more. Thread-safe.
class FaultyStore : public InterceptedStore {
 public:
  FaultyStore(ObjectStore& inner, FaultRule rule) : InterceptedStore(inner), rule_(std::move(rule)) {}

  void SetRule(FaultRule rule);  // the ordinals go on
  [[nodiscard]] int64_t calls() const;
  [[nodiscard]] int64_t faults() const;

 protected:
  [[nodiscard]] Verdict Before(const StoreCall& call) override;

 private:
  mutable std::mutex mutex_;  // guards the rest
  FaultRule rule_;
  int64_t calls_ = 0;
  int64_t faults_ = 0;
};

}  // namespace firn
