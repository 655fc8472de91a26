#include "pipeline/rule_parser.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <charconv>
#include <initializer_list>
#include <utility>

#include "base/nearest.h"
#include "pipeline/rule_lexer.h"

namespace firn {
namespace {

constexpr int64_t kMaxDuration = 1'000'000;  // a million days: in microseconds it still fits 64 bits

std::vector<std::string> RuleTypeNames() {
  std::vector<std::string> names;
  for (const RuleTraits& traits : AllRuleTraits()) names.emplace_back(traits.name);
  return names;
}

const RuleTraits* FindTraits(std::string_view name) {
  if (name == "CustomSQL") name = "CustomSql";  // Glue's documentation writes both
  for (const RuleTraits& traits : AllRuleTraits())
    if (traits.name == name) return &traits;
  return nullptr;
}

bool IsSet(ConditionOp op) {
  return op == ConditionOp::kIn || op == ConditionOp::kNotIn;
}
bool IsEquality(ConditionOp op) {
  return op == ConditionOp::kEqual || op == ConditionOp::kNotEqual;
}
bool IsRange(ConditionOp op) {
  return op == ConditionOp::kBetween || op == ConditionOp::kNotBetween;
}
bool IsPattern(ConditionOp op) {
  return op == ConditionOp::kMatches || op == ConditionOp::kNotMatches;
}

class Parser {
 public:
  Parser(std::string_view text, std::vector<RuleToken> tokens) : text_(text), tokens_(std::move(tokens)) {}

  Result<Rule> Run() {
    FIRN_TRY_ASSIGN(Rule rule, ParseAny(0));
    if (Now().kind != RuleTokenKind::kEnd) return Unexpected(rest_);
    return rule;
  }

 private:
  const RuleToken& Now() const { return tokens_[at_]; }
  const RuleToken& Ahead(size_t by) const { return tokens_[std::min(at_ + by, tokens_.size() - 1)]; }

  bool IsSymbol(std::string_view text) const { return Now().kind == RuleTokenKind::kSymbol && Now().text == text; }
  bool IsWord(std::string_view lower) const {
    if (Now().kind != RuleTokenKind::kWord || Now().text.size() != lower.size()) return false;
    return std::equal(lower.begin(), lower.end(), Now().text.begin(),
                      [](char a, char b) { return a == (b >= 'A' && b <= 'Z' ? b - 'A' + 'a' : b); });
  }
  bool TakeSymbol(std::string_view text) { return IsSymbol(text) && ++at_; }
  bool TakeWord(std::string_view lower) { return IsWord(lower) && ++at_; }

  std::unexpected<Error> Unexpected(std::string_view expected, std::string hint = {}) const {
    const std::string found =
        Now().kind == RuleTokenKind::kEnd ? "the end" : fmt::format("'{}'", Now().text.substr(0, 40));
    return FailAt(text_, Now().column, fmt::format("expected {}, found {}", expected, found), std::move(hint));
  }
  Status Expect(std::string_view symbol) {
    if (!TakeSymbol(symbol)) return Unexpected(fmt::format("'{}'", symbol));
    return {};
  }

  Result<Rule> ParseAny(int depth) {
    if (depth > kMaxRuleDepth)
      return FailAt(text_, Now().column, fmt::format("parentheses are nested more than {} deep", kMaxRuleDepth));
    if (!IsSymbol("(")) return ParseSimple();
    FIRN_TRY_ASSIGN(Rule first, ParseGroup(depth));
    if (!IsWord("and") && !IsWord("or")) {
      rest_ = "'and', 'or' or the end";
      return first;
    }
    Rule both;
    const std::string_view word = IsWord("and") ? "and" : "or";
    both.shape = word == "and" ? RuleShape::kAnd : RuleShape::kOr;
    both.children.push_back(std::move(first));
    while (TakeWord(word)) {
      if (!IsSymbol("(")) return Unexpected("'('", "Each part of a composite rule stands in parentheses.");
      FIRN_TRY_ASSIGN(Rule next, ParseGroup(depth));
      both.children.push_back(std::move(next));
    }
    if (IsWord("and") || IsWord("or"))
      return Unexpected(fmt::format("'{}' or the end", word), "Mixing 'and' with 'or' needs parentheses.");
    rest_ = word == "and" ? "'and' or the end" : "'or' or the end";
    return both;
  }

  Result<Rule> ParseGroup(int depth) {
    FIRN_TRY(Expect("("));
    FIRN_TRY_ASSIGN(Rule rule, ParseAny(depth + 1));
    if (!TakeSymbol(")")) return Unexpected(fmt::format("')' ({})", rest_));
    return rule;
  }

