#include "dynamodb/client.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "dynamodb/request_json.h"

namespace firn {
namespace {

constexpr size_t kBatch = 25;

bool IsCode(const JsonReply& reply, std::string_view code) {
  return reply.refusal && reply.refusal->code == code;
}

std::string Doing(std::string_view verb, const std::string& table) {
  return fmt::format("{} table '{}'", verb, table);
}

std::string Doing(std::string_view verb, const Selection& selection) {
  return selection.index.empty() ? Doing(verb, selection.table)
                                 : fmt::format("{} index '{}' of table '{}'", verb, selection.index, selection.table);
}

// What another try of a transaction may not meet.
bool PassesByItself(const CancellationReason& reason) {
  return reason.none() || reason.code == "TransactionConflict" || reason.code == "ThrottlingError" ||
         reason.code == "ProvisionedThroughputExceeded" || reason.code == "RequestLimitExceeded";
}

bool CancelledInPassing(const JsonReply& reply) {
  if (!IsCode(reply, "TransactionCanceledException")) return false;
  const auto reasons = ParseReasons(reply.body);
  return reasons && !reasons->empty() && std::ranges::all_of(*reasons, PassesByItself) &&
         !std::ranges::all_of(*reasons, &CancellationReason::none);
}

std::string TablesOf(std::span<const BatchWrite> writes) {
  std::string names;
  for (const BatchWrite& write : writes) {
    const std::string quoted = fmt::format("'{}'", write.table);
    if (names.find(quoted) == std::string::npos) names += (names.empty() ? "" : ", ") + quoted;
  }
  return names;
}

size_t CountWrites(const Json& tables) {
  size_t count = 0;
  for (const Json& table : tables) count += table.size();
  return count;
}

// 32 hex digits: a token has up to 36 characters.
std::string TokenOf(const TransactRequest& request, Random& random) {
  return request.token.empty() ? RandomHex(random, 32) : request.token;
}

}  // namespace

Result<Json> DynamoClient::Ask(const JsonCall& call) {
  FIRN_TRY_ASSIGN(JsonReply reply, service_.Call(call));
  if (reply.refusal) return std::unexpected(ErrorOf(*reply.refusal, call.doing));
  return std::move(reply.body);
}

Result<ItemPage> DynamoClient::Scan(const ScanRequest& request) {
  FIRN_TRY_ASSIGN(const Json body, Ask({"Scan", Doing("scan", request.selection), ToJson(request)}));
  return ParsePage(body);
}

Result<ItemPage> DynamoClient::Query(const QueryRequest& request) {
  FIRN_TRY_ASSIGN(const Json body, Ask({"Query", Doing("query", request.selection), ToJson(request)}));
  return ParsePage(body);
}

Result<std::optional<Item>> DynamoClient::GetItem(const GetRequest& request) {
  FIRN_TRY_ASSIGN(const Json body, Ask({"GetItem", Doing("read from", request.table), ToJson(request)}));
  return ParseItemAt(body, "Item");
}

Result<WriteOutcome> DynamoClient::PutItem(const PutRequest& request) {
  return AskWrite({"PutItem", Doing("write into", request.table), ToJson(request)}, &request.item);
}

Result<WriteOutcome> DynamoClient::UpdateItem(const UpdateRequest& request) {
  return AskWrite({"UpdateItem", Doing("update an item of", request.table), ToJson(request), request.repeatable},
                  nullptr);
}

Result<WriteOutcome> DynamoClient::DeleteItem(const DeleteRequest& request) {
  return AskWrite({"DeleteItem", Doing("delete from", request.table), ToJson(request)}, nullptr);
}

// `own`: what is there when the write has been applied, where that is known.
Result<WriteOutcome> DynamoClient::AskWrite(JsonCall call, const Item* own) {
  FIRN_TRY_ASSIGN(const JsonReply reply, service_.Call(call));
  if (!reply.refusal) {
    FIRN_TRY_ASSIGN(std::optional<Item> item, ParseItemAt(reply.body, "Attributes"));
    return WriteOutcome{true, std::move(item)};
  }
  if (!IsCode(reply, "ConditionalCheckFailedException")) return std::unexpected(ErrorOf(*reply.refusal, call.doing));
  FIRN_TRY_ASSIGN(std::optional<Item> there, ParseItemAt(reply.body, "Item"));
  if (!reply.in_doubt) return WriteOutcome{false, std::move(there)};
  if (own != nullptr && there && *there == *own) return WriteOutcome{};
  return Fail(ErrorKind::kUnknownOutcome,
              fmt::format("cannot {}: an answer was lost, and now the condition does not hold", call.doing),
              "Read the item: the write may have been done");
}

Status DynamoClient::BatchWriteItems(std::span<const BatchWrite> writes) {
  for (size_t at = 0; at < writes.size(); at += kBatch) {
    Status written = WriteBatch(writes.subspan(at, std::min(kBatch, writes.size() - at)));
    if (written) continue;
    return std::unexpected(
        std::move(written.error()).Within(fmt::format("{} of {} writes are done", at, writes.size())));
  }
  return {};
}

Status DynamoClient::WriteBatch(std::span<const BatchWrite> writes) {
  const std::string doing = "write into table " + TablesOf(writes);
  Json left = ToJson(writes);
  Retries::Operation operation = retries_.Begin();
  while (true) {
    FIRN_TRY_ASSIGN(Json body, Ask({"BatchWriteItem", doing, {{"RequestItems", std::move(left)}}}));
    const auto unprocessed = body.find("UnprocessedItems");
    if (unprocessed == body.end() || unprocessed->empty()) return {};
    left = std::move(*unprocessed);
    Error error{
        ErrorKind::kUnavailable,
        fmt::format("cannot {}: the service leaves {} of {} writes undone", doing, CountWrites(left), writes.size()),
        "The service throttles: fewer requests at once, or more capacity"};
    if (!operation.Again(error)) return std::unexpected(std::move(error));
  }
}

Result<TransactOutcome> DynamoClient::TransactWrite(const TransactRequest& request) {
  TransactRequest with_token = request;
  with_token.token = TokenOf(request, random_);
  JsonCall call{"TransactWriteItems", "do the transaction", ToJson(with_token)};
  call.passes = CancelledInPassing;
  FIRN_TRY_ASSIGN(const JsonReply reply, service_.Call(call));
  if (!reply.refusal) return TransactOutcome{};
  if (!IsCode(reply, "TransactionCanceledException")) return std::unexpected(ErrorOf(*reply.refusal, call.doing));
  FIRN_TRY_ASSIGN(std::vector<CancellationReason> reasons, ParseReasons(reply.body));
  return TransactOutcome{false, std::move(reasons)};
}

Result<TableDescription> DynamoClient::DescribeTable(const std::string& table) {
  FIRN_TRY_ASSIGN(const Json body, Ask({"DescribeTable", Doing("describe", table), {{"TableName", table}}}));
  return ParseTable(body);
}

Status DynamoClient::CreateTable(const TableSpec& spec) {
  const JsonCall call{"CreateTable", Doing("create", spec.name), ToJson(spec)};
  FIRN_TRY_ASSIGN(const JsonReply reply, service_.Call(call));
  if (!reply.refusal) return {};
  Error error = ErrorOf(*reply.refusal, call.doing);
  if (IsCode(reply, "ResourceInUseException")) {
    error.kind = ErrorKind::kAlreadyExists;
    error.hint = "Use it, or another name";
  }
  return std::unexpected(std::move(error));
}

Status DynamoClient::DeleteTable(const std::string& table) {
  return StatusOf(Ask({"DeleteTable", Doing("delete", table), {{"TableName", table}}}));
}

Status DynamoClient::AwaitTable(const std::string& table, bool exists) {
  return retries_.Repeat([&]() -> Status {
    const auto description = DescribeTable(table);
    const bool gone = !description && description.error().kind == ErrorKind::kNotFound;
    if (!description && !gone) return std::unexpected(description.error());
    if (exists ? !gone && description->status == "ACTIVE" : gone) return {};
    return Fail(ErrorKind::kUnavailable,
                fmt::format("table '{}' is {}", table, gone ? "not there" : description->status),
                "Give it more time, or look at it in the console");
  });
}

}  // namespace firn
