#include "pipeline/quality_check.h"

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <random>
#include <string>
#include <vector>

#include "pipeline/quality_people_test.h"

namespace firn {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

std::string Quarantined(const Table& table, const std::vector<std::string>& rules) {
  std::vector<ExpectRule> expect;
  for (const std::string& rule : rules) expect.push_back({rule, QualityAction::kQuarantine});
  const auto outcome = Check(table, expect);
  if (!outcome) return "error: " + outcome.error().Text();
  std::string text;
  for (const QuarantinedRow& row : outcome->quarantined) text += fmt::format("{}/{}:{} ", row.file, row.row, row.rule);
  return text;
}

Table Texts() {
  return {{{{"t", Of(TypeKind::kString)}}},
          "SELECT unnest(['12', ' -7 ', '1.5', '1e3', '99999999999', '2024-02-29', '2024-02-30', 'true', '2024-01-01 "
          "10:00:00', '', NULL, '1_000']) AS t"};
}

TEST(QualityCheck, ColumnDataTypeAsksTheValuesOfATextColumn) {
  const auto fitting = [](const std::string& type) {
    const auto outcome = Check(Texts(), {{fmt::format("ColumnDataType \"t\" = \"{}\"", type), QualityAction::kWarn}});
    return outcome ? 12 - outcome->rules.at(0).failed_rows : -1;
  };
  EXPECT_EQ(fitting("Integer"), 2);
  EXPECT_EQ(fitting("LONG"), 3);
  EXPECT_EQ(fitting("bigint"), 3);
  EXPECT_EQ(fitting("tinyint"), 2);
  EXPECT_EQ(fitting("Double"), 5);
  EXPECT_EQ(fitting("decimal(4, 1)"), 3);
  EXPECT_EQ(fitting("Boolean"), 1);
  EXPECT_EQ(fitting("Timestamp"), 2);
  EXPECT_EQ(fitting("String"), 11);
  EXPECT_EQ(Verdict(Texts(), R"(ColumnDataType "t" != "Boolean" with threshold > 0.9)"),
            "pass: share of rows that pass was 0.916667: 1 of 12 rows breaks it, e.g. 'true'");
}

TEST(QualityCheck, ColumnDataTypeAsksTheTypeOfAnyOtherColumn) {
  EXPECT_EQ(Verdict(People(), R"(ColumnDataType "age" = "Long" where "age IS NOT NULL")"),
            "pass: 4 rows checked, none breaks it");
  EXPECT_EQ(Verdict(People(), R"(ColumnDataType "id" = "Integer")"), "break: the column is bigint");
  EXPECT_EQ(Verdict(People(), R"(ColumnDataType "id" != "Integer")"), "pass: 5 rows checked, none breaks it");
  EXPECT_EQ(Verdict(People(), R"x(ColumnDataType "amount" = "decimal(10,2)")x"), "break: the column is decimal(12,2)");
  EXPECT_EQ(Verdict(People(), R"x(ColumnDataType "amount" = "decimal(38,3)" where "id = 1")x"),
            "pass: 1 row checked, none breaks it");
  EXPECT_EQ(Verdict(People(), R"(ColumnDataType "customer" = "struct" where "id = 1")"),
            "pass: 1 row checked, none breaks it");
  EXPECT_THAT(Verdict(People(), R"(ColumnDataType "id" = "integr")"),
              HasSubstr("no type 'integr'. Did you mean 'integer'?"));
}

TEST(QualityCheck, TextColumnsCompareWithDatesByTheirDay) {
  const Table table{{{{"d", Of(TypeKind::kString)}}},
                    "SELECT unnest(['2024-01-01', '2024-01-01 23:00:00', '2024-01-02', 'never', NULL]) AS d"};
  EXPECT_EQ(Verdict(table, R"(ColumnValues "d" > "2024-01-01")"), "break: 4 of 5 rows break it, e.g. '2024-01-01'");
  EXPECT_EQ(Verdict(table, R"(ColumnValues "d" = "2024-01-01")"),
            "break: 4 of 5 rows break it, e.g. '2024-01-01 23:00:00'");
  EXPECT_EQ(Verdict(table, R"(ColumnValues "d" > (now() - 5 days) with threshold = 0.6)"),
            "pass: share of rows that pass was 0.6: 2 of 5 rows break it, e.g. 'never'");
}

TEST(QualityCheck, TimestampsOfEveryUnitAndZoneAreHeldToTheSameInstant) {
  struct Kind {
    std::string sql;
    Type type;
  };
  const auto timestamp = [](TimeUnit unit, bool utc) {
    return Type{.kind = TypeKind::kTimestamp, .unit = unit, .utc = utc};
  };
  const std::vector<Kind> kinds = {{"TIMESTAMP_MS", timestamp(TimeUnit::kMillis, false)},
                                   {"TIMESTAMP", timestamp(TimeUnit::kMicros, false)},
                                   {"TIMESTAMP_NS", timestamp(TimeUnit::kNanos, false)},
                                   {"TIMESTAMPTZ", timestamp(TimeUnit::kMicros, true)}};
  for (const Kind& kind : kinds) {
    const Table table{
        {{{"t", kind.type}}},
        fmt::format("SELECT CAST('2023-11-14 22:13:20.001{}' AS {}) AS t", kind.type.utc ? "Z" : "", kind.sql)};
    for (const std::string zone : {"UTC", "Asia/Tokyo"}) {
      auto engine = Engine({.time_zone = zone});
      const std::vector<ExpectRule> rules = {{R"(ColumnValues "t" > now())"},
                                             {R"(ColumnValues "t" < (now() + 1 minutes))"},
                                             {R"(ColumnValues "t" = "2023-11-14")"},
                                             {R"(ColumnValues "t" = "2023-11-14T22:13:20.001")"},
                                             {R"(DataFreshness "t" < 0 hours)"}};
      const auto outcome = CheckQuality(*engine, StreamOf(table), table.schema, rules, kNow);
      ASSERT_TRUE(outcome.has_value()) << outcome.error().Text();
      for (const RuleResult& rule : outcome->rules)
        EXPECT_TRUE(rule.passed) << kind.sql << zone << rule.rule << rule.observed;
    }
  }
}

TEST(QualityCheck, NumbersOfEveryWidthAreComparedExactly) {
  const Table table{{{{"u", Of(TypeKind::kUInt64)},
                      {"d", Type{.kind = TypeKind::kDecimal, .precision = 38, .scale = 2}},
                      {"b", Of(TypeKind::kInt64)}}},
                    "SELECT 18446744073709551615::UBIGINT AS u, 999999999999999999999999999999999999.99::DECIMAL(38,2) "
                    "AS d, 9007199254740993::BIGINT AS b"};
  EXPECT_EQ(Verdict(table, R"(ColumnValues "u" = 18446744073709551615)"), "pass: 1 row checked, none breaks it");
  EXPECT_EQ(Verdict(table, R"(ColumnValues "u" > -1)"), "pass: 1 row checked, none breaks it");
  EXPECT_EQ(Verdict(table, R"(ColumnValues "b" != 9007199254740992)"), "pass: 1 row checked, none breaks it");
  EXPECT_EQ(Verdict(table, R"(ColumnValues "b" between 9007199254740992.50 and 9007199254740993.5)"),
            "pass: 1 row checked, none breaks it");
  EXPECT_EQ(Verdict(table, R"(ColumnValues "d" >= 0.000)"), "pass: 1 row checked, none breaks it");
  EXPECT_EQ(Verdict(table, R"(ColumnValues "d" < 999999999999999999999999999999999999.99)"),
            "break: 1 of 1 row breaks it, e.g. '999999999999999999999999999999999999.99'");
}

TEST(QualityCheck, QuarantinesEachRowOnceUnderTheFirstRuleThatItBreaks) {
  EXPECT_EQ(Quarantined(People(), {R"(IsComplete "id")", R"(ColumnValues "amount" >= 0)"}), "0/1:1 1/1:0 ");
  EXPECT_EQ(Quarantined(People(), {R"(ColumnValues "amount" >= 0)", R"(IsComplete "id")"}), "0/1:0 1/1:0 ");
  EXPECT_EQ(Quarantined(People(), {R"(ColumnValues "amount" >= -100 where "amount IS NOT NULL")"}), "");
  EXPECT_EQ(Quarantined(People(), {R"((ColumnValues "age" > 21) or (ColumnValues "age" = NULL))"}), "1/0:0 ");
  EXPECT_EQ(Quarantined(People(), {R"(ColumnDataType "id" = "Date")"}), "0/0:0 0/1:0 0/2:0 1/0:0 1/1:0 ");
  EXPECT_EQ(Quarantined(Nobody(), {R"(IsComplete "id")"}), "");
}

TEST(QualityCheck, QuarantinesEveryRowOfARepeatedKey) {
  EXPECT_EQ(Quarantined(People(), {R"(IsUnique "id")"}), "0/2:0 1/0:0 ");
  EXPECT_EQ(Quarantined(People(), {R"(ColumnValues "age" != 7)", R"(IsPrimaryKey "id")"}), "0/2:1 1/0:0 1/1:1 ");
  EXPECT_EQ(Quarantined(People(), {R"(IsUnique "id" where "age IS NULL OR age > 7")"}), "");
  EXPECT_EQ(Quarantined(People(), {R"(IsUnique "age" "active")"}), "");
  EXPECT_EQ(Quarantined(People(), {R"(CustomSql "select id from primary where age > 18")"}), "0/2:0 1/0:0 ");
}

TEST(QualityCheck, KeepsTheActionsApart) {
  const auto outcome = Check(People(), {{R"(IsComplete "id")", QualityAction::kWarn},
                                        {R"(IsComplete "age")", QualityAction::kQuarantine},
                                        {"RowCount = 5", QualityAction::kFail}});
  ASSERT_TRUE(outcome.has_value()) << outcome.error().Text();
  EXPECT_TRUE(outcome->IsAccepted());
  EXPECT_TRUE(outcome->RequireAccepted().has_value());
  EXPECT_THAT(outcome->quarantined, ElementsAre(QuarantinedRow{0, 2, 1}));
  EXPECT_FALSE(outcome->rules[0].passed);
  EXPECT_FALSE(outcome->rules[1].passed);
  EXPECT_EQ(outcome->rules[1].failed_rows, 1);
}

TEST(QualityCheck, RefusesWithEveryBrokenFailRuleAndWhatWasObserved) {
  const auto outcome = Check(
      People(),
      {{R"(IsComplete "id")"}, {"RowCount > 5"}, {"RowCount > 0"}, {R"(IsComplete "age")", QualityAction::kWarn}});
  ASSERT_TRUE(outcome.has_value());
  EXPECT_FALSE(outcome->IsAccepted());
  const Status status = outcome->RequireAccepted();
  ASSERT_FALSE(status.has_value());
  EXPECT_EQ(status.error().kind, ErrorKind::kQuality);
  EXPECT_EQ(status.error().message,
            R"x(broken data-quality rules: IsComplete "id" (1 of 5 rows is NULL); RowCount > 5 (RowCount was 5))x");
}

struct Refusal {
  const char* rule;
  ErrorKind kind;
  const char* text;
};

TEST(QualityCheck, RefusesRulesThatDoNotFitTheTable) {
  const std::vector<Refusal> refusals = {
      {R"(IsComplete "idd")", ErrorKind::kInvalidArgument,
       R"(rule 'IsComplete "idd"': no column 'idd'. Did you mean 'id'?)"},
      {R"(IsComplete "customer.address.citty")", ErrorKind::kInvalidArgument, "Did you mean 'customer.address.city'?"},
      {R"(IsComplete "tags.element")", ErrorKind::kInvalidArgument, "'tags' is a list"},
      {R"(ColumnValues "name" > 3)", ErrorKind::kInvalidArgument,
       "column 'name' is string and cannot be compared with 3"},
      {R"(ColumnValues "age" = "old")", ErrorKind::kInvalidArgument,
       "column 'age' is int and cannot be compared with \"old\""},
      {R"(ColumnValues "age" = EMPTY)", ErrorKind::kInvalidArgument, "EMPTY and WHITESPACES_ONLY are for texts"},
      {R"(ColumnValues "born" > "yesterday")", ErrorKind::kInvalidArgument, "Write a date as"},
      {R"(ColumnValues "born" > "2023-02-30")", ErrorKind::kInvalidArgument, "Write a date as"},
      {R"(ColumnValues "tags" = "a")", ErrorKind::kInvalidArgument, "can be compared with NULL only"},
      {R"(ColumnValues "tags" matches "a")", ErrorKind::kInvalidArgument, "Patterns are for texts"},
      {R"x(ColumnValues "name" matches "(")x", ErrorKind::kInvalidArgument,
       R"x(rule 'ColumnValues "name" matches "("')x"},
      {R"(ColumnLength "age" > 3)", ErrorKind::kInvalidArgument, "ColumnLength is for texts"},
      {R"(DataFreshness "age" < 3 days)", ErrorKind::kInvalidArgument, "DataFreshness is for dates and timestamps"},
      {R"(Sum "name" > 3)", ErrorKind::kInvalidArgument, "Sum is for numbers"},
      {R"(Completeness "name" > 95)", ErrorKind::kInvalidArgument, "write 95 % as 0.95"},
      {R"(IsComplete "id" where "agee > 3")", ErrorKind::kInvalidArgument,
       R"(rule 'IsComplete "id" where "agee > 3"')"},
      {R"(IsComplete "id" where "1 = 1) OR (1 = 1")", ErrorKind::kInvalidArgument, "a parenthesis too many"},
      {R"x(IsComplete "id" where "id in (select 1)")x", ErrorKind::kUnsupported, "holds a subquery"},
      {R"(IsComplete "id" where "true; drop table x")", ErrorKind::kInvalidArgument, "holds ';'"},
      {R"(CustomSql "select 1; select 2" = 1)", ErrorKind::kInvalidArgument, "more than one statement"},
      {R"(CustomSql "drop table primary" = 1)", ErrorKind::kInvalidArgument, "rule 'CustomSql"},
      {R"(CustomSql "select id, age from primary" = 1)", ErrorKind::kInvalidArgument, "returns 2 columns"},
      {R"(CustomSql "select id from primary" = 1)", ErrorKind::kInvalidArgument, "more than one row"},
      {R"(CustomSql "select id from primary where false" = 1)", ErrorKind::kInvalidArgument, "no row"},
      {R"(CustomSql "select count(*) as n from primary")", ErrorKind::kInvalidArgument,
       "returns 'n', which is no column"},
      {R"(CustomSql "select 'open from primary" = 1)", ErrorKind::kInvalidArgument, "does not end"},
      {"nonsense", ErrorKind::kInvalidArgument, "expected a rule type"},
  };
  for (const Refusal& refusal : refusals) {
    const auto outcome = Check(People(), {{refusal.rule}});
    ASSERT_FALSE(outcome.has_value()) << refusal.rule;
    EXPECT_EQ(outcome.error().kind, refusal.kind) << outcome.error().Text();
    EXPECT_THAT(outcome.error().Text(), HasSubstr(refusal.text)) << refusal.rule;
  }
}

TEST(QualityCheck, RefusesToQuarantineForRulesAboutTheWholeTable) {
  for (const char* rule : {"RowCount > 0", R"(Completeness "id" > 0.5)", R"(Uniqueness "id" > 0.5)",
                           R"(ColumnValues "age" > 3 with threshold > 0.5)", R"((RowCount > 0) and (IsComplete "id"))",
                           R"(CustomSql "select 1" = 1)", R"(ColumnExists "id")"}) {
    const Status status = ValidateExpectRule({rule, QualityAction::kQuarantine});
    ASSERT_FALSE(status.has_value()) << rule;
    EXPECT_EQ(status.error().kind, ErrorKind::kInvalidArgument);
    EXPECT_THAT(status.error().message, HasSubstr("cannot quarantine rows"));
    EXPECT_TRUE(ValidateExpectRule({rule, QualityAction::kWarn}).has_value());
  }
}

TEST(QualityCheck, ReadsOnlyTheColumnsThatTheRulesName) {
  const auto columns = [](const std::string& rule) { return PlanQuality({{rule}}, People().schema, kNow)->columns; };
  EXPECT_THAT(columns("RowCount > 0"), IsEmpty());
  EXPECT_THAT(columns(R"(IsComplete "customer.address.city" where "Age > 3 and name = 'score'")"),
              ElementsAre("name", "age", "customer"));
  EXPECT_THAT(columns(R"(CustomSql "select sum(amount) from primary where \"born\" is null" > 0)"),
              ElementsAre("amount", "born"));
  EXPECT_THAT(columns(R"(CustomSql "select count(*) from primary /* name */" > 0)"), IsEmpty());
  EXPECT_EQ(columns(R"x(CustomSql "select count(*) from (select * from primary)" > 0)x").size(), 10U);
  EXPECT_EQ(columns(R"(CustomSql "from primary" > 0)").size(), 10U);
}

TEST(QualityCheck, RefusesTwoColumnsThatSqlTakesForOne) {
  const Table table{{{{"a", Of(TypeKind::kInt32)}, {"A", Of(TypeKind::kInt32)}}}, "SELECT 1 AS a, 2 AS b"};
  const auto outcome = Check(table, {{R"(IsComplete "a")"}, {R"(IsComplete "A")"}});
  ASSERT_FALSE(outcome.has_value());
  EXPECT_EQ(outcome.error().kind, ErrorKind::kUnsupported);
}

TEST(QualityCheck, LeavesNothingBehindInTheEngine) {
  auto engine = Engine();
  const std::vector<ExpectRule> rules = {{R"(IsUnique "id")", QualityAction::kQuarantine},
                                         {R"(CustomSql "select count(*) from primary" = 5)"}};
  for (int i = 0; i < 2; ++i) {
    const auto outcome = CheckQuality(*engine, StreamOf(People()), People().schema, rules, kNow);
    ASSERT_TRUE(outcome.has_value()) << outcome.error().Text();
    EXPECT_EQ(outcome->quarantined.size(), 2U);
  }
  const auto left =
      engine->QueryText("SELECT table_name FROM information_schema.tables WHERE table_name NOT LIKE 'firn_view_%'");
  ASSERT_TRUE(left.has_value());
  EXPECT_THAT(left->rows, IsEmpty());
}

TEST(QualityCheck, PassesOnAnInterrupt) {
  auto engine = Engine();
  engine->Interrupt();
  const auto outcome = CheckQuality(*engine, StreamOf(People()), People().schema, {{"RowCount > 0"}}, kNow);
  ASSERT_FALSE(outcome.has_value());
  EXPECT_EQ(outcome.error().kind, ErrorKind::kStopped);
}

// The same questions, asked in SQL by hand, on random tables.
TEST(QualityCheck, AgreesWithHandWrittenSqlOnRandomTables) {
  struct Pair {
    const char* rule;
    const char* broken;  // predicate of the rows that break it
  };
  const std::vector<Pair> pairs = {
      {R"(IsComplete "k")", "k IS NULL"},
      {R"(ColumnValues "v" > 3)", "v IS NULL OR v <= 3"},
      {R"(ColumnValues "v" between 2 and 7)", "v IS NULL OR v <= 2 OR v >= 7"},
      {R"(ColumnValues "v" not in [1, 2, NULL])", "v IS NULL OR v = 1 OR v = 2"},
      {R"(ColumnValues "s" in ["a", "b", EMPTY])", "s IS NULL OR s NOT IN ('a', 'b', '')"},
      {R"(ColumnValues "s" matches "a+")", "s IS NULL OR NOT regexp_full_match(s, 'a+')"},
      {R"(ColumnLength "s" < 2 where "v > 4")", "v > 4 AND length(s) >= 2"},
      {R"((ColumnValues "v" > 3) and (ColumnValues "s" != "a"))", "v IS NULL OR v <= 3 OR s = 'a'"},
      {R"(IsUnique "k")", "k IN (SELECT k FROM t WHERE k IS NOT NULL GROUP BY k HAVING count(*) > 1)"},
      {R"(IsPrimaryKey "k" "v")",
       "k IS NULL OR v IS NULL OR (k, v) IN (SELECT (k, v) FROM t GROUP BY k, v HAVING count(*) > 1)"},
  };
  std::mt19937_64 random(20251103);
  for (int round = 0; round < 8; ++round) {
    const auto rows = random() % 400;
    const auto range = 1 + random() % 300;
    const auto seed = random() % 1'000'000;
    const Table table{
        {{{"k", Of(TypeKind::kInt64)}, {"v", Of(TypeKind::kInt32)}, {"s", Of(TypeKind::kString)}}},
        fmt::format(
            "SELECT nullif(hash(i, {0}) % {1}, 0)::BIGINT AS k, nullif((hash(i + 1, {0}) % 10)::INTEGER, 5) AS v, "
            "[NULL, '', 'a', 'aa', 'b'][(hash(i + 2, {0}) % 5 + 1)::INTEGER] AS s FROM range({2}) r(i) ORDER BY i",
            seed, range, rows)};
    auto reference = Engine();
    ASSERT_TRUE(
        reference
            ->Execute(fmt::format("CREATE TABLE t AS SELECT row_number() OVER () - 1 AS n, * FROM ({})", table.sql))
            .has_value());
    for (const Pair& pair : pairs) {
      const auto expected =
          reference->QueryText(fmt::format("SELECT n // 3, n % 3 FROM t WHERE {} ORDER BY n", pair.broken));
      ASSERT_TRUE(expected.has_value()) << expected.error().Text();
      const auto outcome = Check(table, {{pair.rule, QualityAction::kQuarantine}});
      ASSERT_TRUE(outcome.has_value()) << outcome.error().Text();
      ASSERT_EQ(outcome->quarantined.size(), expected->rows.size()) << pair.rule << " round " << round;
      EXPECT_EQ(outcome->rules[0].failed_rows, static_cast<int64_t>(expected->rows.size())) << pair.rule;
      EXPECT_EQ(outcome->rules[0].passed, expected->rows.empty());
      for (size_t i = 0; i < expected->rows.size(); ++i) {
        EXPECT_EQ(std::to_string(outcome->quarantined[i].file), expected->rows[i][0]);
        EXPECT_EQ(std::to_string(outcome->quarantined[i].row), expected->rows[i][1]);
      }
    }
  }
}

TEST(QualityCheck, SpillsWhatItKeepsWhenMemoryIsShort) {
  const std::string temp = ::testing::TempDir() + "/firn_quality_spill";
  auto engine = Engine({.memory_bytes = 48 << 20, .threads = 1, .temp_folder = temp});
  const Table table{{{{"k", Of(TypeKind::kString)}}},
                    "SELECT 'key number ' || (i // 2)::VARCHAR || repeat('x', 60) AS k FROM range(1000000) t(i)"};
  const auto outcome =
      CheckQuality(*engine, StreamOf(table), table.schema, {{R"(IsUnique "k")", QualityAction::kWarn}}, kNow);
  ASSERT_TRUE(outcome.has_value()) << outcome.error().Text();
  EXPECT_EQ(outcome->rules[0].observed, "1,000,000 of 1,000,000 rows share a key with another (500,000 keys)");
}

}  // namespace
}  // namespace firn
