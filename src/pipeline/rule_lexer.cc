#include "pipeline/rule_lexer.h"

#include <fmt/format.h>

#include <algorithm>

#include "pipeline/characters.h"

namespace firn {
namespace {

constexpr size_t kMaxDigits = 38;  // more cannot be compared exactly

bool IsWord(char c) {
  return IsDigit(c) || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_' || c == '.';
}
bool IsContinuation(char c) {
  return (static_cast<unsigned char>(c) & 0xC0) == 0x80;
}

// [-]digits[.digits], the only numbers of DQDL.
bool IsNumber(std::string_view text) {
  const size_t start = !text.empty() && text[0] == '-' ? 1 : 0;
  const size_t dot = std::min(text.find('.'), text.size());
  const auto digits = [&](size_t from, size_t to) {
    return from < to && std::all_of(text.begin() + from, text.begin() + to, IsDigit);
  };
  return digits(start, dot) && (dot == text.size() || digits(dot + 1, text.size()));
}

class Lexer {
 public:
  explicit Lexer(std::string_view text) : text_(text) {}

  Result<std::vector<RuleToken>> Run() {
    if (text_.size() > kMaxRuleBytes)
      return FailAt(text_, 1, fmt::format("it has {} bytes, at most {} are allowed", text_.size(), kMaxRuleBytes));
    for (;;) {
      SkipBlank();
      if (at_ == text_.size()) break;
      FIRN_TRY_ASSIGN(RuleToken token, Next());
      tokens_.push_back(std::move(token));
    }
    tokens_.push_back({RuleTokenKind::kEnd, "", Column(at_)});
    return std::move(tokens_);
  }

 private:
  char Peek(size_t ahead = 0) const { return at_ + ahead < text_.size() ? text_[at_ + ahead] : '\0'; }

  // Positions only move forward, so characters are counted once.
  int Column(size_t position) {
    for (; counted_ < position; ++counted_)
      if (!IsContinuation(text_[counted_])) ++column_;
    return column_;
  }

  void SkipBlank() {
    while (at_ < text_.size()) {
      if (text_[at_] == '#') {
        at_ = std::min(text_.find('\n', at_), text_.size());
      } else if (IsSpace(text_[at_])) {
        ++at_;
      } else {
        return;
      }
    }
  }

  Result<RuleToken> Next() {
    const int column = Column(at_);
    const char c = Peek();
    if (c == '"') return Text(column);
    if (IsWord(c) || (c == '-' && IsDigit(Peek(1)) && !AfterNow())) return WordOrNumber(column);
    if (std::string_view("()[],=+-").find(c) != std::string_view::npos) return Symbol(column, 1);
    if (c == '<' || c == '>') return Symbol(column, Peek(1) == '=' ? 2 : 1);
    if (c == '!' && Peek(1) == '=') return Symbol(column, 2);
    return Stray(column);
  }

  // In `now() -3 days` the minus is an operator.
  bool AfterNow() const {
    const size_t n = tokens_.size();
    return n >= 3 && tokens_[n - 1].text == ")" && tokens_[n - 2].text == "(" && tokens_[n - 3].text == "now";
  }

  RuleToken Symbol(int column, size_t length) {
    at_ += length;
    return {RuleTokenKind::kSymbol, std::string(text_.substr(at_ - length, length)), column};
  }

  Result<RuleToken> WordOrNumber(int column) {
    const size_t start = at_++;
    while (IsWord(Peek())) ++at_;
    std::string word(text_.substr(start, at_ - start));
    if (!IsNumber(word)) {
      if (word[0] == '-') return FailAt(text_, column, fmt::format("'{}' is not a number", word));
      return RuleToken{RuleTokenKind::kWord, std::move(word), column};
    }
    if (static_cast<size_t>(std::count_if(word.begin(), word.end(), IsDigit)) > kMaxDigits)
      return FailAt(text_, column, fmt::format("the number has more than {} digits", kMaxDigits));
    return RuleToken{RuleTokenKind::kNumber, std::move(word), column};
  }

  // \" and \\ are escapes; any other backslash stands for itself, so that "\d+" is the pattern that it looks like.
  Result<RuleToken> Text(int column) {
    std::string value;
    for (++at_; at_ < text_.size(); ++at_) {
      const char c = text_[at_];
      if (c == '"') {
        ++at_;
        return RuleToken{RuleTokenKind::kText, std::move(value), column};
      }
      if (c == '\0') return FailAt(text_, column, "the text holds a NUL character");
      if (c == '\\' && (Peek(1) == '"' || Peek(1) == '\\')) ++at_;
      value += text_[at_];
    }
    return FailAt(text_, column, "the text in quotes does not end", "Close it with \"; write \\\" for a quote inside.");
  }

  Result<RuleToken> Stray(int column) const {
    size_t end = at_ + 1;
    while (end < text_.size() && IsContinuation(text_[end])) ++end;
    const std::string_view stray = text_.substr(at_, end - at_);
    if (stray == "\u201c" || stray == "\u201d" || stray == "'" || stray == "`")
      return FailAt(text_, column, fmt::format("found {}", stray),
                    "Columns and texts stand in straight double quotes.");
    if (static_cast<unsigned char>(stray[0]) < 0x20 || stray[0] == '\x7f')
      return FailAt(text_, column, fmt::format("found the control character {:#04x}", stray[0]));
    return FailAt(text_, column, fmt::format("found '{}', with which nothing begins", stray));
  }

  std::string_view text_;
  size_t at_ = 0;
  size_t counted_ = 0;
  int column_ = 1;
  std::vector<RuleToken> tokens_;
};

}  // namespace

Result<std::vector<RuleToken>> LexRule(std::string_view text) {
  return Lexer(text).Run();
}

std::unexpected<Error> FailAt(std::string_view rule, int column, std::string_view problem, std::string hint) {
  constexpr size_t kShown = 120;
  std::string shown(rule.substr(0, kShown));
  if (rule.size() > kShown) {
    while (!shown.empty() && IsContinuation(rule[shown.size()])) shown.pop_back();
    shown += "...";
  }
  return Fail(ErrorKind::kInvalidArgument,
              fmt::format("cannot read rule '{}' at column {}: {}", shown, column, problem), std::move(hint));
}

}  // namespace firn
