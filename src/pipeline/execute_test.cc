#include "pipeline/execute.h"

#include <arrow/api.h>
#include <arrow/io/memory.h>
#include <fmt/format.h>
#include <fmt/ranges.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <parquet/arrow/writer.h>
#include <unistd.h>

#include <filesystem>
#include <random>

#include "sql/sql_engine.h"
#include "store/local_store.h"

namespace firn {
namespace {

using ::testing::HasSubstr;
using Random = std::mt19937;

void Must(const arrow::Status& status) {
  ASSERT_TRUE(status.ok()) << status.ToString();
}
int Roll(Random& random, int below) {
  return static_cast<int>(random() % static_cast<unsigned>(below));
}
bool OneIn(Random& random, int n) {
  return Roll(random, n) == 0;
}

// One random column of a file. Widths and presence vary from file to file, as they do in a landing zone.
std::shared_ptr<arrow::Array> RandomColumn(Random& random, const std::shared_ptr<arrow::DataType>& type, int rows) {
  std::unique_ptr<arrow::ArrayBuilder> builder;
  Must(arrow::MakeBuilder(arrow::default_memory_pool(), type, &builder));
  const auto append = [&](auto&& self, arrow::ArrayBuilder& to) -> void {
    if (OneIn(random, 5)) return Must(to.AppendNull());
    const int value = Roll(random, 12);
    switch (to.type()->id()) {
      case arrow::Type::INT32:
        return Must(static_cast<arrow::Int32Builder&>(to).Append(value - 3));
      case arrow::Type::INT64:
        return Must(static_cast<arrow::Int64Builder&>(to).Append(value - 3));
      case arrow::Type::DOUBLE:
        return Must(static_cast<arrow::DoubleBuilder&>(to).Append(value / 4.0 - 1));
      case arrow::Type::STRING:
        return Must(
            static_cast<arrow::StringBuilder&>(to).Append(value == 0 ? "" : fmt::format("väl,ue\"{}\n", value)));
      case arrow::Type::TIMESTAMP:
        return Must(static_cast<arrow::TimestampBuilder&>(to).Append(1'700'000'000'000 + value * 1000));
      case arrow::Type::DECIMAL128:
        return Must(static_cast<arrow::Decimal128Builder&>(to).Append(arrow::Decimal128(value * 111 - 500)));
      case arrow::Type::LIST: {
        auto& list = static_cast<arrow::ListBuilder&>(to);
        Must(list.Append());
        for (int i = Roll(random, 3); i > 0; --i) self(self, *list.value_builder());
        return;
      }
      default: {
        auto& group = static_cast<arrow::StructBuilder&>(to);
        Must(group.Append());
        for (int i = 0; i < group.num_fields(); ++i) self(self, *group.field_builder(i));
      }
    }
  };
  for (int i = 0; i < rows; ++i) append(append, *builder);
  return builder->Finish().ValueOrDie();
}

// The columns of one random file: always a key and an order column, the others now and then, in any order.
arrow::FieldVector RandomFields(Random& random) {
  const auto inner =
      OneIn(random, 2)
          ? arrow::struct_({arrow::field("a", arrow::int32()), arrow::field("b", arrow::utf8())})
          : arrow::struct_({arrow::field("b", arrow::utf8()), arrow::field("c", arrow::list(arrow::int64()))});
  arrow::FieldVector fields = {
      arrow::field("id", OneIn(random, 2) ? arrow::int32() : arrow::int64()),
      arrow::field("updated_at",
                   arrow::timestamp(OneIn(random, 2) ? arrow::TimeUnit::MILLI : arrow::TimeUnit::MICRO, "UTC"))};
  if (!OneIn(random, 4)) fields.push_back(arrow::field("name", arrow::utf8()));
  if (!OneIn(random, 4)) fields.push_back(arrow::field("amount", arrow::decimal128(OneIn(random, 2) ? 9 : 12, 2)));
  if (!OneIn(random, 3)) fields.push_back(arrow::field("score", OneIn(random, 2) ? arrow::float64() : arrow::int32()));
  if (!OneIn(random, 3)) fields.push_back(arrow::field("tags", arrow::list(arrow::utf8())));
  if (!OneIn(random, 3)) fields.push_back(arrow::field("customer", inner));
  // Columns whose leaves are like those of others: only their names tell them apart.
  if (!OneIn(random, 3)) fields.push_back(arrow::field("labels", arrow::list(arrow::utf8())));
  if (!OneIn(random, 3)) fields.push_back(arrow::field("supplier", inner));
  std::shuffle(fields.begin(), fields.end(), random);
  return fields;
}

class ExecuteTest : public ::testing::Test {
 protected:
  void SetUp() override {
    std::filesystem::remove_all(folder_);
    store_ = OpenLocalStore(folder_, true).value();
  }
  void TearDown() override { std::filesystem::remove_all(folder_); }

