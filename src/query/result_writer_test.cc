#include "query/result_writer.h"

#include "query/display_width.h"
#include "query/query_fixture_test.h"

namespace firn {
namespace {

using testing::HasSubstr;

class ResultWriter : public QueryTest {};

TEST_F(ResultWriter, CsvQuotesEveryValueAndTellsNullFromEmpty) {
  EXPECT_EQ(Write("SELECT 1 AS a, NULL AS b, '' AS c, 'say \"hi\", you' AS \"d\"\"e\", [1, 2] AS f, 'a\nb' AS g",
                  ResultFormat::kCsv),
            "\"a\",\"b\",\"c\",\"d\"\"e\",\"f\",\"g\"\n\"1\",,\"\",\"say \"\"hi\"\", you\",\"[1,2]\",\"a\nb\"\n");
}

TEST_F(ResultWriter, JsonKeepsTypesAndDigits) {
  EXPECT_EQ(Write("SELECT 9007199254740993 AS i, 12345678901234567890.123456::DECIMAL(38,6) AS d, 1.5::DOUBLE AS f, "
                  "true AS b, NULL AS n, 'a\"\n' AS t, "
                  "{'x': [1, NULL], 'y': 'z'} AS s, DATE '2025-11-03' AS day, 'nan'::DOUBLE AS nan, '-inf'::FLOAT AS "
                  "inf, 'q' AS i",
                  ResultFormat::kJson),
            "[\n  {\"i\": 9007199254740993, \"d\": 12345678901234567890.123456, \"f\": 1.5, \"b\": true, \"n\": null, "
            "\"t\": \"a\\\"\\n\", "
            "\"s\": {\"x\":[1,null],\"y\":\"z\"}, \"day\": \"2025-11-03\", \"nan\": \"nan\", \"inf\": \"-inf\", "
            "\"i_1\": \"q\"}\n]\n");
}

TEST_F(ResultWriter, EveryJsonResultIsJson) {
  for (const std::string sql :
       {"SELECT 1 WHERE false", "SELECT i, -i::DOUBLE / 3, 1e300, 1e-300, i::HUGEINT FROM range(5000) t(i)",
        "SELECT {'a': 'nan'::DOUBLE}", "SELECT '\\x00'::BLOB, chr(1), '\xF0\x9F\x98\x80'"})
    EXPECT_TRUE(Json::accept(Write(sql, ResultFormat::kJson))) << Write(sql, ResultFormat::kJson);
  EXPECT_EQ(Write("SELECT 1 WHERE false", ResultFormat::kJson), "[]\n");
}

TEST_F(ResultWriter, TableAlignsWhatTheTerminalShows) {
  EXPECT_EQ(Write("SELECT * FROM (VALUES ('ação', 1, 'x'), ('日本', 22, NULL), ('a' || chr(10) || chr(27), NULL, '')) "
                  "t(name, n, z)",
                  ResultFormat::kTable),
            " name    │    n │ z\n"
            "─────────┼──────┼──────\n"
            " ação    │    1 │ x\n"
            " 日本    │   22 │ NULL\n"
            " a\\n\\x1b │ NULL │ \n"
            "(3 rows)\n");
}

TEST_F(ResultWriter, TableShowsTheFirstRowsAndCountsTheRest) {
  auto result = service_->Run("SELECT i FROM range(5000) t(i)");
  ASSERT_TRUE(result.has_value()) << result.error().Text();
  std::string text;
  const auto rows =
      WriteResult(**result, {.format = ResultFormat::kTable, .table_rows = 2}, [&](std::string_view part) -> Status {
        text += part;
        return {};
      });
  EXPECT_EQ(rows, 5000);
  EXPECT_THAT(text, HasSubstr("(5,000 rows; the first 2 shown)"));
  EXPECT_EQ(std::ranges::count(text, '\n'), 5);
}

TEST_F(ResultWriter, PassesOnThatTheReaderWentAway) {
  auto result = service_->Run("SELECT i FROM range(5000) t(i)");
  const auto rows = WriteResult(**result, {.format = ResultFormat::kCsv},
                                [](std::string_view) -> Status { return Fail(ErrorKind::kIo, "broken pipe"); });
  ASSERT_FALSE(rows.has_value());
  EXPECT_EQ(rows.error().message, "broken pipe");
}

TEST(DescribeScans, SaysWhatWasReadOfWhatThereIs) {
  EXPECT_EQ(DescribeScans({{.table = TableName("t"),
                            .files_read = 12,
                            .files_known = 10000,
                            .partitions_read = 1,
                            .partitions_known = 4,
                            .bytes_read = 1200000,
                            .bytes_known = 560000000}}),
            "t  12 of 10,000 files, 1 of 4 partitions, 1.2 MB of 560.0 MB\n");
}

TEST(DisplayWidth, CountsCells) {
  EXPECT_EQ(DisplayWidth("abc"), 3);
  EXPECT_EQ(DisplayWidth("ação"), 4);
  EXPECT_EQ(DisplayWidth("e\xCC\x81"), 1);
  EXPECT_EQ(DisplayWidth("日本"), 4);
  EXPECT_EQ(DisplayWidth("\xF0\x9F\x98\x80"), 2);
  EXPECT_EQ(DisplayWidth("\xFF\xFE"), 2);
  EXPECT_EQ(CutToWidth("日本語", 6), "日本語");
  EXPECT_EQ(CutToWidth("日本語x", 6), "日本…");
  EXPECT_EQ(CutToWidth("abcdef", 3), "ab…");
}

}  // namespace
}  // namespace firn
