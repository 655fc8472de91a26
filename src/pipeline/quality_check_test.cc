#include "pipeline/quality_check.h"

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <random>
#include <string>
#include <vector>

namespace firn {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

constexpr int64_t kNow = 1'700'000'000'000'000'000;  // 2023-11-14T22:13:20Z

Type Of(TypeKind kind) { return Type{.kind = kind}; }
Type Struct(std::vector<Field> fields) { return Type{.kind = TypeKind::kStruct, .children = std::move(fields)}; }

// A table as a SELECT; rows are numbered in files of three.
struct Table {
  Schema schema;
  std::string sql;
};

std::unique_ptr<SqlEngine> Engine(SqlOptions options = {}) {
  auto engine = SqlEngine::Open(options);
  EXPECT_TRUE(engine.has_value());
  return std::move(*engine);
}

ArrowStream StreamOf(const Table& table) {
  auto stream = Engine()->Query(fmt::format("SELECT (row_number() OVER () - 1) // 3 AS __file, (row_number() OVER () - 1) % 3 AS __row, * FROM ({})", table.sql));
  EXPECT_TRUE(stream.has_value()) << stream.error().Text();
  return std::move(*stream);
}

Result<QualityOutcome> Check(const Table& table, const std::vector<ExpectRule>& rules) {
  auto engine = Engine({.threads = 2});
  return CheckQuality(*engine, StreamOf(table), table.schema, rules, kNow);
}

// "pass: ..." or "break: ..." with what was observed.
std::string Verdict(const Table& table, const std::string& rule) {
  const auto outcome = Check(table, {{rule, QualityAction::kFail}});
  if (!outcome) return "error: " + outcome.error().Text();
  return (outcome->rules.at(0).passed ? "pass: " : "break: ") + outcome->rules.at(0).observed;
}

std::string Quarantined(const Table& table, const std::vector<std::string>& rules) {
  std::vector<ExpectRule> expect;
  for (const std::string& rule : rules) expect.push_back({rule, QualityAction::kQuarantine});
  const auto outcome = Check(table, expect);
  if (!outcome) return "error: " + outcome.error().Text();
  std::string text;
  for (const QuarantinedRow& row : outcome->quarantined) text += fmt::format("{}/{}:{} ", row.file, row.row, row.rule);
  return text;
}

Table People() {
  const Type address = Struct({{"city", Of(TypeKind::kString)}, {"zip", Of(TypeKind::kString)}});
  return {{{{"id", Of(TypeKind::kInt64)},
            {"name", Of(TypeKind::kString)},
            {"age", Of(TypeKind::kInt32)},
            {"amount", Type{.kind = TypeKind::kDecimal, .precision = 12, .scale = 2}},
            {"score", Of(TypeKind::kDouble)},
            {"active", Of(TypeKind::kBoolean)},
            {"born", Of(TypeKind::kDate)},
            {"seen", Type{.kind = TypeKind::kTimestamp, .unit = TimeUnit::kMicros}},
            {"customer", Struct({{"address", address}})},
            {"tags", Type{.kind = TypeKind::kList, .children = {{"element", Of(TypeKind::kString)}}}}}},
          R"(SELECT * FROM (VALUES
  (1::BIGINT, 'Ana', 30, 10.00::DECIMAL(12,2), 0.5::DOUBLE, true, DATE '2023-11-14', TIMESTAMP '2023-11-14 21:00:00', {'address': {'city': 'São Paulo', 'zip': '01000'}}, ['a']),
  (2, 'José', 41, -5.00, 1.5, false, DATE '2023-11-12', TIMESTAMP '2023-11-12 10:00:00', {'address': {'city': 'Рязань', 'zip': '2'}}, ['a', 'b']),
  (3, '', NULL, 99.99, NULL, NULL, DATE '2023-10-01', NULL, {'address': {'city': NULL, 'zip': '3'}}, NULL),
  (3, '  ', 7, 0.00, 2.5, true, NULL, TIMESTAMP '2023-11-14 22:13:20', {'address': NULL}, []),
  (NULL, NULL, 41, NULL, 3.5, true, DATE '2023-11-14', TIMESTAMP '2022-01-01 00:00:00', NULL, ['c'])
) t(id, name, age, amount, score, active, born, seen, customer, tags))"};
}

