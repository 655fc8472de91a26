#include "dynamodb/item_line.h"

#include "base/base64.h"
#include "base/json.h"
#include "dynamodb/attribute_number.h"
#include "dynamodb/item_json.h"

namespace firn {
namespace {

void AppendText(const std::string& text, std::string& out) {
  out += Json(text).dump(-1, ' ', false, Json::error_handler_t::replace);
}

// Json would make doubles of numbers; so values are written here.
struct PlainWriter {
  std::string& out;

  void Write(const std::string& text) { AppendText(text, out); }
  void Write(const AttributeNumber& number) {
    const auto json = JsonNumberText(number.text);
    if (json)
      out += *json;
    else
      AppendText(number.text, out);  // made by hand, and no number
  }
  void Write(const AttributeBinary& binary) {
    out += '"';
    AppendBase64(binary.bytes, out);
    out += '"';
  }
  void Write(const AttributeValue& value) { std::visit(*this, value.value); }

  template <class Elements>
  void WriteAll(const Elements& elements) {
    out += '[';
    bool first = true;
    for (const auto& element : elements) {
      if (!first) out += ',';
      first = false;
      Write(element);
    }
    out += ']';
  }

  void operator()(const AttributeNull&) { out += "null"; }
  void operator()(bool truth) { out += truth ? "true" : "false"; }
  void operator()(const std::string& text) { Write(text); }
  void operator()(const AttributeNumber& number) { Write(number); }
  void operator()(const AttributeBinary& binary) { Write(binary); }
  template <class Element>
  void operator()(const AttributeSet<Element>& set) {
    WriteAll(set.elements);
  }
  void operator()(const AttributeList& list) { WriteAll(list); }
  void operator()(const Item& map) { AppendPlainLine(map, out); }
};

}  // namespace

void AppendPlainLine(const Item& item, std::string& out) {
  out += '{';
  bool first = true;
  for (const auto& [name, value] : item) {
    if (!first) out += ',';
    first = false;
    AppendText(name, out);
    out += ':';
    PlainWriter{out}.Write(value);
  }
  out += '}';
}

void AppendExportLine(const Item& item, std::string& out) {
  out += Json{{"Item", ToDynamoJson(item)}}.dump(-1, ' ', false, Json::error_handler_t::replace);
}

Result<Item> ParseExportLine(std::string_view line) {
  const Json json = Json::parse(line, nullptr, false);
  if (json.is_object() && json.contains("Item") && json.size() == 1) return ParseDynamoJson(json["Item"]);
  if (json.is_object() && json.contains("Keys"))
    return Fail(ErrorKind::kUnsupported, "the line is of an incremental export: it has changes, no items",
                "Export the whole table");
  return Fail(ErrorKind::kCorrupt, "the line is not of a DynamoDB export: {\"Item\":{...}} was expected",
              "Export as DYNAMODB_JSON, not as ION");
}

}  // namespace firn
