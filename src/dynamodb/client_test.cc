#include "dynamodb/client.h"

#include <gtest/gtest.h>

#include <deque>
#include <vector>

#include "dynamodb/item_json.h"

namespace firn {
namespace {

using std::chrono::nanoseconds;
using std::chrono::seconds;

JsonReply Answer(const std::string& body, bool in_doubt = false) {
  return {Json::parse(body), {}, in_doubt};
}

JsonReply Refusal(const std::string& code, const std::string& body = "{}", bool in_doubt = false) {
  return {Json::parse(body), ServiceRefusal{400, code, "no", "7H"}, in_doubt};
}

// Answers what the test has put down, and keeps what it was asked.
class PlayedService : public JsonCaller {
 public:
  Result<JsonReply> Call(const JsonCall& call) override {
    calls.push_back(call);
    if (replies.empty()) return Fail(ErrorKind::kInternal, "no reply was put down");
    auto reply = replies.front();
    replies.pop_front();
    // As JsonService does once its budget is spent.
    if (reply && reply->refusal && call.passes && call.passes(*reply))
      return Fail(ErrorKind::kUnavailable, "passes by itself");
    return reply;
  }

  std::deque<Result<JsonReply>> replies;
  std::vector<JsonCall> calls;
};

class DynamoClientTest : public testing::Test {
 protected:
  void Put(Result<JsonReply> reply) { service_.replies.push_back(std::move(reply)); }
  Json Asked() { return service_.calls.back().request; }

