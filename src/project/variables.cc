#include "project/variables.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <set>
#include <string>
#include <vector>

#include "project/structure_check.h"
#include "project/yaml_text.h"

namespace firn {
namespace {

constexpr std::string_view kSection = "variables";

class Variables {
 public:
  Variables(const YamlNode& section, Findings& findings) : findings_(findings) {
    for (const YamlEntry& entry : section.entries) Declare(entry);
  }

  void Visit(YamlNode& node) {
    if (node.kind == YamlKind::kScalar) Fill(node);
    for (YamlNode& item : node.items) Visit(item);
    std::set<std::string> names;
    std::erase_if(node.entries, [&](YamlEntry& entry) {
      entry.key = Filled(entry.key, entry.position);
      if (names.insert(entry.key).second) return false;
      findings_.Add(entry.position, fmt::format("{} stands here twice", Quoted(entry.key)),
                    "Its variables make it the name of another entry: change one of them.");
      return true;
    });
    for (YamlEntry& entry : node.entries) Visit(entry.value);
  }

 private:
  void Declare(const YamlEntry& entry) {
    names_.push_back(entry.key);
    if (entry.value.kind == YamlKind::kScalar && entry.value.text.find("${") == std::string::npos) {
      values_[entry.key] = &entry.value;
      return;
    }
    findings_.Add(entry.value.position, fmt::format("variable {} is no plain value", Quoted(entry.key)),
                  "Give it a text, a number, true or false; variables do not refer to others.");
  }

  void Fill(YamlNode& scalar) {
    if (VariableReferenceLength(scalar.text) == scalar.text.size() && !scalar.text.empty()) {
      if (const YamlNode* value = Find(scalar.text, scalar.position)) {
        scalar.text = value->text;
        scalar.quoted = value->quoted;
      }
      return;
    }
    scalar.text = Filled(scalar.text, scalar.position);
  }

  std::string Filled(const std::string& text, const SourcePosition& position) {
    if (text.find("${var.") == std::string::npos) return text;
    std::string filled;
    for (size_t i = 0; i < text.size();) {
      const std::string_view rest = std::string_view(text).substr(i);
      const size_t escaped = rest.starts_with("$$") ? VariableReferenceLength(rest.substr(1)) : 0;
      const size_t length = VariableReferenceLength(rest);
      if (escaped > 0) {
        filled += rest.substr(1, escaped);
        i += 1 + escaped;
      } else if (length > 0) {
        const YamlNode* value = Find(rest.substr(0, length), position);
        filled += value == nullptr ? rest.substr(0, length) : std::string_view(value->text);
        i += length;
      } else {
        filled += text[i++];
      }
    }
    return filled;
  }

  // nullptr, with a finding, for one that is not there.
  const YamlNode* Find(std::string_view reference, const SourcePosition& position) {
    constexpr std::string_view kOpening = "${var.";
    const std::string name(reference.substr(kOpening.size(), reference.size() - kOpening.size() - 1));
    if (const auto found = values_.find(name); found != values_.end()) return found->second;
    if (std::ranges::find(names_, name) == names_.end())
      findings_.Add(position, fmt::format("no variable {}", Quoted(name)),
                    names_.empty() ? "Declare it under `variables`." : SuggestKey(name, names_));
    return nullptr;
  }

  Findings& findings_;
  std::vector<std::string> names_;
  std::map<std::string, const YamlNode*> values_;
};

}  // namespace

YamlNode PutInVariables(YamlNode root, Findings& findings) {
  if (root.kind != YamlKind::kMap) return root;
  const YamlNode* section = root.Find(kSection);
  const YamlNode declared = section == nullptr ? YamlNode{} : *section;
  Variables variables(declared, findings);
  for (YamlEntry& entry : root.entries)
    if (entry.key != kSection) variables.Visit(entry.value);
  return root;
}

}  // namespace firn
