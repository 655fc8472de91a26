#pragma once

#include <gtest/gtest.h>

#include <atomic>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "dynamodb/dynamo_db.h"

namespace firn {

// The servers of DynamoDB's API that ctest starts with scripts/servers; FIRN_DYNAMODB_SERVERS is where they are. A test
// without them fails.
inline constexpr const char* kDynamoServers[] = {"dynoxide", "ministack"};

inline std::string DynamoEndpointOf(const std::string& server) {
  const char* folder = std::getenv("FIRN_DYNAMODB_SERVERS");
  std::ifstream file(std::filesystem::path(folder == nullptr ? "" : folder) / server / "endpoint");
  std::string endpoint;
  EXPECT_TRUE(std::getline(file, endpoint)) << server << " does not run: `ctest -R dynamodb_servers` starts it";
  return endpoint;
}

// A client whose pauses take no time.
class TestDynamo {
 public:
  explicit TestDynamo(const std::string& endpoint) {
    DynamoSettings settings;
    settings.endpoint = endpoint;
    settings.identity = {.access_key = "firn-test-key", .secret_key = "firn-test-secret", .region = "us-east-1"};
    settings.timeout = std::chrono::seconds(1);
    const Environment empty = [](const char*) { return std::optional<std::string>(); };
    auto opened = DynamoDb::Open(
        settings, clock_, random_,
        [this](std::chrono::nanoseconds pause) {
          ++pauses_;
          clock_.Advance(pause);
          return true;
        },
        empty);
    EXPECT_TRUE(opened) << opened.error().Text();
    db_ = std::move(*opened);
  }
  DynamoClient& client() { return db_->client(); }
  [[nodiscard]] int pauses() const { return pauses_; }

 private:
  FakeClock clock_{1'800'000'000'000'000'000};
  SystemRandom random_;
  std::atomic<int> pauses_ = 0;
  std::unique_ptr<DynamoDb> db_;
};

// A table for one test, gone after it: its key is id, a string, and n, a number.
class TestTable {
 public:
  explicit TestTable(DynamoClient& client) : client_(client) {
    SystemRandom random;
    name_ = "firn-test-" + RandomHex(random, 16);
    const Status made = client_.CreateTable({name_, {"id", "S"}, KeyAttribute{"n", "N"}});
    EXPECT_TRUE(made) << made.error().Text();
    const Status active = client_.AwaitTable(name_, true);
    EXPECT_TRUE(active) << active.error().Text();
  }
  TestTable(const TestTable&) = delete;
  TestTable& operator=(const TestTable&) = delete;
  ~TestTable() { EXPECT_TRUE(client_.DeleteTable(name_)); }

  [[nodiscard]] const std::string& name() const { return name_; }

  static Item Key(const std::string& id, int64_t n) {
    return {{"id", AttributeValue::String(id)}, {"n", AttributeValue::Number(n)}};
  }
  // std::nullopt when it is not there.
  std::optional<Item> Get(const Item& key) {
    auto item = client_.GetItem({.table = name_, .key = key, .placeholders = {}, .consistent_read = true});
    EXPECT_TRUE(item) << item.error().Text();
    return item.value_or(std::nullopt);
  }
  void PutMany(int64_t count) {
    std::vector<BatchWrite> writes;
    for (int64_t i = 0; i < count; ++i) {
      Item item = Key("id-" + std::to_string(i % 37), i);
      item.emplace("twin", AttributeValue::Number(i));
      item.emplace("payload", AttributeValue::String(std::string(100, 'x')));
      writes.push_back({name_, PutRequest{.table = {}, .item = std::move(item)}});
    }
    const Status written = client_.BatchWriteItems(writes);
    EXPECT_TRUE(written) << written.error().Text();
  }

 private:
  DynamoClient& client_;
  std::string name_;
};

}  // namespace firn
