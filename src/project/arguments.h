#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/json.h"
#include "base/result.h"
#include "project/finding.h"
#include "project/yaml_tree.h"

namespace firn {

enum class ArgumentType { kDate, kInteger, kBoolean, kString };
[[nodiscard]] std::string_view NameOf(ArgumentType type);  // "date"

// An argument as a job declares it.
struct ArgumentDeclaration {
  std::string name;
  ArgumentType type = ArgumentType::kString;
  std::optional<std::string> default_text;  // none: every run has to give a value
  std::vector<std::string> allowed;         // empty: any of the type
  SourcePosition position;                  // of its name
};

// An argument with the value that it has in one run.
struct ArgumentValue {
  ArgumentType type = ArgumentType::kString;
  std::string text;  // "2025-11-03", "10", "true", any text

  [[nodiscard]] Json ToJson() const;
};
using ArgumentValues = std::map<std::string, ArgumentValue>;

// Reads a job's `arguments`. A default that does not fit its own declaration is a finding.
[[nodiscard]] std::vector<ArgumentDeclaration> DeclareArguments(const YamlNode* arguments, Findings& findings);

// Values for a check without a run: the defaults, and for an argument without one any value of its type; absent when
// none can be made up.
[[nodiscard]] ArgumentValues SampleValues(const std::vector<ArgumentDeclaration>& declared);

// The value that a text given from outside stands for; yesterday and today are days in `time_zone` at `now_ns`.
// kInvalidArgument names the argument, the value and what is wanted.
[[nodiscard]] Result<ArgumentValue> ReadArgument(const ArgumentDeclaration& declared, std::string_view text,
                                                 std::string_view time_zone, int64_t now_ns);

// The values of a run: defaults, then `overrides`. kInvalidArgument also for an unknown name and for an argument that
// has no value.
[[nodiscard]] Result<ArgumentValues> ResolveArguments(const std::vector<ArgumentDeclaration>& declared,
                                                      const std::map<std::string, std::string>& overrides,
                                                      std::string_view time_zone, int64_t now_ns);

// Puts values into every scalar of `node`: a scalar that is one ${NAME} takes the value with its type, within a longer
// text it takes the value's text, and `$${NAME}` stands for the text ${NAME}. A name that is not declared is a finding;
// a declared one without a value stays.
[[nodiscard]] YamlNode Substitute(YamlNode node, const std::vector<ArgumentDeclaration>& declared,
                                  const ArgumentValues& values, Findings& findings);

// A job of the file without its `arguments`, with SampleValues() put in.
[[nodiscard]] YamlNode FillWithSamples(const YamlNode& job, Findings& findings);

// A date of the project file: yesterday and today in `time_zone`; an ISO date stays.
[[nodiscard]] Result<std::string> ResolveDate(std::string_view text, std::string_view time_zone, int64_t now_ns);

}  // namespace firn