  void Put(const std::string& key, std::string_view bytes) {
    auto writer = store_->Create(key).value();
    ASSERT_TRUE(writer->Append(bytes));
    ASSERT_TRUE(writer->Finish());
  }

  void PutRandomFile(Random& random, int number) {
    const int rows = OneIn(random, 6) ? 0 : Roll(random, 50);
    const auto schema = arrow::schema(RandomFields(random));
    arrow::ArrayVector columns;
    for (const auto& field : schema->fields()) columns.push_back(RandomColumn(random, field->type(), rows));
    const auto sink = arrow::io::BufferOutputStream::Create().ValueOrDie();
    const auto properties =
        parquet::WriterProperties::Builder().data_page_version(parquet::ParquetDataPageVersion::V1)->build();
    Must(parquet::arrow::WriteTable(*arrow::Table::Make(schema, columns, rows), arrow::default_memory_pool(), sink,
                                    1 + Roll(random, 30), properties));
    Put(fmt::format("in/{:03}.parquet", number), sink->Finish().ValueOrDie()->ToString());
  }

  Result<ExecuteOutcome> Run(int threads = 2) {
    ExecuteRequest request{.store = store_.get(),
                           .job = &job_,
                           .staging_prefix = "out",
                           .commit_id = "c",
                           .quarantine_prefix = "rejected",
                           .temp_folder = folder_ + "/spill",
                           .memory_bytes = int64_t{1} << 30,
                           .threads = threads};
    const std::vector<ObjectInfo> inputs = store_->List("in").value();
    for (const ObjectInfo& object : inputs) request.inputs.push_back({object, FileFormat::kParquet, {}, false});
    return Execute(request, [](std::string_view, int64_t, int64_t) {}, {});
  }

  [[nodiscard]] std::vector<std::string> Paths(const std::string& prefix) const {
    std::vector<std::string> paths;
    const std::vector<ObjectInfo> objects = store_->List(prefix).value();
    for (const ObjectInfo& object : objects) paths.push_back(store_->PathOf(object.key));
    return paths;
  }

  static std::string ReadParquet(const std::vector<std::string>& paths, std::string_view options) {
    std::vector<std::string> quoted;
    for (const std::string& path : paths) quoted.push_back(QuoteLiteral(path));
    return fmt::format("read_parquet([{}], union_by_name = true{})", fmt::join(quoted, ", "), options);
  }

  // Rows that only one of the two has, as text; empty when they are equal as multisets.
  static std::string Difference(const std::vector<std::string>& files, const std::string& left,
                                const std::string& right) {
    const auto engine = SqlEngine::Open({.readable_files = files}).value();
    const auto answer = engine->QueryText(
        fmt::format("SELECT * FROM ((SELECT 'expected', to_json(l)::VARCHAR FROM (({0}) EXCEPT ALL ({1})) l) UNION ALL "
                    "(SELECT 'got', to_json(r)::VARCHAR FROM (({1}) EXCEPT ALL ({0})) r)) LIMIT 5",
                    left, right));
    if (!answer) return answer.error().Text();
    std::string text;
    for (const auto& row : answer->rows) text += row[0].value_or("") + " " + row[1].value_or("") + "\n";
    return text;
  }

