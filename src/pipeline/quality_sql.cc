#include "pipeline/quality_sql.h"

#include <fmt/format.h>

#include <algorithm>

#include "pipeline/characters.h"

namespace firn {
namespace {

bool StartsName(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_' || static_cast<unsigned char>(c) >= 0x80;
}

class Splitter {
 public:
  explicit Splitter(std::string_view sql) : sql_(sql) {}

  Result<std::vector<SqlPiece>> Run() {
    if (sql_.contains('\0')) return Fail(ErrorKind::kInvalidArgument, "the SQL holds a NUL character");
    while (at_ < sql_.size()) FIRN_TRY(Next());
    if (depth_ != 0) return Open("a parenthesis");
    return std::move(pieces_);
  }

 private:
  char Peek(size_t ahead = 0) const { return at_ + ahead < sql_.size() ? sql_[at_ + ahead] : '\0'; }
  std::unexpected<Error> Open(std::string_view what) const {
    return Fail(ErrorKind::kInvalidArgument, fmt::format("{} does not end in the SQL '{}'", what, sql_));
  }

  void Add(SqlPieceKind kind, size_t end, std::string name = {}) {
    pieces_.push_back({kind, sql_.substr(at_, end - at_), std::move(name)});
    at_ = end;
  }

  Status Next() {
    const char c = Peek();
    if (IsSpace(c)) return Blank(sql_.find_first_not_of(" \t\n\r\f\v", at_));
    if (c == '-' && Peek(1) == '-') return Blank(sql_.find('\n', at_));
    if (c == '/' && Peek(1) == '*') return Comment();
    if (c == '"' || c == '`') return QuotedName(c);
    if (c == '\'') return Text(at_, false);
    if ((c == 'e' || c == 'E') && Peek(1) == '\'') return Text(at_ + 1, true);
    if (c == '$' && !IsDigit(Peek(1))) return DollarText();
    if (StartsName(c)) return Word();
    if (IsDigit(c)) return Number();
    return Symbol(c);
  }

  Status Blank(size_t end) {
    Add(SqlPieceKind::kBlank, std::min(end, sql_.size()));
    return {};
  }

  Status Comment() {
    int depth = 0;
    for (size_t i = at_; i + 1 < sql_.size(); ++i) {
      if (sql_[i] == '/' && sql_[i + 1] == '*')
        ++depth, ++i;
      else if (sql_[i] == '*' && sql_[i + 1] == '/')
        --depth, ++i;
      if (depth == 0) return Blank(i + 1);
    }
    return Open("a comment");
  }

  Status QuotedName(char quote) {
    std::string name;
    for (size_t i = at_ + 1; i < sql_.size(); ++i) {
      if (sql_[i] == quote) {
        if (i + 1 == sql_.size() || sql_[i + 1] != quote) {
          Add(SqlPieceKind::kQuotedName, i + 1, std::move(name));
          return {};
        }
        ++i;
      }
      name += sql_[i];
    }
    return Open("a name in quotes");
  }

  Status Text(size_t quote, bool backslash) {
    for (size_t i = quote + 1; i < sql_.size(); ++i) {
      if (backslash && sql_[i] == '\\') {
        ++i;
      } else if (sql_[i] == '\'') {
        if (i + 1 == sql_.size() || sql_[i + 1] != '\'') {
          Add(SqlPieceKind::kOther, i + 1);
          return {};
        }
        ++i;
      }
    }
    return Open("a text in quotes");
  }

  Status DollarText() {
    const size_t tag_end = sql_.find('$', at_ + 1);
    if (tag_end == std::string_view::npos) return Symbol('$');
    const std::string_view tag = sql_.substr(at_, tag_end + 1 - at_);
    const size_t end = sql_.find(tag, tag_end + 1);
    if (end == std::string_view::npos) return Open("a text in dollars");
    Add(SqlPieceKind::kOther, end + tag.size());
    return {};
  }

  Status Word() {
    size_t end = at_;
    while (end < sql_.size() && (StartsName(sql_[end]) || IsDigit(sql_[end]) || sql_[end] == '$')) ++end;
    Add(SqlPieceKind::kWord, end, std::string(sql_.substr(at_, end - at_)));
    return {};
  }

  Status Number() {
    size_t end = at_;
    while (end < sql_.size() && (IsDigit(sql_[end]) || sql_[end] == '.' || StartsName(sql_[end]))) ++end;
    Add(SqlPieceKind::kOther, end);
    return {};
  }

  Status Symbol(char c) {
    if (c == '(') ++depth_;
    if (c == ')' && --depth_ < 0)
      return Fail(ErrorKind::kInvalidArgument, fmt::format("a parenthesis too many ends in the SQL '{}'", sql_));
    Add(SqlPieceKind::kSymbol, at_ + 1);
    return {};
  }

  std::string_view sql_;
  size_t at_ = 0;
  int depth_ = 0;
  std::vector<SqlPiece> pieces_;
};

}  // namespace

Result<std::vector<SqlPiece>> SplitSql(std::string_view sql) {
  return Splitter(sql).Run();
}

std::string_view TrimSql(std::string_view sql) {
  const auto pieces = SplitSql(sql);
  if (!pieces) return sql;
  for (const SqlPiece& piece : *pieces) {
    if (piece.kind != SqlPieceKind::kBlank) break;
    sql.remove_prefix(piece.text.size());
  }
  for (size_t i = pieces->size(); i > 0 && !sql.empty(); --i) {
    const SqlPiece& piece = (*pieces)[i - 1];
    if (piece.kind != SqlPieceKind::kBlank && piece.text != ";") break;
    sql.remove_suffix(piece.text.size());
  }
  return sql;
}

}  // namespace firn
