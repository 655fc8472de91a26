#pragma once

#include <string>

#include "event/sink.h"

namespace firn {

// Appends each event as one JSON line, {"event_id", "topic", "key", "payload"}, to a file, and syncs it. Several
// processes may share the file: each locks it (flock) while it writes. A line without its end was left by one that died
// in its write, and its event is still in the outbox: it is removed before the next one. A write that fails takes back
// what it wrote.
class LogSink : public EventSink {
 public:
  explicit LogSink(std::string path) : path_(std::move(path)) {}
  Status Deliver(const EventRecord& event) override;  // kNoSpace, kPermission, kIo

 private:
  const std::string path_;
};

}  // namespace firn
