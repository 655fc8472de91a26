#pragma once

#include <string>
#include <string_view>

#include "project/finding.h"

namespace firn {

// The bytes of a YAML file before the parser sees them.

// Adds a finding and returns false at the first byte that is not UTF-8, or is a control character that YAML does not
// allow.
bool CheckYamlBytes(const std::string& file, std::string_view bytes, Findings& findings);

[[nodiscard]] bool IsUtf8(std::string_view bytes);

// Puts stand-ins (control characters, which CheckYamlBytes keeps out of files) for the braces of ${NAME} and
// ${var.NAME} and for ',' and '?' within cron(...), so that both can stand unquoted in flow maps. Length and columns
// stay. RestoreWords is the reverse.
[[nodiscard]] std::string ProtectWords(std::string bytes);
[[nodiscard]] std::string RestoreWords(std::string text);

// Whether a line (from 1), or one before it down to the last that is not blank, is indented with a tab.
[[nodiscard]] bool HasTabIndentNear(std::string_view bytes, int line);

// The length of the "${NAME}" that starts `text`, or 0.
[[nodiscard]] size_t ArgumentReferenceLength(std::string_view text);
// The length of the "${var.NAME}" that starts `text`, or 0.
[[nodiscard]] size_t VariableReferenceLength(std::string_view text);

}  // namespace firn
