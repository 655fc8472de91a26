#include "sql/statement.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cctype>
#include <optional>
#include <set>
#include <utility>

#include "sql/predicate.h"
#include "sql/syntax_tree.h"

namespace firn {
namespace {

constexpr size_t kLongestStatement = 262'144;  // bytes, as Athena's

constexpr std::array<std::string_view, 5> kTableFunctions = {"range", "generate_series", "unnest", "json_each",
                                                             "json_tree"};

// Functions that tell of or act on the machine, the process or the engine. External access is closed in the engine as
// well; this gives the clear answer.
constexpr std::array<std::string_view, 22> kRefusedFunctions = {"getenv",
                                                                "current_setting",
                                                                "getvariable",
                                                                "nextval",
                                                                "currval",
                                                                "sleep_ms",
                                                                "write_log",
                                                                "which_secret",
                                                                "parse_duckdb_log_message",
                                                                "json_serialize_plan",
                                                                "json_execute_serialized_sql",
                                                                "query",
                                                                "query_table",
                                                                "read_text",
                                                                "read_blob",
                                                                "glob",
                                                                "checkpoint",
                                                                "force_checkpoint",
                                                                "current_connection_id",
                                                                "current_query",
                                                                "current_query_id",
                                                                "sql_auto_complete"};
constexpr std::array<std::string_view, 5> kRefusedPrefixes = {"duckdb_", "pragma_", "__internal_", "test_", "read_"};

// Walks the whole tree, and stops at the first thing that is not allowed.
class Reader {
 public:
  Result<Statement> Read(const Json& node) {
    if (ListsTables(node)) return Statement{.text = {}, .tables = {}, .lists_tables = true};
    FIRN_TRY(Visit(node));
    for (StatementTable& table : statement_.tables) table.may_be_cte = ctes_.contains(LowerCase(table.name));
    return std::move(statement_);
  }

 private:
  static bool ListsTables(const Json& node) {
    const Json& from = Member(node, "from_table");
    return TypeOf(from) == "SHOW_REF" && Text(from, "show_type") == "SHOW_UNQUALIFIED" &&
           Text(from, "table_name") == "\"tables\"";
  }

  Status Visit(const Json& node) {
    if (node.is_object()) FIRN_TRY(Enter(node));
    for (const Json& child : node)
      if (child.is_structured()) FIRN_TRY(Visit(child));
    return {};
  }

  Status Enter(const Json& node) {
    const std::string_view type = TypeOf(node);
    if (node.contains("cte_map"))
      for (const Json& entry : Member(node.at("cte_map"), "map")) ctes_.insert(LowerCase(Text(entry, "key")));
    if (type == "RECURSIVE_CTE_NODE") ctes_.insert(LowerCase(Text(node, "cte_name")));
    if (type == "SELECT_NODE") return EnterSelect(node);
    if (type == "BASE_TABLE") return EnterTable(node);
    if (type == "TABLE_FUNCTION") return CheckTableFunction(Text(Member(node, "function"), "function_name"));
    if (type == "SHOW_REF") return CheckShow(node);
    if (node.contains("function_name")) return CheckFunction(Text(node, "function_name"));
    return {};
  }

  // The tables directly in a FROM, with what WHERE says of each.
  Status EnterSelect(const Json& select) {
    const std::vector<FromTable> from = TablesIn(select);
    for (const FromTable& table : from) {
      FIRN_TRY(CheckTable(*table.node));
      Add(Text(*table.node, "table_name"), {.where = ComparisonsOn(table, select)});
      seen_.insert(table.node);
    }
    return {};
  }

  Status EnterTable(const Json& node) {
    if (seen_.contains(&node)) return {};
    FIRN_TRY(CheckTable(node));
    Add(Text(node, "table_name"), {});
    return {};
  }

  static Status CheckTable(const Json& node) {
    const std::string name(Text(node, "table_name"));
    const std::string_view schema = Text(node, "schema_name");
    if (!schema.empty() || !Text(node, "catalog_name").empty())
      return Fail(ErrorKind::kUnsupported, fmt::format("tables have no schema: '{}.{}'", schema, name),
                  fmt::format("write '{}' alone", name));
    if (!Member(node, "at_clause").is_null())
      return Fail(ErrorKind::kUnsupported, fmt::format("AT is not offered: '{}'", name),
                  "a query reads the current snapshot");
    return {};
  }

  static Status CheckTableFunction(std::string_view name) {
    if (std::ranges::find(kTableFunctions, LowerCase(name)) != kTableFunctions.end()) return {};
    return Fail(ErrorKind::kUnsupported, fmt::format("the table function '{}' is not offered in queries", name),
                "a query reads tables only; `firn tables` lists them");
  }

  static Status CheckShow(const Json& node) {
    const std::string_view type = Text(node, "show_type");
    if ((type == "DESCRIBE" || type == "SUMMARY") && !Member(node, "query").is_null()) return {};
    return Fail(ErrorKind::kUnsupported, fmt::format("SHOW {} is not offered", Text(node, "table_name")),
                "SHOW TABLES, DESCRIBE table and SUMMARIZE table are");
  }

