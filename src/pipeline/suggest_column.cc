#include "pipeline/suggest_column.h"

#include <vector>

#include "base/nearest.h"

namespace firn {
namespace {

constexpr size_t kMaxSuggestions = 2'000;

void CollectNames(const std::vector<Field>& fields, const std::string& prefix, std::vector<std::string>& names) {
  for (const Field& field : fields) {
    if (names.size() >= kMaxSuggestions) return;
    names.push_back(prefix + field.name);
    if (field.type.kind == TypeKind::kStruct) CollectNames(field.type.children, prefix + field.name + ".", names);
  }
}

}  // namespace

std::string SuggestColumn(const Schema& schema, std::string_view name) {
  std::vector<std::string> names;
  CollectNames(schema.fields, "", names);
  return SuggestFrom(name, names);
}

}  // namespace firn
