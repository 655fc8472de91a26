#include "pipeline/step_sql.h"

#include <arrow/type.h>
#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <cctype>
#include <set>

#include "base/check.h"
#include "base/nearest.h"
#include "pipeline/quality_column.h"
#include "pipeline/quality_sql.h"
#include "schema/names.h"
#include "sql/sql_engine.h"
#include "sql/syntax_tree.h"

namespace firn {
namespace {

// a.b -> "a"."b"
std::string QuotePath(std::string_view path) {
  std::string quoted;
  for (size_t from = 0; from <= path.size();) {
    const size_t dot = std::min(path.find('.', from), path.size());
    quoted += (quoted.empty() ? "" : ".") + QuoteIdentifier(path.substr(from, dot - from));
    from = dot + 1;
  }
  return quoted;
}

std::string KeyList(const DedupeStep& step) {
  std::vector<std::string> keys;
  if (step.within_partition) keys.emplace_back("__firn_part");
  for (const std::string& key : step.key) keys.push_back(QuotePath(key));
  return fmt::format("{}", fmt::join(keys, ", "));
}

std::string RenameList(const RenameStep& step) {
  std::vector<std::string> renames;
  for (const auto& [old_name, new_name] : step.columns)
    renames.push_back(QuoteIdentifier(old_name) + " AS " + QuoteIdentifier(new_name));
  return fmt::format("{}", fmt::join(renames, ", "));
}

// Appends the leaves of a struct as expression AS a_b_c.
void FlattenStruct(const std::string& expression, const std::string& name, const arrow::DataType& type,
                   std::vector<std::pair<std::string, std::string>>& out) {
  if (type.id() != arrow::Type::STRUCT) {
    out.emplace_back(expression, name);
    return;
  }
  for (const auto& field : type.fields())
    FlattenStruct(fmt::format("struct_extract({}, {})", expression, QuoteLiteral(field->name())),
                  name + "_" + field->name(), *field->type(), out);
}

Result<std::string> Flatten(const FlattenStep& step, const std::string& from, const arrow::Schema& schema) {
  for (const std::string& name : step.columns)
    if (const auto field = schema.GetFieldByName(name); !field || field->type()->id() != arrow::Type::STRUCT)
      return Fail(ErrorKind::kInvalidArgument, fmt::format("flatten: '{}' is no struct of the data", name),
                  SuggestFrom(name, schema.field_names()));
  std::vector<std::pair<std::string, std::string>> columns;
  for (const auto& field : schema.fields()) {
    const bool wanted = step.columns.empty() || std::ranges::find(step.columns, field->name()) != step.columns.end();
    if (wanted)
      FlattenStruct(QuoteIdentifier(field->name()), field->name(), *field->type(), columns);
    else
      columns.emplace_back(QuoteIdentifier(field->name()), field->name());
  }
  std::set<std::string> names;
  std::string list;
  for (const auto& [expression, name] : columns) {
    if (!names.insert(name).second)
      return Fail(ErrorKind::kInvalidArgument, fmt::format("flatten: two columns would be named '{}'", name),
                  "Rename one of them before flatten");
    list += (list.empty() ? "" : ", ") + expression + " AS " + QuoteIdentifier(name);
  }
  return fmt::format("SELECT {} FROM {}", list, from);
}

// A statement within parentheses; the line end is for remarks.
std::string Nested(std::string_view statement) {
  return fmt::format("({}\n)", TrimSql(statement));
}

// The statement with `input` given as a first WITH. Two WITHs in a row cannot be: those of the statement follow.
std::string WithInput(const std::string& input, std::string_view statement) {
  std::string_view rest = TrimSql(statement);
  const auto take = [&rest](std::string_view word) {
    const bool taken = LowerCase(rest.substr(0, word.size())) == word && rest.size() > word.size() &&
                       std::isspace(static_cast<unsigned char>(rest[word.size()])) != 0;
    if (taken) rest.remove_prefix(word.size());
    if (taken) rest.remove_prefix(std::min(rest.find_first_not_of(" \t\r\n"), rest.size()));
    return taken;
  };
  const bool with = take("with");
  const bool recursive = with && take("recursive");
  return fmt::format("WITH {}input AS ({}){} {}", recursive ? "RECURSIVE " : "", input, with ? "," : "", rest);
}

// Nested types of Hive have a spelling of their own; of the others, the engine knows the names.
std::string CastType(const std::string& type) {
  const Result<Type> hive = type.contains('<') ? ParseHiveType(type) : Result<Type>(std::unexpected(Error{}));
  return hive ? SqlTypeName(*hive) : type;
}

struct StepToSql {
  const std::string& from;
  const arrow::Schema& schema;