Table Nobody() { return {People().schema, People().sql + " WHERE false"}; }

struct Case {
  const char* rule;
  const char* verdict;
};
void PrintTo(const Case& c, std::ostream* out) { *out << c.rule; }

class RuleOnPeople : public ::testing::TestWithParam<Case> {};

TEST_P(RuleOnPeople, GivesItsVerdict) { EXPECT_EQ(Verdict(People(), GetParam().rule), GetParam().verdict) << GetParam().rule; }

INSTANTIATE_TEST_SUITE_P(
    Completeness, RuleOnPeople,
    ::testing::Values(Case{R"(IsComplete "id")", "break: 1 of 5 rows is NULL"},
                      Case{R"(IsComplete "id" where "age = 7")", "pass: none of 1 row is NULL"},
                      Case{R"(IsComplete "customer.address.city")", "break: 3 of 5 rows are NULL"},
                      Case{R"(IsComplete "tags")", "break: 1 of 5 rows is NULL"},
                      Case{R"(Completeness "id" >= 0.8)", "pass: Completeness was 0.8: 1 of 5 rows is NULL"},
                      Case{R"(Completeness "id" > 0.8)", "break: Completeness was 0.8: 1 of 5 rows is NULL"},
                      Case{R"(Completeness "id" between 0.7 and 0.9)", "pass: Completeness was 0.8: 1 of 5 rows is NULL"}));

INSTANTIATE_TEST_SUITE_P(
    Keys, RuleOnPeople,
    ::testing::Values(
        Case{R"(IsUnique "id")", "break: 2 of 4 rows share a key with another (1 keys)"},
        Case{R"(IsUnique "id" where "age IS NULL OR age > 7")", "pass: no key is repeated in 3 rows"},
        Case{R"(IsUnique "id" "name")", "pass: no key is repeated in 4 rows"},
        Case{R"(IsUnique "customer.address.zip")", "pass: no key is repeated in 3 rows"},
        Case{R"(Uniqueness "id" = 0.5)", "pass: Uniqueness was 0.5: 2 of 4 rows share a key with another (1 keys)"},
        Case{R"(UniqueValueRatio "id" > 0.7)", "break: UniqueValueRatio was 0.666667: 2 of 4 rows share a key with another (1 keys)"},
        Case{R"(IsPrimaryKey "id")", "break: 2 of 5 rows share a key with another (1 keys), 1 row with a NULL in the key"},
        Case{R"(IsPrimaryKey "id" where "id < 3")", "pass: no key is repeated in 2 rows"},
        Case{R"(IsPrimaryKey "id" "name")", "break: no key is repeated in 5 rows, 1 row with a NULL in the key"},
        Case{R"(DistinctValuesCount "age" = 3)", "pass: DistinctValuesCount was 3"}));

