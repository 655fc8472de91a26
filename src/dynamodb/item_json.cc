#include "dynamodb/item_json.h"

#include <fmt/format.h>

#include <array>
#include <optional>
#include <utility>

#include "base/base64.h"
#include "base/printable.h"
#include "dynamodb/attribute_number.h"

namespace firn {
namespace {

constexpr int kMaxDepth = 64;

Json Base64Json(const AttributeBinary& binary) {
  std::string text;
  AppendBase64(binary.bytes, text);
  return text;
}

// The type's letters and the value, of each kind.
struct DynamoWriter {
  static Json Scalar(const std::string& text) { return text; }
  static Json Scalar(const AttributeNumber& number) { return number.text; }
  static Json Scalar(const AttributeBinary& binary) { return Base64Json(binary); }

  template <class Element>
  static Json Typed(const char* type, const AttributeSet<Element>& set) {
    Json elements = Json::array();
    for (const Element& element : set.elements) elements.push_back(Scalar(element));
    return {{type, std::move(elements)}};
  }

  Json operator()(const AttributeNull&) const { return {{"NULL", true}}; }
  Json operator()(bool truth) const { return {{"BOOL", truth}}; }
  Json operator()(const std::string& text) const { return {{"S", text}}; }
  Json operator()(const AttributeNumber& number) const { return {{"N", number.text}}; }
  Json operator()(const AttributeBinary& binary) const { return {{"B", Base64Json(binary)}}; }
  Json operator()(const AttributeSet<std::string>& set) const { return Typed("SS", set); }
  Json operator()(const AttributeSet<AttributeNumber>& set) const { return Typed("NS", set); }
  Json operator()(const AttributeSet<AttributeBinary>& set) const { return Typed("BS", set); }
  Json operator()(const AttributeList& list) const {
    Json elements = Json::array();
    for (const AttributeValue& element : list) elements.push_back(ToDynamoJson(element));
    return {{"L", std::move(elements)}};
  }
  Json operator()(const Item& map) const { return {{"M", ToDynamoJson(map)}}; }
};

std::unexpected<Error> FailForm(std::string what) {
  return Fail(ErrorKind::kCorrupt, std::move(what), "Is it DynamoDB's JSON, with a type at each value?");
}

Result<std::string> ReadString(const Json& json) {
  if (!json.is_string()) return FailForm("a text was expected");
  return json.get<std::string>();
}

Result<AttributeNumber> ReadNumber(const Json& json) {
  FIRN_TRY_ASSIGN(std::string text, ReadString(json));
  if (!JsonNumberText(text)) return FailForm(fmt::format("'{}' is no number", Printable(text)));
  return AttributeNumber{std::move(text)};
}

Result<AttributeBinary> ReadBinary(const Json& json) {
  FIRN_TRY_ASSIGN(const std::string text, ReadString(json));
  auto bytes = DecodeBase64(text);
  if (!bytes) return FailForm("binary that is no base64");
  return AttributeBinary{std::move(*bytes)};
}

template <class Element, class Read>
Result<AttributeValue> ReadSet(const Json& json, Read read) {
  if (!json.is_array()) return FailForm("a list was expected");
  AttributeSet<Element> set;
  for (const Json& element : json) {
    FIRN_TRY_ASSIGN(Element value, read(element));
    set.elements.push_back(std::move(value));
  }
  return AttributeValue{std::move(set)};
}

template <class T>
Result<AttributeValue> ValueOf(Result<T> read) {
  if (!read) return std::unexpected(std::move(read.error()));
  return AttributeValue{std::move(*read)};
}

Result<Item> ReadItem(const Json& json, int depth);
Result<AttributeValue> ReadValue(const Json& json, int depth);

Result<AttributeValue> ReadList(const Json& json, int depth) {
  if (!json.is_array()) return FailForm("a list was expected");
  AttributeList list;
  for (const Json& element : json) {
    auto value = ReadValue(element, depth + 1);
    if (!value) return std::unexpected(std::move(value.error()).Within(fmt::format("[{}]", list.size())));
    list.push_back(std::move(*value));
  }
  return AttributeValue::List(std::move(list));
}

Result<AttributeValue> ReadValue(const Json& json, int depth) {
  if (depth > kMaxDepth) return FailForm(fmt::format("a value is nested deeper than {} levels", kMaxDepth));
  if (!json.is_object() || json.size() != 1) return FailForm("a value has one type and nothing else");
  const std::string& type = json.begin().key();
  const Json& value = json.begin().value();
  if (type == "S") return ValueOf(ReadString(value));
  if (type == "N") return ValueOf(ReadNumber(value));
  if (type == "B") return ValueOf(ReadBinary(value));
  if (type == "SS") return ReadSet<std::string>(value, ReadString);
  if (type == "NS") return ReadSet<AttributeNumber>(value, ReadNumber);
  if (type == "BS") return ReadSet<AttributeBinary>(value, ReadBinary);
  if (type == "L") return ReadList(value, depth);
  if (type == "M") return ValueOf(ReadItem(value, depth + 1));
  if (type == "BOOL" && value.is_boolean()) return AttributeValue::Bool(value.get<bool>());
  if (type == "NULL" && value == Json(true)) return AttributeValue::Null();
  return FailForm(fmt::format("'{}' is no type of a value, or not of this one", Printable(type)));
}

Result<Item> ReadItem(const Json& json, int depth) {
  if (!json.is_object()) return FailForm("attributes were expected");
  Item item;
  for (const auto& [name, typed] : json.items()) {
    auto value = ReadValue(typed, depth);
    if (!value) return std::unexpected(std::move(value.error()).Within(Printable(name)));
    item.insert_or_assign(name, std::move(*value));
  }
  return item;
}

}  // namespace

Json ToDynamoJson(const AttributeValue& value) {
  return std::visit(DynamoWriter{}, value.value);
}

Json ToDynamoJson(const Item& item) {
  Json json = Json::object();
  for (const auto& [name, value] : item) json[name] = ToDynamoJson(value);
  return json;
}

Result<Item> ParseDynamoJson(const Json& json) {
  return ReadItem(json, 0);
}

Result<AttributeValue> ParseDynamoValue(const Json& json) {
  return ReadValue(json, 0);
}

}  // namespace firn
