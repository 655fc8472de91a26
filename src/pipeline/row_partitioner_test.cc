#include "pipeline/row_partitioner.h"

#include <arrow/api.h>
#include <arrow/json/from_string.h>
#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <map>

namespace firn {
namespace {

using ::testing::ElementsAre;

// Columns "k0", "k1", ... as JSON, and "n", the row's number.
std::shared_ptr<arrow::RecordBatch> KeyedRows(
    const std::vector<std::pair<std::shared_ptr<arrow::DataType>, std::string>>& keys) {
  arrow::FieldVector fields;
  arrow::ArrayVector columns;
  for (const auto& [type, json] : keys) {
    fields.push_back(arrow::field(fmt::format("k{}", fields.size()), type));
    columns.push_back(arrow::json::ArrayFromJSONString(type, json).ValueOrDie());
  }
  arrow::Int64Builder numbers;
  for (int64_t i = 0; i < columns.front()->length(); ++i) EXPECT_TRUE(numbers.Append(i).ok());
  fields.push_back(arrow::field("n", arrow::int64()));
  columns.push_back(numbers.Finish().ValueOrDie());
  return arrow::RecordBatch::Make(arrow::schema(fields), columns.front()->length(), columns);
}

// "a/b: 0 2", sorted.
std::vector<std::string> SplitTexts(const std::shared_ptr<arrow::RecordBatch>& rows,
                                    const std::vector<std::string>& columns) {
  std::vector<std::string> texts;
  const auto split = RowPartitioner::ByColumns(columns).Split(rows);
  EXPECT_TRUE(split);
  for (const PartitionRows& one : *split) {
    EXPECT_EQ(one.rows->num_columns(), 1);
    std::string text = fmt::format("{}:", fmt::join(one.partition.values, "/"));
    const auto& numbers = static_cast<const arrow::Int64Array&>(*one.rows->column(0));
    for (int64_t i = 0; i < numbers.length(); ++i) text += fmt::format(" {}", numbers.Value(i));
    texts.push_back(std::move(text));
  }
  return texts;
}

TEST(RowPartitioner, NullAndNoTextAreOnePartition) {
  EXPECT_THAT(SplitTexts(KeyedRows({{arrow::utf8(), R"(["b", null, "", "a", null, "b", ""])"}}), {"k0"}),
              ElementsAre("__HIVE_DEFAULT_PARTITION__: 1 2 4 6", "a: 3", "b: 0 5"));
}

TEST(RowPartitioner, IntegersAndTextsTogether) {
  EXPECT_THAT(SplitTexts(KeyedRows({{arrow::int64(), "[-7, 10, null, 10, -7]"},
                                    {arrow::utf8(), R"(["x", "y", "x", "y", "z"])"}}),
                         {"k0", "k1"}),
              ElementsAre("-7/x: 0", "-7/z: 4", "10/y: 1 3", "__HIVE_DEFAULT_PARTITION__/x: 2"));
}

TEST(RowPartitioner, ManyValuesOfManyKeys) {
  std::string first = "[0";
  std::string second = "[0";
  std::map<std::string, std::string> expected = {{"0/0", "0/0: 0"}};
  for (int i = 1; i < 3'000; ++i) {
    const int a = i * 7'919 % 1'013;
    const int b = i * 104'729 % 997;
    first += fmt::format(",{}", a);
    second += fmt::format(",{}", b);
    std::string& rows = expected.try_emplace(fmt::format("{}/{}", a, b), fmt::format("{}/{}:", a, b)).first->second;
    rows += fmt::format(" {}", i);
  }
  const auto split =
      SplitTexts(KeyedRows({{arrow::int64(), first + "]"}, {arrow::int64(), second + "]"}}), {"k0", "k1"});
  std::vector<std::string> wanted;
  for (const auto& [key, rows] : expected) wanted.push_back(rows);
  EXPECT_THAT(split, ::testing::UnorderedElementsAreArray(wanted));
}

TEST(RowPartitioner, WithoutKeysThereIsOnePartition) {
  EXPECT_THAT(SplitTexts(KeyedRows({{arrow::int64(), "[]"}})->RemoveColumn(0).ValueOrDie(), {}), ElementsAre());
  const auto rows = KeyedRows({{arrow::int64(), "[1, 2]"}})->RemoveColumn(0).ValueOrDie();
  EXPECT_THAT(SplitTexts(rows, {}), ElementsAre(": 0 1"));
}

}  // namespace
}  // namespace firn
