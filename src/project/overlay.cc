#include "project/overlay.h"

#include <fmt/format.h>

#include <algorithm>
#include <vector>

#include "project/structure_check.h"

namespace firn {
namespace {

// What a new branch of the overlay says: nulls in it would remove something, and there is nothing.
YamlNode WithoutNulls(const YamlNode& added) {
  YamlNode node = added;
  std::erase_if(node.entries, [](const YamlEntry& entry) { return entry.value.kind == YamlKind::kNull; });
  for (YamlEntry& entry : node.entries) entry.value = WithoutNulls(entry.value);
  return node;
}

void Remove(YamlNode& base, const YamlEntry& entry, Findings& findings) {
  if (std::erase_if(base.entries, [&](const YamlEntry& other) { return other.key == entry.key; }) > 0) return;
  std::vector<std::string> names;
  for (const YamlEntry& other : base.entries) names.push_back(other.key);
  findings.Add(entry.position,
               fmt::format("{} is removed here, and is not in {}", Quoted(entry.key), base.position.file),
               names.empty() ? "Remove this line." : SuggestKey(entry.key, names));
}

void MergeMap(YamlNode& base, const YamlNode& overlay, Findings& findings) {
  for (const YamlEntry& entry : overlay.entries) {
    const auto found = std::ranges::find(base.entries, entry.key, &YamlEntry::key);
    if (entry.value.kind == YamlKind::kNull) {
      Remove(base, entry, findings);
    } else if (found == base.entries.end()) {
      base.entries.push_back({entry.key, entry.position, WithoutNulls(entry.value)});
    } else if (found->value.kind == YamlKind::kMap && entry.value.kind == YamlKind::kMap) {
      MergeMap(found->value, entry.value, findings);
    } else {
      *found = {entry.key, entry.position, WithoutNulls(entry.value)};
    }
  }
}

}  // namespace

YamlNode MergeOverlay(YamlNode base, const YamlNode& overlay, Findings& findings) {
  if (overlay.kind == YamlKind::kNull) return base;
  if (overlay.kind != YamlKind::kMap || base.kind != YamlKind::kMap) {
    if (overlay.kind != YamlKind::kMap)
      findings.Add(overlay.position, "the overlay is not a map of keys",
                   "Write the keys that differ, as in firn.yaml.");
    return base;
  }
  MergeMap(base, overlay, findings);
  return base;
}

}  // namespace firn
