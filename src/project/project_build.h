#pragma once

#include <string>

#include "project/project.h"

namespace firn {

// From documents without findings to plain values: nothing here can fail.

[[nodiscard]] Project BuildProject(const YamlNode& root, const std::string& dir, const std::string& env);

// `job` is the canonical JSON of a job whose arguments are put in. Name, arguments, dry run and executions a day are
// the caller's.
[[nodiscard]] JobDefinition BuildJob(const Json& job, const std::string& default_format);

// `columns` of a table: Hive types by name, in order.
[[nodiscard]] Schema BuildColumns(const Json& columns);

// A value as text: a string without its quotes, anything else as JSON.
[[nodiscard]] std::string TextOf(const Json& json);

}  // namespace firn
