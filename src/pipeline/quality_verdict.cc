#include "pipeline/quality_verdict.h"

#include <fmt/format.h>

#include <algorithm>

#include "base/grouped_digits.h"
#include "pipeline/quality_condition.h"

namespace firn {
namespace {

constexpr size_t kExampleBytes = 60;

std::string Rows(int64_t count) {
  return GroupedDigits(count) + (count == 1 ? " row" : " rows");
}

std::string Example(const QualityCheck& check, const CheckAnswer& answer) {
  if (check.example.empty()) return "";
  if (!answer.example) return ", e.g. NULL";
  std::string text = *answer.example;
  if (text.size() > kExampleBytes) {
    size_t end = kExampleBytes;
    while (end > 0 && (static_cast<unsigned char>(text[end]) & 0xC0) == 0x80) --end;
    text = text.substr(0, end) + "...";
  }
  return fmt::format(", e.g. '{}'", text);
}

// A share of no rows is 1: no row breaks the rule.
double Share(int64_t part, int64_t all) {
  return all == 0 ? 1.0 : static_cast<double>(part) / static_cast<double>(all);
}

CheckVerdict JudgeRows(const QualityCheck& check, const CheckAnswer& answer) {
  const bool nulls = check.type == RuleType::kIsComplete || check.type == RuleType::kCompleteness;
  const std::string verb =
      nulls ? (answer.broken == 1 ? "is NULL" : "are NULL") : (answer.broken == 1 ? "breaks it" : "break it");
  CheckVerdict verdict;
  verdict.failed_rows = answer.broken;
  if (!check.mismatch.empty()) {
    verdict.observed = check.mismatch;
  } else if (answer.rows == 0) {
    verdict.observed = "no rows";
  } else if (answer.broken == 0) {
    verdict.observed = Rows(answer.rows) + (nulls ? ", none is NULL" : " checked, none breaks it");
  } else {
    verdict.observed =
        fmt::format("{} of {} {}{}", GroupedDigits(answer.broken), Rows(answer.rows), verb, Example(check, answer));
  }
  const double share = Share(answer.rows - answer.broken, answer.rows);
  if (check.share && check.mismatch.empty())
    verdict.observed =
        fmt::format("{} was {:.6g}: {}", nulls ? "Completeness" : "share of rows that pass", share, verdict.observed);
  verdict.passed = check.mismatch.empty() && (check.share ? Holds(*check.share, share) : answer.broken == 0);
  return verdict;
}

CheckVerdict JudgeKeys(const QualityCheck& check, const CheckAnswer& answer) {
  CheckVerdict verdict;
  verdict.failed_rows = check.type == RuleType::kIsPrimaryKey ? answer.broken : answer.repeated_rows;
  std::string counts = answer.repeated_rows == 0 ? fmt::format("no key is repeated in {}", Rows(answer.rows))
                                                 : fmt::format("{} of {} share a key with another ({} {})",
                                                               GroupedDigits(answer.repeated_rows), Rows(answer.rows),
                                                               GroupedDigits(answer.repeated_keys),
                                                               answer.repeated_keys == 1 ? "key" : "keys");
  if (check.type == RuleType::kIsPrimaryKey && answer.incomplete_rows > 0)
    counts += fmt::format(", {} with a NULL in the key", Rows(answer.incomplete_rows));
  if (check.type == RuleType::kIsUnique || check.type == RuleType::kIsPrimaryKey) {
    verdict.passed = verdict.failed_rows == 0;
    verdict.observed = std::move(counts);
    return verdict;
  }
  const bool uniqueness = check.type == RuleType::kUniqueness;
  const double share = Share(answer.single_keys, uniqueness ? answer.rows : answer.keys);
  verdict.passed = Holds(*check.share, share);
  verdict.observed = fmt::format("{} was {:.6g}: {}", uniqueness ? "Uniqueness" : "UniqueValueRatio", share, counts);
  return verdict;
}

}  // namespace

CheckVerdict Judge(const QualityCheck& check, const CheckAnswer& answer) {
  switch (check.kind) {
    case CheckKind::kDecided:
      return {check.passed, check.observed, 0};
    case CheckKind::kRows:
    case CheckKind::kSqlRows:
      return JudgeRows(check, answer);
    case CheckKind::kKeys:
      return JudgeKeys(check, answer);
    case CheckKind::kSqlValue:
      return {answer.holds, fmt::format("CustomSql returned {}", answer.value.value_or("NULL")), 0};
    case CheckKind::kValue:
      break;
  }
  const bool none = check.function.empty() && answer.value.value_or("").empty();
  return {answer.holds, fmt::format("{} was {}", check.label, none ? "none" : answer.value.value_or("NULL")), 0};
}

RuleResult Conclude(const PlannedRule& planned, const ExpectRule& rule, const std::vector<CheckVerdict>& verdicts) {
  RuleResult result;
  result.rule = rule.rule;
  result.action = rule.action;
  if (planned.shape == RuleShape::kSimple) {
    const CheckVerdict& verdict = verdicts.at(planned.check);
    result.passed = verdict.passed;
    result.observed = verdict.observed;
    result.failed_rows = verdict.failed_rows;
    return result;
  }
  result.passed = planned.shape == RuleShape::kAnd;
  for (const PlannedRule& child : planned.children) {
    const RuleResult part = Conclude(child, rule, verdicts);
    result.passed = planned.shape == RuleShape::kAnd ? result.passed && part.passed : result.passed || part.passed;
    result.observed += (result.observed.empty() ? "" : "; ") + part.observed;
  }
  return result;
}

}  // namespace firn
