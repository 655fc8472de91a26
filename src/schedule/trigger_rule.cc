#include "schedule/trigger_rule.h"

#include <set>

namespace firn {

bool TriggerRule::Matches(std::string_view key) const {
  return enabled && key.size() >= prefix.size() + suffix.size() && key.starts_with(prefix) && key.ends_with(suffix);
}

std::vector<std::vector<ObjectKey>> BatchesOf(const TriggerRule& rule, std::span<const ObjectKey> objects) {
  std::vector<std::vector<ObjectKey>> batches;
  std::set<std::string_view> taken;
  for (const ObjectKey& object : objects) {
    if (!rule.Matches(object) || !taken.insert(object).second) continue;
    if (batches.empty() || batches.back().size() == static_cast<size_t>(rule.batch)) batches.emplace_back();
    batches.back().push_back(object);
  }
  return batches;
}

}  // namespace firn
