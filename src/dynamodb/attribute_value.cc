#include "dynamodb/attribute_value.h"

#include <utility>

namespace firn {
namespace {

template <class Element>
AttributeSet<Element> SetOf(std::vector<std::string> texts) {
  AttributeSet<Element> set;
  for (std::string& text : texts) set.elements.push_back({std::move(text)});
  return set;
}

}  // namespace

AttributeValue AttributeValue::String(std::string text) {
  return {std::move(text)};
}
AttributeValue AttributeValue::Number(int64_t number) {
  return {AttributeNumber{std::to_string(number)}};
}
AttributeValue AttributeValue::Number(std::string text) {
  return {AttributeNumber{std::move(text)}};
}
AttributeValue AttributeValue::Binary(std::string bytes) {
  return {AttributeBinary{std::move(bytes)}};
}
AttributeValue AttributeValue::Bool(bool truth) {
  return {truth};
}
AttributeValue AttributeValue::Null() {
  return {AttributeNull{}};
}
AttributeValue AttributeValue::List(AttributeList list) {
  return {std::move(list)};
}
AttributeValue AttributeValue::Map(Item map) {
  return {std::move(map)};
}
AttributeValue AttributeValue::StringSet(std::vector<std::string> strings) {
  return {AttributeSet<std::string>{std::move(strings)}};
}
AttributeValue AttributeValue::NumberSet(std::vector<std::string> numbers) {
  return {SetOf<AttributeNumber>(std::move(numbers))};
}
AttributeValue AttributeValue::BinarySet(std::vector<std::string> blobs) {
  return {SetOf<AttributeBinary>(std::move(blobs))};
}

}  // namespace firn
