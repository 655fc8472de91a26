#include "event/outbox_drain.h"

#include <limits>
#include <set>

namespace firn {

Result<DrainResult> DrainOutbox(Catalog& catalog, EventSink& sink, const Clock& clock) {
  DrainResult result;
  std::set<std::string> waiting;  // keys with an event that could not be delivered
  FIRN_TRY_ASSIGN(const auto events, catalog.PendingEvents(std::numeric_limits<int32_t>::max()));
  for (const EventRecord& event : events) {
    const std::string key = event.topic + '\n' + event.key;
    if (waiting.contains(key)) continue;
    const Status delivered = sink.Deliver(event);
    if (delivered) {
      FIRN_TRY(catalog.MarkEvent(event.id, EventState::kDelivered, "", clock.NowNs()));
      ++result.delivered;
      continue;
    }
    ++result.failed;
    waiting.insert(key);
    const bool last = event.attempts + 1 >= kMaxDeliveryAttempts;
    FIRN_TRY(catalog.MarkEvent(event.id, last ? EventState::kFailed : EventState::kPending, delivered.error().Text(),
                               clock.NowNs()));
  }
  return result;
}

}  // namespace firn