// NULL breaks every condition on values but != and `not in`; see docs/reference/quality-rules.md.
INSTANTIATE_TEST_SUITE_P(
    Values, RuleOnPeople,
    ::testing::Values(
        Case{R"(ColumnValues "age" > 6)", "break: 1 of 5 rows breaks it, e.g. NULL"},
        Case{R"(ColumnValues "age" > 7 where "age IS NOT NULL")", "break: 1 of 4 rows breaks it, e.g. '7'"},
        Case{R"(ColumnValues "age" between 6 and 42 where "age IS NOT NULL")", "pass: all 4 rows pass"},
        Case{R"(ColumnValues "age" between 7 and 41 where "age IS NOT NULL")", "break: 3 of 4 rows break it, e.g. '7'"},
        Case{R"(ColumnValues "age" not between 7 and 41 where "age <> 30")", "pass: all 3 rows pass"},
        Case{R"(ColumnValues "age" not between 7 and 41)", "break: 2 of 5 rows break it, e.g. '30'"},
        Case{R"(ColumnValues "age" != 7)", "break: 1 of 5 rows breaks it, e.g. '7'"},
        Case{R"(ColumnValues "age" != 8)", "pass: all 5 rows pass"},
        Case{R"(ColumnValues "age" != NULL)", "break: 1 of 5 rows breaks it, e.g. NULL"},
        Case{R"(ColumnValues "age" in [7, 30, 41])", "break: 1 of 5 rows breaks it, e.g. NULL"},
        Case{R"(ColumnValues "age" in [7, 30, 41, NULL])", "pass: all 5 rows pass"},
        Case{R"(ColumnValues "age" in ["7", "30", "41", NULL])", "pass: all 5 rows pass"},
        Case{R"(ColumnValues "age" not in [8, 9])", "pass: all 5 rows pass"},
        Case{R"(ColumnValues "age" not in [8, 9, NULL])", "break: 1 of 5 rows breaks it, e.g. NULL"},
        Case{R"(ColumnValues "tags" = NULL)", "break: 4 of 5 rows break it"},
        Case{R"(ColumnValues "amount" >= 0)", "break: 2 of 5 rows break it, e.g. '-5.00'"},
        Case{R"(ColumnValues "amount" >= -5.000 with threshold >= 0.8)", "pass: share of rows that pass was 0.8: 1 of 5 rows breaks it, e.g. NULL"},
        Case{R"(ColumnValues "amount" >= 0 with threshold > 0.6)", "break: share of rows that pass was 0.6: 2 of 5 rows break it, e.g. '-5.00'"},
        Case{R"(ColumnValues "amount" <= 99.99 where "amount IS NOT NULL")", "pass: all 4 rows pass"},
        Case{R"(ColumnValues "score" < 3.5 where "score IS NOT NULL")", "break: 1 of 4 rows breaks it, e.g. '3.5'"},
        Case{R"(ColumnValues "active" = "true" where "active IS NOT NULL")", "break: 1 of 4 rows breaks it, e.g. 'false'"},
        Case{R"(ColumnValues "name" in ["Ana", "José", EMPTY, WHITESPACES_ONLY, NULL])", "pass: all 5 rows pass"},
        Case{R"(ColumnValues "name" != EMPTY)", "break: 1 of 5 rows breaks it, e.g. ''"},
        Case{R"(ColumnValues "name" not in [EMPTY, WHITESPACES_ONLY])", "break: 2 of 5 rows break it, e.g. ''"},
        Case{R"(ColumnValues "name" matches "[A-Z].*" where "length(trim(name)) > 0")", "pass: all 2 rows pass"},
        Case{R"(ColumnValues "name" matches "n" where "name = 'Ana'")", "break: 1 of 1 row breaks it, e.g. 'Ana'"},
        Case{R"(ColumnValues "name" not matches ".*n.*")", "break: 2 of 5 rows break it, e.g. 'Ana'"},
        Case{R"(ColumnValues "age" matches "\d+" where "age > 0")", "pass: all 4 rows pass"},
        Case{R"(ColumnValues "customer.address.city" in ["São Paulo", "Рязань", NULL])", "pass: all 5 rows pass"},
        Case{R"(ColumnLength "name" = 4)", "break: 4 of 5 rows break it, e.g. ''"},
        Case{R"(ColumnLength "name" = 4 where "name = 'José'")", "pass: all 1 row pass"},
        Case{R"(ColumnLength "customer.address.city" = 6 where "id = 2")", "pass: all 1 row pass"},
        Case{R"(ColumnLength "name" between -1 and 5)", "pass: all 5 rows pass"},
        Case{R"(ColumnLength "name" > 0 where "name IS NULL")", "break: 1 of 1 row breaks it, e.g. NULL"}));

