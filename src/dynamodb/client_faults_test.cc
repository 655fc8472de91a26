#include <gtest/gtest.h>

#include <chrono>

#include "aws/faulty_proxy_test.h"
#include "dynamodb/dynamodb_server_test.h"

namespace firn {
namespace {

using Deed = Mishap::Deed;

// The first `times` requests of an operation.
MishapRule Spoil(const std::string& operation, Deed deed, int64_t times) {
  return [name = "POST / DynamoDB_20120810." + operation, deed, times](const std::string& request, int64_t before) {
    return request == name && before < times ? deed : Deed::kNone;
  };
}

// A real server, reached directly and through a proxy that counts and spoils.
class DynamoFaults : public testing::TestWithParam<const char*> {
 protected:
  const std::string endpoint_ = DynamoEndpointOf(GetParam());
  FaultyProxy proxy_{endpoint_};
  TestDynamo direct_{endpoint_};
  TestDynamo spoiled_{proxy_.endpoint()};
  DynamoClient& client_{spoiled_.client()};
  TestTable table_{direct_.client()};
  const Item key_ = TestTable::Key("a", 1);
  const Item item_ = [] {
    Item item = TestTable::Key("a", 1);
    item.emplace("v", AttributeValue::String("value"));
    return item;
  }();
  UpdateRequest Increment() {
    return {.table = table_.name(),
            .key = key_,
            .update = "ADD amount :one",
            .placeholders = {{}, {{":one", AttributeValue::Number(1)}}}};
  }
};
INSTANTIATE_TEST_SUITE_P(Servers, DynamoFaults, testing::ValuesIn(kDynamoServers),
                         [](const auto& server) { return std::string(server.param); });

TEST_P(DynamoFaults, ReadsGoThroughWhateverBecomesOfTheFirstAnswers) {
  ASSERT_TRUE(direct_.client().PutItem({.table = table_.name(), .item = item_}));
  int pauses = 0;
  for (const Deed deed : {Deed::kThrottle, Deed::kServerFault, Deed::kSlowDown, Deed::kReset, Deed::kShort,
                          Deed::kLoseAnswer, Deed::kWrongChecksum}) {
    proxy_.SetRule(Spoil("GetItem", deed, 3));
    const auto item = client_.GetItem({.table = table_.name(), .key = key_});
    ASSERT_TRUE(item) << item.error().Text();
    EXPECT_EQ(*item, item_);
    EXPECT_EQ(proxy_.Requests().size(), 4U);
    EXPECT_EQ(spoiled_.pauses(), pauses += 3);
  }
}

TEST_P(DynamoFaults, ASilentServerIsAskedAgainAfterTheTimeout) {
  proxy_.SetRule(Spoil("DescribeTable", Deed::kStall, 1));
  const auto begin = std::chrono::steady_clock::now();
  EXPECT_TRUE(client_.DescribeTable(table_.name()));
  EXPECT_LT(std::chrono::steady_clock::now() - begin, std::chrono::seconds(10));
  EXPECT_EQ(proxy_.Requests().size(), 2U);
}

TEST_P(DynamoFaults, ThrottlingBeyondTheBudgetIsUnavailable) {
  proxy_.SetRule(Spoil("Scan", Deed::kThrottle, 1'000'000));
  const auto page = client_.Scan({{.table = table_.name()}});
  ASSERT_FALSE(page);
  EXPECT_EQ(page.error().kind, ErrorKind::kUnavailable);
  EXPECT_NE(page.error().message.find("ThrottlingException, played (tried "), std::string::npos)
      << page.error().message;
  EXPECT_LE(proxy_.Requests().size(), 100U);
}

TEST_P(DynamoFaults, AConditionalPutWhoseAnswerIsLostIsAppliedOnce) {
  for (const Deed deed : {Deed::kLoseAnswer, Deed::kReset, Deed::kWrongChecksum, Deed::kServerFault}) {
    ASSERT_TRUE(direct_.client().DeleteItem({.table = table_.name(), .key = key_}));
    proxy_.SetRule(Spoil("PutItem", deed, 1));
    const auto outcome =
        client_.PutItem({.table = table_.name(), .item = item_, .condition = "attribute_not_exists(id)"});
    ASSERT_TRUE(outcome) << outcome.error().Text();
    EXPECT_TRUE(outcome->applied);
    EXPECT_EQ(table_.Get(key_), item_);
  }
}

TEST_P(DynamoFaults, AnIncrementWhoseAnswerIsLostIsDoneOnceAndOfUnknownOutcome) {
  for (const Deed deed : {Deed::kLoseAnswer, Deed::kShort, Deed::kWrongChecksum, Deed::kServerFault}) {
    ASSERT_TRUE(direct_.client().DeleteItem({.table = table_.name(), .key = key_}));
    proxy_.SetRule(Spoil("UpdateItem", deed, 1));
    const auto outcome = client_.UpdateItem(Increment());
    ASSERT_FALSE(outcome);
    EXPECT_EQ(outcome.error().kind, ErrorKind::kUnknownOutcome);
    EXPECT_EQ(table_.Get(key_).value().at("amount"), AttributeValue::Number(1));
    EXPECT_EQ(proxy_.Requests().size(), 1U);
  }
}

TEST_P(DynamoFaults, AnIncrementThatWasThrottledIsDoneOnce) {
  proxy_.SetRule(Spoil("UpdateItem", Deed::kThrottle, 3));
  const auto outcome = client_.UpdateItem(Increment());
  ASSERT_TRUE(outcome) << outcome.error().Text();
  EXPECT_EQ(table_.Get(key_).value().at("amount"), AttributeValue::Number(1));
}

TEST_P(DynamoFaults, ATransactionWhoseAnswerIsLostIsDoneOnce) {
  proxy_.SetRule(Spoil("TransactWriteItems", Deed::kLoseAnswer, 2));
  const auto outcome = client_.TransactWrite({{Increment()}, ""});
  ASSERT_TRUE(outcome) << outcome.error().Text();
  EXPECT_TRUE(outcome->applied);
  EXPECT_EQ(table_.Get(key_).value().at("amount"), AttributeValue::Number(1));
  EXPECT_EQ(proxy_.Requests().size(), 3U);
}

TEST_P(DynamoFaults, BatchesAreWrittenWhateverBecomesOfTheFirstAnswers) {
  proxy_.SetRule(Spoil("BatchWriteItem", Deed::kReset, 2));
  std::vector<BatchWrite> writes;
  for (int64_t i = 0; i < 30; ++i) writes.push_back({table_.name(), PutRequest{.item = TestTable::Key("b", i)}});
  const Status written = client_.BatchWriteItems(writes);
  ASSERT_TRUE(written) << written.error().Text();
  EXPECT_EQ(direct_.client().Scan({{.table = table_.name()}})->items.size(), 30U);
}

TEST(DynamoNowhere, IsUnavailableAndNothingMayHaveBeenDone) {
  TestDynamo nowhere("http://127.0.0.1:1");
  const auto outcome = nowhere.client().UpdateItem({.table = "orders", .key = TestTable::Key("a", 1)});
  ASSERT_FALSE(outcome);
  EXPECT_EQ(outcome.error().kind, ErrorKind::kUnavailable);
  EXPECT_NE(outcome.error().message.find("cannot update an item of table 'orders': no answer from http://127.0.0.1:1"),
            std::string::npos);
}

}  // namespace
}  // namespace firn
