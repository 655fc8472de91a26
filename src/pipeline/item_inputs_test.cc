// Items of DynamoDB as inputs, from a store of their own, and times in the names of what is written.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "pipeline/execute.h"
#include "schema/names.h"
#include "store/memory_store.h"

namespace firn {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

class ItemInputsTest : public ::testing::Test {
 protected:
  ItemInputsTest() {
    request_.store = &lake_;
    request_.job = &job_;
    request_.staging_prefix = "staging/out";
    request_.quarantine_prefix = "staging/quarantine";
    request_.commit_id = "c1";
    request_.threads = 2;
    job_.write.format = FileFormat::kJson;
  }

  // A page of a scan; pages of different partitions are read apart.
  void Page(const std::string& key, std::string_view items, const std::string& partition = "1") {
    auto writer = pages_.Create(key).value();
    EXPECT_TRUE(writer->Append(items));
    InputFile input{.object = writer->Finish().value(), .format = FileFormat::kDynamoJson, .partition = {{partition}}};
    input.store = &pages_;
    request_.partition_keys = {"p"};
    request_.inputs.push_back(std::move(input));
  }

  std::vector<std::string> WrittenLines() {
    const auto outcome = Execute(request_, [](auto, auto, auto) {}, {});
    if (!outcome) return {outcome.error().Text()};
    outcome_ = *outcome;
    std::vector<std::string> lines;
    for (const OutputFile& file : outcome_.outputs) {
      const Bytes bytes = lake_.Read(file.object).value();
      for (std::string_view rest = bytes.view(); !rest.empty(); rest.remove_prefix(rest.find('\n') + 1))
        lines.emplace_back(rest.substr(0, rest.find('\n')));
    }
    return lines;
  }

  MemoryStore lake_;
  MemoryStore pages_;
  JobDefinition job_;
  ExecuteRequest request_;
  ExecuteOutcome outcome_;
};

TEST_F(ItemInputsTest, AreReadFromTheirOwnStore) {
  Page("s/page-0.json", "{\"Item\":{\"id\":{\"S\":\"a\"},\"n\":{\"N\":\"1\"}}}\n{\"Item\":{\"id\":{\"S\":\"b\"}}}\n");
  EXPECT_THAT(WrittenLines(), ElementsAre(R"({"id":"a","n":1})", R"({"id":"b","n":null})"));
  EXPECT_EQ(outcome_.records_read, 2);
}

// What is whole in one page and a fraction in another is no double when that would round.
TEST_F(ItemInputsTest, DigitsAreKeptOverAllPages) {
  Page("s/page-0.json",
       R"({"Item":{"n":{"N":"12345678901234567"},"m":{"N":"3"},"l":{"L":[{"N":"12345678901234567"}]}}})", "1");
  Page("s/page-1.json", R"({"Item":{"n":{"N":"0.5"},"m":{"N":"2.5"},"l":{"L":[{"N":"0.25"}]}}})", "2");
  EXPECT_THAT(WrittenLines(), ElementsAre(R"({"n":"12345678901234567","m":3,"l":["12345678901234567"]})",
                                          R"({"n":"0.5","m":2.5,"l":["0.25"]})"));
}

TEST_F(ItemInputsTest, ADeclaredDoubleMayRound) {
  request_.table_schema = {ParseHiveType("struct<n:double>").value().children};
  Page("s/page-0.json", R"({"Item":{"n":{"N":"12345678901234567"}}})", "1");
  Page("s/page-1.json", R"({"Item":{"n":{"N":"0.5"}}})", "2");
  EXPECT_THAT(WrittenLines(), ElementsAre(R"({"n":12345678901234568})", R"({"n":0.5})"));
}

TEST_F(ItemInputsTest, WhatDoesNotFitIsNamed) {
  request_.table_schema = {ParseHiveType("struct<n:bigint>").value().children};
  Page("s/page-0.json", "{\"Item\":{\"n\":{\"N\":\"1\"}}}\n{\"Item\":{\"n\":{\"S\":\"many\"}}}\n");
  EXPECT_THAT(WrittenLines(), ElementsAre(HasSubstr("s/page-0.json:2: column 'n': 'many' is no bigint")));
}

TEST_F(ItemInputsTest, NamesHaveTheStartOfTheRunInUtc) {
  job_.write.names = FileNames::kTimed;
  request_.now_ns = 1'768'451'400'999'999'999;  // 2026-01-15T04:30:00.999999999Z
  Page("s/page-0.json", R"({"Item":{"n":{"N":"1"}}})");
  WrittenLines();
  ASSERT_EQ(outcome_.outputs.size(), 1u);
  EXPECT_EQ(outcome_.outputs[0].name, "part-00000-20260115T043000Z-c1.json");
}

}  // namespace
}  // namespace firn
