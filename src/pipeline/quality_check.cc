#include "pipeline/quality_check.h"

#include <arrow/array.h>
#include <arrow/c/bridge.h>
#include <arrow/record_batch.h>
#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <utility>

#include "pipeline/quality_query.h"
#include "pipeline/quality_verdict.h"
#include "pipeline/step_types.h"
#include "sql/syntax_tree.h"

namespace firn {
namespace {

using TextRow = std::vector<std::optional<std::string>>;

int64_t Count(const std::optional<std::string>& text) {
  int64_t number = 0;
  if (text) std::from_chars(text->data(), text->data() + text->size(), number);
  return number;
}

// A column type for the table without rows. NULL is no type of a column; there, any will do.
Type Storable(Type type) {
  if (type.kind == TypeKind::kNull) type.kind = TypeKind::kInt32;
  for (Field& child : type.children) child.type = Storable(std::move(child.type));
  return type;
}

class QualityRun {
 public:
  QualityRun(SqlEngine& engine, const Schema& schema, const std::vector<ExpectRule>& rules, QualityPlan plan)
      : engine_(engine), schema_(schema), rules_(rules), plan_(std::move(plan)) {}
  QualityRun(const QualityRun&) = delete;
  QualityRun& operator=(const QualityRun&) = delete;

  // The engine may run other steps later; after an interrupt these fail, and do not matter.
  ~QualityRun() {
    (void)engine_.Execute("DROP VIEW IF EXISTS \"primary\"");
    (void)engine_.Execute(fmt::format("DROP VIEW IF EXISTS {}", kQualityInput));
    for (const std::string& table : tables_) (void)engine_.Execute("DROP TABLE IF EXISTS " + table);
  }

  Result<QualityOutcome> Run(ArrowStream input) {
    FIRN_TRY(CheckNames());
    FIRN_TRY(engine_.RegisterStream(kQualityInput, std::move(input)));
    FIRN_TRY(CheckShape());
    answers_.resize(plan_.checks.size());
    QualityOutcome outcome;
    if (plan_.IsSinglePass()) {
      FIRN_TRY(AnswerInOnePass(outcome));
    } else {
      FIRN_TRY(AnswerFromTable(outcome));
    }
    std::vector<CheckVerdict> verdicts;
    for (size_t i = 0; i < plan_.checks.size(); ++i) verdicts.push_back(Judge(plan_.checks[i], answers_[i]));
    for (size_t i = 0; i < rules_.size(); ++i) outcome.rules.push_back(Conclude(plan_.rules[i], rules_[i], verdicts));
    return outcome;
  }

 private:
  Status MakeTable(const std::string& name, const std::string& select) {
    tables_.push_back(name);
    return engine_.Execute(fmt::format("CREATE OR REPLACE TEMP TABLE {} AS {}", name, select));
  }

  Result<TextRow> One(const std::string& sql) {
    FIRN_TRY_ASSIGN(SqlEngine::TextTable table, engine_.QueryText(sql));
    if (table.rows.size() != 1) return Fail(ErrorKind::kInternal, "an aggregate of the quality rules gave no row");
    return std::move(table.rows[0]);
  }

  Status CheckNames() const {
    for (size_t i = 0; i < plan_.columns.size(); ++i)
      for (size_t j = i + 1; j < plan_.columns.size(); ++j)
        if (LowerCase(plan_.columns[i]) == LowerCase(plan_.columns[j]))
          return Fail(ErrorKind::kUnsupported,
                      fmt::format("the rules read both '{}' and '{}': SQL takes them for one column", plan_.columns[i],
                                  plan_.columns[j]),
                      "Rename one of them in a step before the rules.");
    return {};
  }

  // What the engine thinks of the users' SQL and patterns is known before a row is read, and can be told of the rule.
  Status CheckShape() {
    std::string columns = "__firn_file BIGINT, __firn_row BIGINT";
    for (const std::string& name : plan_.columns)
      columns += fmt::format(", {} {}", QuoteIdentifier(name), SqlTypeName(Storable(schema_.Find(name)->type)));
    tables_.emplace_back(kQualityShape);
    FIRN_TRY(engine_.Execute(fmt::format("CREATE OR REPLACE TEMP TABLE {} ({})", kQualityShape, columns)));
    FIRN_TRY(engine_.Execute(CustomView(plan_, kQualityShape)));
    outputs_.resize(plan_.checks.size());
    for (size_t rule = 0; rule < plan_.rules.size(); ++rule)
      if (Status status = CheckRule(plan_.rules[rule]); !status)
        return std::unexpected(std::move(status.error()).Within(fmt::format("rule '{}'", rules_[rule].rule)));
    return {};
  }

