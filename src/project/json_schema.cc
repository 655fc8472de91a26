#include <string>
#include <vector>

#include "project/key_table.h"
#include "project/reference.h"

namespace firn {
namespace {

constexpr std::string_view kDurationPattern = "^([0-9]+[smhd])+$";
constexpr std::string_view kReferencePattern = R"(\$\{(var\.)?[A-Za-z_][A-Za-z0-9_-]*\})";
constexpr std::string_view kVariablePattern = R"(\$\{var\.[A-Za-z_][A-Za-z0-9_-]*\})";
constexpr std::string_view kResourcePattern = R"(^([A-Za-z0-9_-]|\$\{var\.[A-Za-z_][A-Za-z0-9_-]*\}){1,255}$)";

Json Pattern(std::string_view pattern) {
  return {{"type", "string"}, {"pattern", pattern}};
}

// Plain scalars that YAML reads as numbers or booleans are texts here too: `project: 2025`.
Json AnyText() {
  return {{"type", {"string", "number", "boolean"}}};
}

Json IntegerSchema(const ProjectKey& key) {
  Json schema = {{"type", "integer"}};
  if (key.minimum != std::numeric_limits<int64_t>::min()) schema["minimum"] = key.minimum;
  if (key.maximum != std::numeric_limits<int64_t>::max()) schema["maximum"] = key.maximum;
  return schema;
}

Json ScalarSchema(const ProjectKey& key) {
  switch (key.form) {
    case Form::kText:
    case Form::kAny:
      return AnyText();
    case Form::kInteger:
      return IntegerSchema(key);
    case Form::kBoolean:
      return {{"type", "boolean"}};
    case Form::kChoice:
      return {{"enum", AllowedOf(key)}};
    case Form::kDate:
      return Pattern("^(yesterday|today|[0-9]{4}-[0-9]{2}-[0-9]{2})$");
    case Form::kDuration:
      return Pattern(kDurationPattern);
    case Form::kTimeOfDay:
      return Pattern("^([01][0-9]|2[0-3]):[0-5][0-9]$");
    case Form::kSchedule:
      return Pattern(R"(^(cron|rate|at)\(.*\)$)");
    case Form::kThreshold:
      return {{"anyOf", {{{"type", "number"}}, Pattern(R"(^(-?[0-9]+(\.[0-9]+)?%?|([0-9]+[smhd])+)$)")}}};
    case Form::kOneByte:
      return {{"type", {"string", "number"}}, {"minLength", 1}, {"maxLength", 1}};
    case Form::kOrder:
      return Pattern(R"(^ *("[^"]+"|[^ ,"()]+)( +(asc|desc|ASC|DESC))? *$)");
    case Form::kSize:
      return {{"anyOf", {{{"type", "integer"}, {"minimum", 1}}, Pattern("^[0-9]+(\\.[0-9]+)?(B|[kKMGT]B|[KMG]iB)?$")}}};
    case Form::kKeyPrefix:
    case Form::kLocation:
      return Pattern("^[^/].*$");
    case Form::kTimeZone:
    case Form::kHiveType:
      return {{"type", "string"}};
  }
  return Json::object();
}

Json NodeSchema(const KeyNode& node);

Json MapSchema(const KeyNode& node) {
  Json properties = Json::object();
  Json required = Json::array();
  for (const auto& [name, child] : node.children) {
    properties[name] = NodeSchema(*child);
    if (child->key->presence == Presence::kRequired) required.push_back(name);
  }
  Json schema = {{"type", "object"}, {"properties", std::move(properties)}, {"additionalProperties", false}};
  if (!required.empty()) schema["required"] = std::move(required);
  if (node.key != nullptr && node.key->one_key) schema["minProperties"] = schema["maxProperties"] = 1;
  return schema;
}

Json NamesSchema(const KeyNode& node) {
  Json schema = {{"type", "object"}, {"additionalProperties", NodeSchema(*node.any_name)}};
  if (node.key->names == NameForm::kResource) schema["propertyNames"] = {{"pattern", kResourcePattern}};
  if (node.key->names == NameForm::kArgument) schema["propertyNames"] = {{"pattern", "^[A-Za-z_][A-Za-z0-9_-]*$"}};
  return schema;
}

Json ListSchema(const KeyNode& node) {
  Json schema = {{"type", "array"}, {"items", NodeSchema(*node.element)}};
  if (node.key->min_items > 0) schema["minItems"] = node.key->min_items;
  return schema;
}

bool IsFreeText(const ProjectKey& key) {
  return key.form == Form::kText || key.form == Form::kAny;
}

// An empty collection may be left without a value: `jobs:`.
bool MayBeNull(const KeyNode& node) {
  return !(node.shapes() & kScalarShape) && node.key->min_items == 0 && node.key->presence != Presence::kRequired &&
         (node.key->filled || !(node.shapes() & kMapShape));
}

Json DefaultOf(const ProjectKey& key) {
  if (key.form == Form::kBoolean) return key.default_value == "true";
  if (key.form == Form::kInteger) return std::stoll(std::string(key.default_value));
  return key.default_value;
}

Json NodeSchema(const KeyNode& node) {
  std::vector<Json> shapes;
  if (node.shapes() & kScalarShape) {
    shapes.push_back(ScalarSchema(*node.key));
    if (!IsFreeText(*node.key))
      shapes.push_back(Pattern(TakesArguments(*node.key) ? kReferencePattern : kVariablePattern));
  }
  if (node.shapes() & kListShape) shapes.push_back(ListSchema(node));
  if (node.shapes() & kMapShape) shapes.push_back(MapSchema(node));
  if (node.shapes() & kNamedShape) shapes.push_back(NamesSchema(node));
  if (MayBeNull(node)) shapes.push_back({{"type", "null"}});
  Json schema = {{"description", node.key->doc}};
  if (HasDefault(*node.key)) schema["default"] = DefaultOf(*node.key);
  if (shapes.size() == 1)
    schema.update(shapes.front());
  else
    schema["anyOf"] = shapes;
  return schema;
}

}  // namespace

Json ProjectJsonSchema() {
  Json schema = {{"$schema", "https://json-schema.org/draft/2020-12/schema"},
                 {"title", "firn project file"},
                 {"description", "firn.yaml. Generated from the key table of firn; firn validate checks more."}};
  schema.update(MapSchema(ProjectKeyTree()));
  return schema;
}

}  // namespace firn