INSTANTIATE_TEST_SUITE_P(
    Times, RuleOnPeople,
    ::testing::Values(
        Case{R"(ColumnValues "born" > "2023-10-01" where "born IS NOT NULL")", "break: 1 of 4 rows breaks it, e.g. '2023-10-01'"},
        Case{R"(ColumnValues "born" between "2023-09-30" and "2023-11-15")", "break: 1 of 5 rows breaks it, e.g. NULL"},
        Case{R"(ColumnValues "born" in ["2023-10-01", "2023-11-12", "2023-11-14", NULL])", "pass: all 5 rows pass"},
        Case{R"(ColumnValues "born" > (now() - 3 days) where "born > DATE '2023-11-01'")", "pass: all 3 rows pass"},
        Case{R"(ColumnValues "born" = now() where "id = 1")", "pass: all 1 row pass"},
        // A date asks for the day.
        Case{R"(ColumnValues "seen" = "2023-11-14" where "id = 1")", "pass: all 1 row pass"},
        Case{R"(ColumnValues "seen" > "2023-11-14" where "id = 1")", "break: 1 of 1 row breaks it, e.g. '2023-11-14 21:00:00'"},
        Case{R"(ColumnValues "seen" > "2023-11-14 20:59:59" where "id = 1")", "pass: all 1 row pass"},
        Case{R"(ColumnValues "seen" <= now())", "break: 1 of 5 rows breaks it, e.g. NULL"},
        Case{R"(ColumnValues "seen" < now() where "age = 7")", "break: 1 of 1 row breaks it, e.g. '2023-11-14 22:13:20'"},
        Case{R"(DataFreshness "seen" <= 2 hours where "id = 1")", "pass: all 1 row pass"},
        Case{R"(DataFreshness "seen" < 1 hours where "id = 1")", "break: 1 of 1 row breaks it, e.g. '2023-11-14 21:00:00'"},
        Case{R"(DataFreshness "seen" = 0 hours where "age = 7")", "pass: all 1 row pass"},
        Case{R"(DataFreshness "seen" between 2 days and 3 days where "id = 2")", "pass: all 1 row pass"},
        Case{R"(DataFreshness "born" <= 24 hours where "id = 1")", "pass: all 1 row pass"},
        Case{R"(DataFreshness "seen" <= 10000 days with threshold > 0.7)", "pass: share of rows that pass was 0.8: 1 of 5 rows breaks it, e.g. NULL"}));

INSTANTIATE_TEST_SUITE_P(
    Tables, RuleOnPeople,
    ::testing::Values(Case{"RowCount = 5", "pass: RowCount was 5"}, Case{"RowCount between 5 and 9", "break: RowCount was 5"},
                      Case{R"(RowCount >= 2 where "age = 41")", "pass: RowCount was 2"},
                      Case{"ColumnCount = 10", "pass: ColumnCount was 10"}, Case{"ColumnCount > 10", "break: ColumnCount was 10"},
                      Case{R"(ColumnExists "customer.address.zip")", "pass: the column exists"},
                      Case{R"(ColumnExists "zip")", "break: no column 'zip'"},
                      Case{R"(ColumnNamesMatchPattern "[a-z]+")", "pass: columns that do not match was none"},
                      Case{R"(ColumnNamesMatchPattern "[a-r]+|[s].*")", "break: columns that do not match was customer, active, tags"},
                      Case{R"(Sum "amount" = 104.99)", "pass: Sum was 104.99"}, Case{R"(Sum "amount" > 104.99)", "break: Sum was 104.99"},
                      Case{R"(Sum "amount" > 0 where "id = 1")", "pass: Sum was 10.00"},
                      Case{R"(Mean "score" = 2)", "pass: Mean was 2.0"},
                      Case{R"(StandardDeviation "score" between 1.1 and 1.2)", "pass: StandardDeviation was 1.118033988749895"},
                      Case{R"(Mean "score" > 0 where "id = 3 AND age IS NULL")", "break: Mean was NULL"}));

INSTANTIATE_TEST_SUITE_P(
    Custom, RuleOnPeople,
    ::testing::Values(
        Case{R"(CustomSql "select count(*) from primary" between 4 and 6)", "pass: CustomSql returned 5"},
        Case{R"(CustomSql "SELECT sum(amount) FROM primary p; -- all of it" = 104.99)", "pass: CustomSql returned 104.99"},
        Case{R"(CustomSql "select max(`age`) from primary where name is not null" < 41)", "break: CustomSql returned 41"},
        Case{R"(CustomSql "select max(age) from primary where false" < 41)", "break: CustomSql returned NULL"},
        Case{R"(CustomSql "select id from primary where age > 18")", "break: 1 of 5 rows breaks it"},
        Case{R"(CustomSql "select id, age from primary where age > 18" with threshold > 0.5)", "pass: share of rows that pass was 0.6: 2 of 5 rows break it"},
        Case{R"(CustomSql "select * from primary")", "pass: all 5 rows pass"},
        Case{R"(CustomSql "with x as (select count(*) n from primary) select n from x" = 5)", "pass: CustomSql returned 5"}));