  PlayedService service_;
  FakeClock clock_;
  SeededRandom random_{5};
  int pauses_ = 0;
  Retries retries_{{.budget = seconds(60), .max_tries = 4}, clock_, random_, [this](nanoseconds pause) {
                     ++pauses_;
                     clock_.Advance(pause);
                     return true;
                   }};
  DynamoClient client_{service_, retries_, random_};
};

const Item kKey = {{"id", AttributeValue::String("x")}};
const Item kItem = {{"id", AttributeValue::String("x")}, {"n", AttributeValue::Number("1.50")}};

TEST_F(DynamoClientTest, ScansWithEverythingThatAScanCanSay) {
  Put(Answer(
      R"({"Items":[{"id":{"S":"x"},"n":{"N":"1.50"}}],"Count":1,"ScannedCount":9,"LastEvaluatedKey":{"id":{"S":"x"}}})"));
  ScanRequest request;
  request.selection = {"orders", "by-day", "id, #n", "#n > :n", {{{"#n", "n"}}, {{":n", AttributeValue::Number(1)}}},
                       true};
  request.segment = 1;
  request.segments = 4;
  request.limit = 9;
  request.start = kKey;
  const ItemPage page = client_.Scan(request).value();
  EXPECT_EQ(page.items, std::vector<Item>{kItem});
  EXPECT_EQ(page.scanned, 9);
  EXPECT_EQ(page.last_key, kKey);
  const Json expected = Json::parse(R"({"TableName":"orders","IndexName":"by-day","ProjectionExpression":"id, #n",
      "FilterExpression":"#n > :n","ExpressionAttributeNames":{"#n":"n"},"ExpressionAttributeValues":{":n":{"N":"1"}},
      "ConsistentRead":true,"Limit":9,"ExclusiveStartKey":{"id":{"S":"x"}},"Segment":1,"TotalSegments":4})");
  EXPECT_EQ(Asked(), expected);
  EXPECT_EQ(service_.calls.back().operation, "Scan");
}

TEST_F(DynamoClientTest, LeavesOutWhatIsNotSaid) {
  Put(Answer(R"({"Items":[],"Count":0,"ScannedCount":0})"));
  EXPECT_TRUE(client_.Scan({{.table = "orders"}}).value().last_key.empty());
  EXPECT_EQ(Asked().dump(), R"({"TableName":"orders"})");
  Put(Answer(R"({"Items":[]})"));
  EXPECT_TRUE(client_.Query({{.table = "orders"}, "id = :id", false}));
  EXPECT_EQ(Asked().dump(), R"({"TableName":"orders","KeyConditionExpression":"id = :id","ScanIndexForward":false})");
  Put(Answer("{}"));
  EXPECT_EQ(client_.GetItem({.table = "orders", .key = kKey}).value(), std::nullopt);
  EXPECT_EQ(Asked().dump(), R"({"TableName":"orders","Key":{"id":{"S":"x"}}})");
}

TEST_F(DynamoClientTest, AConditionThatDoesNotHoldIsAnOutcomeWithTheItemThatIsThere) {
  Put(Refusal("ConditionalCheckFailedException", R"({"Item":{"id":{"S":"x"},"n":{"N":"1.50"}}})"));
  const WriteOutcome outcome =
      client_.PutItem({.table = "orders", .item = kKey, .condition = "attribute_not_exists(id)"}).value();
  EXPECT_FALSE(outcome.applied);
  EXPECT_EQ(outcome.item, kItem);
  const Json expected = {{"TableName", "orders"},
                         {"Item", ToDynamoJson(kKey)},
                         {"ConditionExpression", "attribute_not_exists(id)"},
                         {"ReturnValuesOnConditionCheckFailure", "ALL_OLD"}};
  EXPECT_EQ(Asked(), expected);
}

TEST_F(DynamoClientTest, ReturnsTheValuesThatWereAskedFor) {
  Put(Answer(R"({"Attributes":{"n":{"N":"2"}}})"));
  const WriteOutcome outcome = client_
                                   .UpdateItem({.table = "orders",
                                                .key = kKey,
                                                .update = "SET n = :n",
                                                .placeholders = {{}, {{":n", AttributeValue::Number(2)}}},
                                                .return_values = ReturnValues::kUpdatedNew})
                                   .value();
  EXPECT_TRUE(outcome.applied);
  EXPECT_EQ(outcome.item->at("n"), AttributeValue::Number(2));
  EXPECT_EQ(Asked()["ReturnValues"], "UPDATED_NEW");
}

TEST_F(DynamoClientTest, APutWhoseAnswerWasLostKnowsItsOwnItem) {
  const PutRequest put{.table = "orders", .item = kItem, .condition = "attribute_not_exists(id)"};
  Put(Refusal("ConditionalCheckFailedException", R"({"Item":{"n":{"N":"1.50"},"id":{"S":"x"}}})", true));
  EXPECT_TRUE(client_.PutItem(put).value().applied);
  for (const char* other : {R"({"Item":{"id":{"S":"x"}}})", "{}"}) {
    Put(Refusal("ConditionalCheckFailedException", other, true));
    EXPECT_EQ(client_.PutItem(put).error().kind, ErrorKind::kUnknownOutcome);
  }
}

TEST_F(DynamoClientTest, OtherWritesWhoseAnswerWasLostAreOfUnknownOutcomeWhenTheirConditionFails) {
  Put(Refusal("ConditionalCheckFailedException", "{}", true));
  EXPECT_EQ(client_.DeleteItem({.table = "orders", .key = kKey, .condition = "attribute_exists(id)"}).error().kind,
            ErrorKind::kUnknownOutcome);
  Put(Refusal("ConditionalCheckFailedException", "{}", true));
  const UpdateRequest update{
      .table = "orders", .key = kKey, .update = "SET n = :n", .condition = "n = :m", .repeatable = true};
  EXPECT_EQ(client_.UpdateItem(update).error().kind, ErrorKind::kUnknownOutcome);
  EXPECT_TRUE(service_.calls.back().repeatable);
}

TEST_F(DynamoClientTest, AnUpdateIsNotRepeatableUnlessItSaysSo) {
  Put(Answer("{}"));
  EXPECT_TRUE(client_.UpdateItem({.table = "orders", .key = kKey, .update = "ADD n :one"}));
  EXPECT_FALSE(service_.calls.back().repeatable);
}

TEST_F(DynamoClientTest, WritesBatchesOf25AndSendsAgainWhatIsLeft) {
  std::vector<BatchWrite> writes;
  for (int i = 0; i < 30; ++i) writes.push_back({"orders", PutRequest{.item = {{"id", AttributeValue::Number(i)}}}});
  writes[29].write = DeleteRequest{.key = kKey};
  Put(Answer(R"({"UnprocessedItems":{"orders":[{"PutRequest":{"Item":{"id":{"N":"7"}}}}]}})"));
  Put(Answer(R"({"UnprocessedItems":{}})"));
  Put(Answer("{}"));
  ASSERT_TRUE(client_.BatchWriteItems(writes));
  ASSERT_EQ(service_.calls.size(), 3U);
  EXPECT_EQ(service_.calls[0].request["RequestItems"]["orders"].size(), 25U);
  EXPECT_EQ(service_.calls[1].request.dump(),
            R"({"RequestItems":{"orders":[{"PutRequest":{"Item":{"id":{"N":"7"}}}}]}})");
  EXPECT_EQ(service_.calls[2].request["RequestItems"]["orders"].back().dump(),
            R"({"DeleteRequest":{"Key":{"id":{"S":"x"}}}})");
  EXPECT_EQ(pauses_, 1);
}

TEST_F(DynamoClientTest, ABatchThatStaysUndoneIsUnavailable) {
  const std::vector<BatchWrite> writes = {{"a", PutRequest{.item = kItem}}, {"b", PutRequest{.item = kItem}}};
  for (int i = 0; i < 4; ++i) Put(Answer(R"({"UnprocessedItems":{"b":[{"PutRequest":{"Item":{"id":{"S":"x"}}}}]}})"));
  const Status written = client_.BatchWriteItems(writes);
  ASSERT_FALSE(written);
  EXPECT_EQ(written.error().kind, ErrorKind::kUnavailable);
  EXPECT_EQ(
      written.error().message.find("0 of 2 writes are done: cannot write into table 'a', 'b': the service leaves 1 "
                                   "of 2 writes undone (tried 4 times"),
      0U)
      << written.error().message;
}

TEST_F(DynamoClientTest, ATransactionSaysAllItsActionsUnderOneToken) {
  Put(Answer("{}"));
  const TransactRequest request{
      {PutRequest{.table = "a", .item = kItem, .condition = "attribute_not_exists(id)"},
       UpdateRequest{.table = "b", .key = kKey, .update = "REMOVE n"}, DeleteRequest{.table = "c", .key = kKey},
       ConditionCheck{.table = "d", .key = kKey, .condition = "attribute_exists(id)"}},
      "token"};
  EXPECT_TRUE(client_.TransactWrite(request).value().applied);
  const Json key = ToDynamoJson(kKey);
  const Json put = {{"TableName", "a"},
                    {"Item", ToDynamoJson(kItem)},
                    {"ConditionExpression", "attribute_not_exists(id)"},
                    {"ReturnValuesOnConditionCheckFailure", "ALL_OLD"}};
  const Json update = {{"TableName", "b"}, {"Key", key}, {"UpdateExpression", "REMOVE n"}};
  const Json removal = {{"TableName", "c"}, {"Key", key}};
  const Json check = {{"TableName", "d"},
                      {"Key", key},
                      {"ConditionExpression", "attribute_exists(id)"},
                      {"ReturnValuesOnConditionCheckFailure", "ALL_OLD"}};
  const Json actions = {{{"Put", put}}, {{"Update", update}}, {{"Delete", removal}}, {{"ConditionCheck", check}}};
  const Json expected = {{"TransactItems", actions}, {"ClientRequestToken", "token"}};
  EXPECT_EQ(Asked(), expected);
  Put(Answer("{}"));
  ASSERT_TRUE(client_.TransactWrite({{DeleteRequest{.table = "c", .key = kKey}}, ""}));
  EXPECT_EQ(Asked()["ClientRequestToken"].get<std::string>().size(), 32U);
}

TEST_F(DynamoClientTest, ACancelledTransactionSaysWhyForEachAction) {
  Put(Refusal(
      "TransactionCanceledException",
      R"({"CancellationReasons":[{"Code":"None"},{"Code":"ConditionalCheckFailed","Message":"m","Item":{"id":{"S":"x"}}},
                  {"Code":"TransactionConflict"}]})"));
  const TransactOutcome outcome = client_.TransactWrite({{DeleteRequest{.table = "c", .key = kKey}}, ""}).value();
  EXPECT_FALSE(outcome.applied);
  ASSERT_EQ(outcome.reasons.size(), 3U);
  EXPECT_TRUE(outcome.reasons[0].none());
  EXPECT_TRUE(outcome.reasons[1].condition_failed());
  EXPECT_EQ(outcome.reasons[1].item, kKey);
  EXPECT_EQ(outcome.reasons[2].code, "TransactionConflict");
}

