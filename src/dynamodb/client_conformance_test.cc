#include <gtest/gtest.h>

#include <set>

#include "dynamodb/dynamodb_server_test.h"
#include "env/worker_pool.h"

namespace firn {
namespace {

class DynamoServers : public testing::TestWithParam<const char*> {
 protected:
  TestDynamo dynamo_{DynamoEndpointOf(GetParam())};
  DynamoClient& client_{dynamo_.client()};
  TestTable table_{client_};
};
INSTANTIATE_TEST_SUITE_P(Servers, DynamoServers, testing::ValuesIn(kDynamoServers),
                         [](const auto& server) { return std::string(server.param); });

Item With(Item item, const std::string& name, AttributeValue value) {
  item.insert_or_assign(name, std::move(value));
  return item;
}

TEST_P(DynamoServers, KeepEachKindOfValue) {
  Item item = TestTable::Key("all", 1);
  item.emplace("text", AttributeValue::String("\"\\\n\xC3\xA9\xE2\x98\x83\xF0\x9F\x8E\x89"));
  item.emplace("empty", AttributeValue::String(""));
  item.emplace("38 digits", AttributeValue::Number("-1234567890123456789012345678.9012345678"));
  item.emplace("small", AttributeValue::Number("0.00000000000000000000000000000000000000000000000000000000000000012"));
  item.emplace("bytes", AttributeValue::Binary({"\0\xFF\x80", 3}));
  item.emplace("no bytes", AttributeValue::Binary(""));
  item.emplace("yes", AttributeValue::Bool(true));
  item.emplace("nothing", AttributeValue::Null());
  item.emplace("list", AttributeValue::List({AttributeValue::Number(1), AttributeValue::List({})}));
  item.emplace("map", AttributeValue::Map({{"in", AttributeValue::Map({{"deeper", AttributeValue::Bool(false)}})}}));
  item.emplace("texts", AttributeValue::StringSet({"one"}));
  item.emplace("numbers", AttributeValue::NumberSet({"1.5"}));
  item.emplace("blobs", AttributeValue::BinarySet({{"\0", 1}}));
  AttributeValue deep = AttributeValue::String("deep");
  for (int i = 0; i < 30; ++i) {
    AttributeValue outer = AttributeValue::List({std::move(deep)});
    deep = std::move(outer);
  }
  item.emplace("deep", std::move(deep));
  const auto put = client_.PutItem({.table = table_.name(), .item = item});
  ASSERT_TRUE(put) << put.error().Text();
  EXPECT_EQ(table_.Get(TestTable::Key("all", 1)), item);
}

TEST_P(DynamoServers, TellWhatIsNotThere) {
  EXPECT_EQ(table_.Get(TestTable::Key("none", 1)), std::nullopt);
  EXPECT_EQ(client_.Scan({{.table = "firn-no-such-table"}}).error().kind, ErrorKind::kNotFound);
  EXPECT_EQ(client_.DescribeTable("firn-no-such-table").error().kind, ErrorKind::kNotFound);
  EXPECT_EQ(client_.PutItem({.table = "firn-no-such-table", .item = TestTable::Key("a", 1)}).error().kind,
            ErrorKind::kNotFound);
  EXPECT_EQ(client_.DeleteTable("firn-no-such-table").error().kind, ErrorKind::kNotFound);
}

TEST_P(DynamoServers, RefuseWhatIsInvalid) {
  const std::string& name = table_.name();
  const auto put = client_.PutItem({.table = name, .item = {{"id", AttributeValue::String("no n")}}});
  EXPECT_EQ(put.error().kind, ErrorKind::kInvalidArgument);
  EXPECT_NE(put.error().message.find("(request "), std::string::npos) << put.error().message;
  const auto kind = [&](AttributeValue value) {
    const auto refused = client_.PutItem({.table = name, .item = With(TestTable::Key("a", 1), "v", std::move(value))});
    return refused ? ErrorKind::kInternal : refused.error().kind;
  };
  EXPECT_EQ(kind(AttributeValue::StringSet({})), ErrorKind::kInvalidArgument);
  EXPECT_EQ(kind(AttributeValue::StringSet({"a", "a"})), ErrorKind::kInvalidArgument);
  EXPECT_EQ(kind(AttributeValue::Number("123456789012345678901234567890123456789")), ErrorKind::kInvalidArgument);
  EXPECT_EQ(kind(AttributeValue::String(std::string(410'000, 'x'))), ErrorKind::kInvalidArgument);
  EXPECT_EQ(client_.Scan({{.table = name, .filter = "n >"}}).error().kind, ErrorKind::kInvalidArgument);
  EXPECT_EQ(client_.CreateTable({name, {"id"}, {}}).error().kind, ErrorKind::kAlreadyExists);
}

TEST_P(DynamoServers, DescribeTheTable) {
  const TableDescription table = client_.DescribeTable(table_.name()).value();
  EXPECT_EQ(table.name, table_.name());
  EXPECT_EQ(table.status, "ACTIVE");
  EXPECT_FALSE(table.arn.empty());
  EXPECT_FALSE(table.id.empty());
  EXPECT_EQ(table.hash_key, (KeyAttribute{"id", "S"}));
  EXPECT_EQ(table.range_key, (KeyAttribute{"n", "N"}));
}

TEST_P(DynamoServers, LetOneOfManyWritersThrough) {
  WorkerPool pool(8);
  std::atomic<int> applied = 0;
  ASSERT_TRUE(pool.ParallelFor(16, [&](int64_t i, int) -> Status {
    FIRN_TRY_ASSIGN(const WriteOutcome outcome,
                    client_.PutItem({.table = table_.name(),
                                     .item = With(TestTable::Key("a", 1), "who", AttributeValue::Number(i)),
                                     .condition = "attribute_not_exists(id)"}));
    if (outcome.applied)
      ++applied;
    else
      EXPECT_TRUE(outcome.item && outcome.item->contains("who"));
    return {};
  }));
  EXPECT_EQ(applied, 1);
}

TEST_P(DynamoServers, UpdateUnderAConditionAndReturnWhatWasAskedFor) {
  const Item key = TestTable::Key("a", 1);
  UpdateRequest update{.table = table_.name(),
                       .key = key,
                       .update = "SET #v = if_not_exists(#v, :zero) + :one",
                       .placeholders = {{{"#v", "version"}},
                                        {{":zero", AttributeValue::Number(0)}, {":one", AttributeValue::Number(1)}}},
                       .return_values = ReturnValues::kAllNew};
  EXPECT_EQ(client_.UpdateItem(update)->item, With(key, "version", AttributeValue::Number(1)));
  update.return_values = ReturnValues::kUpdatedOld;
  EXPECT_EQ(client_.UpdateItem(update)->item, (Item{{"version", AttributeValue::Number(1)}}));
  update.condition = "#v = :one";
  const WriteOutcome refused = client_.UpdateItem(update).value();
  EXPECT_FALSE(refused.applied);
  EXPECT_EQ(refused.item, With(key, "version", AttributeValue::Number(2)));
}

TEST_P(DynamoServers, DeleteUnderACondition) {
  const Item key = TestTable::Key("a", 1);
  ASSERT_TRUE(client_.PutItem({.table = table_.name(), .item = key}));
  DeleteRequest removal{.table = table_.name(),
                        .key = key,
                        .condition = "n > :n",
                        .placeholders = {{}, {{":n", AttributeValue::Number(1)}}}};
  EXPECT_FALSE(client_.DeleteItem(removal)->applied);
  removal.placeholders.values[":n"] = AttributeValue::Number(0);
  removal.return_values = ReturnValues::kAllOld;
  EXPECT_EQ(client_.DeleteItem(removal)->item, key);
  const WriteOutcome again = client_.DeleteItem(removal).value();
  EXPECT_FALSE(again.applied);
  EXPECT_EQ(again.item, std::nullopt);
}

TEST_P(DynamoServers, WriteAndDeleteInBatchesOfAnySize) {
  table_.PutMany(60);
  ASSERT_EQ(client_.Scan({{.table = table_.name()}})->items.size(), 60U);
  std::vector<BatchWrite> writes;
  for (int64_t i = 0; i < 59; ++i)
    writes.push_back({table_.name(), DeleteRequest{.key = TestTable::Key("id-" + std::to_string(i % 37), i)}});
  ASSERT_TRUE(client_.BatchWriteItems(writes));
  EXPECT_EQ(client_.Scan({{.table = table_.name()}})->items.size(), 1U);
}

TEST_P(DynamoServers, QueryInPagesOfALimit) {
  table_.PutMany(370);
  QueryRequest query{
      {.table = table_.name(),
       .projection = "n",
       .filter = "twin <> :not",
       .placeholders = {{}, {{":id", AttributeValue::String("id-5")}, {":not", AttributeValue::Number(5)}}}},
      "id = :id",
      false,
      4};
  std::vector<Item> items;
  int64_t scanned = 0;
  int pages = 0;
  do {
    ItemPage page = client_.Query(query).value();
    items.insert(items.end(), page.items.begin(), page.items.end());
    scanned += page.scanned;
    query.start = page.last_key;
    ++pages;
  } while (!query.start.empty());
  EXPECT_EQ(pages, 3);
  EXPECT_EQ(scanned, 10);
  ASSERT_EQ(items.size(), 9U);
  EXPECT_EQ(items.front(), (Item{{"n", AttributeValue::Number(5 + 9 * 37)}}));
  EXPECT_EQ(items.back(), (Item{{"n", AttributeValue::Number(5 + 37)}}));
}

TEST_P(DynamoServers, TransactAllOrNothing) {
  const Item a = TestTable::Key("a", 1);
  const Item b = TestTable::Key("b", 1);
  ASSERT_TRUE(client_.PutItem({.table = table_.name(), .item = b}));
  const PutRequest put{.table = table_.name(), .item = a};
  const TransactRequest impossible{
      {put, ConditionCheck{.table = table_.name(), .key = b, .condition = "attribute_not_exists(id)"}}, ""};
  const TransactOutcome outcome = client_.TransactWrite(impossible).value();
  EXPECT_FALSE(outcome.applied);
  ASSERT_EQ(outcome.reasons.size(), 2U);
  EXPECT_TRUE(outcome.reasons[0].none());
  EXPECT_TRUE(outcome.reasons[1].condition_failed());
  EXPECT_EQ(outcome.reasons[1].item, b);
  EXPECT_EQ(table_.Get(a), std::nullopt);

  const TransactRequest possible{{put, DeleteRequest{.table = table_.name(), .key = b}}, ""};
  const auto done = client_.TransactWrite(possible);
  ASSERT_TRUE(done) << done.error().Text();
  EXPECT_TRUE(done->applied);
  EXPECT_EQ(table_.Get(a), a);
  EXPECT_EQ(table_.Get(b), std::nullopt);
}

TEST_P(DynamoServers, DoATransactionOnceAToken) {
  SystemRandom random;
  const Item key = TestTable::Key("a", 1);
  const auto add = [&](int64_t amount) {
    return UpdateRequest{.table = table_.name(),
                         .key = key,
                         .update = "ADD amount :n",
                         .placeholders = {{}, {{":n", AttributeValue::Number(amount)}}}};
  };
  const std::string token = RandomHex(random, 32);
  EXPECT_TRUE(client_.TransactWrite({{add(5)}, token})->applied);
  EXPECT_TRUE(client_.TransactWrite({{add(5)}, token})->applied);
  EXPECT_EQ(table_.Get(key).value().at("amount"), AttributeValue::Number(5));
  EXPECT_EQ(client_.TransactWrite({{add(6)}, token}).error().kind, ErrorKind::kConflict);
}

}  // namespace
}  // namespace firn
