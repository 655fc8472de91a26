#include <gtest/gtest.h>
#include <rapidcheck.h>

#include <thread>

#include "query/query_fixture_test.h"

namespace firn {
namespace {

using testing::HasSubstr;

class Query : public QueryTest {
 protected:
  TableRecord Days() { return PutTable("days", {{{"id", Make(TypeKind::kInt32)}}}, {"year", "day"}); }
};

TEST_F(Query, ReadsTheSnapshotAndNothingElse) {
  const TableRecord table = Days();
  WriteFile("days/1.parquet", "SELECT 1 AS id");
  WriteFile("days/2.parquet", "SELECT 2 AS id");
  WriteFile("days/uncommitted.parquet", "SELECT 100 AS id");
  CommitFiles(table, {{{{"2025", "01"}}, File("days/1.parquet")}, {{{"2025", "02"}}, File("days/2.parquet")}});
  EXPECT_EQ(Ask("SELECT * FROM days ORDER BY id"), "\"1\",\"2025\",\"01\"\n\"2\",\"2025\",\"02\"\n");
}

TEST_F(Query, ExplainTellsWhatIsReadOfWhatThereIs) {
  const TableRecord table = Days();
  std::vector<std::pair<PartitionValues, FileRecord>> files;
  for (int day = 1; day <= 9; ++day)
    for (const char* part : {"a", "b"}) {
      const std::string key = "days/" + std::to_string(day) + part;
      WriteFile(key, "SELECT 1 AS id");
      files.push_back({{{"2025", "0" + std::to_string(day)}}, File(key)});
    }
  CommitFiles(table, files);
  const auto plan = service_->Explain("SELECT sum(id) FROM days WHERE year = '2025' AND day BETWEEN '03' AND '04'");
  ASSERT_TRUE(plan.has_value()) << plan.error().Text();
  ASSERT_EQ(plan->scans.size(), 1U);
  EXPECT_EQ(plan->scans[0].files_read, 4);
  EXPECT_EQ(plan->scans[0].files_known, 18);
  EXPECT_EQ(plan->scans[0].partitions_read, 2);
  EXPECT_EQ(plan->scans[0].partitions_known, 9);
  EXPECT_LT(plan->scans[0].bytes_read, plan->scans[0].bytes_known);
  EXPECT_THAT(plan->plan, HasSubstr("AGGREGATE"));
  const auto result = service_->Run("SELECT sum(id) FROM days WHERE day = '05'");
  EXPECT_EQ((*result)->bytes_scanned(), (*result)->scans()[0].bytes_read);
  EXPECT_EQ(Ask("SELECT count(*) FROM days WHERE day < '05' AND year > '2024'"), "\"8\"\n");
  EXPECT_EQ(Ask("SELECT count(*) FROM days WHERE day = '99'"), "\"0\"\n");
}

TEST_F(Query, FindsBytesThatAreStillStaged) {
  const TableRecord table = Days();
  WriteFile("staging/1.parquet", "SELECT 1 AS id");
  FileRecord file = File("staging/1.parquet");
  file.staged_key = file.key;
  file.key = "days/1.parquet";
  CommitFiles(table, {{{{"2025", "01"}}, file}}, false);
  EXPECT_EQ(Ask("SELECT id FROM days"), "\"1\"\n");
  std::filesystem::create_directories(root_ / "days");
  std::filesystem::rename(root_ / "staging/1.parquet", root_ / "days/1.parquet");
  EXPECT_EQ(Ask("SELECT id FROM days"), "\"1\"\n");
}

// The first look at the store comes after the file list is known: there a commit replaces the table and removes the
// file.
TEST_F(Query, StartsAgainOnTheNewSnapshotWhenAFileVanishes) {
  const TableRecord table = Days();
  WriteFile("days/1.parquet", "SELECT 1 AS id");
  FileRecord first = File("days/1.parquet");
  first.staged_key = "staging/1.parquet";
  CommitFiles(table, {{{{"2025", "01"}}, first}}, false);
  WriteFile("days/2.parquet", "SELECT 2 AS id");
  const FileRecord second = File("days/2.parquet");
  store_->on_stat = [&] {
    CommitFiles(table, {{{{"2025", "01"}}, second}});
    std::filesystem::remove(root_ / "days/1.parquet");
  };
  EXPECT_EQ(Ask("SELECT id FROM days"), "\"2\"\n");
}

TEST_F(Query, IsDoneWithTheFilesBeforeTheFirstRow) {
  const TableRecord table = Days();
  WriteFile("days/1.parquet", "SELECT i::INTEGER AS id FROM range(300000) t(i)");
  CommitFiles(table, {{{{"2025", "01"}}, File("days/1.parquet")}});
  auto result = service_->Run("SELECT id FROM days ORDER BY id DESC");
  ASSERT_TRUE(result.has_value());
  std::filesystem::remove(root_ / "days/1.parquet");
  int64_t expected = 299999;
  for (auto rows = (*result)->Next(); rows.has_value() && !rows->empty(); rows = (*result)->Next())
    for (const auto& row : *rows) ASSERT_EQ(row[0], std::to_string(expected--));
  EXPECT_EQ(expected, -1);
}

TEST_F(Query, NamesTheNearestTable) {
  Days();
  const Error error = ErrorOf("SELECT * FROM day");
  EXPECT_EQ(error.kind, ErrorKind::kNotFound);
  EXPECT_THAT(error.Text(), HasSubstr("no table 'day'"));
  EXPECT_THAT(error.Text(), HasSubstr("days"));
}

TEST_F(Query, NamesTheNearestColumn) {
  Days();
  const Error error = ErrorOf("SELECT idd FROM days");
  EXPECT_EQ(error.kind, ErrorKind::kInvalidArgument);
  EXPECT_THAT(error.hint, HasSubstr("\"id\""));
}

TEST_F(Query, PartitionKeysAreTextThatComparesWithNumbers) {
  const TableRecord table = Days();
  WriteFile("days/1.parquet", "SELECT 1 AS id");
  CommitFiles(table, {{{{"2025", "01"}}, File("days/1.parquet")}});
  for (const char* where : {"year = '2025'", "year = 2025", "day = 1", "day < '02'", "day::INTEGER < 2"})
    EXPECT_EQ(Ask(std::string("SELECT id FROM days WHERE ") + where), "\"1\"\n") << where;
  // As a text, '10' is less than '2': whoever means numbers says so.
  EXPECT_EQ(ErrorOf("SELECT id FROM days WHERE day < 2").kind, ErrorKind::kInvalidArgument);
}

TEST_F(Query, AFileThatSomebodyRemovedIsNamed) {
  const TableRecord table = Days();
  WriteFile("days/1.parquet", "SELECT 1 AS id");
  CommitFiles(table, {{{{"2025", "01"}}, File("days/1.parquet")}});
  std::filesystem::remove(root_ / "days/1.parquet");
  const Error error = ErrorOf("SELECT id FROM days");
  EXPECT_EQ(error.kind, ErrorKind::kCorrupt);
  EXPECT_THAT(error.message, HasSubstr("days/1.parquet belongs to table 'days', and is not there"));
  EXPECT_THAT(error.hint, HasSubstr("firn doctor"));
}

TEST_F(Query, AFileIsNotATable) {
  WriteFile("secret.parquet", "SELECT 1 AS id");
  for (const std::string& name : {PathOf("secret.parquet"), std::string("/etc/passwd"),
                                  std::string("https://example.com/x.csv"), std::string("*.parquet")}) {
    const Error error = ErrorOf("SELECT * FROM '" + name + "'");
    EXPECT_EQ(error.kind, ErrorKind::kNotFound) << name;
    EXPECT_THAT(error.hint, HasSubstr("not files"));
  }
  const Error hidden = ErrorOf("WITH x AS (SELECT 1) SELECT * FROM (WITH \"" + PathOf("secret.parquet") +
                               "\" AS (SELECT 1 AS one) SELECT 1), '" + PathOf("secret.parquet") + "'");
  EXPECT_THAT(hidden.kind, testing::AnyOf(ErrorKind::kPermission, ErrorKind::kInvalidArgument)) << hidden.Text();
}

TEST_F(Query, RefusesWhatIsNotAQuestion) {
  for (const char* sql :
       {"DROP TABLE days", "SELECT * FROM read_csv('/etc/passwd')", "SELECT getenv('HOME')", "SELECT 1; SELECT 2"})
    EXPECT_FALSE(service_->Run(sql).has_value()) << sql;
  EXPECT_EQ(ErrorOf("COPY (SELECT 1) TO '/tmp/x'").kind, ErrorKind::kUnsupported);
}

TEST_F(Query, ListsAndDescribesTables) {
  Days();
  PutTable("other", {{{"x", Make(TypeKind::kDecimal)}}});
  EXPECT_EQ(Ask("SHOW TABLES"), "\"days\"\n\"other\"\n");
  EXPECT_THAT(Ask("DESCRIBE other; -- please"), HasSubstr("\"x\",\"DECIMAL(12,2)\""));
  EXPECT_THAT(Ask("SUMMARIZE days"), HasSubstr("\"year\",\"VARCHAR\""));
}

TEST_F(Query, JoinsTablesAndCtes) {
  const TableRecord table = Days();
  WriteFile("days/1.parquet", "SELECT 1 AS id");
  WriteFile("days/2.parquet", "SELECT 2 AS id");
  CommitFiles(table, {{{{"2025", "01"}}, File("days/1.parquet")}, {{{"2025", "02"}}, File("days/2.parquet")}});
  PutTable("names", {{{"id", Make(TypeKind::kInt32)}, {"name", Make(TypeKind::kString)}}});
  WriteFile("names/a.parquet", "SELECT 1 AS id, 'ação' AS name");
  EXPECT_EQ(Ask("SELECT d.day, n.name FROM DAYS d LEFT JOIN names n USING (id) ORDER BY d.day"),
            "\"01\",\"ação\"\n\"02\",\n");
  EXPECT_EQ(Ask("WITH days AS (SELECT '02' AS day, * EXCLUDE (day) FROM days WHERE day = '01') SELECT id, day FROM "
                "days WHERE day = '02'"),
            "\"1\",\"02\"\n");
  EXPECT_EQ(Ask("SELECT '01' AS day, id FROM days WHERE day = '02'"), "\"01\",\"2\"\n");
  EXPECT_EQ(Ask("SELECT a.id, b.id FROM days a LEFT JOIN days b ON b.day = '02' WHERE a.day = '01'"), "\"1\",\"2\"\n");
}

TEST_F(Query, StopsWhenAsked) {
  std::stop_source stop;
  const auto before = service_->Run("SELECT 1", (stop.request_stop(), stop.get_token()));
  ASSERT_FALSE(before.has_value());
  EXPECT_EQ(before.error().kind, ErrorKind::kStopped);
  std::stop_source later;
  std::jthread stopper([&] { later.request_stop(); });
  const auto during = service_->Run(
      "SELECT count(*) FROM range(1000000) a, range(1000000) b WHERE (a.range * b.range) % 7 = 8", later.get_token());
  ASSERT_FALSE(during.has_value());
  EXPECT_EQ(during.error().kind, ErrorKind::kStopped);
}

// Whatever the WHERE says, leaving out partitions changes no answer: the same question to a table whose partition keys
// are ordinary columns.
class Pruning : public QueryTest {
 protected:
  Pruning() {
    const std::vector<std::string> years = {"2024", "2025"};
    const std::vector<std::string> days = {"1", "02", "10", "9", "x'y", "__HIVE_DEFAULT_PARTITION__"};
    const TableRecord table = PutTable("t", {{{"id", Make(TypeKind::kInt32)}}}, {"year", "day"});
    PutTable("plain",
             {{{"id", Make(TypeKind::kInt32)}, {"year", Make(TypeKind::kString)}, {"day", Make(TypeKind::kString)}}});
    std::vector<std::pair<PartitionValues, FileRecord>> files;
    std::string rows;
    int id = 0;
    for (const std::string& year : years)
      for (const std::string& day : days) {
        const std::string key = "t/" + std::to_string(++id);
        WriteFile(key, "SELECT " + std::to_string(id) + "::INTEGER AS id");
        files.push_back({{{year, day}}, File(key)});
        const std::string text = SqlValue(day) ? QuoteLiteral(day) : "NULL";
        rows +=
            (rows.empty() ? "(" : ", (") + std::to_string(id) + "::INTEGER, " + QuoteLiteral(year) + ", " + text + ")";
      }
    CommitFiles(table, files);
    WriteFile("plain/a", "SELECT * FROM (VALUES " + rows + ") v(id, year, day)");
  }
};

rc::Gen<std::string> Condition(int depth) {
  const auto column = rc::gen::element<std::string>("t.year", "t.day", "T.Day");
  const auto constant =
      rc::gen::element<std::string>("'2024'", "'2025'", "'1'", "'02'", "'10'", "'9'", "''", "'x''y'", "'5'", "NULL");
  const auto op = rc::gen::element<std::string>("=", "<>", "<", "<=", ">", ">=");
  const auto comparison = rc::gen::apply([](const std::string& c, const std::string& o, const std::string& v,
                                            bool flip) { return flip ? v + " " + o + " " + c : c + " " + o + " " + v; },
                                         column, op, constant, rc::gen::arbitrary<bool>());
  const auto between = rc::gen::apply([](const std::string& c, const std::string& a,
                                         const std::string& b) { return c + " BETWEEN " + a + " AND " + b; },
                                      column, constant, constant);
  const auto in =
      rc::gen::apply([](const std::string& c, bool no, const std::string& a,
                        const std::string& b) { return c + (no ? " NOT" : "") + " IN (" + a + ", " + b + ")"; },
                     column, rc::gen::arbitrary<bool>(), constant, constant);
  const auto null = rc::gen::map(column, [](const std::string& c) { return c + " IS NULL"; });
  if (depth == 0) return rc::gen::oneOf(comparison, between, in, null);
  const auto inner = rc::gen::apply(
      [](const std::string& a, const std::string& b, int how) {
        return how == 0 ? "(" + a + " OR " + b + ")" : how == 1 ? "NOT (" + a + ")" : "(" + a + " AND " + b + ")";
      },
      Condition(depth - 1), Condition(depth - 1), rc::gen::inRange(0, 5));
  return rc::gen::oneOf(comparison, in, inner, inner);
}

TEST_F(Pruning, ChangesNoAnswer) {
  EXPECT_TRUE(rc::check([this] {
    const std::string where = *Condition(2);
    const std::string shape = *rc::gen::element<std::string>(
        "SELECT id, year, day FROM $ AS t WHERE # ORDER BY id",
        "SELECT t.id, u.id FROM $ AS t LEFT JOIN $ AS u ON t.day = u.year WHERE # ORDER BY ALL",
        "SELECT u.id, t.id FROM $ AS u LEFT JOIN $ AS t ON u.id = t.id + 1 AND u.day >= '1' WHERE # ORDER BY ALL",
        "SELECT u.id, t.id FROM $ AS u FULL JOIN $ AS t ON u.id = t.id + 1 WHERE # ORDER BY ALL",
        "SELECT u.id FROM $ AS u WHERE EXISTS (FROM $ AS t WHERE t.id = u.id AND #) ORDER BY ALL",
        "WITH w AS (SELECT * FROM $ AS t WHERE #) SELECT count(*), min(id), max(day) FROM w",
        "SELECT u.id, t.id FROM $ AS u ASOF LEFT JOIN $ AS t ON u.id > t.id WHERE # ORDER BY ALL");
    const auto ask = [&](const std::string& table) {
      std::string sql;
      for (char c : shape) sql += c == '$' ? table : c == '#' ? where : std::string(1, c);
      return Ask(sql);
    };
    const std::string pruned = ask("t");
    RC_ASSERT(pruned.find("error") == std::string::npos);
    RC_ASSERT(pruned == ask("plain"));
  }));
}

}  // namespace
}  // namespace firn
