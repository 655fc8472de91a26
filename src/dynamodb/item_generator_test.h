#pragma once

#include <rapidcheck.h>

#include <string>
#include <utility>
#include <vector>

#include "dynamodb/attribute_value.h"

namespace firn {

// Any text, of every plane of Unicode, NUL and quotes among it; empty too.
inline rc::Gen<std::string> AnyText() {
  return rc::gen::map(rc::gen::container<std::vector<std::string>>(rc::gen::element<std::string>(
                          "a", "Z", "0", "\"", "\\", "/", std::string(1, '\0'), "\n", "\x1F", "\x7F", " ", "\xC3\xA9",
                          "\xE2\x98\x83", "\xEF\xBF\xBF", "\xF0\x9F\x8E\x89", "\xF4\x8F\xBF\xBF")),
                      [](const std::vector<std::string>& letters) {
                        std::string text;
                        for (const std::string& letter : letters) text += letter;
                        return text;
                      });
}

inline rc::Gen<std::string> AnyBytes() {
  return rc::gen::container<std::string>(rc::gen::arbitrary<char>());
}

// Of up to 38 digits, with point and sign.
inline rc::Gen<std::string> AnyNumber() {
  return rc::gen::map(rc::gen::tuple(rc::gen::arbitrary<bool>(), rc::gen::inRange(1, 39), rc::gen::inRange(0, 38),
                                     rc::gen::container<std::vector<char>>(38, rc::gen::inRange<char>('0', '9' + 1))),
                      [](const auto& parts) {
                        const auto& [negative, size, point, digits] = parts;
                        std::string text(digits.begin(), digits.begin() + size);
                        if (text.front() == '0') text.front() = '1';
                        if (point > 0 && point < size) text.insert(static_cast<size_t>(point), ".");
                        return (negative ? "-" : "") + text;
                      });
}

inline AttributeValue AnyValue(int depth) {
  const int kinds = depth > 0 ? 10 : 8;
  switch (*rc::gen::inRange(0, kinds)) {
    case 0:
      return AttributeValue::Null();
    case 1:
      return AttributeValue::Bool(*rc::gen::arbitrary<bool>());
    case 2:
      return AttributeValue::String(*AnyText());
    case 3:
      return AttributeValue::Number(*AnyNumber());
    case 4:
      return AttributeValue::Binary(*AnyBytes());
    case 5:
      return AttributeValue::StringSet(*rc::gen::container<std::vector<std::string>>(AnyText()));
    case 6:
      return AttributeValue::NumberSet(*rc::gen::container<std::vector<std::string>>(AnyNumber()));
    case 7:
      return AttributeValue::BinarySet(*rc::gen::container<std::vector<std::string>>(AnyBytes()));
    case 8: {
      AttributeList list;
      for (int left = *rc::gen::inRange(0, 4); left > 0; --left) list.push_back(AnyValue(depth - 1));
      return AttributeValue::List(std::move(list));
    }
    default: {
      Item map;
      for (int left = *rc::gen::inRange(0, 4); left > 0; --left) map.insert_or_assign(*AnyText(), AnyValue(depth - 1));
      return AttributeValue::Map(std::move(map));
    }
  }
}

inline Item AnyItem() {
  Item item;
  for (int left = *rc::gen::inRange(0, 6); left > 0; --left) item.insert_or_assign(*AnyText(), AnyValue(4));
  return item;
}

// A list in a list in ...: `levels` of them around a number.
inline AttributeValue Nested(int levels, bool maps) {
  AttributeValue value = AttributeValue::Number(7);
  for (int i = 0; i < levels; ++i) {
    AttributeValue outer = maps ? AttributeValue::Map({{"m", value}}) : AttributeValue::List({value});
    value = std::move(outer);
  }
  return value;
}

}  // namespace firn
