#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/strong_id.h"
#include "store/object_store.h"

namespace firn {

// Which job takes objects that were created, as the project file declares it.
struct TriggerRule {
  std::string name;
  JobName job;
  std::string prefix;  // of the key in the lake; "" for any
  std::string suffix;
  std::map<std::string, std::string> arguments;  // of the job's runs
  int batch = 1;                                 // objects a run, at most
  std::optional<int64_t> min_bytes;              // what an object has to be, or the rule rejects it
  std::optional<int64_t> max_bytes;
  std::vector<std::string> columns;
  bool enabled = true;

  // By the key alone. An object that no rule matches starts nothing.
  [[nodiscard]] bool Matches(std::string_view key) const;
};

// The objects that the rule's runs take: those that match, each once, in the order given, `batch` a run.
[[nodiscard]] std::vector<std::vector<ObjectKey>> BatchesOf(const TriggerRule& rule,
                                                            std::span<const ObjectKey> objects);

}  // namespace firn
