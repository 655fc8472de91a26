#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace firn {

// The candidate that a typist most likely meant, or empty when none is near (more than a third of its letters differ).
[[nodiscard]] std::string Nearest(std::string_view word, const std::vector<std::string>& candidates);

// "Did you mean 'x'?" or "One of: a, b, c.", for an error's hint.
[[nodiscard]] std::string SuggestFrom(std::string_view word, const std::vector<std::string>& candidates);

}  // namespace firn
