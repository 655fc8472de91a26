#pragma once

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "project/finding.h"
#include "project/yaml_tree.h"

namespace firn {

// What a check of jobs has to know about a table.
struct TableFacts {
  std::string name;
  std::optional<std::vector<std::string>> partition_by;  // nothing when the project leaves it to the crawler
  std::string format = {};                               // "" when the project leaves it to the crawler
};
using TableFactsByName = std::map<std::string, TableFacts>;

[[nodiscard]] TableFactsByName CollectTableFacts(const YamlNode& root);

// What the key table cannot see: names that must exist, keys that need or exclude each other. Tolerates a document that
// has other findings.
void CheckReferences(const YamlNode& root, Findings& findings);

// Both checks for one job, with its arguments put in: its structure again (a value may not fit its key), and its
// references; a value that still holds ${...} is passed over.
void CheckFilledJob(const std::string& name, const YamlNode& job, const SourcePosition& at,
                    const TableFactsByName& tables, Findings& findings);

}  // namespace firn
