#include "dynamodb/request_json.h"

#include <fmt/format.h>

#include <array>
#include <utility>

#include "dynamodb/item_json.h"

namespace firn {
namespace {

void AddText(Json& json, const char* name, const std::string& text) {
  if (!text.empty()) json[name] = text;
}

void AddItem(Json& json, const char* name, const Item& item) {
  if (!item.empty()) json[name] = ToDynamoJson(item);
}

void AddPlaceholders(Json& json, const Placeholders& placeholders) {
  if (!placeholders.names.empty()) json["ExpressionAttributeNames"] = placeholders.names;
  AddItem(json, "ExpressionAttributeValues", placeholders.values);
}

void AddCondition(Json& json, const std::string& condition, const Placeholders& placeholders) {
  AddText(json, "ConditionExpression", condition);
  AddPlaceholders(json, placeholders);
  if (!condition.empty()) json["ReturnValuesOnConditionCheckFailure"] = "ALL_OLD";
}

void AddReturnValues(Json& json, ReturnValues values) {
  constexpr std::array kNames = {"NONE", "ALL_OLD", "UPDATED_OLD", "ALL_NEW", "UPDATED_NEW"};
  if (values != ReturnValues::kNone) json["ReturnValues"] = kNames[static_cast<size_t>(values)];
}

Json PageJson(const Selection& selection, int64_t limit, const Item& start) {
  Json json = {{"TableName", selection.table}};
  AddText(json, "IndexName", selection.index);
  AddText(json, "ProjectionExpression", selection.projection);
  AddText(json, "FilterExpression", selection.filter);
  AddPlaceholders(json, selection.placeholders);
  if (selection.consistent_read) json["ConsistentRead"] = true;
  if (limit > 0) json["Limit"] = limit;
  AddItem(json, "ExclusiveStartKey", start);
  return json;
}

// The parts that a write alone and one in a transaction have in common.
Json ActionJson(const PutRequest& put) {
  Json json = {{"TableName", put.table}, {"Item", ToDynamoJson(put.item)}};
  AddCondition(json, put.condition, put.placeholders);
  return json;
}
Json ActionJson(const UpdateRequest& update) {
  Json json = {{"TableName", update.table}, {"Key", ToDynamoJson(update.key)}};
  AddText(json, "UpdateExpression", update.update);
  AddCondition(json, update.condition, update.placeholders);
  return json;
}
Json ActionJson(const DeleteRequest& removal) {
  Json json = {{"TableName", removal.table}, {"Key", ToDynamoJson(removal.key)}};
  AddCondition(json, removal.condition, removal.placeholders);
  return json;
}
Json ActionJson(const ConditionCheck& check) {
  Json json = {{"TableName", check.table}, {"Key", ToDynamoJson(check.key)}};
  AddCondition(json, check.condition, check.placeholders);
  return json;
}

constexpr const char* NameOfAction(const PutRequest&) {
  return "Put";
}
constexpr const char* NameOfAction(const UpdateRequest&) {
  return "Update";
}
constexpr const char* NameOfAction(const DeleteRequest&) {
  return "Delete";
}
constexpr const char* NameOfAction(const ConditionCheck&) {
  return "ConditionCheck";
}

template <class Request>
Json WriteJson(const Request& request) {
  Json json = ActionJson(request);
  AddReturnValues(json, request.return_values);
  return json;
}

Json KeySchemaJson(const KeyAttribute& key, const char* type) {
  return {{"AttributeName", key.name}, {"KeyType", type}};
}

Json DefinitionJson(const KeyAttribute& key) {
  return {{"AttributeName", key.name}, {"AttributeType", key.type}};
}

const Json* Find(const Json& json, const char* name) {
  const auto found = json.is_object() ? json.find(name) : json.end();
  return found == json.end() || found->is_null() ? nullptr : &*found;
}

std::string TextAt(const Json& json, const char* name) {
  const Json* found = Find(json, name);
  return found != nullptr && found->is_string() ? found->get<std::string>() : std::string();
}

int64_t NumberAt(const Json& json, const char* name) {
  const Json* found = Find(json, name);
  return found != nullptr && found->is_number() ? found->get<int64_t>() : 0;
}

Result<Json> ArrayAt(const Json& json, const char* name) {
  const Json* found = Find(json, name);
  if (found == nullptr) return Json::array();
  if (!found->is_array()) return Fail(ErrorKind::kCorrupt, fmt::format("{} in DynamoDB's answer is no list", name));
  return *found;
}

std::string TypeOfAttribute(const Json& definitions, const std::string& name) {
  for (const Json& definition : definitions) {
    if (TextAt(definition, "AttributeName") == name) return TextAt(definition, "AttributeType");
  }
  return {};
}

}  // namespace

Json ToJson(const ScanRequest& request) {
  Json json = PageJson(request.selection, request.limit, request.start);
  if (request.segments > 1) {
    json["Segment"] = request.segment;
    json["TotalSegments"] = request.segments;
  }
  return json;
}

Json ToJson(const QueryRequest& request) {
  Json json = PageJson(request.selection, request.limit, request.start);
  json["KeyConditionExpression"] = request.key_condition;
  if (!request.forward) json["ScanIndexForward"] = false;
  return json;
}

Json ToJson(const GetRequest& request) {
  Json json = {{"TableName", request.table}, {"Key", ToDynamoJson(request.key)}};
  AddText(json, "ProjectionExpression", request.projection);
  AddPlaceholders(json, request.placeholders);
  if (request.consistent_read) json["ConsistentRead"] = true;
  return json;
}

Json ToJson(const PutRequest& request) {
  return WriteJson(request);
}
Json ToJson(const UpdateRequest& request) {
  return WriteJson(request);
}
Json ToJson(const DeleteRequest& request) {
  return WriteJson(request);
}

Json ToJson(const TransactRequest& request) {
  Json actions = Json::array();
  for (const TransactAction& action : request.actions)
    actions.push_back(std::visit([](const auto& one) { return Json{{NameOfAction(one), ActionJson(one)}}; }, action));
  return {{"TransactItems", std::move(actions)}, {"ClientRequestToken", request.token}};
}

Json ToJson(const TableSpec& spec) {
  Json schema = Json::array({KeySchemaJson(spec.hash_key, "HASH")});
  Json definitions = Json::array({DefinitionJson(spec.hash_key)});
  if (spec.range_key) {
    schema.push_back(KeySchemaJson(*spec.range_key, "RANGE"));
    definitions.push_back(DefinitionJson(*spec.range_key));
  }
  return {{"TableName", spec.name},
          {"KeySchema", std::move(schema)},
          {"AttributeDefinitions", std::move(definitions)},
          {"BillingMode", "PAY_PER_REQUEST"}};
}

Json ToJson(std::span<const BatchWrite> writes) {
  Json tables = Json::object();
  for (const BatchWrite& write : writes) {
    Json& table = tables[write.table];
    if (const auto* put = std::get_if<PutRequest>(&write.write))
      table.push_back({{"PutRequest", {{"Item", ToDynamoJson(put->item)}}}});
    else
      table.push_back({{"DeleteRequest", {{"Key", ToDynamoJson(std::get<DeleteRequest>(write.write).key)}}}});
  }
  return tables;
}

Result<std::optional<Item>> ParseItemAt(const Json& body, const char* name) {
  const Json* found = Find(body, name);
  if (found == nullptr) return std::optional<Item>();
  FIRN_TRY_ASSIGN(Item item, ParseDynamoJson(*found));
  return std::optional(std::move(item));
}

Result<ItemPage> ParsePage(const Json& body) {
  ItemPage page;
  FIRN_TRY_ASSIGN(const Json items, ArrayAt(body, "Items"));
  page.items.reserve(items.size());
  for (const Json& json : items) {
    FIRN_TRY_ASSIGN(Item item, ParseDynamoJson(json));
    page.items.push_back(std::move(item));
  }
  page.scanned = NumberAt(body, "ScannedCount");
  FIRN_TRY_ASSIGN(std::optional<Item> last_key, ParseItemAt(body, "LastEvaluatedKey"));
  if (last_key) page.last_key = std::move(*last_key);
  return page;
}

Result<std::vector<CancellationReason>> ParseReasons(const Json& body) {
  FIRN_TRY_ASSIGN(const Json list, ArrayAt(body, "CancellationReasons"));
  std::vector<CancellationReason> reasons;
  for (const Json& json : list) {
    CancellationReason reason{TextAt(json, "Code"), TextAt(json, "Message"), {}};
    FIRN_TRY_ASSIGN(reason.item, ParseItemAt(json, "Item"));
    reasons.push_back(std::move(reason));
  }
  return reasons;
}

Result<TableDescription> ParseTable(const Json& body) {
  const Json* table = Find(body, "Table");
  if (table == nullptr) return Fail(ErrorKind::kCorrupt, "DynamoDB's answer has no Table");
  TableDescription description{TextAt(*table, "TableName"),
                               TextAt(*table, "TableArn"),
                               TextAt(*table, "TableId"),
                               TextAt(*table, "TableStatus"),
                               {},
                               {},
                               NumberAt(*table, "ItemCount"),
                               NumberAt(*table, "TableSizeBytes"),
                               {}};
  FIRN_TRY_ASSIGN(const Json definitions, ArrayAt(*table, "AttributeDefinitions"));
  FIRN_TRY_ASSIGN(const Json schema, ArrayAt(*table, "KeySchema"));
  for (const Json& key : schema) {
    const std::string name = TextAt(key, "AttributeName");
    KeyAttribute attribute{name, TypeOfAttribute(definitions, name)};
    if (TextAt(key, "KeyType") == "HASH")
      description.hash_key = std::move(attribute);
    else
      description.range_key = std::move(attribute);
  }
  for (const char* kind : {"GlobalSecondaryIndexes", "LocalSecondaryIndexes"}) {
    FIRN_TRY_ASSIGN(const Json indexes, ArrayAt(*table, kind));
    for (const Json& index : indexes) description.indexes.push_back(TextAt(index, "IndexName"));
  }
  return description;
}

}  // namespace firn
