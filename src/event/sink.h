#pragma once

#include "base/result.h"
#include "catalog/records.h"

namespace firn {

// Where events go. Delivery is at least once: a consumer tells repeats by `event_id`, which every delivered payload
// carries. Errors whose kind is retryable are tried again.
class EventSink {
 public:
  virtual ~EventSink() = default;
  // Returns when the event is safe on the other side.
  virtual Status Deliver(const EventRecord& event) = 0;
};

}  // namespace firn
