#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "base/result.h"

namespace firn {

struct AttributeValue;

// A row of a table, or a key: attributes by name. DynamoDB keeps no order; here they are sorted.
using Item = std::map<std::string, AttributeValue, std::less<>>;

// A number of up to 38 digits as its text, as DynamoDB sends it: never a double.
struct AttributeNumber {
  std::string text;
  friend bool operator==(const AttributeNumber&, const AttributeNumber&) = default;
};

struct AttributeBinary {
  std::string bytes;
  friend bool operator==(const AttributeBinary&, const AttributeBinary&) = default;
};

struct AttributeNull {
  friend bool operator==(const AttributeNull&, const AttributeNull&) = default;
};

// A set, in the order in which it came. DynamoDB stores no empty one, nor one that has a value twice.
template <class Element>
struct AttributeSet {
  std::vector<Element> elements;
  friend bool operator==(const AttributeSet&, const AttributeSet&) = default;
};

using AttributeList = std::vector<AttributeValue>;

// A value of DynamoDB ("AttributeValue", Amazon DynamoDB API reference): S, N, B, SS, NS, BS, L, M, BOOL, NULL. Equal
// means the same text of numbers and the same order of sets; 1 and 1.0 are not.
struct AttributeValue {
  using Variant =
      std::variant<AttributeNull, bool, std::string, AttributeNumber, AttributeBinary, AttributeSet<std::string>,
                   AttributeSet<AttributeNumber>, AttributeSet<AttributeBinary>, AttributeList, Item>;
  Variant value;

  [[nodiscard]] static AttributeValue String(std::string text);
  [[nodiscard]] static AttributeValue Number(int64_t number);
  // As it is; ParseNumber checks.
  [[nodiscard]] static AttributeValue Number(std::string text);
  [[nodiscard]] static AttributeValue Binary(std::string bytes);
  [[nodiscard]] static AttributeValue Bool(bool truth);
  [[nodiscard]] static AttributeValue Null();
  [[nodiscard]] static AttributeValue List(AttributeList list);
  [[nodiscard]] static AttributeValue Map(Item map);
  [[nodiscard]] static AttributeValue StringSet(std::vector<std::string> strings);
  [[nodiscard]] static AttributeValue NumberSet(std::vector<std::string> numbers);
  [[nodiscard]] static AttributeValue BinarySet(std::vector<std::string> blobs);

  // nullptr when it is of another kind.
  template <class Kind>
  [[nodiscard]] const Kind* As() const {
    return std::get_if<Kind>(&value);
  }

  friend bool operator==(const AttributeValue&, const AttributeValue&) = default;
};

}  // namespace firn