  Status CheckRule(const PlannedRule& rule) {
    for (const PlannedRule& child : rule.children) FIRN_TRY(CheckRule(child));
    if (rule.shape != RuleShape::kSimple) return {};
    const QualityCheck& check = plan_.checks[rule.check];
    if (check.kind == CheckKind::kSqlValue || check.kind == CheckKind::kSqlRows) return CheckCustom(check, rule.check);
    return engine_.Execute(CheckSelect(check, kQualityShape));
  }

  Status CheckCustom(const QualityCheck& check, size_t index) {
    FIRN_TRY_ASSIGN(const std::vector<SqlColumn> columns,
                    engine_.Describe(fmt::format("SELECT * FROM ({}\n)", check.statement)));
    if (check.kind == CheckKind::kSqlValue) {
      if (columns.size() != 1)
        return Fail(ErrorKind::kInvalidArgument,
                    fmt::format("CustomSql returns {} columns, and a condition is on one", columns.size()));
      FIRN_TRY(engine_.Describe(CustomValueSelect(check)));
      return {};
    }
    for (const SqlColumn& column : columns) {
      const auto known =
          std::find_if(plan_.custom_columns.begin(), plan_.custom_columns.end(),
                       [&](const std::string& name) { return LowerCase(name) == LowerCase(column.name); });
      if (known == plan_.custom_columns.end())
        return Fail(ErrorKind::kInvalidArgument,
                    fmt::format("CustomSql returns '{}', which is no column of the table", column.name),
                    "Without a condition, the rows that it returns pass: select columns of primary, or add a condition "
                    "such as = 0.");
      outputs_[index].push_back(*known);
    }
    return {};
  }

  Status AnswerInOnePass(QualityOutcome& outcome) {
    const bool list = Quarantines(plan_);
    const std::string rows = fmt::format("({})", RowsSelect(plan_, kQualityInput));
    FIRN_TRY(MakeTable(kQualityAnswer, AnswerSelect(plan_, rows, list)));
    FIRN_TRY_ASSIGN(const TextRow row, One(fmt::format("SELECT COLUMNS('^a\\d+$') FROM {}", kQualityAnswer)));
    ReadAnswers(row);
    if (list) FIRN_TRY(ReadQuarantined(ListedQuarantineSelect(), outcome));
    return {};
  }

  Status AnswerFromTable(QualityOutcome& outcome) {
    FIRN_TRY(MakeTable(kQualityRows, RowsSelect(plan_, kQualityInput)));
    FIRN_TRY_ASSIGN(const TextRow row, One(AnswerSelect(plan_, kQualityRows, false)));
    ReadAnswers(row);
    FIRN_TRY(engine_.Execute(CustomView(plan_, kQualityRows)));
    for (size_t i = 0; i < plan_.checks.size(); ++i) FIRN_TRY(AnswerCheck(i));
    if (!Quarantines(plan_)) return {};
    FIRN_TRY(MakeRepeatedKeys());
    return ReadQuarantined(QuarantineSelect(plan_, outputs_), outcome);
  }

  Status AnswerCheck(size_t i) {
    switch (plan_.checks[i].kind) {
      case CheckKind::kKeys:
        return AnswerKeys(i);
      case CheckKind::kSqlValue:
        return AnswerCustomValue(i);
      case CheckKind::kSqlRows:
        return AnswerCustomRows(i);
      default:
        return {};
    }
  }

  void ReadAnswers(const TextRow& row) {
    rows_ = Count(row.at(0));
    size_t at = 1;
    for (size_t i = 0; i < plan_.checks.size(); ++i) {
      CheckAnswer& answer = answers_[i];
      if (plan_.checks[i].kind == CheckKind::kRows) {
        answer.rows = Count(row.at(at));
        answer.broken = Count(row.at(at + 1));
        answer.example = row.at(at + 2);
      } else if (plan_.checks[i].kind == CheckKind::kValue) {
        answer.value = row.at(at);
        answer.holds = row.at(at + 1) == "true";
      }
      at += AnswerWidth(plan_.checks[i]);
    }
  }

  Status AnswerKeys(size_t i) {
    FIRN_TRY_ASSIGN(const TextRow row, One(KeysSelect(plan_.checks[i], i)));
    CheckAnswer& answer = answers_[i];
    answer.rows = Count(row.at(0));
    answer.keys = Count(row.at(1));
    answer.single_keys = Count(row.at(2));
    answer.repeated_keys = Count(row.at(3));
    answer.repeated_rows = Count(row.at(4));
    answer.incomplete_rows = Count(row.at(5));
    answer.broken = Count(row.at(6));
    return {};
  }

