#include "sql/syntax_tree.h"

namespace firn {

const Json& Member(const Json& node, std::string_view name) {
  static const Json kNothing;
  if (!node.is_object()) return kNothing;
  const auto found = node.find(name);
  return found == node.end() ? kNothing : *found;
}

std::string_view Text(const Json& node, std::string_view name) {
  const Json& value = Member(node, name);
  return value.is_string() ? std::string_view(value.get_ref<const std::string&>()) : std::string_view();
}

std::string LowerCase(std::string_view text) {
  std::string lower(text);
  for (char& c : lower)
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
  return lower;
}

}  // namespace firn
