#pragma once

#include <string>

#include "event/sink.h"

namespace firn {

// Appends each event as one JSON line, {"event_id", "topic", "key", "payload"}, to a file, and syncs it. One line is one write(2), so several processes may share the file.
class LogSink : public EventSink {
 public:
  explicit LogSink(std::string path) : path_(std::move(path)) {}
  Status Deliver(const EventRecord& event) override;  // kNoSpace, kPermission, kIo

 private:
  const std::string path_;
};

}  // namespace firn
