#include "catalog/schema_json.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <string_view>
#include <utility>

#include "base/check.h"

namespace firn {
namespace {

constexpr std::array<std::pair<TypeKind, std::string_view>, 23> kKinds = {{
    {TypeKind::kNull, "null"},       {TypeKind::kBoolean, "boolean"},
    {TypeKind::kInt8, "int8"},       {TypeKind::kInt16, "int16"},
    {TypeKind::kInt32, "int32"},     {TypeKind::kInt64, "int64"},
    {TypeKind::kUInt8, "uint8"},     {TypeKind::kUInt16, "uint16"},
    {TypeKind::kUInt32, "uint32"},   {TypeKind::kUInt64, "uint64"},
    {TypeKind::kFloat, "float"},     {TypeKind::kDouble, "double"},
    {TypeKind::kDecimal, "decimal"}, {TypeKind::kString, "string"},
    {TypeKind::kBinary, "binary"},   {TypeKind::kFixedBinary, "fixed_binary"},
    {TypeKind::kUuid, "uuid"},       {TypeKind::kDate, "date"},
    {TypeKind::kTime, "time"},       {TypeKind::kTimestamp, "timestamp"},
    {TypeKind::kStruct, "struct"},   {TypeKind::kList, "list"},
    {TypeKind::kMap, "map"},
}};
constexpr std::array<std::pair<TimeUnit, std::string_view>, 3> kUnits = {
    {{TimeUnit::kMillis, "ms"}, {TimeUnit::kMicros, "us"}, {TimeUnit::kNanos, "ns"}}};
constexpr int kDeepest = 200;  // of nested types: far beyond any file, and safe for the stack

template <class Table, class Value>
std::string_view NameIn(const Table& table, Value value) {
  const auto found = std::ranges::find(table, value, [](const auto& entry) { return entry.first; });
  Check(found != table.end(), "every kind and unit has a name");
  return found->second;
}

template <class Table>
auto ValueIn(const Table& table, const Json& name) -> Result<std::decay_t<decltype(table.front().first)>> {
  const std::string* text = name.get_ptr<const std::string*>();
  const auto found =
      text == nullptr ? table.end() : std::ranges::find(table, *text, [](const auto& entry) { return entry.second; });
  if (found == table.end()) return Fail(ErrorKind::kCorrupt, fmt::format("unknown type {}", name.dump(-1, ' ', true)));
  return found->first;
}

Json ToJson(const Field& field);

Json ToJson(const Type& type) {
  Json json = {{"kind", NameIn(kKinds, type.kind)}};
  if (type.kind == TypeKind::kDecimal) {
    json["precision"] = type.precision;
    json["scale"] = type.scale;
  }
  if (type.kind == TypeKind::kFixedBinary) json["length"] = type.length;
  if (type.kind == TypeKind::kTime || type.kind == TypeKind::kTimestamp) json["unit"] = NameIn(kUnits, type.unit);
  if (type.kind == TypeKind::kTimestamp) json["utc"] = type.utc;
  const bool nested = type.kind == TypeKind::kStruct || type.kind == TypeKind::kList || type.kind == TypeKind::kMap;
  if (nested) json["children"] = Json::array();
  for (const Field& child : type.children) json["children"].push_back(ToJson(child));
  return json.size() == 1 ? json["kind"] : json;
}

Json ToJson(const Field& field) {
  Json json = {{"name", field.name}, {"type", ToJson(field.type)}};
  if (!field.nullable) json["nullable"] = false;
  return json;
}

Result<int> IntegerAt(const Json& json, const char* name) {
  const auto found = json.find(name);
  if (found == json.end() || !found->is_number_integer())
    return Fail(ErrorKind::kCorrupt, fmt::format("a type has no '{}'", name));
  return found->get<int>();
}

Result<Field> FieldFromJson(const Json& json, int depth);

Status ReadParameters(const Json& json, Type& type) {
  if (type.kind == TypeKind::kDecimal) {
    FIRN_TRY_ASSIGN(type.precision, IntegerAt(json, "precision"));
    FIRN_TRY_ASSIGN(type.scale, IntegerAt(json, "scale"));
  }
  if (type.kind == TypeKind::kFixedBinary) {
    FIRN_TRY_ASSIGN(type.length, IntegerAt(json, "length"));
  }
  if (json.contains("unit")) {
    FIRN_TRY_ASSIGN(type.unit, ValueIn(kUnits, json["unit"]));
  }
  if (json.contains("utc")) type.utc = json["utc"] == Json(true);
  return {};
}

Result<Type> TypeFromJson(const Json& json, int depth) {
  if (depth > kDeepest) return Fail(ErrorKind::kCorrupt, fmt::format("nested deeper than {}", kDeepest));
  const bool short_form = json.is_string();
  if (!short_form && !(json.is_object() && json.contains("kind")))
    return Fail(ErrorKind::kCorrupt, "a type is missing");
  Type type;
  FIRN_TRY_ASSIGN(type.kind, ValueIn(kKinds, short_form ? json : json["kind"]));
  if (short_form) return type;
  FIRN_TRY(ReadParameters(json, type));
  const auto children = json.find("children");
  if (children == json.end()) return type;
  if (!children->is_array()) return Fail(ErrorKind::kCorrupt, "'children' is not a list");
  for (const Json& child : *children) {
    FIRN_TRY_ASSIGN(Field field, FieldFromJson(child, depth + 1));
    type.children.push_back(std::move(field));
  }
  return type;
}

Result<Field> FieldFromJson(const Json& json, int depth) {
  const auto name = json.find("name");
  if (!json.is_object() || name == json.end() || !name->is_string())
    return Fail(ErrorKind::kCorrupt, "a field has no name");
  Field field;
  field.name = name->get<std::string>();
  auto type = TypeFromJson(json.contains("type") ? json["type"] : Json(), depth);
  if (!type) return std::unexpected(std::move(type.error()).Within(field.name));
  field.type = std::move(*type);
  field.nullable = !json.contains("nullable") || json["nullable"] != Json(false);
  return field;
}

}  // namespace

Json ToJson(const Schema& schema) {
  Json json = Json::array();
  for (const Field& field : schema.fields) json.push_back(ToJson(field));
  return json;
}

Result<Schema> SchemaFromJson(const Json& json) {
  if (!json.is_array()) return Fail(ErrorKind::kCorrupt, "a schema is a list of fields");
  Schema schema;
  for (const Json& each : json) {
    FIRN_TRY_ASSIGN(Field field, FieldFromJson(each, 0));
    schema.fields.push_back(std::move(field));
  }
  return schema;
}

}  // namespace firn