  Result<Rule> ParseSimple() {
    const RuleTraits* traits = Now().kind == RuleTokenKind::kWord ? FindTraits(Now().text) : nullptr;
    if (traits == nullptr) return Unexpected("a rule type", SuggestFrom(Now().text, RuleTypeNames()));
    ++at_;
    Rule rule;
    rule.type = traits->type;
    FIRN_TRY(ParseColumns(*traits, rule));
    if (traits->statement) {
      if (Now().kind != RuleTokenKind::kText) return Unexpected("a text in double quotes");
      rule.statement = tokens_[at_++].text;
    }
    FIRN_TRY(ParseRuleCondition(*traits, rule));
    FIRN_TRY(ParseClauses(*traits, rule));
    return rule;
  }

  bool IsClauseWord() const {
    for (std::string_view word : {"in", "not", "between", "matches", "where", "with", "and", "or"})
      if (IsWord(word)) return true;
    return false;
  }

  Status ParseColumns(const RuleTraits& traits, Rule& rule) {
    while (std::cmp_less(rule.columns.size(), traits.max_columns)) {
      const bool name = Now().kind == RuleTokenKind::kText || (Now().kind == RuleTokenKind::kWord && !IsClauseWord());
      if (!name || Now().text.empty()) break;
      rule.columns.push_back(tokens_[at_++].text);
    }
    if (std::cmp_less(rule.columns.size(), traits.min_columns)) return Unexpected("a column name in double quotes");
    return {};
  }

  Status ParseRuleCondition(const RuleTraits& traits, Rule& rule) {
    switch (traits.condition) {
      case ConditionNeed::kNone:
        rest_ = "the end";
        return {};
      case ConditionNeed::kOptionalNumber:
        rest_ = "a condition, 'with threshold' or the end";
        if (Now().kind != RuleTokenKind::kSymbol && !IsWord("between") && !IsWord("in") && !IsWord("not")) return {};
        if (IsSymbol(")")) return {};
        [[fallthrough]];
      case ConditionNeed::kNumber:
      case ConditionNeed::kValue:
      case ConditionNeed::kDuration:
      case ConditionNeed::kTypeName:
        break;
    }
    FIRN_TRY_ASSIGN(rule.condition, ParseCondition(traits.condition));
    rest_ = "the end";
    return {};
  }

  Status ParseClauses(const RuleTraits& traits, Rule& rule) {
    for (;;) {
      if (traits.where && !rule.where && TakeWord("where")) {
        if (Now().kind != RuleTokenKind::kText) return Unexpected("a SQL predicate in double quotes");
        rule.where = tokens_[at_++].text;
      } else if (traits.threshold && !rule.threshold && IsWord("with")) {
        if (rule.condition && rule.type == RuleType::kCustomSql)
          return Unexpected("the end", "CustomSql takes a condition on its value or a threshold, not both.");
        ++at_;
        if (!TakeWord("threshold")) return Unexpected("'threshold'");
        FIRN_TRY_ASSIGN(rule.threshold, ParseCondition(ConditionNeed::kNumber));
      } else {
        break;
      }
    }
    if (traits.threshold && !rule.threshold) rest_ = "'with threshold' or " + rest_;
    if (traits.where && !rule.where) rest_ = "'where' or " + rest_;
    return {};
  }

  Result<ConditionOp> ParseOp(ConditionNeed need) {
    using enum ConditionOp;
    static constexpr std::pair<std::string_view, ConditionOp> kSymbols[] = {
        {"=", kEqual}, {"!=", kNotEqual}, {">", kGreater}, {">=", kGreaterOrEqual}, {"<", kLess}, {"<=", kLessOrEqual}};
    for (const auto& [symbol, op] : kSymbols) {
      if (need == ConditionNeed::kTypeName && !IsEquality(op)) continue;
      if (TakeSymbol(symbol)) return op;
    }
    if (need == ConditionNeed::kTypeName) return Unexpected("'=' or '!='");
    const bool negated = TakeWord("not");
    if (TakeWord("between")) return negated ? kNotBetween : kBetween;
    if (TakeWord("in")) return negated ? kNotIn : kIn;
    if (need == ConditionNeed::kValue && TakeWord("matches")) return negated ? kNotMatches : kMatches;
    const std::string words = need == ConditionNeed::kValue ? "'between', 'in' or 'matches'" : "'between' or 'in'";
    return Unexpected(negated ? words : "=, !=, >, >=, <, <=, 'not', " + words);
  }