  // Ours come first and keep their names; those that a * brings once more get a number.
  Result<std::string> operator()(const SelectStep& step) const {
    return fmt::format(
        "SELECT COLUMNS(lambda c: NOT regexp_full_match(c, '__firn_(part|file|row)_[0-9]+')) FROM (SELECT {}, {}\n "
        "FROM "
        "{})",
        kHiddenColumns, fmt::join(step.expressions, "\n, "), from);
  }
  Result<std::string> operator()(const FilterStep& step) const {
    return fmt::format("SELECT * FROM {} WHERE ({}\n)", from, step.predicate);
  }
  Result<std::string> operator()(const FlattenStep& step) const { return Flatten(step, from, schema); }
  Result<std::string> operator()(const RenameStep& step) const {
    return fmt::format("SELECT * RENAME ({}) FROM {}", RenameList(step), from);
  }
  Result<std::string> operator()(const CastStep& step) const {
    std::vector<std::string> casts;
    for (const auto& [column, type] : step.columns)
      casts.push_back(fmt::format("CAST({0} AS {1}) AS {0}", QuoteIdentifier(column), CastType(type)));
    return fmt::format("SELECT * REPLACE ({}) FROM {}", fmt::join(casts, ", "), from);
  }
  Result<std::string> operator()(const SqlStep& step) const {
    return fmt::format(
        "WITH input AS ({}) SELECT *, 0::INTEGER AS __firn_part, 0::BIGINT AS __firn_file, "
        "row_number() OVER "
        "() AS __firn_row FROM {}",
        SelectVisible(from), Nested(step.statement));
  }
  Result<std::string> operator()(const ExpectStep&) const { return Unreachable(); }
  Result<std::string> operator()(const DedupeStep&) const { return Unreachable(); }
  static Result<std::string> Unreachable() {
    Check(false, "expect and dedupe are no plain SELECT");
    return std::string();
  }
};

// Follows the columns through the steps under the names that they have then.
class NameSearch {
 public:
  explicit NameSearch(Schema schema) : now_(std::move(schema)) {
    for (const Field& field : now_.fields) first_.push_back(field.name);
  }

  void operator()(const ExpectStep&) {}  // its rules run in an engine of their own
  void operator()(const DedupeStep&) {}
  void operator()(const SelectStep& step) {
    for (const std::string& expression : step.expressions) Read("SELECT " + expression);
  }
  void operator()(const FilterStep& step) { Read("SELECT " + step.predicate); }
  void operator()(const FlattenStep& step) {
    for (size_t i = 0; i < first_.size(); ++i)
      if (step.columns.empty() || std::ranges::find(step.columns, now_.fields[i].name) != step.columns.end())
        found_.insert(first_[i]);
  }
  void operator()(const RenameStep& step) {
    std::vector<Field> fields = now_.fields;
    for (const auto& [old_name, new_name] : step.columns)
      for (size_t i = 0; i < fields.size(); ++i)
        if (now_.fields[i].name == old_name) fields[i].name = new_name;
    now_.fields = std::move(fields);
  }
  void operator()(const CastStep& step) {
    for (const auto& [column, type] : step.columns) Find(column);
  }
  void operator()(const SqlStep& step) { Read(step.statement); }

  std::set<std::string> Found() && { return std::move(found_); }

 private:
  void Find(std::string_view name) {
    for (size_t i = 0; i < first_.size(); ++i)
      if (now_.fields[i].name == name) found_.insert(first_[i]);
  }
  void Read(std::string_view sql) {
    const Result<UserSql> read = ReadStatement(now_, sql);
    if (!read) found_.insert(first_.begin(), first_.end());  // the engine will say what is wrong with it
    if (read)
      for (const std::string& column : read->columns) Find(column);
  }

