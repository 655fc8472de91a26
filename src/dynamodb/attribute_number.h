#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace firn {

// A decimal number as text in JSON's grammar, with all its digits: "+007.50" is "7.50", ".5" is "0.5", "1." is "1".
// std::nullopt for what is no number.
[[nodiscard]] std::optional<std::string> JsonNumberText(std::string_view text);

// Whether DynamoDB takes it: a number of at most 38 significant digits, zero or from 1E-130 to 9.99...E+125 in
// magnitude ("Data types", Amazon DynamoDB developer guide).
[[nodiscard]] bool IsDynamoNumber(std::string_view text);

}  // namespace firn