INSTANTIATE_TEST_SUITE_P(
    Composites, RuleOnPeople,
    ::testing::Values(
        // Row by row: each row has an age over 6 or none.
        Case{R"((ColumnValues "age" > 6) or (ColumnValues "age" = NULL))", "pass: all 5 rows pass"},
        Case{R"((ColumnValues "age" > 21) or (ColumnValues "age" = NULL))", "break: 1 of 5 rows breaks it"},
        Case{R"((IsComplete "age") and (IsComplete "id"))", "break: 2 of 5 rows break it"},
        Case{R"((IsComplete "age" where "id = 3") and (IsComplete "born" where "id = 1"))", "break: 1 of 5 rows breaks it"},
        // A part about the whole table: each part by itself.
        Case{R"((RowCount > 100) or (IsComplete "id"))", "break: RowCount was 5; 1 of 5 rows is NULL"},
        Case{R"((RowCount > 1) or (IsComplete "id"))", "pass: RowCount was 5; 1 of 5 rows is NULL"},
        Case{R"((RowCount > 0) and ((IsUnique "id") or (CustomSql "select 1" = 1)))", "pass: RowCount was 5; 2 of 4 rows share a key with another (1 keys); CustomSql returned 1"}));

class RuleOnNobody : public ::testing::TestWithParam<Case> {};
TEST_P(RuleOnNobody, GivesItsVerdict) { EXPECT_EQ(Verdict(Nobody(), GetParam().rule), GetParam().verdict) << GetParam().rule; }

// No row breaks a rule about rows; a value that there is not satisfies nothing.
INSTANTIATE_TEST_SUITE_P(
    Empty, RuleOnNobody,
    ::testing::Values(Case{"RowCount > 0", "break: RowCount was 0"}, Case{R"(IsComplete "id")", "pass: no rows"},
                      Case{R"(Completeness "id" > 0.9)", "pass: Completeness was 1: no rows"},
                      Case{R"(IsPrimaryKey "id")", "pass: no key is repeated in 0 rows"},
                      Case{R"(Uniqueness "id" > 0.9)", "pass: Uniqueness was 1: no key is repeated in 0 rows"},
                      Case{R"(ColumnValues "age" > 6 with threshold > 0.5)", "pass: share of rows that pass was 1: no rows"},
                      Case{R"(ColumnDataType "age" = "Date")", "break: the column is int32"},
                      Case{R"(ColumnNamesMatchPattern "x")", "break: columns that do not match was id, name, age, amount, score, active, born, seen, customer, tags"},
                      Case{R"(Mean "score" > 0)", "break: Mean was NULL"}, Case{R"(DistinctValuesCount "age" = 0)", "pass: DistinctValuesCount was 0"},
                      Case{R"(CustomSql "select count(*) from primary" = 0)", "pass: CustomSql returned 0"},
                      Case{R"(CustomSql "select id from primary")", "pass: no rows"}));

Table Texts() {
  return {{{{"t", Of(TypeKind::kString)}}},
          "SELECT unnest(['12', ' -7 ', '1.5', '1e3', '99999999999', '2024-02-29', '2024-02-30', 'true', '2024-01-01 10:00:00', '', NULL, '1_000']) AS t"};
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
  EXPECT_EQ(Verdict(People(), R"(ColumnDataType "age" = "Long" where "age IS NOT NULL")"), "pass: all 4 rows pass");
  EXPECT_EQ(Verdict(People(), R"(ColumnDataType "id" = "Integer")"), "break: the column is int64");
  EXPECT_EQ(Verdict(People(), R"(ColumnDataType "id" != "Integer")"), "pass: all 5 rows pass");
  EXPECT_EQ(Verdict(People(), R"x(ColumnDataType "amount" = "decimal(10,2)")x"), "break: the column is decimal(12,2)");
  EXPECT_EQ(Verdict(People(), R"x(ColumnDataType "amount" = "decimal(38,3)" where "id = 1")x"), "pass: all 1 row pass");
  EXPECT_EQ(Verdict(People(), R"(ColumnDataType "customer" = "struct" where "id = 1")"), "pass: all 1 row pass");
  EXPECT_THAT(Verdict(People(), R"(ColumnDataType "id" = "integr")"), HasSubstr("no type 'integr'. Did you mean 'integer'?"));
}

