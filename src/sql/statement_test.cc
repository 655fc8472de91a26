#include "sql/statement.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace firn {
namespace {

using testing::HasSubstr;

// One engine serves all tests: opening one takes most of a test's time. It is closed before main ends: closing it
// later, as a static variable would, corrupts DuckDB's heap now and then.
class SharedEngine : public testing::Environment {
 public:
  void SetUp() override { engine_ = std::move(SqlEngine::Open({}).value()); }
  void TearDown() override { engine_.reset(); }
  SqlEngine& engine() { return *engine_; }

 private:
  std::unique_ptr<SqlEngine> engine_;
};
auto* const shared_engine = static_cast<SharedEngine*>(testing::AddGlobalTestEnvironment(new SharedEngine()));

SqlEngine& Shared() {
  return shared_engine->engine();
}

// "t(a=x, b>=y)(...) u": the tables and the comparisons of each use.
std::string Read(std::string_view sql) {
  auto statement = ReadStatement(Shared(), sql);
  if (!statement) return "error: " + statement.error().Text();
  if (statement->lists_tables) return "tables";
  static constexpr const char* kOps[] = {"=", "<>", "<", "<=", ">", ">=", " in "};
  std::string text;
  for (const StatementTable& table : statement->tables) {
    text += (text.empty() ? "" : " ") + table.name + (table.may_be_cte ? "?" : "");
    for (const TableUse& use : table.uses) {
      text += "(";
      for (const ColumnComparison& comparison : use.where) {
        text += (text.back() == '(' ? "" : ", ") + comparison.column + kOps[static_cast<int>(comparison.op)];
        for (size_t i = 0; i < comparison.values.size(); ++i) text += (i == 0 ? "" : "|") + comparison.values[i];
      }
      text += ")";
    }
  }
  return text;
}

TEST(Statement, ANumberBeyondDoubleIsRefused) {
  for (const char* sql : {"SELECT 1e400", "SELECT -1e400", "SELECT x FROM t WHERE x < 1e400"}) {
    const auto statement = ReadStatement(Shared(), sql);
    ASSERT_FALSE(statement.has_value()) << sql;
    EXPECT_EQ(statement.error().kind, ErrorKind::kInvalidArgument) << sql;
    EXPECT_THAT(statement.error().message, HasSubstr("beyond the range of DOUBLE"));
  }
  EXPECT_EQ(Read("SELECT '\"value\":Infinity', 'Infinity'::DOUBLE FROM t"), "t()");
}

TEST(Statement, FindsTheTablesAndWhatMustHoldOfThem) {
  EXPECT_EQ(Read("SELECT 1"), "");
  EXPECT_EQ(Read("VALUES (1)"), "");
  EXPECT_EQ(Read("FROM t"), "t()");
  EXPECT_EQ(Read("SELECT * FROM t WHERE year = '2025' AND '11' <= month AND day IN ('1', '2') AND x <> 'y'"),
            "t(year=2025, month>=11, day in 1|2, x<>y)");
  EXPECT_EQ(Read("SELECT * FROM t AS a WHERE A.Year > '2025' AND a.day BETWEEN '01' AND '07'"),
            "t(year>2025, day>=01, day<=07)");
  EXPECT_EQ(Read("SELECT * FROM t WHERE NOT year = '2025'"), "t(year<>2025)");
  EXPECT_EQ(Read("SELECT * FROM T JOIN u USING (id) WHERE t.year = '2025' AND u.day < '3' AND month = '1'"),
            "T(year=2025) u(day<3)");
  EXPECT_EQ(Read("SELECT * FROM t a LEFT JOIN t b USING (id) WHERE a.year = '2025'"), "t(year=2025)()");
  EXPECT_EQ(Read("SELECT (SELECT max(x) FROM u WHERE y = 'z') FROM t WHERE EXISTS (SELECT 1 FROM v WHERE v.k = 'w' AND "
                 "t.k = 'q')"),
            "t() u(y=z) v(k=w)");
  EXPECT_EQ(Read("DESCRIBE t"), "t()");
  EXPECT_EQ(Read("SUMMARIZE t"), "t()");
  EXPECT_EQ(Read("show tables"), "tables");
  EXPECT_EQ(Read("WITH c AS (SELECT * FROM t WHERE a = 'b') SELECT * FROM c WHERE a = 'd'"), "c?(a=d) t(a=b)");
  EXPECT_EQ(Read("WITH RECURSIVE c AS (SELECT 1 AS i UNION ALL SELECT i + 1 FROM c WHERE i < 3) FROM c"), "c?()()");
}

TEST(Statement, ClaimsNothingThatIsNotSure) {
  EXPECT_EQ(Read("SELECT * FROM t WHERE year = '2025' OR x = 'y'"), "t()");
  EXPECT_EQ(Read("SELECT * FROM t WHERE NOT (year = '2025' AND x = 'y')"), "t()");
  EXPECT_EQ(Read("SELECT * FROM t WHERE lower(year) = '2025'"), "t()");
  EXPECT_EQ(Read("SELECT * FROM t WHERE year = NULL"), "t()");
  EXPECT_EQ(Read("SELECT * FROM t WHERE year IN ('2025', NULL)"), "t()");
  EXPECT_EQ(Read("SELECT * FROM t WHERE year IN (2025)"), "t()");
  EXPECT_EQ(Read("SELECT * FROM t WHERE year NOT IN ('2025')"), "t()");
  EXPECT_EQ(Read("SELECT * FROM t WHERE year = '2025' COLLATE NOCASE"), "t()");
  EXPECT_EQ(Read("SELECT * FROM t WHERE year IS DISTINCT FROM '2025'"), "t()");
  EXPECT_EQ(Read("SELECT * FROM t AS a(year, x) WHERE year = '2025'"), "t()");
  EXPECT_EQ(Read("SELECT * FROM t TABLESAMPLE 10% WHERE year = '2025'"), "t()");
  EXPECT_EQ(Read("SELECT * FROM t WHERE year = '2025' USING SAMPLE 10%"), "t()");
  EXPECT_EQ(Read("SELECT * FROM u ASOF JOIN t ON u.i >= t.i WHERE t.year = '2025'"), "u() t()");
  EXPECT_EQ(Read("SELECT * FROM u POSITIONAL JOIN t WHERE t.year = '2025'"), "u() t()");
  EXPECT_EQ(Read("SELECT * FROM t, u WHERE year = '2025'"), "t() u()");
  EXPECT_EQ(Read("SELECT * FROM t, (SELECT '1' AS year) s WHERE year = '2025'"), "t()");
  EXPECT_EQ(Read("SELECT * FROM t GROUP BY year HAVING year = '2025'"), "t()");
}

class Hostile : public testing::TestWithParam<const char*> {};

TEST_P(Hostile, IsRefusedWithAReason) {
  auto statement = ReadStatement(Shared(), GetParam());
  ASSERT_FALSE(statement.has_value()) << GetParam();
  EXPECT_THAT(statement.error().kind, testing::AnyOf(ErrorKind::kUnsupported, ErrorKind::kInvalidArgument));
  EXPECT_GT(statement.error().message.size(), 10U);
}

INSTANTIATE_TEST_SUITE_P(
    Statements, Hostile,
    testing::Values("", ";", "-- nothing", "SELEC 1", "SELECT 1; SELECT 2", "SELECT 1; DROP TABLE t",
                    "INSERT INTO t VALUES (1)", "UPDATE t SET a = 1", "DELETE FROM t", "CREATE TABLE x (a INTEGER)",
                    "CREATE VIEW v AS SELECT 1", "CREATE MACRO m() AS 1", "DROP TABLE t",
                    "ALTER TABLE t ADD COLUMN x INTEGER", "TRUNCATE t", "COPY t TO '/tmp/x.csv'",
                    "COPY (SELECT 1) TO '/tmp/x.parquet'", "COPY t FROM '/etc/passwd'", "EXPORT DATABASE '/tmp/x'",
                    "IMPORT DATABASE '/tmp/x'", "ATTACH '/tmp/x.db'", "DETACH memory", "USE memory", "INSTALL httpfs",
                    "LOAD httpfs", "LOAD '/tmp/evil.so'", "PRAGMA database_list", "PRAGMA version", "SET threads = 1",
                    "SET enable_external_access = true", "RESET threads", "SET VARIABLE x = 1", "CALL pragma_version()",
                    "CHECKPOINT", "VACUUM", "BEGIN", "COMMIT", "EXPLAIN SELECT 1", "EXPLAIN ANALYZE SELECT 1",
                    "PREPARE p AS SELECT 1", "EXECUTE p", "CREATE SECRET s (TYPE s3)", "KILL 1"));

INSTANTIATE_TEST_SUITE_P(
    Sources, Hostile,
    testing::Values("SELECT * FROM read_csv('/etc/passwd')", "SELECT * FROM read_csv_auto('/etc/passwd')",
                    "SELECT * FROM read_parquet('x')", "SELECT * FROM parquet_scan('x')",
                    "SELECT * FROM read_json('x')", "SELECT * FROM read_ndjson('x')",
                    "SELECT * FROM read_text('/etc/passwd')", "SELECT * FROM read_blob('/etc/passwd')",
                    "SELECT * FROM glob('/*')", "SELECT * FROM sniff_csv('x')", "SELECT * FROM parquet_metadata('x')",
                    "SELECT * FROM parquet_schema('x')", "SELECT * FROM duckdb_settings()",
                    "SELECT * FROM duckdb_secrets()", "SELECT * FROM duckdb_tables()", "SELECT * FROM duckdb_logs()",
                    "SELECT * FROM pragma_database_size()", "SELECT * FROM query('SELECT 1')",
                    "SELECT * FROM query_table('t')", "SELECT * FROM which_secret('x', 's3')",
                    "SELECT * FROM arrow_scan(1, 2, 3)", "SELECT * FROM seq_scan('t')",
                    "SELECT * FROM json_execute_serialized_sql('{}')", "SELECT * FROM test_all_types()",
                    "SELECT * FROM sql_auto_complete('S')", "SELECT * FROM repeat('x', 1000000000)",
                    "SELECT * FROM system.main.read_text('/etc/passwd')", "SELECT * FROM information_schema.tables",
                    "SELECT * FROM pg_catalog.pg_tables", "SELECT * FROM main.t", "SELECT * FROM memory.main.t",
                    "SELECT * FROM t AT (VERSION => 1)", "SHOW DATABASES", "SHOW ALL TABLES", "DESCRIBE",
                    "SELECT * FROM (SHOW TABLES)"));

INSTANTIATE_TEST_SUITE_P(
    Places, Hostile,
    testing::Values(
        "SELECT getenv('HOME')", "SELECT GetEnv('HOME')", "SELECT system.main.getenv('HOME')",
        "SELECT current_setting('threads')", "SELECT getvariable('x')", "SELECT nextval('s')",
        "SELECT sleep_ms(100000)", "SELECT write_log('x')",
        "SELECT 1 WHERE (SELECT content FROM read_text('/etc/passwd')) = 'x'",
        "WITH a AS (FROM read_csv('x')) SELECT 1", "SELECT * FROM t WHERE a IN (SELECT file FROM glob('/*'))",
        "SELECT 1 ORDER BY (SELECT content FROM read_text('x'))", "SELECT 1 LIMIT (SELECT count(*) FROM glob('/*'))",
        "SELECT sum(a) OVER (ORDER BY (SELECT current_setting('threads'))) FROM t",
        "SELECT a FROM t UNION SELECT content FROM read_text('x')", "SELECT list_transform([1], x -> getenv('HOME'))",
        "SELECT * FROM t JOIN LATERAL (SELECT * FROM read_text(t.path)) ON true",
        "VALUES ((SELECT content FROM read_text('x')))", "DESCRIBE SELECT * FROM read_csv('x')",
        "SUMMARIZE FROM read_csv('x')", "SELECT CASE WHEN true THEN getenv('HOME') END",
        "SELECT 1 GROUP BY getenv('HOME')", "SELECT max(a) FILTER (WHERE getenv('x') = '') FROM t",
        "SELECT * REPLACE (getenv('x') AS a) FROM t", "SELECT * FROM unnest([getenv('x')])"));

TEST(Statement, RefusesWhatIsTooLongOrHoldsANul) {
  EXPECT_THAT(Read("SELECT '" + std::string(300'000, 'x') + "'"), HasSubstr("bytes"));
  EXPECT_THAT(Read(std::string_view("SELECT 1\0", 9)), HasSubstr("NUL"));
}

TEST(Statement, SaysWhatToDoInstead) {
  EXPECT_THAT(Read("DROP TABLE t"), HasSubstr("DROP is not offered"));
  EXPECT_THAT(Read("EXPLAIN SELECT 1"), HasSubstr("--explain"));
  EXPECT_THAT(Read("SELECT * FROM read_csv('x')"), HasSubstr("'read_csv'"));
  EXPECT_THAT(Read("SELECT * FROM main.t"), HasSubstr("write 't' alone"));
  EXPECT_THAT(Read("SELECT * FRM t"), HasSubstr("syntax error"));
}

TEST(Statement, KeepsNamesOfFilesForTheCallerToRefuse) {
  EXPECT_EQ(Read("FROM '/etc/passwd.csv'"), "/etc/passwd.csv()");
}

TEST(Statement, AllowsOrdinaryFunctions) {
  EXPECT_EQ(Read("SELECT upper(a), range(3), now(), regexp_extract(b, 'x'), row_number() OVER (), coalesce(c, 1) FROM "
                 "t, range(5), unnest([1])"),
            "t()");
}

}  // namespace
}  // namespace firn
