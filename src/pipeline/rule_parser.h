#pragma once

#include <string_view>

#include "base/result.h"
#include "pipeline/rule.h"

namespace firn {

inline constexpr int kMaxRuleDepth = 64;  // parentheses within parentheses

// Reads one rule. Fails with kInvalidArgument; the message names the column and what was expected there, the hint the
// nearest rule type.
[[nodiscard]] Result<Rule> ParseRule(std::string_view text);

}  // namespace firn