TEST(QualityCheck, TextColumnsCompareWithDatesByTheirDay) {
  const Table table{{{{"d", Of(TypeKind::kString)}}}, "SELECT unnest(['2024-01-01', '2024-01-01 23:00:00', '2024-01-02', 'never', NULL]) AS d"};
  EXPECT_EQ(Verdict(table, R"(ColumnValues "d" > "2024-01-01")"), "break: 4 of 5 rows break it, e.g. '2024-01-01'");
  EXPECT_EQ(Verdict(table, R"(ColumnValues "d" = "2024-01-01")"), "break: 4 of 5 rows break it, e.g. '2024-01-01 23:00:00'");
  EXPECT_EQ(Verdict(table, R"(ColumnValues "d" > (now() - 5 days) with threshold = 0.6)"), "pass: share of rows that pass was 0.6: 2 of 5 rows break it, e.g. 'never'");
}

TEST(QualityCheck, TimestampsOfEveryUnitAndZoneAreHeldToTheSameInstant) {
  struct Kind {
    std::string sql;
    Type type;
  };
  const auto timestamp = [](TimeUnit unit, bool utc) { return Type{.kind = TypeKind::kTimestamp, .unit = unit, .utc = utc}; };
  const std::vector<Kind> kinds = {{"TIMESTAMP_MS", timestamp(TimeUnit::kMillis, false)},
                                   {"TIMESTAMP", timestamp(TimeUnit::kMicros, false)},
                                   {"TIMESTAMP_NS", timestamp(TimeUnit::kNanos, false)},
                                   {"TIMESTAMPTZ", timestamp(TimeUnit::kMicros, true)}};
  for (const Kind& kind : kinds) {
    const Table table{{{{"t", kind.type}}}, fmt::format("SELECT CAST('2023-11-14 22:13:20.001{}' AS {}) AS t", kind.type.utc ? "Z" : "", kind.sql)};
    for (const std::string zone : {"UTC", "Asia/Tokyo"}) {
      auto engine = Engine({.time_zone = zone});
      const std::vector<ExpectRule> rules = {{R"(ColumnValues "t" > now())"}, {R"(ColumnValues "t" < (now() + 1 minutes))"}, {R"(ColumnValues "t" = "2023-11-14")"},
                                             {R"(ColumnValues "t" = "2023-11-14T22:13:20.001")"}, {R"(DataFreshness "t" < 0 hours)"}};
      const auto outcome = CheckQuality(*engine, StreamOf(table), table.schema, rules, kNow);
      ASSERT_TRUE(outcome.has_value()) << outcome.error().Text();
      for (const RuleResult& rule : outcome->rules) EXPECT_TRUE(rule.passed) << kind.sql << zone << rule.rule << rule.observed;
    }
  }
}

TEST(QualityCheck, NumbersOfEveryWidthAreComparedExactly) {
  const Table table{{{{"u", Of(TypeKind::kUInt64)}, {"d", Type{.kind = TypeKind::kDecimal, .precision = 38, .scale = 2}}, {"b", Of(TypeKind::kInt64)}}},
                    "SELECT 18446744073709551615::UBIGINT AS u, 999999999999999999999999999999999999.99::DECIMAL(38,2) AS d, 9007199254740993::BIGINT AS b"};
  EXPECT_EQ(Verdict(table, R"(ColumnValues "u" = 18446744073709551615)"), "pass: all 1 row pass");
  EXPECT_EQ(Verdict(table, R"(ColumnValues "u" > -1)"), "pass: all 1 row pass");
  EXPECT_EQ(Verdict(table, R"(ColumnValues "b" != 9007199254740992)"), "pass: all 1 row pass");
  EXPECT_EQ(Verdict(table, R"(ColumnValues "b" between 9007199254740992.50 and 9007199254740993.5)"), "pass: all 1 row pass");
  EXPECT_EQ(Verdict(table, R"(ColumnValues "d" >= 0.000)"), "pass: all 1 row pass");
  EXPECT_EQ(Verdict(table, R"(ColumnValues "d" < 999999999999999999999999999999999999.99)"), "break: 1 of 1 row breaks it, e.g. '999999999999999999999999999999999999.99'");
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
  EXPECT_EQ(Quarantined(People(), {R"(CustomSql "select id from primary where age > 18")"}), "1/0:0 ") << "id 3 has no age over 18";
}

