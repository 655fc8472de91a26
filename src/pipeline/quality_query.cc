#include "pipeline/quality_query.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "pipeline/quality_condition.h"
#include "sql/sql_engine.h"

namespace firn {
namespace {

// Names in `rows`; the input's own columns keep theirs.
std::string PassName(size_t i) {
  return fmt::format("__firn_p{}", i);
}
std::string ExampleName(size_t i) {
  return fmt::format("__firn_x{}", i);
}
std::string ValueName(size_t i) {
  return fmt::format("__firn_v{}", i);
}
std::string ScopeName(size_t i) {
  return fmt::format("__firn_s{}", i);
}
std::string KeyName(size_t i, size_t j) {
  return fmt::format("__firn_k{}_{}", i, j);
}
constexpr const char* kBroken = "__firn_broken";

std::string InScope(const QualityCheck& check, const std::string& sql) {
  return check.scope.empty() ? sql : fmt::format("CASE WHEN {} THEN {} END", check.scope, sql);
}

void AddCheck(const QualityCheck& check, size_t i, std::vector<std::string>& list) {
  const auto add = [&](const std::string& sql, const std::string& name) {
    list.push_back(fmt::format("{} AS {}", sql, name));
  };
  switch (check.kind) {
    case CheckKind::kRows:
      add(InScope(check, check.predicate), PassName(i));
      if (!check.example.empty())
        add(fmt::format("CASE WHEN NOT {} THEN {} END", PassName(i), check.example), ExampleName(i));
      return;
    case CheckKind::kValue:
      if (check.function.empty()) return;
      if (!check.input.empty() || !check.scope.empty())
        add(InScope(check, check.input.empty() ? "TRUE" : check.input), ValueName(i));
      return;
    case CheckKind::kKeys:
      if (!check.scope.empty()) add(check.scope, ScopeName(i));
      for (size_t j = 0; j < check.keys.size(); ++j) add(check.keys[j], KeyName(i, j));
      return;
    default:
      return;
  }
}

// The check of a rule that quarantines, when it is of this kind.
const QualityCheck* QuarantineCheck(const QualityPlan& plan, size_t rule, CheckKind kind) {
  if (plan.actions[rule] != QualityAction::kQuarantine) return nullptr;
  const QualityCheck& check = plan.checks[plan.rules[rule].check];
  return check.kind == kind ? &check : nullptr;
}

std::string FirstBroken(const QualityPlan& plan) {
  std::string sql = "CASE";
  for (size_t rule = 0; rule < plan.rules.size(); ++rule)
    if (QuarantineCheck(plan, rule, CheckKind::kRows) != nullptr)
      sql += fmt::format(" WHEN NOT {} THEN {}", PassName(plan.rules[rule].check), rule);
  return sql == "CASE" ? "" : sql + " END";
}

std::string CountAggregate(const QualityCheck& check, size_t i) {
  if (check.function.empty()) return check.input;
  if (check.input.empty() && check.scope.empty()) return "count(*)";
  return fmt::format("{}({}{})", check.function, check.distinct ? "DISTINCT " : "", ValueName(i));
}

void AddAnswers(const QualityCheck& check, size_t i, std::vector<std::string>& list) {
  if (check.kind == CheckKind::kRows) {
    list.push_back(fmt::format("count({})", PassName(i)));
    list.push_back(fmt::format("count(*) FILTER (WHERE NOT {})", PassName(i)));
    list.push_back(check.example.empty() ? "NULL" : fmt::format("CAST(min({}) AS VARCHAR)", ExampleName(i)));
  } else if (check.kind == CheckKind::kValue) {
    const std::string value = CountAggregate(check, i);
    list.push_back(fmt::format("CAST({} AS VARCHAR)", value));
    list.push_back(check.condition ? NumberPredicate(value, *check.condition) : value + " = ''");
  }
}

std::string KeyList(const QualityCheck& check, size_t i) {
  std::vector<std::string> names;
  for (size_t j = 0; j < check.keys.size(); ++j) names.push_back(KeyName(i, j));
  return fmt::format("{}", fmt::join(names, ", "));
}

std::string AnyKey(const QualityCheck& check, size_t i, std::string_view test, std::string_view glue) {
  std::vector<std::string> tests;
  for (size_t j = 0; j < check.keys.size(); ++j) tests.push_back(fmt::format("{} {}", KeyName(i, j), test));
  return fmt::format("({})", fmt::join(tests, glue));
}

// Rows whose key is NULL in every part have no key, and are left out; for a primary key they count, as broken.
std::string KeyScope(const QualityCheck& check, size_t i) {
  std::string scope = check.scope.empty() ? "TRUE" : ScopeName(i);
  if (check.type == RuleType::kIsPrimaryKey) return scope;
  return fmt::format("{} AND {}", scope, AnyKey(check, i, "IS NOT NULL", " OR "));
}

std::string RepeatedRows(const QualityCheck& check, size_t i, size_t rule) {
  std::vector<std::string> same;
  for (size_t j = 0; j < check.keys.size(); ++j)
    same.push_back(fmt::format("p.{0} IS NOT DISTINCT FROM d.{0}", KeyName(i, j)));
  std::string sql = fmt::format(
      "SELECT p.__firn_file, p.__firn_row, {} AS rule FROM {} p SEMI JOIN {} d ON ({}) WHERE {}", rule, kQualityRows,
      RepeatedKeysTable(i), fmt::join(same, " AND "), check.scope.empty() ? "TRUE" : "p." + ScopeName(i));
  if (check.type == RuleType::kIsPrimaryKey)
    sql += fmt::format(" UNION ALL SELECT __firn_file, __firn_row, {} FROM {} WHERE {} AND {}", rule, kQualityRows,
                       KeyScope(check, i), AnyKey(check, i, "IS NULL", " OR "));
  return sql;
}

}  // namespace

std::string RowsSelect(const QualityPlan& plan, const std::string& from) {
  std::vector<std::string> list;
  const bool keep = !plan.IsSinglePass();
  const std::string broken = FirstBroken(plan);
  if (keep || !broken.empty()) list = {"__firn_file", "__firn_row"};
  if (keep)
    for (const std::string& column : plan.custom_columns) list.push_back(QuoteIdentifier(column));
  for (size_t i = 0; i < plan.checks.size(); ++i) AddCheck(plan.checks[i], i, list);
  if (!broken.empty()) list.push_back(fmt::format("{} AS {}", broken, kBroken));
  if (list.empty()) list.push_back("1 AS __firn_one");
  return fmt::format("SELECT {} FROM {}", fmt::join(list, ", "), from);
}

std::string CheckSelect(const QualityCheck& check, const std::string& from) {
  std::vector<std::string> list;
  AddCheck(check, 0, list);
  if (check.kind == CheckKind::kValue && check.function.empty()) list.push_back(check.input);
  if (list.empty()) list.push_back("1");
  return fmt::format("SELECT {} FROM {}", fmt::join(list, ", "), from);
}

std::string AnswerSelect(const QualityPlan& plan, const std::string& rows, bool list) {
  std::vector<std::string> answers = {"count(*)"};
  for (size_t i = 0; i < plan.checks.size(); ++i) AddAnswers(plan.checks[i], i, answers);
  for (size_t i = 0; i < answers.size(); ++i) answers[i] += fmt::format(" AS a{}", i);
  if (list)
    answers.push_back(fmt::format(
        "list({{'f': __firn_file, 'r': __firn_row, 'b': {0}}}) FILTER (WHERE {0} IS NOT NULL) AS rows", kBroken));
  return fmt::format("SELECT {} FROM {}", fmt::join(answers, ", "), rows);
}

size_t AnswerWidth(const QualityCheck& check) {
  return check.kind == CheckKind::kRows ? 3 : check.kind == CheckKind::kValue ? 2 : 0;
}

std::string KeysSelect(const QualityCheck& check, size_t i) {
  const std::string incomplete = AnyKey(check, i, "IS NULL", " OR ");
  return fmt::format(
      "SELECT coalesce(sum(n), 0), count(*), count(*) FILTER (WHERE n = 1), count(*) FILTER (WHERE n > 1), "
      "coalesce(sum(n) FILTER (WHERE n > 1), 0), coalesce(sum(n) FILTER (WHERE {0}), 0), "
      "coalesce(sum(n) FILTER (WHERE n > 1 OR {0}), 0) "
      "FROM (SELECT {1}, count(*) AS n FROM {2} WHERE {3} GROUP BY {1})",
      incomplete, KeyList(check, i), kQualityRows, KeyScope(check, i));
}

std::string RepeatedKeysTable(size_t i) {
  return fmt::format("__firn_quality_keys{}", i);
}

std::string RepeatedKeysSelect(const QualityCheck& check, size_t i) {
  return fmt::format("SELECT {0} FROM {1} WHERE {2} GROUP BY {0} HAVING count(*) > 1", KeyList(check, i), kQualityRows,
                     KeyScope(check, i));
}

std::string CustomView(const QualityPlan& plan, const std::string& from) {
  std::vector<std::string> columns;
  for (const std::string& column : plan.custom_columns) columns.push_back(QuoteIdentifier(column));
  if (columns.empty()) columns.push_back("__firn_row");  // for count(*): a view has at least one column
  return fmt::format("CREATE OR REPLACE TEMP VIEW \"primary\" AS SELECT {} FROM {}", fmt::join(columns, ", "), from);
}

std::string CustomValueSelect(const QualityCheck& check) {
  // The newline ends a comment in the statement.
  return fmt::format("SELECT CAST(any_value(v) AS VARCHAR), {}, count(*) FROM (SELECT * FROM ({}\n) LIMIT 2) t(v)",
                     NumberPredicate("any_value(v)", *check.condition), check.statement);
}

std::string CustomBrokenFrom(const QualityCheck& check, const std::vector<std::string>& output) {
  std::vector<std::string> names;
  std::vector<std::string> same;
  for (size_t i = 0; i < output.size(); ++i) {
    names.push_back(fmt::format("c{}", i));
    same.push_back(fmt::format("p.{} IS NOT DISTINCT FROM q.c{}", QuoteIdentifier(output[i]), i));
  }
  return fmt::format("FROM {} p ANTI JOIN (SELECT * FROM ({}\n)) q({}) ON ({})", kQualityRows, check.statement,
                     fmt::join(names, ", "), fmt::join(same, " AND "));
}

std::string QuarantineSelect(const QualityPlan& plan, const std::vector<std::vector<std::string>>& custom_outputs) {
  std::vector<std::string> sources;
  if (!FirstBroken(plan).empty())
    sources.push_back(fmt::format("SELECT __firn_file, __firn_row, {0} AS rule FROM {1} WHERE {0} IS NOT NULL", kBroken,
                                  kQualityRows));
  for (size_t rule = 0; rule < plan.rules.size(); ++rule) {
    const size_t i = plan.rules[rule].check;
    if (const QualityCheck* keys = QuarantineCheck(plan, rule, CheckKind::kKeys))
      sources.push_back(RepeatedRows(*keys, i, rule));
    if (const QualityCheck* custom = QuarantineCheck(plan, rule, CheckKind::kSqlRows))
      sources.push_back(fmt::format("SELECT p.__firn_file, p.__firn_row, {} AS rule {}", rule,
                                    CustomBrokenFrom(*custom, custom_outputs[i])));
  }
  return fmt::format(
      "SELECT CAST(__firn_file AS BIGINT), CAST(__firn_row AS BIGINT), CAST(min(rule) AS BIGINT) FROM ({}) GROUP BY "
      "__firn_file, "
      "__firn_row "
      "ORDER BY __firn_file, __firn_row",
      fmt::join(sources, " UNION ALL "));
}

std::string ListedQuarantineSelect() {
  return fmt::format(
      "SELECT CAST(q.f AS BIGINT), CAST(q.r AS BIGINT), CAST(q.b AS BIGINT) FROM (SELECT unnest(rows) AS q FROM {}) "
      "ORDER BY 1, 2",
      kQualityAnswer);
}

bool Quarantines(const QualityPlan& plan) {
  for (size_t rule = 0; rule < plan.rules.size(); ++rule)
    if (plan.actions[rule] == QualityAction::kQuarantine) return true;
  return false;
}

}  // namespace firn
