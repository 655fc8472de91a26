#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/json.h"
#include "base/result.h"
#include "sql/sql_engine.h"

namespace firn {

// `column OP 'text'`: a comparison with text constants, as SQL compares texts: by bytes.
struct ColumnComparison {
  enum class Op { kEqual, kNotEqual, kLess, kLessOrEqual, kGreater, kGreaterOrEqual, kIn };
  std::string column;  // lower case
  Op op = Op::kEqual;
  std::vector<std::string> values;  // one; several for kIn
};

// One place where a statement reads a table. A row of it for which one of `where` is not true cannot change the answer.
struct TableUse {
  std::vector<ColumnComparison> where;
};

struct StatementTable {
  std::string name;         // as the statement spells it
  bool may_be_cte = false;  // a WITH of the statement gives this name too
  std::vector<TableUse> uses;
};

// What a user's statement reads.
struct Statement {
  std::string text;                    // to be run: a SELECT that means what was asked
  std::vector<StatementTable> tables;  // each once; names compare without case
  bool lists_tables = false;           // SHOW TABLES, and nothing else
};

// Reads a statement that comes from outside, without running or binding it, and refuses what is not a question about
// tables: kUnsupported for statements other than SELECT, WITH, VALUES, DESCRIBE, SUMMARIZE and SHOW TABLES, for table
// functions (files, settings, the engine's catalog) but range, generate_series, unnest, json_each and json_tree, for
// functions that look at or act on the machine or the engine, for table names with a schema, and for AT;
// kInvalidArgument for what is not SQL. Whether the tables exist is the caller's question: a name that is no table of
// its own must not reach the engine, where a file's name is a table too.
[[nodiscard]] Result<Statement> ReadStatement(SqlEngine& engine, std::string_view sql);

// DuckDB's syntax tree of one statement, for syntax_tree.h; nothing is run or bound. The same errors for what is not
// SQL.
[[nodiscard]] Result<Json> ParseStatement(SqlEngine& engine, std::string_view sql);

// Whether it is one statement that asks, and nothing more: tables and functions are not looked at. The same errors.
[[nodiscard]] Status CheckSyntax(SqlEngine& engine, std::string_view sql);

}  // namespace firn
