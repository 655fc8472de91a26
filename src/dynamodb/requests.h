#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "dynamodb/attribute_value.h"

namespace firn {

// What DynamoDB is asked for and what it answers ("Amazon DynamoDB API reference"). Tables are named by name or ARN.

// What stands for names (#n) and values (:v) in the expressions of one request.
struct Placeholders {
  std::map<std::string, std::string, std::less<>> names;  // "#n" to "name"
  Item values;                                            // ":v" to a value
};

// What of a table or index a Scan or a Query returns.
struct Selection {
  std::string table;
  std::string index;       // empty: the table itself
  std::string projection;  // "id, #n": these attributes; empty: all
  std::string filter;      // a condition; items for which it does not hold are read, and paid for, but not returned
  Placeholders placeholders;
  bool consistent_read = false;  // not of global secondary indexes
};

struct ScanRequest {
  Selection selection;
  int segment = 0;
  int segments = 1;
  int64_t limit = 0;  // items read a page; 0: as many as there are in 1 MB
  Item start;         // the last page's last_key; empty: from the beginning
};

struct QueryRequest {
  Selection selection;
  std::string key_condition;  // "id = :id"
  bool forward = true;        // by the range key, ascending
  int64_t limit = 0;
  Item start;
};

struct ItemPage {
  std::vector<Item> items;
  int64_t scanned = 0;  // before the filter
  Item last_key;        // where the next page begins; empty: this is the last one
};

struct GetRequest {
  std::string table;
  Item key;
  std::string projection;
  Placeholders placeholders;
  bool consistent_read = false;
};

// Which attributes a write returns. Puts and deletes know kNone and kAllOld.
enum class ReturnValues { kNone, kAllOld, kUpdatedOld, kAllNew, kUpdatedNew };

struct PutRequest {
  std::string table;
  Item item;
  std::string condition;  // "attribute_not_exists(id)"; empty: none
  Placeholders placeholders;
  ReturnValues return_values = ReturnValues::kNone;
};

struct UpdateRequest {
  std::string table;
  Item key;
  std::string update;  // "SET n = :n ADD k :one"; empty: makes the item when it is not there
  std::string condition;
  Placeholders placeholders;
  ReturnValues return_values = ReturnValues::kNone;
  // Done twice it leaves what it leaves once ("SET n = :n"), or its condition refuses the second. Else ("ADD k :one")
  // an update whose answer is lost is kUnknownOutcome instead of being tried again.
  bool repeatable = false;
};

struct DeleteRequest {
  std::string table;
  Item key;
  std::string condition;
  Placeholders placeholders;
  ReturnValues return_values = ReturnValues::kNone;
};

// What became of a write.
struct WriteOutcome {
  bool applied = true;  // false: the condition did not hold, and nothing was changed
  // Applied: what `return_values` asked for. Not applied: the item that is there, if any.
  std::optional<Item> item;
};

// A write without condition, of many at once.
struct BatchWrite {
  std::string table;
  std::variant<PutRequest, DeleteRequest> write;  // of which the item or the key is looked at
};

// A condition on an item that a transaction does not write.
struct ConditionCheck {
  std::string table;
  Item key;
  std::string condition;
  Placeholders placeholders;
};

using TransactAction = std::variant<PutRequest, UpdateRequest, DeleteRequest, ConditionCheck>;

struct TransactRequest {
  std::vector<TransactAction> actions;  // up to 100, of different items
  // The same transaction twice with one token within ten minutes is done once. Empty: a random one.
  std::string token;
};

// Why one action had a transaction cancelled.
struct CancellationReason {
  std::string code = "None";  // "ConditionalCheckFailed", "ItemCollectionSizeLimitExceeded", "ValidationError"
  std::string message;
  std::optional<Item> item;  // that is there, where a condition did not hold

  [[nodiscard]] bool none() const { return code.empty() || code == "None"; }
  [[nodiscard]] bool condition_failed() const { return code == "ConditionalCheckFailed"; }
};

struct TransactOutcome {
  bool applied = true;                      // false: nothing was changed
  std::vector<CancellationReason> reasons;  // not applied: one for each action, in their order
};

// The letters of a key's type: S, N or B.
struct KeyAttribute {
  std::string name;
  std::string type = "S";
  friend bool operator==(const KeyAttribute&, const KeyAttribute&) = default;
};

// A table to be made, paid by request.
struct TableSpec {
  std::string name;
  KeyAttribute hash_key;
  std::optional<KeyAttribute> range_key;
};

struct TableDescription {
  std::string name;
  std::string arn;
  std::string id;      // another one when a table of the same name is made again
  std::string status;  // "CREATING", "UPDATING", "DELETING", "ACTIVE"
  KeyAttribute hash_key;
  std::optional<KeyAttribute> range_key;
  int64_t items = 0;  // both as of some hours ago
  int64_t bytes = 0;
  std::vector<std::string> indexes;
};

}  // namespace firn
