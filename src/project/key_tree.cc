#include <algorithm>
#include <array>

#include "base/check.h"
#include "project/key_table.h"

namespace firn {
namespace {

// "jobs.*.steps[].expect" -> jobs, *, steps, [], expect
std::vector<std::string> SplitPath(std::string_view path) {
  std::vector<std::string> parts;
  std::string part;
  for (size_t i = 0; i < path.size(); ++i) {
    if (path[i] != '.' && path[i] != '[') {
      part += path[i];
      continue;
    }
    if (!part.empty()) parts.push_back(std::move(part));
    part.clear();
    if (path[i] == '[') {
      parts.emplace_back("[]");
      ++i;
    }
  }
  if (!part.empty()) parts.push_back(std::move(part));
  return parts;
}

KeyNode* Descend(KeyNode& node, const std::string& part) {
  if (part == "*") return node.any_name.get();
  if (part == "[]") return node.element.get();
  for (auto& [name, child] : node.children)
    if (name == part) return child.get();
  return nullptr;
}

void Insert(KeyNode& root, const ProjectKey& key) {
  std::vector<std::string> parts = SplitPath(key.path);
  const std::string last = parts.back();
  parts.pop_back();
  KeyNode* parent = &root;
  for (const std::string& part : parts) {
    parent = Descend(*parent, part);
    Check(parent != nullptr, "a key's parent comes before it in the table");
  }
  auto node = std::make_unique<KeyNode>();
  node->key = &key;
  if (last == "*")
    parent->any_name = std::move(node);
  else if (last == "[]")
    parent->element = std::move(node);
  else
    parent->children.emplace_back(last, std::move(node));
}

}  // namespace

const KeyNode* KeyNode::Find(std::string_view name) const {
  for (const auto& [child_name, child] : children)
    if (child_name == name) return child.get();
  return nullptr;
}

std::vector<std::string> KeyNode::ChildNames() const {
  std::vector<std::string> names;
  for (const auto& [name, child] : children) names.push_back(name);
  return names;
}

const KeyNode& ProjectKeyTree() {
  static const KeyNode tree = [] {
    KeyNode root;
    for (const ProjectKey& key : ProjectKeys()) Insert(root, key);
    return root;
  }();
  return tree;
}

const KeyNode& KeyNodeAt(std::string_view path) {
  const KeyNode* node = &ProjectKeyTree();
  for (const std::string& part : SplitPath(path)) {
    node = part == "*" ? node->any_name.get() : part == "[]" ? node->element.get() : node->Find(part);
    Check(node != nullptr, "the path is in the key table");
  }
  return *node;
}

std::vector<std::string> AllowedOf(const ProjectKey& key) {
  std::vector<std::string> values;
  for (size_t start = 0; start < key.allowed.size();) {
    const size_t end = std::min(key.allowed.find('|', start), key.allowed.size());
    values.emplace_back(key.allowed.substr(start, end - start));
    start = end + 1;
  }
  return values;
}

bool HasDefault(const ProjectKey& key) {
  return key.default_value.data() != nullptr;
}

bool TakesArguments(const ProjectKey& key) {
  // What is said of a job, and not of one run.
  constexpr std::array<std::string_view, 3> kWithout = {"jobs.*.arguments", "jobs.*.after", "jobs.*.tags"};
  return key.path.starts_with("jobs.*.") &&
         std::ranges::none_of(kWithout, [&](std::string_view part) { return key.path.starts_with(part); });
}

}  // namespace firn
