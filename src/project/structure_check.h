#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "project/finding.h"
#include "project/key_table.h"
#include "project/yaml_tree.h"

namespace firn {

// Holds a document against the key table: unknown and missing keys, wrong types, values that are not allowed.
void CheckStructure(const YamlNode& root, Findings& findings);

// Holds one part of it: `node` is what stands at `path` ("jobs.nightly.write", for messages), `at` the position of its
// key.
void CheckStructureAt(const YamlNode& node, const KeyNode& expected, const std::string& path, const SourcePosition& at,
                      Findings& findings);

struct ScalarProblem {
  std::string message;  // "must be at least 1"
  std::string hint;
};

// What keeps a scalar from being a value of `key`, or nothing.
[[nodiscard]] std::optional<ScalarProblem> CheckScalar(const ProjectKey& key, const YamlNode& scalar);

// "an integer of at least 1", "one of: a, b, c", "a list": what a key takes, for messages.
[[nodiscard]] std::string DescribeExpected(const ProjectKey& key);

// The text of a value in a message: quoted, and shortened when it is long.
[[nodiscard]] std::string Quoted(std::string_view text);

// SuggestFrom with a bound on its work, for words that come from a file.
[[nodiscard]] std::string SuggestKey(std::string_view word, const std::vector<std::string>& candidates);

[[nodiscard]] bool IsResourceName(std::string_view name);
[[nodiscard]] bool IsArgumentName(std::string_view name);

}  // namespace firn
