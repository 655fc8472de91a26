#pragma once

#include <optional>
#include <span>
#include <string>

#include "aws/json_service.h"
#include "base/result.h"
#include "dynamodb/requests.h"
#include "env/random.h"
#include "env/retry.h"

namespace firn {

// Where pages of a table come from: DynamoDB, or a test.
class PageSource {
 public:
  virtual ~PageSource() = default;
  virtual Result<ItemPage> Scan(const ScanRequest& request) = 0;
};

// DynamoDB, or a server that speaks its API. Thread-safe; a call is one request (BatchWrite one for 25 writes), made
// again while that may help: see JsonService. `service`, `retries` and `random` must outlive it.
//
// Errors of all calls: kNotFound for a table or index that is not there, kInvalidArgument for what DynamoDB calls
// invalid, kPermission, kUnavailable when it did not answer or throttled until the budget was spent.
//
// Conditions that do not hold are no errors but outcomes. One exception: when an earlier try's answer was lost and the
// condition does not hold now, that may be that try's own work. A put then looks whether its own item is there, and was
// applied; else it is kUnknownOutcome: read the item, and decide.
class DynamoClient : public PageSource {
 public:
  DynamoClient(JsonCaller& service, Retries& retries, Random& random)
      : service_(service), retries_(retries), random_(random) {}

  Result<ItemPage> Scan(const ScanRequest& request) override;
  Result<ItemPage> Query(const QueryRequest& request);
  Result<std::optional<Item>> GetItem(const GetRequest& request);

  Result<WriteOutcome> PutItem(const PutRequest& request);
  Result<WriteOutcome> UpdateItem(const UpdateRequest& request);
  Result<WriteOutcome> DeleteItem(const DeleteRequest& request);

  // Any number of writes, 25 a request; what the server leaves is sent again, with pauses, as long as each request's
  // budget lasts. No two writes of 25 may be of one item. Not atomic: after an error any of them may be done; doing all
  // again is safe.
  Status BatchWriteItems(std::span<const BatchWrite> writes);

  // All or nothing. Cancelled only because another transaction or too many requests were in the way, it is tried again;
  // kUnavailable once the budget is spent. kConflict when the token was used for another transaction.
  Result<TransactOutcome> TransactWrite(const TransactRequest& request);

  Result<TableDescription> DescribeTable(const std::string& table);
  // Both begin it; AwaitTable waits for its end. kAlreadyExists; kConflict while the table is being changed.
  Status CreateTable(const TableSpec& spec);
  Status DeleteTable(const std::string& table);
  // Until the table is ACTIVE or, with `exists` false, gone; kUnavailable after the retries' budget.
  Status AwaitTable(const std::string& table, bool exists);

 private:
  Result<Json> Ask(const JsonCall& call);
  Result<WriteOutcome> AskWrite(JsonCall call, const Item* own);
  Status WriteBatch(std::span<const BatchWrite> writes);

  JsonCaller& service_;
  Retries& retries_;
  Random& random_;
};

}  // namespace firn
