#include "catalog/event_rows.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "catalog/stored_json.h"

namespace firn {

Status EventRows::Add(std::span<const EventRecord> events) {
  for (const EventRecord& event : events)
    FIRN_TRY(
        database_.Run("INSERT INTO events (run, type, topic, key, payload, created_ns, state, attempts, last_error, "
                      "delivered_ns) VALUES (?, ?, ?, ?, ?, ?, 'PENDING', 0, '', 0)",
                      event.run, event.type, event.topic, event.key, StoreJson(event.payload), event.created_ns));
  return {};
}

// An event says that the data is there: it waits for the settling of its run's snapshot, and later ones of its key wait
// with it.
Result<std::vector<EventRecord>> EventRows::Pending(int64_t limit) {
  FIRN_TRY_ASSIGN(
      Cursor row,
      database_.Query("SELECT id, run, type, topic, key, payload, created_ns, state, attempts, last_error, "
                      "delivered_ns FROM events WHERE state = 'PENDING' AND NOT EXISTS "
                      "(SELECT 1 FROM snapshots JOIN events AS earlier ON earlier.run = snapshots.run "
                      "WHERE snapshots.settled = 0 AND earlier.state = 'PENDING' AND earlier.id <= events.id "
                      "AND earlier.topic = events.topic AND earlier.key = events.key) ORDER BY id LIMIT ?",
                      limit));
  return ReadAll(std::move(row));
}

Result<std::vector<EventRecord>> EventRows::List(int64_t after_id, int64_t limit) {
  FIRN_TRY_ASSIGN(Cursor row, database_.Query("SELECT id, run, type, topic, key, payload, created_ns, state, attempts, "
                                              "last_error, delivered_ns FROM events WHERE id > ? ORDER BY id LIMIT ?",
                                              after_id, limit));
  return ReadAll(std::move(row));
}

Status EventRows::Mark(int64_t id, EventState state, std::string_view error, int64_t now_ns) {
  FIRN_TRY(
      database_.Run("UPDATE events SET attempts = attempts + (state <> 'DELIVERED'), "
                    "last_error = iif(state = 'DELIVERED', last_error, ?2), "
                    "delivered_ns = iif(state <> 'DELIVERED' AND ?1 = 'DELIVERED', ?3, delivered_ns), "
                    "state = iif(state = 'DELIVERED', state, ?1) WHERE id = ?4",
                    NameOf(state), error, now_ns, id));
  if (database_.changed_rows() == 0)
    return Fail(ErrorKind::kNotFound, fmt::format("no event {}", id), "`firn events` lists them.");
  return {};
}

Result<std::vector<EventRecord>> EventRows::ReadAll(Cursor row) {
  constexpr std::array kStates = {EventState::kPending, EventState::kDelivered, EventState::kFailed};
  std::vector<EventRecord> events;
  for (;;) {
    FIRN_TRY_ASSIGN(const bool more, row.Next());
    if (!more) return events;
    EventRecord event;
    event.id = row.Integer(0);
    event.run = RunId(row.Text(1));
    event.type = row.Text(2);
    event.topic = row.Text(3);
    event.key = row.Text(4);
    FIRN_TRY_ASSIGN(event.payload, LoadJson(database_, row.Text(5), fmt::format("the columns of event {}", event.id)));
    event.created_ns = row.Integer(6);
    const std::string state = row.Text(7);
    const auto known = std::ranges::find_if(kStates, [&](EventState each) { return NameOf(each) == state; });
    if (known == kStates.end()) return database_.Corrupt(fmt::format("event {} has no state", event.id));
    event.state = *known;
    event.attempts = static_cast<int>(row.Integer(8));
    event.last_error = row.Text(9);
    event.delivered_ns = row.Integer(10);
    events.push_back(std::move(event));
  }
}

}  // namespace firn
