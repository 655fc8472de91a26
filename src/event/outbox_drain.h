#pragma once

#include <cstdint>

#include "catalog/catalog.h"
#include "env/clock.h"
#include "event/sink.h"

namespace firn {

// After so many failed attempts an event is FAILED and waits for a person.
inline constexpr int kMaxDeliveryAttempts = 10;

struct DrainResult {
  int64_t delivered = 0;
  int64_t failed = 0;  // attempts that failed; those events stay in the outbox
};

// Delivers what the outbox holds, in order. An event that cannot be delivered keeps later events of its key waiting, so
// that a consumer sees a partition's events in order; others go on. The outcome of each attempt is recorded in the
// catalog, after the delivery: a crash in between repeats it. Errors are the catalog's only.
Result<DrainResult> DrainOutbox(Catalog& catalog, EventSink& sink, const Clock& clock);

}  // namespace firn