  static Status CheckFunction(std::string_view name) {
    const std::string lower = LowerCase(name);
    const bool refused =
        std::ranges::find(kRefusedFunctions, lower) != kRefusedFunctions.end() ||
        std::ranges::any_of(kRefusedPrefixes, [&](std::string_view prefix) { return lower.starts_with(prefix); });
    if (!refused) return {};
    return Fail(ErrorKind::kUnsupported, fmt::format("the function '{}' is not offered in queries", name),
                "a query may not look at or act on the machine");
  }

  void Add(std::string_view name, TableUse use) {
    const std::string lower = LowerCase(name);
    auto found =
        std::ranges::find(statement_.tables, lower, [](const StatementTable& table) { return LowerCase(table.name); });
    if (found == statement_.tables.end())
      found =
          statement_.tables.insert(found, StatementTable{.name = std::string(name), .may_be_cte = false, .uses = {}});
    found->uses.push_back(std::move(use));
  }

  Statement statement_;
  std::set<std::string> ctes_;
  std::set<const Json*> seen_;
};

std::string FirstWord(std::string_view sql) {
  std::string word;
  for (char c : sql.substr(std::min(sql.find_first_not_of(" \t\r\n;("), sql.size()))) {
    if (std::isalpha(static_cast<unsigned char>(c)) == 0) break;
    word += static_cast<char>(std::toupper(static_cast<unsigned char>(c)));
  }
  return word;
}

std::unexpected<Error> Refused(const Json& tree, std::string_view sql) {
  const std::string message(Text(tree, "error_message"));
  if (Text(tree, "error_type") != "not implemented")
    return Fail(ErrorKind::kInvalidArgument, message.empty() ? "not a statement" : message);
  const std::string word = FirstWord(sql);
  std::string hint = "SELECT, WITH, VALUES, DESCRIBE and SHOW TABLES are";
  if (word == "EXPLAIN") hint = "use `firn query --explain`";
  if (word == "PIVOT" || word == "UNPIVOT" || word == "SELECT" || word == "FROM" || word == "WITH")
    return Fail(ErrorKind::kUnsupported, "PIVOT and statements that change something are not offered in queries",
                "write a pivot as sum(x) FILTER (WHERE ...)");
  return Fail(ErrorKind::kUnsupported,
              fmt::format("a query only reads: {} is not offered", word.empty() ? "this statement" : word),
              std::move(hint));
}

// DuckDB writes a number beyond DOUBLE as Infinity, which is not JSON. In a text of the statement its quotes would have
// backslashes.
std::unexpected<Error> Unreadable(std::string_view tree) {
  if (tree.contains(R"("value":Infinity)") || tree.contains(R"("value":-Infinity)"))
    return Fail(ErrorKind::kInvalidArgument, "a number in the statement is beyond the range of DOUBLE (1.8e308)",
                "write a smaller one, or 'Infinity'::DOUBLE");
  return Fail(ErrorKind::kInternal, "the SQL engine gave a syntax tree that is not JSON");
}

// DESCRIBE and SUMMARIZE are statements of their own; as a FROM they can be part of a SELECT.
Result<std::string> RunnableText(SqlEngine& engine, const Json& node, std::string_view sql) {
  if (TypeOf(Member(node, "from_table")) != "SHOW_REF") return std::string(sql);
  FIRN_TRY_ASSIGN(const auto text,
                  engine.QueryText("SELECT json_deserialize_sql(json_serialize_sql(" + QuoteLiteral(sql) + "))"));
  return "SELECT * FROM (" + text.rows.at(0).at(0).value_or("") + ")";
}

}  // namespace

Result<Json> ParseStatement(SqlEngine& engine, std::string_view sql) {
  if (sql.size() > kLongestStatement)
    return Fail(ErrorKind::kInvalidArgument,
                fmt::format("the statement has {} bytes; at most {} are read", sql.size(), kLongestStatement));
  if (sql.contains('\0')) return Fail(ErrorKind::kInvalidArgument, "the statement holds a NUL character");
  FIRN_TRY_ASSIGN(const auto serialized,
                  engine.QueryText("SELECT CAST(json_serialize_sql(" + QuoteLiteral(sql) + ") AS VARCHAR)"));
  const std::string text = serialized.rows.at(0).at(0).value_or("");
  Json tree = Json::parse(text, nullptr, false);
  if (tree.is_discarded()) return Unreadable(text);
  if (Member(tree, "error") != false) return Refused(tree, sql);
  const Json& statements = Member(tree, "statements");
  if (statements.empty()) return Fail(ErrorKind::kInvalidArgument, "there is no statement", "write a SELECT");
  if (statements.size() > 1)
    return Fail(ErrorKind::kInvalidArgument, fmt::format("there are {} statements", statements.size()),
                "run one at a time");
  return tree;
}

Result<Statement> ReadStatement(SqlEngine& engine, std::string_view sql) {
  FIRN_TRY_ASSIGN(const Json tree, ParseStatement(engine, sql));
  const Json& node = Member(Member(tree, "statements")[0], "node");
  FIRN_TRY_ASSIGN(Statement statement, Reader().Read(node));
  FIRN_TRY_ASSIGN(statement.text, RunnableText(engine, node, sql));
  return statement;
}

Status CheckSyntax(SqlEngine& engine, std::string_view sql) {
  FIRN_TRY(ParseStatement(engine, sql));
  return {};
}

}  // namespace firn
