#pragma once

#include "base/json.h"
#include "base/result.h"
#include "dynamodb/attribute_value.h"

namespace firn {

// DynamoDB's own JSON, in which each value says its type: {"id":{"S":"x"},"n":{"N":"1.50"}}. Binary is base64.
[[nodiscard]] Json ToDynamoJson(const AttributeValue& value);
[[nodiscard]] Json ToDynamoJson(const Item& item);

// kCorrupt for another form, with the path of the value: "a.b[3]: ...". Numbers keep their text. Values may be nested
// 64 deep; DynamoDB stores 32 levels.
Result<Item> ParseDynamoJson(const Json& json);
Result<AttributeValue> ParseDynamoValue(const Json& json);

}  // namespace firn
