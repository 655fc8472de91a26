#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"

namespace firn {

enum class RuleTokenKind { kWord, kNumber, kText, kSymbol, kEnd };

struct RuleToken {
  RuleTokenKind kind = RuleTokenKind::kEnd;
  std::string text;  // kText: without quotes and escapes
  int column = 1;    // where it begins, counted in characters from 1
};

inline constexpr size_t kMaxRuleBytes = size_t{64} * 1024;

// The tokens of a rule, kEnd last. Fails with kInvalidArgument on a character that no token begins with, an open quote,
// or too long a text.
[[nodiscard]] Result<std::vector<RuleToken>> LexRule(std::string_view text);

// "cannot read rule '...' at column 7: <problem>", with long rules cut.
[[nodiscard]] std::unexpected<Error> FailAt(std::string_view rule, int column, std::string_view problem,
                                            std::string hint = {});

}  // namespace firn
