#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"

namespace firn {

// An object was created: what an event of S3 says of it.
struct ObjectCreated {
  std::string bucket;
  std::string key;  // in the bucket, as it is: not URL-encoded
  std::string etag;
  std::string sequencer;  // orders the events of one key
  friend bool operator==(const ObjectCreated&, const ObjectCreated&) = default;
};

struct ObjectEvents {
  std::vector<ObjectCreated>
      created;         // in the order in which they stand; one a key and bucket: the latest by sequencer
  int64_t others = 0;  // of other things: removals, tests, other services
};

// Reads events as S3 sends them: EventBridge's "Object Created", notifications ({"Records": [...]}, whose keys are
// URL-encoded), and both wrapped in messages of SQS and SNS. One JSON value, one a line, or an array of them.
// kInvalidArgument, with the number of the event, for what is no event or lacks what it should have.
[[nodiscard]] Result<ObjectEvents> ReadObjectEvents(std::string_view text);

}  // namespace firn
