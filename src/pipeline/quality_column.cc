#include "pipeline/quality_column.h"

#include <fmt/format.h>

#include <optional>

#include "pipeline/quality_sql.h"
#include "pipeline/suggest_column.h"
#include "sql/sql_engine.h"
#include "sql/syntax_tree.h"

namespace firn {
namespace {

std::optional<RuleColumn> FindField(const std::vector<Field>& fields, std::string_view rest, const RuleColumn& parent) {
  for (const Field& field : fields) {
    if (!rest.starts_with(field.name)) continue;
    RuleColumn column = parent;
    column.type = field.type;
    column.sql = parent.sql.empty() ? QuoteIdentifier(field.name)
                                    : fmt::format("struct_extract({}, {})", parent.sql, QuoteLiteral(field.name));
    if (parent.top.empty()) column.top = field.name;
    if (rest.size() == field.name.size()) return column;
    if (rest[field.name.size()] != '.' || field.type.kind != TypeKind::kStruct) continue;
    if (auto found = FindField(field.type.children, rest.substr(field.name.size() + 1), column)) return found;
  }
  return std::nullopt;
}

std::optional<RuleColumn> Find(const Schema& schema, std::string_view name) {
  RuleColumn root;
  root.name = name;
  if (const Field* field = schema.Find(name))
    return RuleColumn{root.name, root.name, QuoteIdentifier(name), field->type};
  return FindField(schema.fields, name, root);
}

// The list or map at which a dotted name ends too early.
std::string HolderOf(const Schema& schema, std::string_view name) {
  for (size_t dot = name.find('.'); dot != std::string_view::npos; dot = name.find('.', dot + 1)) {
    const auto column = Find(schema, name.substr(0, dot));
    if (!column) continue;
    if (column->type.kind == TypeKind::kList) return fmt::format("'{}' is a list", name.substr(0, dot));
    if (column->type.kind == TypeKind::kMap) return fmt::format("'{}' is a map", name.substr(0, dot));
  }
  return "";
}

bool IsOneOf(std::string_view word, std::initializer_list<std::string_view> words) {
  for (std::string_view each : words)
    if (word == each) return true;
  return false;
}

class UserSqlReader {
 public:
  UserSqlReader(const Schema& schema, const std::vector<SqlPiece>& pieces) : schema_(schema), pieces_(pieces) {}

  UserSql Read(bool statement) {
    for (size_t i = 0; i < pieces_.size(); ++i) ReadPiece(i, statement);
    UserSql sql{std::move(text_), {}};
    const bool all = statement && (all_ || !selects_);
    for (const Field& field : schema_.fields)
      if (all || Mentions(field.name)) sql.columns.push_back(field.name);
    return sql;
  }

 private:
  const SqlPiece* Before(size_t i) const {
    while (i-- > 0)
      if (pieces_[i].kind != SqlPieceKind::kBlank) return &pieces_[i];
    return nullptr;
  }

  void ReadPiece(size_t i, bool statement) {
    const SqlPiece& piece = pieces_[i];
    if (piece.kind == SqlPieceKind::kSymbol && piece.text == "*") ReadStar(i);
    if (piece.kind != SqlPieceKind::kWord && piece.kind != SqlPieceKind::kQuotedName) {
      text_ += piece.text;
      return;
    }
    const std::string name = LowerCase(piece.name);
    mentioned_.push_back(name);
    const bool word = piece.kind == SqlPieceKind::kWord;
    if (statement && name == "primary") ReadPrimary(i);
    if (word && name == "select") selects_ = true;
    // What reads columns without naming them.
    if (word &&
        IsOneOf(name, {"natural", "columns", "summarize", "describe", "show", "pivot", "unpivot", "table", "unpack"}))
      all_ = true;
    const bool quote = !word || (statement && name == "primary");
    text_ += quote ? QuoteIdentifier(piece.name) : std::string(piece.text);
  }

  // count(*) names no column; any other star may stand for all of them.
  void ReadStar(size_t i) {
    const SqlPiece* open = Before(i);
    const SqlPiece* count = open == nullptr ? nullptr : Before(static_cast<size_t>(open - pieces_.data()));
    all_ = all_ || open == nullptr || open->text != "(" || count == nullptr || LowerCase(count->text) != "count";
  }

  // As a table after FROM, JOIN or a comma; elsewhere it may be the whole row, as in `SELECT primary FROM primary`.
  void ReadPrimary(size_t i) {
    const SqlPiece* before = Before(i);
    if (before == nullptr || !IsOneOf(LowerCase(before->text), {"from", "join"})) all_ = true;
  }

  bool Mentions(const std::string& column) const {
    const std::string lower = LowerCase(column);
    for (const std::string& name : mentioned_)
      if (name == lower) return true;
    return false;
  }

  const Schema& schema_;
  const std::vector<SqlPiece>& pieces_;
  std::string text_;
  std::vector<std::string> mentioned_;
  bool selects_ = false;
  bool all_ = false;
};

}  // namespace

Result<RuleColumn> ResolveColumn(const Schema& schema, std::string_view name) {
  if (auto column = Find(schema, name)) return *std::move(column);
  const std::string holder = HolderOf(schema, name);
  if (!holder.empty())
    return Fail(ErrorKind::kInvalidArgument, fmt::format("no column '{}': {}", name, holder),
                "A rule reaches into structs only; use CustomSql for lists and maps.");
  return Fail(ErrorKind::kInvalidArgument, fmt::format("no column '{}'", name), SuggestColumn(schema, name));
}

bool HasColumn(const Schema& schema, std::string_view name) {
  return Find(schema, name).has_value();
}

Result<UserSql> ReadPredicate(const Schema& schema, std::string_view sql) {
  FIRN_TRY_ASSIGN(const std::vector<SqlPiece> pieces, SplitSql(sql));
  for (const SqlPiece& piece : pieces) {
    if (piece.kind == SqlPieceKind::kWord && IsOneOf(LowerCase(piece.name), {"select", "from"}))
      return Fail(ErrorKind::kUnsupported, fmt::format("the predicate '{}' holds a subquery", sql),
                  "A rule with `where` is answered in one pass over the rows; use CustomSql.");
    if (piece.kind == SqlPieceKind::kSymbol && piece.text == ";")
      return Fail(ErrorKind::kInvalidArgument, fmt::format("the predicate '{}' holds ';'", sql));
  }
  return UserSqlReader(schema, pieces).Read(false);
}

Result<UserSql> ReadStatement(const Schema& schema, std::string_view sql) {
  FIRN_TRY_ASSIGN(const std::vector<SqlPiece> pieces, SplitSql(TrimSql(sql)));
  for (const SqlPiece& piece : pieces)
    if (piece.kind == SqlPieceKind::kSymbol && piece.text == ";")
      return Fail(ErrorKind::kInvalidArgument, "CustomSql holds more than one statement");
  if (pieces.empty()) return Fail(ErrorKind::kInvalidArgument, "CustomSql holds no statement");
  return UserSqlReader(schema, pieces).Read(true);
}

}  // namespace firn
