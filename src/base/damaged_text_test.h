#pragma once

#include <rapidcheck.h>

#include <string>
#include <vector>

namespace firn {

// The text after fewer than `end` changes that a broken program or disk makes: pieces put in, bytes cut out or changed,
// parts repeated. Of RapidCheck's choice.
inline std::string DamagedText(std::string text, const std::vector<std::string>& pieces, int end) {
  const int changes = *rc::gen::inRange(1, end);
  for (int i = 0; i < changes && !text.empty(); ++i) {
    const auto at = *rc::gen::inRange<size_t>(0, text.size());
    switch (*rc::gen::inRange(0, 4)) {
      case 0:
        text.insert(at, *rc::gen::elementOf(pieces));
        break;
      case 1:
        text.erase(at, *rc::gen::inRange<size_t>(1, 20));
        break;
      case 2:
        text[at] = *rc::gen::arbitrary<char>();
        break;
      default:
        text.insert(at, text.substr(*rc::gen::inRange<size_t>(0, text.size()), 40));
        break;
    }
  }
  return text;
}

}  // namespace firn
