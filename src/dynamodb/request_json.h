#pragma once

#include <span>
#include <string>

#include "base/json.h"
#include "base/result.h"
#include "dynamodb/requests.h"

namespace firn {

// Requests in the form of the API, and answers out of it. What is empty or the default is left out. Parse functions
// fail with kCorrupt for what is no answer of DynamoDB.

[[nodiscard]] Json ToJson(const ScanRequest& request);
[[nodiscard]] Json ToJson(const QueryRequest& request);
[[nodiscard]] Json ToJson(const GetRequest& request);
// With a condition they ask for the item that is there when it does not hold; that costs nothing.
[[nodiscard]] Json ToJson(const PutRequest& request);
[[nodiscard]] Json ToJson(const UpdateRequest& request);
[[nodiscard]] Json ToJson(const DeleteRequest& request);
[[nodiscard]] Json ToJson(const TransactRequest& request);
[[nodiscard]] Json ToJson(const TableSpec& spec);

// "RequestItems" of BatchWriteItem: table by table.
[[nodiscard]] Json ToJson(std::span<const BatchWrite> writes);

Result<ItemPage> ParsePage(const Json& body);
// The item that `body` has as `name`: "Item", "Attributes"; std::nullopt when it has none.
Result<std::optional<Item>> ParseItemAt(const Json& body, const char* name);
Result<std::vector<CancellationReason>> ParseReasons(const Json& body);
// Of DescribeTable.
Result<TableDescription> ParseTable(const Json& body);

}  // namespace firn
