#include "sql/sql_engine.h"

#include <arrow/c/abi.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <thread>
#include <tuple>

#include "sql/sql_engine_test.h"

namespace firn {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

Error ErrorOf(SqlEngine& engine, const std::string& sql) {
  auto table = engine.QueryText(sql);
  EXPECT_FALSE(table.has_value()) << sql;
  return table.has_value() ? Error{} : table.error();
}

TEST(SqlEngine, AnswersAsText) {
  auto engine = OpenedEngine();
  auto table =
      engine->QueryText("SELECT 1 AS a, NULL AS b, '' AS c, 'ação 日本' AS d, [1, NULL] AS e, {'x': 1.50} AS f");
  ASSERT_TRUE(table.has_value()) << table.error().Text();
  EXPECT_THAT(table->columns, ElementsAre("a", "b", "c", "d", "e", "f"));
  ASSERT_EQ(table->rows.size(), 1U);
  EXPECT_THAT(table->rows[0], ElementsAre("1", std::nullopt, "", "ação 日本", "[1,null]", "{\"x\":1.5}"));
}

TEST(SqlEngine, TextKeepsTheOrderOfRows) {
  auto engine = OpenedEngine({.threads = 4});
  auto rows = engine->OpenText("SELECT i FROM range(300000) t(i) ORDER BY i DESC -- a comment at the end");
  ASSERT_TRUE(rows.has_value()) << rows.error().Text();
  int64_t expected = 299999;
  while (true) {
    auto some = (*rows)->Next();
    ASSERT_TRUE(some.has_value());
    if (some->empty()) break;
    for (const auto& row : *some) ASSERT_EQ(row[0], std::to_string(expected--));
  }
  EXPECT_EQ(expected, -1);
}

TEST(SqlEngine, ColumnsMayShareAName) {
  auto engine = OpenedEngine();
  auto table = engine->QueryText("SELECT 1 AS a, 2 AS a, 3 AS \"a\"\"b\";");
  ASSERT_TRUE(table.has_value()) << table.error().Text();
  EXPECT_THAT(table->columns, ElementsAre("a", "a", "a\"b"));
  EXPECT_THAT(table->rows[0], ElementsAre("1", "2", "3"));
}

TEST(SqlEngine, InitcapIsSparks) {
  auto engine = OpenedEngine();
  const auto title = [&](const std::string& text) { return One(*engine, "SELECT initcap(" + text + ")"); };
  EXPECT_EQ(title("'FORD motor  company'"), "Ford Motor  Company");
  EXPECT_EQ(title("'citroën élan ÉCLAIR 日本 ß'"), "Citroën Élan Éclair 日本 ẞ");
  EXPECT_EQ(title("'o''neil-smith 4x4'"), "O'neil-smith 4x4");
  EXPECT_EQ(title("''"), "");
  EXPECT_EQ(title("NULL"), "NULL");
  EXPECT_EQ(One(*engine, "SELECT count(initcap(t)) FROM (VALUES ('a'), (NULL), ('b')) v(t)"), "2");
  EXPECT_EQ(
      One(*engine, "SELECT string_agg(initcap(t), ',') FROM (VALUES ('aB c'), (NULL), ('éÉ é'), ('_Z'), ('')) v(t)"),
      "Ab C,Éé É,_z,");
}

TEST(SqlEngine, NowIsWhatItIsToldToBe) {
  auto engine = OpenedEngine({.time_zone = "America/Sao_Paulo", .now_ns = 1'761'700'000'123'456'000});
  EXPECT_EQ(One(*engine, "SELECT epoch_us(now())"), "1761700000123456");
  EXPECT_EQ(One(*engine, "SELECT epoch_us(current_timestamp)"), "1761700000123456");
  EXPECT_EQ(One(*engine, "SELECT epoch_us(transaction_timestamp())"), "1761700000123456");
  EXPECT_EQ(One(*engine, "SELECT current_date = today() AND today() = DATE '2025-10-28'"), "true");
  EXPECT_EQ(One(*engine, "SELECT current_localtimestamp()"), "2025-10-28 22:06:40.123456");
  EXPECT_THAT(One(*engine, "SELECT current_time"), testing::StartsWith("22:06:40.123456"));
}

TEST(SqlEngine, DescribesWithoutRunning) {
  auto engine = OpenedEngine();
  auto columns =
      engine->Describe("SELECT 1::DECIMAL(12,2) AS a, error('ran') AS b, TIMESTAMPTZ '2025-11-03 00:00:00+00' AS c");
  ASSERT_TRUE(columns.has_value()) << columns.error().Text();
  EXPECT_EQ((*columns)[0].name, "a");
  EXPECT_EQ((*columns)[0].type, "DECIMAL(12,2)");
  EXPECT_EQ((*columns)[2].type, "TIMESTAMP WITH TIME ZONE");
}

TEST(SqlEngine, UsesItsTimeZone) {
  auto engine = OpenedEngine({.time_zone = "America/Sao_Paulo"});
  EXPECT_EQ(One(*engine, "SELECT TIMESTAMPTZ '2025-11-03 12:00:00+00'"), "2025-11-03 09:00:00-03");
  EXPECT_EQ(One(*engine, "SELECT DATE '2025-11-03'::TIMESTAMPTZ = TIMESTAMPTZ '2025-11-03 03:00:00+00'"), "true");
}

TEST(SqlEngine, RefusesAnUnknownTimeZone) {
  auto engine = SqlEngine::Open({.time_zone = "Mars/Olympus"});
  ASSERT_FALSE(engine.has_value());
  EXPECT_EQ(engine.error().kind, ErrorKind::kInvalidArgument);
  EXPECT_THAT(engine.error().message, HasSubstr("Mars/Olympus"));
}

TEST(SqlEngine, NamesTheColumnThatWasMeant) {
  auto engine = OpenedEngine();
  ASSERT_TRUE(engine->Execute("CREATE TABLE t (chargeback_id VARCHAR, amount INTEGER)").has_value());
  const Error error = ErrorOf(*engine, "SELECT chargeback FROM t");
  EXPECT_EQ(error.kind, ErrorKind::kInvalidArgument);
  EXPECT_THAT(error.message, HasSubstr("\"chargeback\" not found"));
  EXPECT_THAT(error.message, testing::Not(HasSubstr("Binder Error")));
  EXPECT_THAT(error.hint, HasSubstr("chargeback_id"));
}

TEST(SqlEngine, EachErrorHasItsKind) {
  auto engine = OpenedEngine();
  EXPECT_EQ(ErrorOf(*engine, "SELEC 1").kind, ErrorKind::kInvalidArgument);
  EXPECT_EQ(ErrorOf(*engine, "SELECT 1; SELECT 2").kind, ErrorKind::kInvalidArgument);
  EXPECT_EQ(ErrorOf(*engine, "SELECT $1").kind, ErrorKind::kInvalidArgument);
  EXPECT_EQ(ErrorOf(*engine, "SELECT CAST(v AS INTEGER) FROM (VALUES ('x'), (i::VARCHAR)) t(v), range(1) r(i)").kind,
            ErrorKind::kInvalidArgument);
  EXPECT_EQ(ErrorOf(*engine, "SELECT CAST('x' || i AS INTEGER) FROM range(3) t(i)").kind, ErrorKind::kMismatch);
}

TEST(SqlEngine, MemoryThatRunsOutIsNoSpaceWithAHint) {
  auto engine = OpenedEngine({.memory_bytes = 20'000'000, .threads = 1});
  const Error error =
      ErrorOf(*engine, "SELECT count(*) FROM (SELECT DISTINCT md5(i::VARCHAR) FROM range(3000000) t(i))");
  EXPECT_EQ(error.kind, ErrorKind::kNoSpace) << error.message;
  EXPECT_THAT(error.hint, HasSubstr("--memory"));
}

TEST(SqlEngine, SpillsIntoItsTempFolder) {
  const auto folder = std::filesystem::path(testing::TempDir()) / "firn_sql_spill";
  auto engine = OpenedEngine({.memory_bytes = 60'000'000, .threads = 1, .temp_folder = folder.string()});
  EXPECT_EQ(One(*engine, "SELECT count(*) FROM (SELECT i, md5(i::VARCHAR) h FROM range(2000000) t(i) ORDER BY h)"),
            "2000000");
  auto rows = engine->OpenText("SELECT md5(i::VARCHAR) h FROM range(2000000) t(i) ORDER BY h");
  ASSERT_TRUE(rows.has_value()) << rows.error().Text();
  std::filesystem::remove_all(folder);
}

TEST(SqlEngine, TouchesNothingOfTheMachine) {
  const std::string file = testing::TempDir() + "/firn_sql_private.csv";
  std::ofstream(file) << "a,b\n1,2\n";
  auto engine = OpenedEngine();
  for (const std::string& sql : {"SELECT * FROM read_csv('" + file + "')", "SELECT * FROM '" + file + "'",
                                 "SELECT * FROM read_text('" + file + "')", "COPY (SELECT 1) TO '" + file + ".out'",
                                 std::string("ATTACH '/tmp/firn_x.db'"), std::string("INSTALL httpfs"),
                                 std::string("LOAD httpfs"), std::string("SET enable_external_access = true"),
                                 std::string("SET threads = 3"), std::string("SELECT * FROM glob('/etc/*')")})
    EXPECT_FALSE(engine->Execute(sql).has_value()) << sql;
  EXPECT_FALSE(std::filesystem::exists(file + ".out"));
}

TEST(SqlEngine, ReadsOnlyTheFilesNamed) {
  const std::string file = testing::TempDir() + "/firn_sql_named.csv";
  const std::string other = testing::TempDir() + "/firn_sql_other.csv";
  std::ofstream(file) << "a,b\n1,2\n";
  std::ofstream(other) << "a,b\n3,4\n";
  auto engine = OpenedEngine({.readable_files = {file}});
  EXPECT_EQ(One(*engine, "SELECT a + b FROM read_csv('" + file + "')"), "3");
  EXPECT_EQ(ErrorOf(*engine, "SELECT * FROM read_csv('" + other + "')").kind, ErrorKind::kPermission);
}

TEST(SqlEngine, AVanishedFileIsNotFound) {
  const std::string file = testing::TempDir() + "/firn_sql_vanished.parquet";
  auto engine = OpenedEngine({.readable_files = {file}});
  EXPECT_EQ(ErrorOf(*engine, "SELECT * FROM read_parquet(['" + file + "'])").kind, ErrorKind::kNotFound)
      << One(*engine, "SELECT * FROM read_parquet(['" + file + "'])");
}

TEST(SqlEngine, AFileThatIsNotParquetIsCorrupt) {
  const std::string file = testing::TempDir() + "/firn_sql_bad.parquet";
  std::ofstream(file) << std::string(1000, 'x');
  auto engine = OpenedEngine({.readable_files = {file}});
  const Error error = ErrorOf(*engine, "SELECT * FROM read_parquet(['" + file + "'])");
  EXPECT_EQ(error.kind, ErrorKind::kCorrupt) << error.message;
}

// A Parquet file of the test's folder, with its last bytes replaced.
Error ErrorOfDamaged(const std::string& name, size_t from_end, const std::string& bytes) {
  const std::string file = testing::TempDir() + "/firn_sql_" + name + ".parquet";
  auto engine = OpenedEngine({.readable_files = {file}});
  EXPECT_TRUE(
      engine->Execute("COPY (SELECT 1 AS a) TO '" + file + "' (FORMAT parquet, USE_TMP_FILE false)").has_value());
  std::fstream whole(file, std::ios::binary | std::ios::in | std::ios::out);
  whole.seekp(-static_cast<std::streamoff>(from_end), std::ios::end);
  whole << bytes;
  whole.close();
  return ErrorOf(*engine, "SELECT * FROM read_parquet(['" + file + "'])");
}

TEST(SqlEngine, DamagedBytesOfAFileAreCorrupt) {
  for (const auto& [name, from_end, bytes] : std::vector<std::tuple<std::string, size_t, std::string>>{
           {"thrift", 60, std::string(40, '\xFF')}, {"footer_length", 8, "\xFF\xFF\xFF\x7F"}}) {
    const Error error = ErrorOfDamaged(name, from_end, bytes);
    EXPECT_EQ(error.kind, ErrorKind::kCorrupt) << error.Text();
    EXPECT_THAT(error.hint, HasSubstr("write it again")) << error.Text();
  }
}

TEST(SqlEngine, AnEncryptedFileSaysSo) {
  const Error error = ErrorOfDamaged("encrypted", 4, "PARE");
  EXPECT_EQ(error.kind, ErrorKind::kCorrupt) << error.Text();
  EXPECT_THAT(error.message, HasSubstr("firn_sql_encrypted.parquet"));
  EXPECT_THAT(error.hint, HasSubstr("without encryption"));
}

TEST(SqlEngine, ErrorsQuoteLongValuesInPart) {
  auto engine = OpenedEngine();
  const Error error = ErrorOf(*engine, "SELECT CAST(repeat('é', 500000 + i::BIGINT) AS INTEGER) FROM range(3) t(i)");
  EXPECT_EQ(error.kind, ErrorKind::kMismatch);
  EXPECT_LT(error.Text().size(), 1000U);
  EXPECT_THAT(error.message, HasSubstr("éé ... é"));
  EXPECT_THAT(error.message, HasSubstr("to INT32"));
}

TEST(SqlEngine, StopsARunningStatementForGood) {
  auto engine = OpenedEngine({.threads = 2});
  auto rows = engine->OpenText("SELECT i FROM range(100000000) t(i)");
  ASSERT_TRUE(rows.has_value());
  std::thread stopper([&] { engine->Interrupt(); });
  Result<std::vector<TextRows::Row>> some;
  do some = (*rows)->Next();
  while (some.has_value() && !some->empty());
  stopper.join();
  ASSERT_FALSE(some.has_value());
  EXPECT_EQ(some.error().kind, ErrorKind::kStopped);
  EXPECT_EQ(ErrorOf(*engine, "SELECT 1").kind, ErrorKind::kStopped);
}

TEST(SqlEngine, StopsInsideOneLongStep) {
  auto engine = OpenedEngine({.threads = 2});
  // Interrupts from within the statement: the stop comes while it surely runs.
  std::jthread stopper([&] {
    while (true) {
      engine->Interrupt();
      return;
    }
  });
  const Error error =
      ErrorOf(*engine, "SELECT count(*) FROM range(1000000) a, range(1000000) b WHERE (a.range * b.range) % 7 = 8");
  EXPECT_EQ(error.kind, ErrorKind::kStopped);
}

TEST(SqlText, QuotesWhatIsWithin) {
  EXPECT_EQ(QuoteIdentifier("a\"b"), "\"a\"\"b\"");
  EXPECT_EQ(QuoteLiteral("it's"), "'it''s'");
}

Type Make(TypeKind kind, std::vector<Field> children = {}) {
  Type type;
  type.kind = kind;
  type.precision = 38;
  type.scale = 2;
  type.children = std::move(children);
  return type;
}

TEST(SqlText, NamesOfNestedTypesAreUnderstoodByTheEngine) {
  auto engine = OpenedEngine();
  Type nanos = Make(TypeKind::kTimestamp);
  nanos.unit = TimeUnit::kNanos;
  const Type list = Make(TypeKind::kList, {{"element", Make(TypeKind::kDecimal)}});
  const Type map = Make(TypeKind::kMap, {{"key", Make(TypeKind::kString)},
                                         {"value", Make(TypeKind::kStruct, {{"a \"b\"", list}, {"c", nanos}})}});
  EXPECT_EQ(One(*engine, "SELECT typeof(NULL::" + SqlTypeName(map) + ")"),
            "MAP(VARCHAR, STRUCT(\"a \"\"b\"\"\" DECIMAL(38,2)[], c TIMESTAMP_NS))");
}

TEST(SqlText, NamesOfPlainTypesAreUnderstoodByTheEngine) {
  auto engine = OpenedEngine();
  for (int kind = 1; kind <= static_cast<int>(TypeKind::kTimestamp); ++kind) {
    Type type = Make(static_cast<TypeKind>(kind));
    EXPECT_EQ(One(*engine, "SELECT typeof(NULL::" + SqlTypeName(type) + ")"), SqlTypeName(type));
    type.utc = true;
    EXPECT_EQ(One(*engine, "SELECT typeof(NULL::" + SqlTypeName(type) + ")"), SqlTypeName(type));
  }
}

}  // namespace
}  // namespace firn
