#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"

namespace firn {

enum class SqlPieceKind {
  kWord,        // a key word or a name without quotes
  kQuotedName,  // "x" or `x`
  kBlank,       // white space and comments
  kOther,       // texts and numbers
  kSymbol,      // one character
};

struct SqlPiece {
  SqlPieceKind kind = SqlPieceKind::kBlank;
  std::string_view text;  // as written; all texts together are the SQL
  std::string name;       // kWord, kQuotedName: without quotes
};

// Cuts SQL into pieces, well enough to tell names from texts and comments. kInvalidArgument when a quote, a comment or
// a parenthesis stays open.
[[nodiscard]] Result<std::vector<SqlPiece>> SplitSql(std::string_view sql);

// The SQL without blanks and remarks around it, and without `;` at its end. As it is when it cannot be cut into pieces.
[[nodiscard]] std::string_view TrimSql(std::string_view sql);

}  // namespace firn
