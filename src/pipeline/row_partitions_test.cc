#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <map>

#include "pipeline/execute.h"
#include "store/memory_store.h"

namespace firn {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Pair;

// Jobs whose rows say, in columns, to which partition they go. Inputs and outputs are lines of JSON.
class RowPartitionsTest : public ::testing::Test {
 protected:
  void SetUp() override {
    job_.write.format = FileFormat::kJson;
    job_.write.table = TableName("silver");
    request_.store = &store_;
    request_.job = &job_;
    request_.staging_prefix = "staging/out";
    request_.quarantine_prefix = "staging/quarantine";
    request_.commit_id = "c";
    request_.threads = 2;
    request_.partition_keys = {"day"};
    request_.partition_by_rows = true;
    request_.on_partitions = [this](const std::vector<PartitionValues>& partitions) {
      told_ = partitions;
      std::vector<InputFile> files;
      for (const PartitionValues& partition : partitions)
        for (const InputFile& file : table_)
          if (file.partition == partition) files.push_back(file);
      return Result<std::vector<InputFile>>(files);
    };
  }

  ObjectInfo Put(const std::string& key, std::string_view bytes) {
    auto writer = store_.Create(key);
    EXPECT_TRUE((*writer)->Append(bytes));
    return (*writer)->Finish().value();
  }
  void Land(const std::string& key, std::string_view bytes, PartitionValues partition = {}) {
    request_.inputs.push_back({Put(key, bytes), FileFormat::kJson, std::move(partition), false});
  }
  void Hold(const std::string& key, std::string_view bytes, PartitionValues partition) {
    table_.push_back({Put(key, bytes), FileFormat::kJson, std::move(partition), true});
  }

  std::string TextOf(const OutputFile& file) { return std::string(store_.Read(file.object)->view()); }

  // Partition name -> its rows; the error under "".
  std::map<std::string, std::string> Run() {
    EXPECT_TRUE(store_.RemovePrefix("staging"));
    const auto outcome = Execute(request_, [](auto, auto, auto) {}, {});
    if (!outcome) return {{"", outcome.error().Text()}};
    outcome_ = *outcome;
    std::map<std::string, std::string> partitions;
    for (const OutputFile& file : outcome->outputs)
      partitions[PartitionName(request_.partition_keys, file.partition)] += TextOf(file);
    return partitions;
  }