TEST_F(DynamoClientTest, ATransactionThatWasOnlyInTheWayOfOthersPasses) {
  Put(Refusal(
      "TransactionCanceledException",
      R"({"CancellationReasons":[{"Code":"None"},{"Code":"TransactionConflict"},{"Code":"ThrottlingError"}]})"));
  EXPECT_EQ(client_.TransactWrite({{DeleteRequest{.table = "c", .key = kKey}}, ""}).error().kind,
            ErrorKind::kUnavailable);
}

TEST_F(DynamoClientTest, RefusalsAreErrorsWithTheTableAndTheRequest) {
  Put(Refusal("ResourceNotFoundException"));
  const auto scanned = client_.Scan({{.table = "orders"}});
  EXPECT_EQ(scanned.error().kind, ErrorKind::kNotFound);
  EXPECT_EQ(scanned.error().message,
            "cannot scan table 'orders': the service says ResourceNotFoundException, no (request 7H)");
  Put(Refusal("ValidationException"));
  EXPECT_EQ(client_.PutItem({.table = "orders", .item = kItem}).error().kind, ErrorKind::kInvalidArgument);
  Put(Refusal("IdempotentParameterMismatchException"));
  EXPECT_EQ(client_.TransactWrite({{DeleteRequest{.table = "c", .key = kKey}}, "t"}).error().kind,
            ErrorKind::kConflict);
  Put(Refusal("ResourceInUseException"));
  EXPECT_EQ(client_.CreateTable({"orders", {"id"}, {}}).error().kind, ErrorKind::kAlreadyExists);
  Put(Refusal("ResourceInUseException"));
  EXPECT_EQ(client_.DeleteTable("orders").error().kind, ErrorKind::kConflict);
}