  Schema now_;
  std::vector<std::string> first_;  // the names before the first step
  std::set<std::string> found_;
};

// The type in DuckDB's spelling, with `number` in the place of every number.
std::string WithNumbersAs(const Type& type, const std::string& number) {
  if (IsNumber(type.kind)) return number;
  if (type.kind == TypeKind::kList) return WithNumbersAs(type.children.at(0).type, number) + "[]";
  if (type.kind != TypeKind::kStruct) return SqlTypeName(type);
  std::string fields;
  for (const Field& field : type.children)
    fields += fmt::format("{}{} {}", fields.empty() ? "" : ", ", QuoteIdentifier(field.name),
                          WithNumbersAs(field.type, number));
  return fmt::format("STRUCT({})", fields);
}

// The name that a column, or a field of a struct as a.b, has after a step. What other steps make of it, their SQL says.
std::string NameAfter(const Step& step, const std::string& name) {
  const size_t dot = std::min(name.find('.'), name.size());
  const std::string top = name.substr(0, dot);
  if (const auto* rename = std::get_if<RenameStep>(&step)) {
    const auto found = std::ranges::find(rename->columns, top, &std::pair<std::string, std::string>::first);
    return found == rename->columns.end() ? name : found->second + name.substr(dot);
  }
  const auto* flatten = std::get_if<FlattenStep>(&step);
  if (flatten == nullptr) return name;
  const bool taken = flatten->columns.empty() || std::ranges::find(flatten->columns, top) != flatten->columns.end();
  std::string flat = name;
  if (taken) std::ranges::replace(flat, '.', '_');
  return flat;
}

}  // namespace

std::string SelectVisible(const std::string& from) {
  return fmt::format("SELECT * EXCLUDE ({}) FROM {}", kHiddenColumns, from);
}

Result<CastStep> ExpandCasts(const CastStep& step, const Schema& schema) {
  CastStep expanded;
  for (const auto& [pattern, type] : step.columns) {
    if (!pattern.ends_with(".*")) {
      expanded.columns.emplace_back(pattern, type);
      continue;
    }
    const std::string name = pattern.substr(0, pattern.size() - 2);
    bool found = name == "*";
    std::vector<std::string> names;
    for (const Field& field : schema.fields) {
      names.push_back(field.name);
      if (field.type.kind != TypeKind::kStruct || (name != "*" && name != field.name)) continue;
      expanded.columns.emplace_back(field.name, WithNumbersAs(field.type, CastType(type)));
      found = true;
    }
    if (!found)
      return Fail(ErrorKind::kInvalidArgument, fmt::format("'{}' is no struct of the data", name),
                  SuggestFrom(name, names));
  }
  return expanded;
}

std::set<std::string> NamedColumns(const std::vector<Step>& steps, Schema schema) {
  NameSearch search(std::move(schema));
  for (const Step& step : steps) std::visit(search, step);
  return std::move(search).Found();
}

std::optional<DedupeStep> LastDedupe(const std::vector<Step>& steps) {
  std::optional<DedupeStep> last;
  for (const Step& step : steps) {
    if (const auto* dedupe = std::get_if<DedupeStep>(&step)) last = *dedupe;
    if (!last) continue;
    for (std::string& key : last->key) key = NameAfter(step, key);
    for (OrderColumn& by : last->by) by.column = NameAfter(step, by.column);
  }
  return last;
}

bool HasRulesAfterDedupe(const std::vector<Step>& steps) {
  bool deduped = false;
  for (const Step& step : steps) {
    deduped = deduped || std::holds_alternative<DedupeStep>(step);
    if (deduped && std::holds_alternative<ExpectStep>(step)) return true;
  }
  return false;
}

std::string OrderList(const std::vector<OrderColumn>& columns) {
  std::string list;
  for (const OrderColumn& column : columns)
    list += fmt::format("{}{} {} NULLS LAST", list.empty() ? "" : ", ", QuotePath(column.column),
                        column.descending ? "DESC" : "ASC");
  return list;
}

Result<std::string> SelectOf(const Step& step, const std::string& from, const arrow::Schema& schema) {
  return std::visit(StepToSql{from, schema}, step);
}

std::optional<std::string> SelectForNames(const Step& step, const std::string& from) {
  const std::string input = SelectVisible(from);
  if (const auto* select = std::get_if<SelectStep>(&step))
    return fmt::format("SELECT {}\n FROM ({})", fmt::join(select->expressions, "\n, "), input);
  if (const auto* rename = std::get_if<RenameStep>(&step))
    return fmt::format("SELECT * RENAME ({}) FROM ({})", RenameList(*rename), input);
  if (const auto* sql = std::get_if<SqlStep>(&step)) return WithInput(input, sql->statement);
  return std::nullopt;
}

std::string SelectLatest(const DedupeStep& step, const std::string& from) {
  const std::string order = OrderList(step.by);
  return fmt::format(
      "SELECT * FROM {} QUALIFY row_number() OVER (PARTITION BY {} ORDER BY {}{}__firn_file DESC, __firn_row DESC) = 1",
      from, KeyList(step), order, order.empty() ? "" : ", ");
}

std::string CountTies(const DedupeStep& step, const std::string& from) {
  const std::string order = OrderList(step.by);
  const std::string keys = KeyList(step);
  // Of the rows that share the first place of their key, each key has one second.
  return fmt::format(
      "SELECT count(*) FROM (SELECT rank() OVER best AS place, row_number() OVER best AS number FROM {2} WINDOW best "
      "AS (PARTITION BY {0}{1})) "
      "WHERE place = 1 AND number = 2",
      keys, order.empty() ? "" : " ORDER BY " + order, from);
}

}  // namespace firn