TEST(QualityCheck, KeepsTheActionsApart) {
  const auto outcome = Check(People(), {{R"(IsComplete "id")", QualityAction::kWarn}, {R"(IsComplete "age")", QualityAction::kQuarantine}, {"RowCount = 5", QualityAction::kFail}});
  ASSERT_TRUE(outcome.has_value()) << outcome.error().Text();
  EXPECT_TRUE(outcome->IsAccepted());
  EXPECT_TRUE(outcome->RequireAccepted().has_value());
  EXPECT_THAT(outcome->quarantined, ElementsAre(QuarantinedRow{0, 2, 1}));
  EXPECT_FALSE(outcome->rules[0].passed);
  EXPECT_FALSE(outcome->rules[1].passed);
  EXPECT_EQ(outcome->rules[1].failed_rows, 1);
}

TEST(QualityCheck, RefusesWithEveryBrokenFailRuleAndWhatWasObserved) {
  const auto outcome = Check(People(), {{R"(IsComplete "id")"}, {"RowCount > 5"}, {"RowCount > 0"}, {R"(IsComplete "age")", QualityAction::kWarn}});
  ASSERT_TRUE(outcome.has_value());
  EXPECT_FALSE(outcome->IsAccepted());
  const Status status = outcome->RequireAccepted();
  ASSERT_FALSE(status.has_value());
  EXPECT_EQ(status.error().kind, ErrorKind::kQuality);
  EXPECT_EQ(status.error().message, R"(broken data-quality rules: IsComplete "id" (1 of 5 rows is NULL); RowCount > 5 (RowCount was 5))");
}

struct Refusal {
  const char* rule;
  ErrorKind kind;
  const char* text;
};