TEST_F(DynamoClientTest, AnswersThatAreNoneOfDynamoDbsAreCorrupt) {
  for (const char* body : {R"({"Items":1})", R"({"Items":[1]})", R"({"LastEvaluatedKey":[]})"}) {
    Put(Answer(body));
    EXPECT_EQ(client_.Scan({{.table = "orders"}}).error().kind, ErrorKind::kCorrupt) << body;
  }
  Put(Answer("{}"));
  EXPECT_EQ(client_.DescribeTable("orders").error().kind, ErrorKind::kCorrupt);
}

TEST_F(DynamoClientTest, DescribesATable) {
  Put(Answer(R"({"Table":{"TableName":"orders","TableArn":"arn:o","TableId":"i","TableStatus":"ACTIVE","ItemCount":7,
      "TableSizeBytes":99,"KeySchema":[{"AttributeName":"id","KeyType":"HASH"},{"AttributeName":"n","KeyType":"RANGE"}],
      "AttributeDefinitions":[{"AttributeName":"n","AttributeType":"N"},{"AttributeName":"id","AttributeType":"S"}],
      "GlobalSecondaryIndexes":[{"IndexName":"by-day"}]}})"));
  const TableDescription table = client_.DescribeTable("orders").value();
  EXPECT_EQ(table.arn, "arn:o");
  EXPECT_EQ(table.status, "ACTIVE");
  EXPECT_EQ(table.items, 7);
  EXPECT_EQ(table.bytes, 99);
  EXPECT_EQ(table.hash_key, (KeyAttribute{"id", "S"}));
  EXPECT_EQ(table.range_key, (KeyAttribute{"n", "N"}));
  EXPECT_EQ(table.indexes, std::vector<std::string>{"by-day"});
}

TEST_F(DynamoClientTest, AwaitsATable) {
  Put(Refusal("ResourceNotFoundException"));
  Put(Answer(R"({"Table":{"TableStatus":"CREATING"}})"));
  Put(Answer(R"({"Table":{"TableStatus":"ACTIVE"}})"));
  EXPECT_TRUE(client_.AwaitTable("orders", true));
  EXPECT_EQ(pauses_, 2);
  Put(Answer(R"({"Table":{"TableStatus":"DELETING"}})"));
  Put(Refusal("ResourceNotFoundException"));
  EXPECT_TRUE(client_.AwaitTable("orders", false));
  for (int i = 0; i < 4; ++i) Put(Answer(R"({"Table":{"TableStatus":"CREATING"}})"));
  EXPECT_EQ(client_.AwaitTable("orders", true).error().kind, ErrorKind::kUnavailable);
}

}  // namespace
}  // namespace firn
