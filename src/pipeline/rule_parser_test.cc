#include "pipeline/rule_parser.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <rapidcheck.h>

#include <string>

#include "pipeline/rule_lexer.h"

namespace firn {
namespace {

using ::testing::HasSubstr;

Rule Parsed(std::string_view text) {
  Result<Rule> rule = ParseRule(text);
  EXPECT_TRUE(rule.has_value()) << (rule ? "" : rule.error().Text());
  return rule.value_or(Rule{});
}

Error Refused(std::string_view text) {
  Result<Rule> rule = ParseRule(text);
  EXPECT_FALSE(rule.has_value()) << text;
  if (rule) return {};
  EXPECT_EQ(rule.error().kind, ErrorKind::kInvalidArgument);
  return rule.error();
}

// Every rule of Glue's documentation that falls in our part of the language, and each construct of ours.
const std::vector<std::string>& Corpus() {
  static const std::vector<std::string> rules = {
      R"(IsComplete "chargeback_id")",
      R"(IsComplete "customer.address.city" where "country = 'BR'")",
      R"(Completeness "c" > 0.95)",
      R"(Completeness "First_Name" >= 0.95 where "colA = 100")",
      R"(Completeness "colA" between 0.4 and 0.8)",
      R"(IsUnique "vendorid" "tpep_pickup_datetime")",
      R"(Uniqueness "email" = 1.0)",
      R"(UniqueValueRatio "category" > 0.5)",
      R"(IsPrimaryKey "colA" "colB" "colC")",
      R"(ColumnValues "Country" in ["US", "CA", "UK", NULL, EMPTY, WHITESPACES_ONLY])",
      R"(ColumnValues "gender" in ["F", "M"] where "weightinkgs < 10")",
      R"(ColumnValues "First_Name" matches "[a-zA-Z]*")",
      R"(ColumnValues "x" not matches "\\d+\"")",
      R"(ColumnValues "Load_Date" > (now() - 3 days))",
      R"(ColumnValues "Load_Date" between "2024-01-01" and now())",
      R"(ColumnValues "Load_Date" <= (now() + 36 hours))",
      R"(ColumnValues "Customer_ID" between 1 and 2000)",
      R"(ColumnValues "Customer_ID" not between -1.50 and 2000)",
      R"(ColumnValues "Age" != NULL)",
      R"(ColumnValues "Age" not in [21, 22, NULL])",
      R"(ColumnValues "amount" >= 0 with threshold > 0.9)",
      R"(ColumnValues "amount" >= 0 where "currency = 'BRL'" with threshold between 0.8 and 0.9)",
      R"(ColumnLength "Postal_Code" = 5)",
      R"(ColumnLength "Postal_Code" between 4 and 8)",
      R"(ColumnExists "Middle_Name")",
      R"(ColumnDataType "colA" = "INTEGER" with threshold > 0.9)",
      R"x(ColumnDataType "colA" != "decimal(12,2)")x",
      R"(ColumnNamesMatchPattern "[a-z_]+")",
      R"(ColumnCount between 10 and 20)",
      R"(RowCount > 0)",
      R"(RowCount in [1, 2, 3])",
      R"(DataFreshness "Order_Date" <= 24 hours)",
      R"(DataFreshness "Order_Date" between 2 days and 5 days)",
      R"(DistinctValuesCount "State" = 3)",
      R"(Sum "transaction_total" > 500000)",
      R"(Mean "Star_Rating" > 3)",
      R"(StandardDeviation "Star_Rating" < 10)",
      R"(CustomSql "select count(*) from primary" between 10 and 20)",
      R"(CustomSql "select Name from primary where Age > 18")",
      R"(CustomSql "select Name from primary where Age > 18" with threshold > 0.3)",
      R"((IsComplete "id") and (IsUnique "id"))",
      R"((Mean "Star_Rating" > 3) and ((Mean "Order_Total" > 500) or (IsComplete "Order_Id")))",
      R"((CustomSql "select 1") or (RowCount = 0) or (IsComplete "名前"))",
  };
  return rules;
}

TEST(RuleParser, ReadsItsOwnSpellingBackUnchanged) {
  for (const std::string& text : Corpus()) {
    const Rule rule = Parsed(text);
    EXPECT_EQ(ToText(rule), text);
    EXPECT_EQ(Parsed(ToText(rule)), rule);
  }
}

TEST(RuleParser, AcceptsTheOtherSpellingsOfGlue) {
  EXPECT_EQ(ToText(Parsed("IsPrimaryKey colA \"colB\"  # the key\n \"colC\"")), R"(IsPrimaryKey "colA" "colB" "colC")");
  EXPECT_EQ(ToText(Parsed(R"(CustomSQL "select 1" = 1)")), R"(CustomSql "select 1" = 1)");
  EXPECT_EQ(ToText(Parsed(R"((RowCount > 0) OR (ColumnValues "a" = null))")),
            R"((RowCount > 0) or (ColumnValues "a" = NULL))");
  EXPECT_EQ(ToText(Parsed(R"(ColumnValues "a">(now()-1 day))")), R"(ColumnValues "a" > (now() - 1 days))");
  EXPECT_EQ(ToText(Parsed(R"(ColumnValues "a">-1)")), R"(ColumnValues "a" > -1)");
  EXPECT_EQ(ToText(Parsed(R"(((RowCount > 0)))")), "RowCount > 0");
  EXPECT_EQ(ToText(Parsed(R"(ColumnValues "a" > 1 with threshold > 0.5 where "b")")),
            R"(ColumnValues "a" > 1 where "b" with threshold > 0.5)");
  EXPECT_EQ(Parsed(R"(ColumnValues "a" matches "\d+")"), Parsed(R"(ColumnValues "a" matches "\\d+")"));
}

TEST(RuleParser, SuggestsTheNearestRuleType) {
  const Error error = Refused(R"(IsCompleet "id")");
  EXPECT_THAT(error.message, HasSubstr("at column 1: expected a rule type, found 'IsCompleet'"));
  EXPECT_THAT(error.hint, HasSubstr("IsComplete"));
  EXPECT_THAT(Refused(R"((RowCount > 0) and (isUnique "id"))").message, HasSubstr("at column 21"));
}

TEST(RuleParser, NamesTheColumnAndWhatWasExpectedThere) {
  const auto expect = [](std::string_view text, std::string_view message) {
    EXPECT_THAT(Refused(text).message, HasSubstr(message)) << text;
  };
  expect("", "column 1: expected a rule type, found the end");
  expect("IsComplete", "column 11: expected a column name in double quotes, found the end");
  expect("IsComplete \"a\" \"b\"", "column 16: expected 'where' or the end, found 'b'");
  expect("IsComplete \"a\" > 3", "column 16: expected 'where' or the end, found '>'");
  expect("Completeness \"a\"", "column 17: expected =, !=, >, >=, <, <=, 'not', 'between' or 'in', found the end");
  expect("Completeness \"a\" > x", "column 20: expected a number, found 'x'");
  expect("ColumnValues \"é\" => 3", "column 19: expected a number, a text in double quotes, now()");
  expect("ColumnValues \"a\" not > 3", "column 22: expected 'between', 'in' or 'matches', found '>'");
  expect("ColumnValues \"a\" in [1, 2", "column 26: expected ',' or ']', found the end");
  expect("ColumnValues \"a\" in []", "column 22: expected a number");
  expect("ColumnValues \"a\" between 1 or 2", "column 28: expected 'and', found 'or'");
  expect("ColumnValues \"a\" matches 3", "expected a regular expression in double quotes, found '3'");
  expect("ColumnValues \"a\" > NULL", "expected a number, a text in double quotes or now(), found 'NULL'");
  expect("ColumnValues \"a\" > (now() * 3 days)", "found '*'");
  expect("ColumnDataType \"a\" > \"INT\"", "expected '=' or '!='");
  expect("DataFreshness \"a\" <= 24", "expected 'minutes', 'hours' or 'days', found the end");
  expect("DataFreshness \"a\" <= 1.5 hours", "expected a whole number of hours or days");
  expect("RowCount > 0 where x", "expected a SQL predicate in double quotes, found 'x'");
  expect("RowCount > 0 with threshold > 1", "expected 'where' or the end, found 'with'");
  expect("ColumnValues \"a\" > 1 with > 1", "expected 'threshold', found '>'");
  expect("(RowCount > 0) and RowCount > 1", "column 20: expected '(', found 'RowCount'");
  expect("(RowCount > 0) and (RowCount > 1) or (RowCount > 2)", "column 35: expected 'and' or the end, found 'or'");
  expect("(RowCount > 0", "expected ')'");
  expect("RowCount > 0)", "column 13: expected 'where' or the end, found ')'");
  expect("IsComplete \"a", "column 12: the text in quotes does not end");
  expect("IsComplete \u201ca\u201d", "column 12: found \u201c");
  expect("IsComplete 'a'", "column 12: found '");
  expect(std::string("RowCount > 0\x01", 13), "control character 0x01");
  expect(R"(CustomSql "select 1" = 1 with threshold > 0.5)", "expected the end, found 'with'");
  expect("RowCount > 111111111111111111111111111111111111111", "more than 38 digits");
  expect("RowCount > -1x", "'-1x' is not a number");
}

TEST(RuleParser, RefusesRulesThatAreTooLongOrTooDeep) {
  EXPECT_THAT(Refused(std::string(kMaxRuleBytes + 1, 'a')).message, HasSubstr("65537 bytes"));
  const auto nested = [](int depth) {
    return std::string(static_cast<size_t>(depth), '(') + "RowCount > 0" + std::string(static_cast<size_t>(depth), ')');
  };
  EXPECT_EQ(ToText(Parsed(nested(kMaxRuleDepth))), "RowCount > 0");
  EXPECT_THAT(Refused(nested(kMaxRuleDepth + 1)).message, HasSubstr("nested more than 64 deep"));
  Refused(std::string(50'000, '('));
}

TEST(RuleParser, CutsALongRuleInTheMessageBetweenCharacters) {
  std::string text = "IsComplete ";
  for (int i = 0; i < 200; ++i) text += "\u540d";
  const Error error = Refused(text);
  EXPECT_LT(error.message.size(), 300U);
  EXPECT_THAT(error.message, HasSubstr("\u540d...'"));
}

TEST(RuleParser, NeverCrashesOnRandomText) {
  rc::check("random bytes", [](const std::string& text) { (void)ParseRule(text); });
  rc::check("random words of the language", [] {
    const auto words = *rc::gen::container<std::vector<std::string>>(rc::gen::element<std::string>(
        "(", ")", "[", "]", ",", "and", "or", "not", "in", "between", "IsComplete", "ColumnValues", "RowCount", "\"a\"",
        "1", "-2.5", ">", "=", "!=", "now()", "3 days", "with threshold", "where", "NULL", "matches", "CustomSql"));
    std::string text;
    for (const std::string& word : words) text += word + " ";
    const Result<Rule> rule = ParseRule(text);
    if (rule) RC_ASSERT(ParseRule(ToText(*rule)).value() == *rule);
  });
}

TEST(RuleParser, SurvivesAnyEditOfAGoodRuleAndRoundTripsWhatItAccepts) {
  rc::check("mutations", [] {
    std::string text = *rc::gen::elementOf(Corpus());
    const int edits = *rc::gen::inRange(1, 4);
    for (int i = 0; i < edits && !text.empty(); ++i) {
      const size_t at = *rc::gen::inRange<size_t>(0, text.size());
      switch (*rc::gen::inRange(0, 4)) {
        case 0:
          text.erase(at, *rc::gen::inRange<size_t>(1, 5));
          break;
        case 1:
          text.insert(at, 1, *rc::gen::arbitrary<char>());
          break;
        case 2:
          text.insert(at, text.substr(at / 2, 7));
          break;
        default:
          text[at] = *rc::gen::element('"', '\\', '(', ')', ' ', '-', '9', '.');
      }
    }
    const Result<Rule> rule = ParseRule(text);
    if (rule) RC_ASSERT(ParseRule(ToText(*rule)).value() == *rule);
  });
}

}  // namespace
}  // namespace firn