TEST(QualityCheck, RefusesRulesThatDoNotFitTheTable) {
  const std::vector<Refusal> refusals = {
      {R"(IsComplete "idd")", ErrorKind::kInvalidArgument, R"(rule 'IsComplete "idd"': no column 'idd'. Did you mean 'id'?)"},
      {R"(IsComplete "customer.address.citty")", ErrorKind::kInvalidArgument, "Did you mean 'customer.address.city'?"},
      {R"(IsComplete "tags.element")", ErrorKind::kInvalidArgument, "'tags' is a list"},
      {R"(ColumnValues "name" > 3)", ErrorKind::kInvalidArgument, "column 'name' is string and cannot be compared with 3"},
      {R"(ColumnValues "age" = "old")", ErrorKind::kInvalidArgument, "column 'age' is int32 and cannot be compared with \"old\""},
      {R"(ColumnValues "age" = EMPTY)", ErrorKind::kInvalidArgument, "EMPTY and WHITESPACES_ONLY are for texts"},
      {R"(ColumnValues "born" > "yesterday")", ErrorKind::kInvalidArgument, "Write a date as"},
      {R"(ColumnValues "born" > "2023-02-30")", ErrorKind::kInvalidArgument, "Write a date as"},
      {R"(ColumnValues "tags" = "a")", ErrorKind::kInvalidArgument, "can be compared with NULL only"},
      {R"(ColumnValues "tags" matches "a")", ErrorKind::kInvalidArgument, "Patterns are for texts"},
      {R"(ColumnValues "name" matches "(")", ErrorKind::kInvalidArgument, R"(rule 'ColumnValues "name" matches "("')"},
      {R"(ColumnLength "age" > 3)", ErrorKind::kInvalidArgument, "ColumnLength is for texts"},
      {R"(DataFreshness "age" < 3 days)", ErrorKind::kInvalidArgument, "DataFreshness is for dates and timestamps"},
      {R"(Sum "name" > 3)", ErrorKind::kInvalidArgument, "Sum is for numbers"},
      {R"(Completeness "name" > 95)", ErrorKind::kInvalidArgument, "write 95 % as 0.95"},
      {R"(IsComplete "id" where "agee > 3")", ErrorKind::kInvalidArgument, R"(rule 'IsComplete "id" where "agee > 3"')"},
      {R"(IsComplete "id" where "1 = 1) OR (1 = 1")", ErrorKind::kInvalidArgument, "a parenthesis too many"},
      {R"(IsComplete "id" where "id in (select 1)")", ErrorKind::kUnsupported, "holds a subquery"},
      {R"(IsComplete "id" where "true; drop table x")", ErrorKind::kInvalidArgument, "holds ';'"},
      {R"(CustomSql "select 1; select 2" = 1)", ErrorKind::kInvalidArgument, "more than one statement"},
      {R"(CustomSql "drop table primary" = 1)", ErrorKind::kInvalidArgument, "rule 'CustomSql"},
      {R"(CustomSql "select id, age from primary" = 1)", ErrorKind::kInvalidArgument, "returns 2 columns"},
      {R"(CustomSql "select id from primary" = 1)", ErrorKind::kInvalidArgument, "more than one row"},
      {R"(CustomSql "select id from primary where false" = 1)", ErrorKind::kInvalidArgument, "no row"},
      {R"(CustomSql "select count(*) as n from primary")", ErrorKind::kInvalidArgument, "returns 'n', which is no column"},
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
  for (const char* rule : {"RowCount > 0", R"(Completeness "id" > 0.5)", R"(Uniqueness "id" > 0.5)", R"(ColumnValues "age" > 3 with threshold > 0.5)",
                           R"((RowCount > 0) and (IsComplete "id"))", R"(CustomSql "select 1" = 1)", R"(ColumnExists "id")"}) {
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
  EXPECT_THAT(columns(R"(IsComplete "customer.address.city" where "Age > 3 and name = 'score'")"), ElementsAre("name", "age", "customer"));
  EXPECT_THAT(columns(R"(CustomSql "select sum(amount) from primary where \"born\" is null" > 0)"), ElementsAre("amount", "born"));
  EXPECT_THAT(columns(R"(CustomSql "select count(*) from primary /* name */" > 0)"), IsEmpty());
  EXPECT_EQ(columns(R"(CustomSql "select count(*) from (select * from primary)" > 0)").size(), 10U);
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
  const std::vector<ExpectRule> rules = {{R"(IsUnique "id")", QualityAction::kQuarantine}, {R"(CustomSql "select count(*) from primary" = 5)"}};
  for (int i = 0; i < 2; ++i) {
    const auto outcome = CheckQuality(*engine, StreamOf(People()), People().schema, rules, kNow);
    ASSERT_TRUE(outcome.has_value()) << outcome.error().Text();
    EXPECT_EQ(outcome->quarantined.size(), 2U);
  }
  const auto left = engine->QueryText("SELECT table_name FROM information_schema.tables");
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
      {R"(IsPrimaryKey "k" "v")", "k IS NULL OR v IS NULL OR (k, v) IN (SELECT (k, v) FROM t GROUP BY k, v HAVING count(*) > 1)"},
  };
  std::mt19937_64 random(20251103);
  for (int round = 0; round < 12; ++round) {
    const auto rows = random() % 400;
    const auto range = 1 + random() % 300;
    const auto seed = random() % 1'000'000;
    const Table table{{{{"k", Of(TypeKind::kInt64)}, {"v", Of(TypeKind::kInt32)}, {"s", Of(TypeKind::kString)}}},
                      fmt::format("SELECT nullif(hash(i, {0}) % {1}, 0)::BIGINT AS k, nullif((hash(i + 1, {0}) % 10)::INTEGER, 5) AS v, "
                                  "[NULL, '', 'a', 'aa', 'b'][(hash(i + 2, {0}) % 5 + 1)::INTEGER] AS s FROM range({2}) r(i) ORDER BY i",
                                  seed, range, rows)};
    auto reference = Engine();
    ASSERT_TRUE(reference->Execute(fmt::format("CREATE TABLE t AS SELECT row_number() OVER () - 1 AS n, * FROM ({})", table.sql)).has_value());
    for (const Pair& pair : pairs) {
      const auto expected = reference->QueryText(fmt::format("SELECT n // 3, n % 3 FROM t WHERE {} ORDER BY n", pair.broken));
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
  const Table table{{{{"k", Of(TypeKind::kString)}}}, "SELECT 'key number ' || (i // 2)::VARCHAR || repeat('x', 60) AS k FROM range(1000000) t(i)"};
  const auto outcome = CheckQuality(*engine, StreamOf(table), table.schema, {{R"(IsUnique "k")", QualityAction::kWarn}}, kNow);
  ASSERT_TRUE(outcome.has_value()) << outcome.error().Text();
  EXPECT_EQ(outcome->rules[0].observed, "1,000,000 of 1,000,000 rows share a key with another (500,000 keys)");
}

}  // namespace
}  // namespace firn