  Status AnswerCustomValue(size_t i) {
    FIRN_TRY_ASSIGN(const TextRow row, One(CustomValueSelect(plan_.checks[i])));
    if (Count(row.at(2)) != 1)
      return Fail(ErrorKind::kInvalidArgument,
                  fmt::format("CustomSql '{}' returned {}, and a condition is on one row", plan_.checks[i].statement,
                              Count(row.at(2)) == 0 ? "no row" : "more than one row"));
    answers_[i].value = row.at(0);
    answers_[i].holds = row.at(1) == "true";
    return {};
  }

  Status AnswerCustomRows(size_t i) {
    FIRN_TRY_ASSIGN(const TextRow row, One("SELECT count(*) " + CustomBrokenFrom(plan_.checks[i], outputs_[i])));
    answers_[i].rows = rows_;
    answers_[i].broken = Count(row.at(0));
    return {};
  }

  Status MakeRepeatedKeys() {
    for (size_t rule = 0; rule < plan_.rules.size(); ++rule) {
      const size_t i = plan_.rules[rule].check;
      if (plan_.actions[rule] == QualityAction::kQuarantine && plan_.checks[i].kind == CheckKind::kKeys)
        FIRN_TRY(MakeTable(RepeatedKeysTable(i), RepeatedKeysSelect(plan_.checks[i], i)));
    }
    return {};
  }

  Status ReadQuarantined(const std::string& sql, QualityOutcome& outcome) {
    FIRN_TRY_ASSIGN(ArrowStream stream, engine_.Query(sql));
    auto reader = arrow::ImportRecordBatchReader(stream.get());
    if (!reader.ok()) return Fail(ErrorKind::kInternal, reader.status().message());
    for (;;) {
      const auto batch = (*reader)->Next();
      if (!batch.ok()) {
        FIRN_TRY(
            engine_.Execute("SELECT 1"));  // the stream does not tell an interrupt from other failures; the engine does
        return Fail(ErrorKind::kIo, fmt::format("cannot read the quarantined rows: {}", batch.status().message()));
      }
      if (*batch == nullptr) return {};
      const auto column = [&](int i) {
        return static_cast<const arrow::Int64Array*>((*batch)->column(i).get())->raw_values();
      };
      for (int64_t i = 0; i < (*batch)->num_rows(); ++i)
        outcome.quarantined.push_back({column(0)[i], column(1)[i], column(2)[i]});
    }
  }

  SqlEngine& engine_;
  const Schema& schema_;
  const std::vector<ExpectRule>& rules_;
  const QualityPlan plan_;
  std::vector<std::string> tables_;                // to drop
  std::vector<std::vector<std::string>> outputs_;  // by check: the columns that its CustomSql returns
  std::vector<CheckAnswer> answers_;               // by check
  int64_t rows_ = 0;
};

}  // namespace

bool QualityOutcome::IsAccepted() const {
  return std::all_of(rules.begin(), rules.end(),
                     [](const RuleResult& rule) { return rule.passed || rule.action != QualityAction::kFail; });
}

Status QualityOutcome::RequireAccepted() const {
  std::string message;
  for (const RuleResult& rule : rules)
    if (!rule.passed && rule.action == QualityAction::kFail)
      message += fmt::format("{}{} ({})", message.empty() ? "" : "; ", rule.rule, rule.observed);
  if (message.empty()) return {};
  return Fail(ErrorKind::kQuality, "broken data-quality rules: " + message,
              "Correct the data, or let the rule warn or quarantine.");
}

Result<QualityOutcome> CheckQuality(SqlEngine& engine, ArrowStream input, const Schema& schema,
                                    const std::vector<ExpectRule>& rules, int64_t now_ns) {
  FIRN_TRY_ASSIGN(QualityPlan plan, PlanQuality(rules, schema, now_ns));
  const Schema fitted = WithoutZonedNanos(schema, plan.named_columns);
  if (fitted == schema) return QualityRun(engine, schema, rules, std::move(plan)).Run(std::move(input));
  const std::set<std::string> named = std::move(plan.named_columns);
  FIRN_TRY_ASSIGN(plan, PlanQuality(rules, fitted, now_ns));
  auto reader = arrow::ImportRecordBatchReader(input.get());
  if (!reader.ok()) return Fail(ErrorKind::kInternal, reader.status().message());
  auto types = WithoutZonedNanos(*(*reader)->schema(), named);
  const auto given = arrow::ExportRecordBatchReader(WithTypes(std::move(*reader), std::move(types)), input.get());
  if (!given.ok()) return Fail(ErrorKind::kInternal, given.message());
  return QualityRun(engine, fitted, rules, std::move(plan)).Run(std::move(input));
}

}  // namespace firn
