#include "project/structure_check.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "project/yaml_text.h"

namespace firn {
namespace {

// One walk down a document with the key table beside it.
class StructureCheck {
 public:
  explicit StructureCheck(Findings& findings) : findings_(findings) {}

  void Visit(const YamlNode& node, const KeyNode& expected, const std::string& path, const SourcePosition& at) {
    switch (node.kind) {
      case YamlKind::kNull:
        return VisitNull(expected, path, at);
      case YamlKind::kScalar:
        return VisitScalar(node, expected, path);
      case YamlKind::kList:
        return VisitList(node, expected, path, at);
      case YamlKind::kMap:
        return VisitMap(node, expected, path, at);
    }
  }

 private:
  // `jobs:` with nothing below it is an empty map; `format:` with nothing after it is a mistake.
  void VisitNull(const KeyNode& expected, const std::string& path, const SourcePosition& at) {
    const bool may_be_empty =
        expected.key == nullptr ||
        (!(expected.shapes() & kScalarShape) && expected.key->min_items == 0 &&
         expected.key->presence != Presence::kRequired && !(expected.shapes() & kMapShape && !expected.key->filled));
    if (!may_be_empty)
      findings_.Add(at, fmt::format("'{}' has no value", path),
                    fmt::format("Give it {}, or remove the key; quote 'null' where it is a text.",
                                DescribeExpected(*expected.key)));
  }

  void AddWrongType(const YamlNode& node, const KeyNode& expected, const std::string& path, std::string_view found) {
    const bool in_list = expected.key != nullptr && node.kind == YamlKind::kScalar && expected.shapes() & kListShape;
    const std::string wanted = expected.key == nullptr ? "a map of keys" : DescribeExpected(*expected.key);
    findings_.Add(node.position, Message(node, path, fmt::format("must be {}, not {}", wanted, found)),
                  in_list ? fmt::format("Write [{}].", node.text.substr(0, 60))
                          : fmt::format("Write {} here; docs/reference/project-file.md shows each key.", wanted));
  }

  // Names the argument when the value came from one: the reader has to look there.
  static std::string Message(const YamlNode& node, const std::string& path, const std::string& problem) {
    if (!node.argument.empty()) return fmt::format("argument '{}' does not fit '{}': {}", node.argument, path, problem);
    return problem.starts_with("must") ? fmt::format("'{}' {}", path, problem) : fmt::format("'{}': {}", path, problem);
  }

  void VisitScalar(const YamlNode& node, const KeyNode& expected, const std::string& path) {
    if (node.argument.empty() && node.text.find("${") != std::string::npos && HoldsReference(node.text)) {
      if (expected.key != nullptr && TakesArguments(*expected.key)) return;  // checked again with the value put in
      if (expected.key == nullptr || !expected.key->path.starts_with("jobs.*."))
        findings_.Add(
            node.position, fmt::format("'{}' uses an argument outside a job", path),
            "Arguments belong to jobs; use an overlay firn.<env>.yaml for what differs between environments.");
      else
        findings_.Add(node.position, fmt::format("'{}' uses an argument within `arguments`", path),
                      "Write the default itself.");
      return;
    }
    if (!(expected.shapes() & kScalarShape)) return AddWrongType(node, expected, path, Quoted(node.text));
    if (auto problem = CheckScalar(*expected.key, node))
      findings_.Add(node.position, Message(node, path, problem->message), std::move(problem->hint));
  }

  static bool HoldsReference(std::string_view text) {
    for (size_t at = text.find("${"); at != std::string_view::npos; at = text.find("${", at + 1))
      if ((at == 0 || text[at - 1] != '$') && ArgumentReferenceLength(text.substr(at)) > 0) return true;
    return false;
  }

  void VisitList(const YamlNode& node, const KeyNode& expected, const std::string& path, const SourcePosition& at) {
    if (!(expected.shapes() & kListShape)) return AddWrongType(node, expected, path, "a list");
    if (node.items.size() < expected.key->min_items)
      findings_.Add(at, fmt::format("'{}' must not be empty", path), "Give it at least one element.");
    for (size_t i = 0; i < node.items.size(); ++i)
      Visit(node.items[i], *expected.element, fmt::format("{}[{}]", path, i), node.items[i].position);
  }

  void VisitMap(const YamlNode& node, const KeyNode& expected, const std::string& path, const SourcePosition& at) {
    if (expected.shapes() & kMapShape) return VisitKeys(node, expected, path, at);
    if (expected.shapes() & kNamedShape) return VisitNames(node, expected, path);
    AddWrongType(node, expected, path, "a map");
  }

  static std::string Below(const std::string& path, std::string_view name) {
    return path.empty() ? std::string(name) : fmt::format("{}.{}", path, name);
  }

  void VisitKeys(const YamlNode& node, const KeyNode& expected, const std::string& path, const SourcePosition& at) {
    size_t known = 0;
    for (const YamlEntry& entry : node.entries) {
      if (const KeyNode* child = expected.Find(entry.key); child != nullptr) {
        ++known;
        Visit(entry.value, *child, Below(path, entry.key), entry.position);
      } else {
        findings_.Add(
            entry.position,
            fmt::format("unknown key {}{}", Quoted(entry.key), path.empty() ? "" : fmt::format(" in '{}'", path)),
            SuggestKey(entry.key, expected.ChildNames()));
      }
    }
    for (const auto& [name, child] : expected.children)
      if (child->key->presence == Presence::kRequired && node.Find(name) == nullptr)
        findings_.Add(
            at, fmt::format("{} needs the key '{}'", path.empty() ? "the project" : fmt::format("'{}'", path), name),
            fmt::format("Add `{}:` with {}. {}", name, DescribeExpected(*child->key), child->key->doc));
    if (expected.key != nullptr && expected.key->one_key && (known > 1 || node.entries.empty()))
      findings_.Add(at, fmt::format("'{}' has {} keys, where one is wanted", path, known),
                    fmt::format("Write each step as its own list element, with one of: {}.",
                                fmt::join(expected.ChildNames(), ", ")));
  }

  void VisitNames(const YamlNode& node, const KeyNode& expected, const std::string& path) {
    for (const YamlEntry& entry : node.entries) {
      CheckName(entry, expected.key->names, path);
      Visit(entry.value, *expected.any_name, Below(path, entry.key), entry.position);
    }
  }

  void CheckName(const YamlEntry& entry, NameForm form, const std::string& path) {
    if (form == NameForm::kResource && !IsResourceName(entry.key))
      findings_.Add(entry.position, fmt::format("{} is not a name for '{}'", Quoted(entry.key), path),
                    "Use letters, digits, '_' and '-', at most 255.");
    if (form == NameForm::kArgument && !IsArgumentName(entry.key))
      findings_.Add(entry.position, fmt::format("{} is not an argument's name", Quoted(entry.key)),
                    "Start with a letter or '_'; go on with letters, digits, '_' and '-'.");
    if (form == NameForm::kAny && entry.key.empty())
      findings_.Add(entry.position, fmt::format("an empty name in '{}'", path), "Write a name before the ':'.");
  }

  Findings& findings_;
};

}  // namespace

void CheckStructure(const YamlNode& root, Findings& findings) {
  StructureCheck(findings).Visit(root, ProjectKeyTree(), "", root.position);
}

void CheckStructureAt(const YamlNode& node, const KeyNode& expected, const std::string& path, const SourcePosition& at,
                      Findings& findings) {
  StructureCheck(findings).Visit(node, expected, path, at);
}

}  // namespace firn
