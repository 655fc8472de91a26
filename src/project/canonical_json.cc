#include "project/canonical_json.h"

#include <algorithm>
#include <cstdlib>
#include <vector>

namespace firn {
namespace {

Json FromScalar(const YamlNode& scalar, const ProjectKey& key) {
  switch (key.form) {
    case Form::kInteger:
      if (const auto value = ParseInteger(scalar.text)) return *value;
      return scalar.text;  // ${NAME}
    case Form::kBoolean:
      if (const auto value = ParseBoolean(scalar.text)) return *value;
      return scalar.text;
    case Form::kAny:
      return ScalarToJson(scalar);
    case Form::kLocation:
      return scalar.text.ends_with('/') ? scalar.text.substr(0, scalar.text.size() - 1) : scalar.text;
    default:
      return scalar.text;
  }
}

Json FromKeys(const YamlNode* node, const KeyNode& key) {
  Json json = Json::object();
  for (const auto& [name, child] : key.children) {
    std::optional<Json> value = ToCanonicalJson(node == nullptr ? nullptr : node->Find(name), *child);
    if (value) json[name] = std::move(*value);
  }
  return json;
}

Json FromNames(const YamlNode& node, const KeyNode& key) {
  std::vector<const YamlEntry*> entries;
  for (const YamlEntry& entry : node.entries) entries.push_back(&entry);
  if (!key.key->ordered) std::ranges::sort(entries, {}, &YamlEntry::key);
  Json json = Json::object();
  for (const YamlEntry* entry : entries)
    if (std::optional<Json> value = ToCanonicalJson(&entry->value, *key.any_name))
      json.emplace(entry->key, std::move(*value));
  return json;
}

std::optional<Json> FromDefault(const KeyNode& key) {
  if (key.key == nullptr || key.key->filled) return FromKeys(nullptr, key);
  if (HasDefault(*key.key)) {
    YamlNode scalar;
    scalar.kind = YamlKind::kScalar;
    scalar.text = std::string(key.key->default_value);
    return FromScalar(scalar, *key.key);
  }
  // Only collections on their own: an absent step must not look like one that was written.
  if (key.key->path.starts_with("jobs.*.steps[].") && !key.key->path.ends_with("dedupe.by")) return std::nullopt;
  if (key.key->path.ends_with(".columns") || key.key->path.ends_with(".partition_by")) return std::nullopt;
  if (key.shapes() == kListShape) return Json::array();
  if (key.shapes() == kNamedShape) return Json::object();
  return std::nullopt;
}

}  // namespace

Json ScalarToJson(const YamlNode& scalar) {
  switch (ScalarKindOf(scalar)) {
    case ScalarKind::kInteger:
      return *ParseInteger(scalar.text);
    case ScalarKind::kBoolean:
      return *ParseBoolean(scalar.text);
    case ScalarKind::kNumber: {
      const double value = std::strtod(scalar.text.c_str(), nullptr);
      return value;
    }
    case ScalarKind::kText:
      break;
  }
  return scalar.text;
}

std::optional<Json> ToCanonicalJson(const YamlNode* node, const KeyNode& key) {
  if (node == nullptr || node->kind == YamlKind::kNull) return FromDefault(key);
  switch (node->kind) {
    case YamlKind::kScalar:
      return FromScalar(*node, *key.key);
    case YamlKind::kMap:
      return key.shapes() & kMapShape ? FromKeys(node, key) : FromNames(*node, key);
    default:
      break;
  }
  Json json = Json::array();
  for (const YamlNode& item : node->items)
    if (std::optional<Json> value = ToCanonicalJson(&item, *key.element)) json.push_back(std::move(*value));
  return json;
}

}  // namespace firn
