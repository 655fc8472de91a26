#pragma once

#include <string>

#include "project/cross_check.h"
#include "project/finding.h"
#include "project/yaml_tree.h"

namespace firn {

// A job reads a table of the project or one of DynamoDB, and of the latter neither a day nor only what is new.
void CheckSource(const std::string& name, const YamlNode& job, Findings& findings);

// A trigger gives objects of the lake to a job.
void CheckTriggeredSource(const YamlEntry& trigger, const YamlNode& job, Findings& findings);

// DynamoDB's exports are read and not written.
void CheckWrittenFormat(const YamlNode& job, const TableFacts& table, Findings& findings);

}  // namespace firn