  Result<Condition> ParseCondition(ConditionNeed need) {
    Condition condition;
    FIRN_TRY_ASSIGN(condition.op, ParseOp(need));
    if (IsSet(condition.op)) {
      FIRN_TRY(Expect("["));
      do {
        FIRN_TRY(ParseOperandInto(need, condition));
      } while (TakeSymbol(","));
      if (!TakeSymbol("]")) return Unexpected("',' or ']'");
      return condition;
    }
    FIRN_TRY(ParseOperandInto(need, condition));
    if (!IsRange(condition.op)) return condition;
    if (!TakeWord("and")) return Unexpected("'and'");
    FIRN_TRY(ParseOperandInto(need, condition));
    return condition;
  }

  Status ParseOperandInto(ConditionNeed need, Condition& condition) {
    FIRN_TRY_ASSIGN(Operand operand, ParseOperand(need, condition.op));
    condition.operands.push_back(std::move(operand));
    return {};
  }

  Result<Operand> ParseOperand(ConditionNeed need, ConditionOp op) {
    switch (need) {
      case ConditionNeed::kDuration:
        return ParseDuration();
      case ConditionNeed::kTypeName:
        if (Now().kind != RuleTokenKind::kText && Now().kind != RuleTokenKind::kWord)
          return Unexpected("a type name in double quotes");
        return Operand{.kind = OperandKind::kText, .text = tokens_[at_++].text};
      case ConditionNeed::kValue:
        return ParseValue(op);
      default:
        if (Now().kind != RuleTokenKind::kNumber) return Unexpected("a number");
        return Operand{.kind = OperandKind::kNumber, .text = tokens_[at_++].text};
    }
  }

  Result<Operand> ParseValue(ConditionOp op) {
    if (IsPattern(op) && Now().kind != RuleTokenKind::kText) return Unexpected("a regular expression in double quotes");
    if (Now().kind == RuleTokenKind::kText) return Operand{.kind = OperandKind::kText, .text = tokens_[at_++].text};
    if (Now().kind == RuleTokenKind::kNumber) return Operand{.kind = OperandKind::kNumber, .text = tokens_[at_++].text};
    if (IsWord("now") || (IsSymbol("(") && Ahead(1).text == "now")) return ParseNow();
    if (IsEquality(op) || IsSet(op)) {
      if (TakeWord("null")) return Operand{.kind = OperandKind::kNull};
      if (TakeWord("empty")) return Operand{.kind = OperandKind::kEmpty};
      if (TakeWord("whitespaces_only")) return Operand{.kind = OperandKind::kWhitespacesOnly};
      return Unexpected("a number, a text in double quotes, now(), NULL, EMPTY or WHITESPACES_ONLY");
    }
    return Unexpected("a number, a text in double quotes or now()",
                      IsWord("null") ? "NULL can be asked for with =, !=, in and not in." : "");
  }

  // now(), or (now() - 3 days)
  Result<Operand> ParseNow() {
    const bool open = TakeSymbol("(");
    if (!TakeWord("now")) return Unexpected("now()");
    FIRN_TRY(Expect("("));
    FIRN_TRY(Expect(")"));
    Operand operand{.kind = OperandKind::kNow};
    if (!open) return operand;
    if (!IsSymbol("+") && !IsSymbol("-")) return Unexpected("'-' or '+'");
    const bool back = tokens_[at_++].text == "-";
    FIRN_TRY_ASSIGN(const Operand duration, ParseDuration());
    FIRN_TRY(Expect(")"));
    operand.amount = back ? -duration.amount : duration.amount;
    if (operand.amount != 0) operand.unit = duration.unit;
    return operand;
  }

  Result<Operand> ParseDuration() {
    Operand operand{.kind = OperandKind::kDuration};
    const std::string& text = Now().text;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), operand.amount);
    if (Now().kind != RuleTokenKind::kNumber || error != std::errc() || end != text.data() + text.size() ||
        operand.amount < 0 || operand.amount > kMaxDuration)
      return Unexpected(fmt::format("a whole number of hours or days up to {}", kMaxDuration));
    ++at_;
    using enum DurationUnit;
    static constexpr std::pair<std::string_view, DurationUnit> kUnits[] = {{"minutes", kMinutes}, {"minute", kMinutes},
                                                                           {"hours", kHours},     {"hour", kHours},
                                                                           {"days", kDays},       {"day", kDays}};
    for (const auto& [word, unit] : kUnits) {
      if (!TakeWord(word)) continue;
      operand.unit = unit;
      return operand;
    }
    return Unexpected("'minutes', 'hours' or 'days'");
  }

  std::string_view text_;
  std::vector<RuleToken> tokens_;
  size_t at_ = 0;
  std::string rest_ = "the end";  // what may follow what was just read, for the error
};

}  // namespace

Result<Rule> ParseRule(std::string_view text) {
  FIRN_TRY_ASSIGN(std::vector<RuleToken> tokens, LexRule(text));
  return Parser(text, std::move(tokens)).Run();
}

}  // namespace firn
