#pragma once

#include <string>
#include <string_view>

namespace firn {

// How many cells of a terminal the UTF-8 text takes: 0 for combining marks and joiners, 2 for East Asian wide
// characters and emoji, else 1. Bytes that are not UTF-8 count 1 each.
[[nodiscard]] int DisplayWidth(std::string_view text);

// At most `width` cells of the text, the last of them "…" when something was cut. Never cuts inside a character or
// before its marks.
[[nodiscard]] std::string CutToWidth(std::string_view text, int width);

// Control characters as \n, \t, \x1b: a value must not move the cursor or colour the terminal.
[[nodiscard]] std::string WithoutControls(std::string_view text);

}  // namespace firn