  const std::string folder_ = ::testing::TempDir() + "execute_test." + std::to_string(getpid());
  std::unique_ptr<LocalStore> store_;
  JobDefinition job_;
};

// The order in which both sides list the columns.
constexpr std::string_view kAnswer = "SELECT * FROM ";

TEST_F(ExecuteTest, GivesTheAnswerOfAnotherEngineOnRandomData) {
  for (unsigned seed = 1; seed <= 200; ++seed) {
    SCOPED_TRACE(fmt::format("seed {}", seed));
    Random random(seed);
    const int files = 1 + Roll(random, 5);
    for (int f = 0; f < files; ++f) PutRandomFile(random, f);
    const bool wide_key = OneIn(random, 3);
    job_.steps = {DedupeStep{.key = {"id"}, .by = {{"updated_at", true}}}};
    if (wide_key) job_.steps = {DedupeStep{.key = {"id", "updated_at"}, .by = {}}};
    job_.write.files = 1 + Roll(random, 3);
    job_.write.parquet.row_group_rows = 1 + Roll(random, 40);
    const auto outcome = Run();
    ASSERT_TRUE(outcome) << outcome.error().Text();
    const std::string input = ReadParquet(Paths("in"), ", filename = true, file_row_number = true");
    const std::string expected = fmt::format(
        "SELECT COLUMNS(c -> c NOT IN ('filename', 'file_row_number')) FROM (SELECT * FROM {} QUALIFY row_number() "
        "OVER (PARTITION BY id{} ORDER BY {} filename DESC, "
        "file_row_number DESC) = 1)",
        input, wide_key ? ", updated_at" : "", wide_key ? "" : "updated_at DESC NULLS LAST,");
    if (outcome->records_written == 0) {
      EXPECT_EQ(outcome->records_read, 0);
    } else {
      std::vector<std::string> all = Paths("in");
      for (const std::string& path : Paths("out")) all.push_back(path);
      std::vector<std::string> names;
      for (const Field& field : outcome->output_schema.fields) names.push_back(QuoteIdentifier(field.name));
      const std::string columns = fmt::format("{}", fmt::join(names, ", "));
      EXPECT_EQ(Difference(all, fmt::format("SELECT {} FROM ({})", columns, expected),
                           fmt::format("SELECT {} FROM {}", columns, ReadParquet(Paths("out"), ""))),
                "");
    }
    EXPECT_EQ(outcome->records_read, outcome->records_written + outcome->duplicates_removed);
    if (HasFailure()) return;
    ASSERT_TRUE(store_->RemovePrefix("in"));
    if (!outcome->outputs.empty()) {
      ASSERT_TRUE(store_->RemovePrefix("out"));
    }
  }
}

TEST_F(ExecuteTest, BothPathsGiveTheSameRows) {
  for (unsigned seed = 1; seed <= 20; ++seed) {
    SCOPED_TRACE(fmt::format("seed {}", seed));
    Random random(seed);
    for (int f = 0; f < 3; ++f) PutRandomFile(random, f);
    const DedupeStep dedupe{.key = {"id"}, .by = {{"updated_at", true}}};
    job_.steps = {dedupe};
    const auto moved = Run();
    ASSERT_TRUE(moved) << moved.error().Text();
    if (!moved->outputs.empty()) {
      ASSERT_TRUE(store_->ExchangeFolders("out", "moved"));
    }
    job_.steps = {FilterStep{"true"}, dedupe};
    const auto through_sql = Run();
    ASSERT_TRUE(through_sql) << through_sql.error().Text();
    EXPECT_EQ(moved->duplicates_removed, through_sql->duplicates_removed);
    EXPECT_EQ(moved->ties, through_sql->ties);
    if (!moved->outputs.empty()) {
      std::vector<std::string> all = Paths("moved");
      for (const std::string& path : Paths("out")) all.push_back(path);
      EXPECT_EQ(Difference(all, std::string(kAnswer) + ReadParquet(Paths("moved"), ""),
                           std::string(kAnswer) + ReadParquet(Paths("out"), "")),
                "");
      ASSERT_TRUE(store_->RemovePrefix("out"));
      ASSERT_TRUE(store_->RemovePrefix("moved"));
    }
    ASSERT_TRUE(store_->RemovePrefix("in"));
    if (HasFailure()) return;
  }
}

TEST_F(ExecuteTest, GivesTheSameBytesWhateverTheNumberOfThreads) {
  Random random(7);
  for (int f = 0; f < 6; ++f) PutRandomFile(random, f);
  job_.steps = {DedupeStep{.key = {"id"}, .by = {{"updated_at", true}}}};
  for (const FileFormat format : {FileFormat::kParquet, FileFormat::kCsv, FileFormat::kJson}) {
    job_.write.format = format;
    std::vector<std::string> checksums;
    for (const int threads : {1, 2, 8}) {
      const auto outcome = Run(threads);
      ASSERT_TRUE(outcome) << outcome.error().Text();
      checksums.push_back(outcome->outputs.at(0).checksum);
      ASSERT_TRUE(store_->RemovePrefix("out"));
    }
    EXPECT_EQ(checksums[0], checksums[1]);
    EXPECT_EQ(checksums[0], checksums[2]);
  }
}

TEST_F(ExecuteTest, DealsRowsOutToExactlyTheFilesAskedFor) {
  Random random(11);
  for (int f = 0; f < 4; ++f) PutRandomFile(random, f);
  job_.write.files = 3;
  const auto outcome = Run();
  ASSERT_TRUE(outcome) << outcome.error().Text();
  ASSERT_EQ(outcome->outputs.size(), 3U);
  EXPECT_LE(outcome->outputs[0].rows - outcome->outputs[2].rows, 1);
  EXPECT_EQ(outcome->outputs[0].name, "part-00000-c.parquet");
}

TEST_F(ExecuteTest, SaysSoWhenThereAreFewerRowsThanFiles) {
  Random random(11);
  PutRandomFile(random, 0);
  job_.write.files = 100'000;
  const auto outcome = Run();
  ASSERT_TRUE(outcome) << outcome.error().Text();
  EXPECT_EQ(static_cast<int64_t>(outcome->outputs.size()), outcome->records_written);
  ASSERT_EQ(outcome->warnings.size(), 1U);
  EXPECT_THAT(outcome->warnings[0], HasSubstr("100000 files were asked for"));
}

TEST_F(ExecuteTest, ABadFileEndsTheRunAndIsNamed) {
  Random random(3);
  PutRandomFile(random, 0);
  for (const std::string_view bytes :
       {std::string_view(), std::string_view("PAR1"), std::string_view("id,amount\n1,2\n3,4\n")}) {
    Put("in/bad.parquet", bytes);
    const auto outcome = Run();
    ASSERT_FALSE(outcome);
    EXPECT_EQ(outcome.error().kind, ErrorKind::kCorrupt);
    EXPECT_THAT(outcome.error().message, HasSubstr("in/bad.parquet"));
    ASSERT_TRUE(store_->Remove("in/bad.parquet"));
  }
}

TEST_F(ExecuteTest, ABadFileIsSetAsideWhenTheJobSaysSo) {
  Random random(3);
  PutRandomFile(random, 0);
  PutRandomFile(random, 1);
  Put("in/bad.parquet", "not Parquet at all");
  job_.read.bad_files = BadFiles::kQuarantine;
  const auto outcome = Run();
  ASSERT_TRUE(outcome) << outcome.error().Text();
  ASSERT_EQ(outcome->bad_files.size(), 1U);
  EXPECT_EQ(outcome->bad_files[0].key, "in/bad.parquet");
}

TEST_F(ExecuteTest, AMissingKeyColumnIsAnErrorWithASuggestion) {
  Random random(3);
  PutRandomFile(random, 0);
  job_.steps = {DedupeStep{.key = {"idd"}, .by = {}}};
  const auto outcome = Run();
  ASSERT_FALSE(outcome);
  EXPECT_EQ(outcome.error().kind, ErrorKind::kInvalidArgument);
  EXPECT_THAT(outcome.error().Text(), HasSubstr("Did you mean 'id'?"));
}

TEST_F(ExecuteTest, RowsThatBreakAQuarantineRuleAreWrittenWithTheRule) {
  Random random(5);
  for (int f = 0; f < 3; ++f) PutRandomFile(random, f);
  job_.steps = {
      ExpectStep{{{"IsComplete \"id\"", QualityAction::kQuarantine}, {"RowCount > 0", QualityAction::kFail}}}};
  const auto outcome = Run();
  ASSERT_TRUE(outcome) << outcome.error().Text();
  EXPECT_GT(outcome->rows_rejected, 0);
  EXPECT_EQ(outcome->records_read, outcome->records_written + outcome->rows_rejected);
  const auto rejected = store_->List("rejected").value();
  ASSERT_EQ(rejected.size(), 1U);
  EXPECT_THAT(std::string(store_->Read(rejected[0]).value().view()), HasSubstr("IsComplete"));
}

TEST_F(ExecuteTest, ABrokenFailRuleWritesNothing) {
  Random random(5);
  PutRandomFile(random, 0);
  job_.steps = {ExpectStep{{{"RowCount > 1000", QualityAction::kFail}}}};
  const auto outcome = Run();
  ASSERT_FALSE(outcome);
  EXPECT_EQ(outcome.error().kind, ErrorKind::kQuality);
  EXPECT_TRUE(store_->List("out").value().empty());
}

}  // namespace
}  // namespace firn
