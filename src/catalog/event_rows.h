#pragma once

#include <cstdint>
#include <span>
#include <string_view>
#include <vector>

#include "catalog/database.h"
#include "catalog/records.h"

namespace firn {

// The outbox. Every method runs inside the caller's transaction.
class EventRows {
 public:
  explicit EventRows(Database& database) : database_(database) {}

  Status Add(std::span<const EventRecord> events);  // pending, with new ids
  Result<std::vector<EventRecord>> Pending(int64_t limit);
  Result<std::vector<EventRecord>> List(int64_t after_id, int64_t limit);
  // Counts one attempt. A delivered event stays delivered, whatever a slower drainer says later.
  Status Mark(int64_t id, EventState state, std::string_view error, int64_t now_ns);

 private:
  Result<std::vector<EventRecord>> ReadAll(Cursor row);

  Database& database_;
};

}  // namespace firn
