#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

#include "pipeline/quality_people_test.h"

namespace firn {
namespace {

// Each rule type on the same people: what it says, NULLs, conditions, `where`, thresholds, nested columns.

struct Case {
  const char* rule;
  const char* verdict;
};
void PrintTo(const Case& c, std::ostream* out) {
  *out << c.rule;
}

class RuleOnPeople : public ::testing::TestWithParam<Case> {};

TEST_P(RuleOnPeople, GivesItsVerdict) {
  EXPECT_EQ(Verdict(People(), GetParam().rule), GetParam().verdict) << GetParam().rule;
}

INSTANTIATE_TEST_SUITE_P(
    Completeness, RuleOnPeople,
    ::testing::Values(Case{R"(IsComplete "id")", "break: 1 of 5 rows is NULL"},
                      Case{R"(IsComplete "id" where "age = 7")", "pass: 1 row, none is NULL"},
                      Case{R"(IsComplete "customer.address.city")", "break: 3 of 5 rows are NULL"},
                      Case{R"(IsComplete "tags")", "break: 1 of 5 rows is NULL"},
                      Case{R"(Completeness "id" >= 0.8)", "pass: Completeness was 0.8: 1 of 5 rows is NULL"},
                      Case{R"(Completeness "id" > 0.8)", "break: Completeness was 0.8: 1 of 5 rows is NULL"},
                      Case{R"(Completeness "id" between 0.7 and 0.9)",
                           "pass: Completeness was 0.8: 1 of 5 rows is NULL"}));

INSTANTIATE_TEST_SUITE_P(
    Keys, RuleOnPeople,
    ::testing::Values(
        Case{R"(IsUnique "id")", "break: 2 of 4 rows share a key with another (1 key)"},
        Case{R"(IsUnique "id" where "age IS NULL OR age > 7")", "pass: no key is repeated in 3 rows"},
        Case{R"(IsUnique "id" "name")", "pass: no key is repeated in 4 rows"},
        Case{R"(IsUnique "customer.address.zip")", "pass: no key is repeated in 3 rows"},
        Case{R"(Uniqueness "id" = 0.5)", "pass: Uniqueness was 0.5: 2 of 4 rows share a key with another (1 key)"},
        Case{R"(UniqueValueRatio "id" > 0.7)",
             "break: UniqueValueRatio was 0.666667: 2 of 4 rows share a key with another (1 key)"},
        Case{R"(IsPrimaryKey "id")",
             "break: 2 of 5 rows share a key with another (1 key), 1 row with a NULL in the key"},
        Case{R"(IsPrimaryKey "id" where "id < 3")", "pass: no key is repeated in 2 rows"},
        Case{R"(IsPrimaryKey "id" "name")", "break: no key is repeated in 5 rows, 1 row with a NULL in the key"},
        Case{R"(DistinctValuesCount "age" = 3)", "pass: DistinctValuesCount was 3"}));

// NULL breaks every condition on values but != and `not in`; see docs/reference/quality-rules.md.
INSTANTIATE_TEST_SUITE_P(
    Values, RuleOnPeople,
    ::testing::Values(
        Case{R"(ColumnValues "age" > 6)", "break: 1 of 5 rows breaks it, e.g. NULL"},
        Case{R"(ColumnValues "age" > 7 where "age IS NOT NULL")", "break: 1 of 4 rows breaks it, e.g. '7'"},
        Case{R"(ColumnValues "age" between 6 and 42 where "age IS NOT NULL")", "pass: 4 rows checked, none breaks it"},
        Case{R"(ColumnValues "age" between 7 and 41 where "age IS NOT NULL")", "break: 3 of 4 rows break it, e.g. '7'"},
        Case{R"(ColumnValues "age" not between 7 and 41 where "age <> 30")", "pass: 3 rows checked, none breaks it"},
        Case{R"(ColumnValues "age" not between 7 and 41)", "break: 2 of 5 rows break it, e.g. '30'"},
        Case{R"(ColumnValues "age" != 7)", "break: 1 of 5 rows breaks it, e.g. '7'"},
        Case{R"(ColumnValues "age" != 8)", "pass: 5 rows checked, none breaks it"},
        Case{R"(ColumnValues "age" != NULL)", "break: 1 of 5 rows breaks it, e.g. NULL"},
        Case{R"(ColumnValues "age" in [7, 30, 41])", "break: 1 of 5 rows breaks it, e.g. NULL"},
        Case{R"(ColumnValues "age" in [7, 30, 41, NULL])", "pass: 5 rows checked, none breaks it"},
        Case{R"(ColumnValues "age" in ["7", "30", "41", NULL])", "pass: 5 rows checked, none breaks it"},
        Case{R"(ColumnValues "age" not in [8, 9])", "pass: 5 rows checked, none breaks it"},
        Case{R"(ColumnValues "age" not in [8, 9, NULL])", "break: 1 of 5 rows breaks it, e.g. NULL"},
        Case{R"(ColumnValues "tags" = NULL)", "break: 4 of 5 rows break it"},
        Case{R"(ColumnValues "amount" >= 0)", "break: 2 of 5 rows break it, e.g. '-5.00'"},
        Case{R"(ColumnValues "amount" >= -5.000 with threshold >= 0.8)",
             "pass: share of rows that pass was 0.8: 1 of 5 rows breaks it, e.g. NULL"},
        Case{R"(ColumnValues "amount" >= 0 with threshold > 0.6)",
             "break: share of rows that pass was 0.6: 2 of 5 rows break it, e.g. '-5.00'"},
        Case{R"(ColumnValues "amount" <= 99.99 where "amount IS NOT NULL")", "pass: 4 rows checked, none breaks it"},
        Case{R"(ColumnValues "score" < 3.5 where "score IS NOT NULL")", "break: 1 of 4 rows breaks it, e.g. '3.5'"},
        Case{R"(ColumnValues "active" = "true" where "active IS NOT NULL")",
             "break: 1 of 4 rows breaks it, e.g. 'false'"},
        Case{R"(ColumnValues "name" in ["Ana", "José", EMPTY, WHITESPACES_ONLY, NULL])",
             "pass: 5 rows checked, none breaks it"},
        Case{R"(ColumnValues "name" != EMPTY)", "break: 1 of 5 rows breaks it, e.g. ''"},
        Case{R"(ColumnValues "name" not in [EMPTY, WHITESPACES_ONLY])", "break: 2 of 5 rows break it, e.g. ''"},
        Case{R"(ColumnValues "name" matches "[A-Z].*" where "length(trim(name)) > 0")",
             "pass: 2 rows checked, none breaks it"},
        Case{R"(ColumnValues "name" matches "n" where "name = 'Ana'")", "break: 1 of 1 row breaks it, e.g. 'Ana'"},
        Case{R"(ColumnValues "name" not matches ".*n.*")", "break: 2 of 5 rows break it, e.g. 'Ana'"},
        Case{R"(ColumnValues "age" matches "\d+" where "age > 0")", "pass: 4 rows checked, none breaks it"},
        Case{R"(ColumnValues "customer.address.city" in ["São Paulo", "Рязань", NULL])",
             "pass: 5 rows checked, none breaks it"},
        Case{R"(ColumnLength "name" = 4)", "break: 4 of 5 rows break it, e.g. ''"},
        Case{R"(ColumnLength "name" = 4 where "name = 'José'")", "pass: 1 row checked, none breaks it"},
        Case{R"(ColumnLength "customer.address.city" = 6 where "id = 2")", "pass: 1 row checked, none breaks it"},
        Case{R"(ColumnLength "name" between -1 and 5)", "pass: 5 rows checked, none breaks it"},
        Case{R"(ColumnLength "name" > 0 where "name IS NULL")", "break: 1 of 1 row breaks it, e.g. NULL"}));

INSTANTIATE_TEST_SUITE_P(
    Times, RuleOnPeople,
    ::testing::Values(
        Case{R"(ColumnValues "born" > "2023-10-01" where "born IS NOT NULL")",
             "break: 1 of 4 rows breaks it, e.g. '2023-10-01'"},
        Case{R"(ColumnValues "born" between "2023-09-30" and "2023-11-15")", "break: 1 of 5 rows breaks it, e.g. NULL"},
        Case{R"(ColumnValues "born" in ["2023-10-01", "2023-11-12", "2023-11-14", NULL])",
             "pass: 5 rows checked, none breaks it"},
        Case{R"(ColumnValues "born" > (now() - 3 days) where "born > DATE '2023-11-01'")",
             "pass: 3 rows checked, none breaks it"},
        Case{R"(ColumnValues "born" = now() where "id = 1")", "pass: 1 row checked, none breaks it"},
        // A date asks for the day.
        Case{R"(ColumnValues "seen" = "2023-11-14" where "id = 1")", "pass: 1 row checked, none breaks it"},
        Case{R"(ColumnValues "seen" > "2023-11-14" where "id = 1")",
             "break: 1 of 1 row breaks it, e.g. '2023-11-14 21:00:00'"},
        Case{R"(ColumnValues "seen" > "2023-11-14 20:59:59" where "id = 1")", "pass: 1 row checked, none breaks it"},
        Case{R"(ColumnValues "seen" <= now())", "break: 1 of 5 rows breaks it, e.g. NULL"},
        Case{R"(ColumnValues "seen" < now() where "age = 7")",
             "break: 1 of 1 row breaks it, e.g. '2023-11-14 22:13:20'"},
        Case{R"(DataFreshness "seen" <= 2 hours where "id = 1")", "pass: 1 row checked, none breaks it"},
        Case{R"(DataFreshness "seen" < 1 hours where "id = 1")",
             "break: 1 of 1 row breaks it, e.g. '2023-11-14 21:00:00'"},
        Case{R"(DataFreshness "seen" = 0 hours where "age = 7")", "pass: 1 row checked, none breaks it"},
        Case{R"(DataFreshness "seen" between 2 days and 3 days where "id = 2")", "pass: 1 row checked, none breaks it"},
        Case{R"(DataFreshness "born" <= 24 hours where "id = 1")", "pass: 1 row checked, none breaks it"},
        Case{R"(DataFreshness "seen" <= 10000 days with threshold > 0.7)",
             "pass: share of rows that pass was 0.8: 1 of 5 rows breaks it, e.g. NULL"}));

INSTANTIATE_TEST_SUITE_P(
    Tables, RuleOnPeople,
    ::testing::Values(
        Case{"RowCount = 5", "pass: RowCount was 5"}, Case{"RowCount between 5 and 9", "break: RowCount was 5"},
        Case{R"(RowCount >= 2 where "age = 41")", "pass: RowCount was 2"},
        Case{"ColumnCount = 10", "pass: ColumnCount was 10"}, Case{"ColumnCount > 10", "break: ColumnCount was 10"},
        Case{R"(ColumnExists "customer.address.zip")", "pass: the column exists"},
        Case{R"(ColumnExists "zip")", "break: no column 'zip'"},
        Case{R"(ColumnNamesMatchPattern "[a-z]+")", "pass: columns that do not match was none"},
        Case{R"(ColumnNamesMatchPattern "[a-r]+|[s].*")",
             "break: columns that do not match was amount, active, customer, tags"},
        Case{R"(Sum "amount" = 104.99)", "pass: Sum was 104.99"},
        Case{R"(Sum "amount" > 104.99)", "break: Sum was 104.99"},
        Case{R"(Sum "amount" > 0 where "id = 1")", "pass: Sum was 10.00"},
        Case{R"(Mean "score" = 2)", "pass: Mean was 2.0"},
        Case{R"(StandardDeviation "score" between 1.1 and 1.2)", "pass: StandardDeviation was 1.118033988749895"},
        Case{R"(Mean "score" > 0 where "id = 3 AND age IS NULL")", "break: Mean was NULL"}));

INSTANTIATE_TEST_SUITE_P(
    Custom, RuleOnPeople,
    ::testing::Values(Case{R"(CustomSql "select count(*) from primary" between 4 and 6)", "pass: CustomSql returned 5"},
                      Case{R"(CustomSql "SELECT sum(amount) FROM primary p; -- all of it" = 104.99)",
                           "pass: CustomSql returned 104.99"},
                      Case{R"(CustomSql "select max(`age`) from primary where name is not null" < 41)",
                           "break: CustomSql returned 41"},
                      Case{R"(CustomSql "select max(age) from primary where false" < 41)",
                           "break: CustomSql returned NULL"},
                      Case{R"(CustomSql "select id from primary where age > 18")", "break: 2 of 5 rows break it"},
                      Case{R"(CustomSql "select id, age from primary where age > 18" with threshold > 0.5)",
                           "pass: share of rows that pass was 0.6: 2 of 5 rows break it"},
                      Case{R"(CustomSql "select * from primary")", "pass: 5 rows checked, none breaks it"},
                      Case{R"(CustomSql "with x as (select count(*) n from primary) select n from x" = 5)",
                           "pass: CustomSql returned 5"}));

INSTANTIATE_TEST_SUITE_P(
    Composites, RuleOnPeople,
    ::testing::Values(
        // Row by row: each row has an age over 6 or none.
        Case{R"((ColumnValues "age" > 6) or (ColumnValues "age" = NULL))", "pass: 5 rows checked, none breaks it"},
        Case{R"((ColumnValues "age" > 21) or (ColumnValues "age" = NULL))", "break: 1 of 5 rows breaks it"},
        Case{R"((IsComplete "age") and (IsComplete "id"))", "break: 2 of 5 rows break it"},
        Case{R"((IsComplete "age" where "id = 3") and (IsComplete "born" where "id = 1"))",
             "break: 1 of 5 rows breaks it"},
        // A part about the whole table: each part by itself.
        Case{R"((RowCount > 100) or (IsComplete "id"))", "break: RowCount was 5; 1 of 5 rows is NULL"},
        Case{R"((RowCount > 1) or (IsComplete "id"))", "pass: RowCount was 5; 1 of 5 rows is NULL"},
        Case{R"((RowCount > 0) and ((IsUnique "id") or (CustomSql "select 1" = 1)))",
             "pass: RowCount was 5; 2 of 4 rows share a key with another (1 key); CustomSql returned 1"}));

class RuleOnNobody : public ::testing::TestWithParam<Case> {};
TEST_P(RuleOnNobody, GivesItsVerdict) {
  EXPECT_EQ(Verdict(Nobody(), GetParam().rule), GetParam().verdict) << GetParam().rule;
}

// No row breaks a rule about rows; a value that there is not satisfies nothing.
INSTANTIATE_TEST_SUITE_P(
    Empty, RuleOnNobody,
    ::testing::Values(
        Case{"RowCount > 0", "break: RowCount was 0"}, Case{R"(IsComplete "id")", "pass: no rows"},
        Case{R"(Completeness "id" > 0.9)", "pass: Completeness was 1: no rows"},
        Case{R"(IsPrimaryKey "id")", "pass: no key is repeated in 0 rows"},
        Case{R"(Uniqueness "id" > 0.9)", "pass: Uniqueness was 1: no key is repeated in 0 rows"},
        Case{R"(ColumnValues "age" > 6 with threshold > 0.5)", "pass: share of rows that pass was 1: no rows"},
        Case{R"(ColumnDataType "age" = "Date")", "break: the column is int"},
        Case{R"(ColumnNamesMatchPattern "x")",
             "break: columns that do not match was id, name, age, amount, score, active, born, seen, customer, tags"},
        Case{R"(Mean "score" > 0)", "break: Mean was NULL"},
        Case{R"(DistinctValuesCount "age" = 0)", "pass: DistinctValuesCount was 0"},
        Case{R"(CustomSql "select count(*) from primary" = 0)", "pass: CustomSql returned 0"},
        Case{R"(CustomSql "select id from primary")", "pass: no rows"}));

}  // namespace
}  // namespace firn