  MemoryStore store_;
  JobDefinition job_;
  ExecuteRequest request_;
  std::vector<InputFile> table_;
  std::vector<PartitionValues> told_;
  ExecuteOutcome outcome_;
};

TEST_F(RowPartitionsTest, RowsGoWhereTheirColumnsSay) {
  Land("in/a", "{\"id\":1,\"day\":\"03\"}\n{\"id\":2,\"day\":\"04\"}\n{\"id\":3,\"day\":\"03\"}\n");
  Land("in/b", "{\"id\":4,\"day\":null}\n{\"id\":5,\"day\":\"\"}\n{\"id\":6,\"day\":\"a/b\"}\n");
  EXPECT_THAT(Run(), ElementsAre(Pair("day=03", "{\"id\":1}\n{\"id\":3}\n"), Pair("day=04", "{\"id\":2}\n"),
                                 Pair("day=__HIVE_DEFAULT_PARTITION__", "{\"id\":4}\n{\"id\":5}\n"),
                                 Pair("day=a%2Fb", "{\"id\":6}\n")));
  EXPECT_THAT(told_, ElementsAre(PartitionValues{{"03"}}, PartitionValues{{"04"}},
                                 PartitionValues{{"__HIVE_DEFAULT_PARTITION__"}}, PartitionValues{{"a/b"}}));
  EXPECT_EQ(outcome_.output_schema.fields.size(), 1U);
}

TEST_F(RowPartitionsTest, KeysMayBeMadeByStepsOfAnyTypeThatSaysOneThing) {
  Land("in/a", "{\"ts\":\"2025-10-29T10:00:00\",\"n\":7}\n");
  request_.partition_keys = {"year", "date", "late"};
  job_.steps = {SelectStep{{"n", "year(ts::TIMESTAMP) AS year", "ts::DATE AS date", "n > 6 AS late"}}};
  EXPECT_THAT(Run(), ElementsAre(Pair("year=2025/date=2025-10-29/late=true", "{\"n\":7}\n")));
}

TEST_F(RowPartitionsTest, ValuesOfTheInputsPartitionsAreColumns) {
  Land("in/a", "{\"id\":1}\n", {{"2025", "north"}});
  Land("in/b", "{\"id\":2}\n", {{"2025", "__HIVE_DEFAULT_PARTITION__"}});
  request_.input_keys = {"year", "region"};
  request_.partition_keys = {"region"};
  EXPECT_THAT(Run(), ElementsAre(Pair("region=__HIVE_DEFAULT_PARTITION__", "{\"id\":2,\"year\":\"2025\"}\n"),
                                 Pair("region=north", "{\"id\":1,\"year\":\"2025\"}\n")));
}

TEST_F(RowPartitionsTest, WhatIsNoKeyIsRefused) {
  Land("in/a", "{\"id\":1.5,\"dya\":\"03\",\"s\":{\"x\":1}}\n");
  EXPECT_THAT(Run()[""], HasSubstr("table 'silver' is partitioned by 'day', and the rows have no such column"));
  EXPECT_THAT(Run()[""], HasSubstr("One of: id, dya, s."));
  request_.partition_keys = {"id"};
  EXPECT_THAT(Run()[""], HasSubstr("'id', by which table 'silver' is partitioned, is of type DOUBLE"));
  request_.partition_keys = {"s"};
  EXPECT_THAT(Run()[""], HasSubstr("is of type STRUCT"));
  request_.inputs.clear();
  std::string many;
  for (int i = 0; i < 10'001; ++i) many += fmt::format("{{\"day\":\"{}\",\"x\":1}}\n", i);
  Land("in/many", many);
  request_.partition_keys = {"day"};
  EXPECT_THAT(Run()[""], HasSubstr("more than 10000 partitions"));
}

TEST_F(RowPartitionsTest, AMergeReadsTheTouchedPartitionsOnly) {
  Hold("t/03", "{\"id\":1,\"n\":5}\n{\"id\":2,\"n\":5}\n", {{"03"}});
  Hold("t/04", "{\"id\":1,\"n\":5}\n", {{"04"}});
  Land("in/a",
       "{\"id\":1,\"n\":9,\"day\":\"03\"}\n{\"id\":2,\"n\":1,\"day\":\"03\"}\n{\"id\":3,\"n\":1,\"day\":\"05\"}\n");
  job_.write.mode = WriteMode::kMerge;
  job_.steps = {DedupeStep{{"id", "day"}, {{"n"}}}};
  EXPECT_THAT(Run(), ElementsAre(Pair("day=03", "{\"id\":2,\"n\":5}\n{\"id\":1,\"n\":9}\n"),
                                 Pair("day=05", "{\"id\":3,\"n\":1}\n")));
  EXPECT_EQ(outcome_.records_read, 3);
  EXPECT_EQ(outcome_.duplicates_removed, 2);
}

// Else the result would depend on which other rows a run has.
TEST_F(RowPartitionsTest, AMergeKeepsPartitionsApart) {
  Hold("t/03", "{\"id\":1,\"n\":5}\n", {{"03"}});
  Land("in/a", "{\"id\":1,\"n\":9,\"day\":\"04\"}\n{\"id\":2,\"n\":9,\"day\":\"03\"}\n");
  job_.write.mode = WriteMode::kMerge;
  job_.steps = {DedupeStep{{"id"}, {{"n"}}}};
  EXPECT_THAT(Run(), ElementsAre(Pair("day=03", "{\"id\":1,\"n\":5}\n{\"id\":2,\"n\":9}\n"),
                                 Pair("day=04", "{\"id\":1,\"n\":9}\n")));
}

// Without a merge the key is what it says: over all rows, unless it names the partition.
TEST_F(RowPartitionsTest, DedupeMayNameSomeOrAllPartitionKeys) {
  const std::string rows =
      "{\"id\":1,\"n\":1,\"y\":1,\"d\":1}\n{\"id\":1,\"n\":2,\"y\":1,\"d\":2}\n{\"id\":1,\"n\":3,\"y\":2,\"d\":1}\n";
  Land("in/a", rows);
  request_.partition_keys = {"y", "d"};
  const auto kept = [&](std::vector<std::string> key, std::vector<OrderColumn> by) {
    job_.steps = {DedupeStep{std::move(key), std::move(by)}};
    std::string all;
    for (const auto& [partition, text] : Run()) all += partition + " ";
    return all;
  };
  EXPECT_EQ(kept({"id"}, {{"n"}}), "y=2/d=1 ");
  EXPECT_EQ(kept({"id"}, {{"d"}}), "y=1/d=2 ");
  EXPECT_EQ(kept({"id", "y"}, {{"n"}}), "y=1/d=2 y=2/d=1 ");
  EXPECT_EQ(kept({"d", "id", "y"}, {{"n"}}), "y=1/d=1 y=1/d=2 y=2/d=1 ");
}

TEST_F(RowPartitionsTest, AnyStepMayComeBefore) {
  Land("in/a", "{\"id\":1,\"n\":1,\"day\":\"03\"}\n{\"id\":2,\"n\":-1,\"day\":\"03\"}\n");
  job_.steps = {ExpectStep{{{"ColumnValues \"n\" > 0", QualityAction::kQuarantine}}},
                SqlStep{"SELECT id, day, sum(n) AS n FROM input GROUP BY ALL"}, FilterStep{"n > 0"}};
  EXPECT_THAT(Run(), ElementsAre(Pair("day=03", "{\"id\":1,\"n\":1}\n")));
  EXPECT_EQ(outcome_.rows_rejected, 1);
}

TEST_F(RowPartitionsTest, OfNoRowsNothingIsWritten) {
  Land("in/a", "{\"id\":1,\"day\":\"03\"}\n");
  job_.steps = {FilterStep{"id > 1"}};
  EXPECT_THAT(Run(), IsEmpty());
  EXPECT_THAT(told_, IsEmpty());
}

// Many chunks, read by many threads: the same rows in the same order, and the same bytes.
TEST_F(RowPartitionsTest, TheSameBytesWhateverTheThreads) {
  for (int file = 0; file < 6; ++file) {
    std::string rows;
    for (int i = 0; i < 40'000; ++i)
      rows += fmt::format("{{\"id\":{},\"n\":{},\"day\":\"{}\",\"note\":\"note {}\"}}\n", (i * 7919 + file) % 90'000,
                          i % 97, i % 5, i);
    Land(fmt::format("in/{}", file), rows);
  }
  job_.write.format = FileFormat::kParquet;
  for (const bool row_by_row : {true, false}) {
    job_.steps = {SelectStep{{"*", row_by_row ? "n + 1 AS m" : "max(n) OVER (PARTITION BY id) AS m"}},
                  FilterStep{"n > 3"}, DedupeStep{{"id", "day"}, {{"n"}}}};
    std::map<std::string, std::string> first;
    for (const int threads : {1, 2, 8}) {
      request_.threads = threads;
      const auto now = Run();
      ASSERT_EQ(now.size(), 5U) << now.begin()->second;
      if (first.empty()) first = now;
      EXPECT_TRUE(now == first) << threads;
    }
  }
}

}  // namespace
}  // namespace firn
