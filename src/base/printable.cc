#include "base/printable.h"

#include <algorithm>
#include <cstdint>

namespace firn {

std::string Printable(std::string_view text) {
  std::string printable(text.substr(0, 300));
  std::ranges::replace_if(printable, [](char c) { return static_cast<uint8_t>(c) < 0x20 || c == 0x7F; }, ' ');
  return printable;
}

}  // namespace firn
