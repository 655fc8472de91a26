#include "query/table_view.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <utility>
#include <vector>

#include "query/column_names.h"

namespace firn {
namespace {

// A name with a space is no table's and no column's of the catalog.
constexpr std::string_view kFileColumn = "firn file";

// The type in which SQL sees a column. Milliseconds fit TIMESTAMP, which more functions take.
Type ViewType(Type type) {
  if (type.kind == TypeKind::kNull) type.kind = TypeKind::kInt32;
  if (type.kind == TypeKind::kTimestamp && type.unit == TimeUnit::kMillis) type.unit = TimeUnit::kMicros;
  for (Field& child : type.children) child.type = ViewType(std::move(child.type));
  return type;
}

// DuckDB reads the numbers of JSON as doubles, and those hold 15 digits of any decimal.
bool HasWideDecimal(const Type& type) {
  if (type.kind == TypeKind::kDecimal) return type.precision > 15;
  return std::ranges::any_of(type.children, [](const Field& child) { return HasWideDecimal(child.type); });
}

// The JSON text in column `json` with its numbers in quotes, so that they are read as the text that they are. Each
// match is what stands before a number (whole strings, or anything else) and the number; the last one ends the text.
constexpr std::string_view kQuotedNumbers =
    R"sql(left(regexp_replace(json, '((?:"(?:[^"\\]|\\.)*"|[^"0-9-])*)(-?[0-9]+(?:\.[0-9]+)?(?:[eE][+-]?[0-9]+)?|$)', '\1"\2"', 'g'), -2))sql";

// "a/b" -> "/a~1b"
std::string JsonPointer(std::string_view name) {
  std::string pointer = "/";
  for (const char c : name) pointer += c == '~' ? "~0" : c == '/' ? "~1" : std::string(1, c);
  return pointer;
}

std::string TypeText(const Field& field) {
  return SqlTypeName(ViewType(field.type));
}

bool IsBytes(const Type& type) {
  return type.kind == TypeKind::kBinary || type.kind == TypeKind::kFixedBinary;
}

bool HasBytes(const Type& type) {
  return IsBytes(type) || std::ranges::any_of(type.children, [](const Field& child) { return HasBytes(child.type); });
}

// The type as CSV and JSON spell it: bytes are text there, in base64.
Type SpelledType(Type type) {
  if (IsBytes(type)) return Type{.kind = TypeKind::kString};
  for (Field& child : type.children) child.type = SpelledType(std::move(child.type));
  return type;
}

std::string SpelledTypeText(const Field& field) {
  return SqlTypeName(ViewType(SpelledType(field.type)));
}

std::string Decoded(const std::string& value, const Type& type, int depth);

std::string DecodedStruct(const std::string& value, const Type& type, int depth) {
  std::string fields;
  for (const Field& field : type.children)
    fields +=
        fmt::format("{}{}: {}", fields.empty() ? "" : ", ", QuoteLiteral(field.name),
                    Decoded(fmt::format("struct_extract({}, {})", value, QuoteLiteral(field.name)), field.type, depth));
  return fmt::format("CASE WHEN {} IS NULL THEN NULL ELSE {{{}}} END", value, fields);
}

// An expression for `value`, which has the spelled type, with its bytes decoded at every depth.
std::string Decoded(const std::string& value, const Type& type, int depth) {
  if (IsBytes(type)) return fmt::format("from_base64({})", value);
  if (!HasBytes(type)) return value;
  if (type.kind == TypeKind::kStruct) return DecodedStruct(value, type, depth);
  const std::string each = fmt::format("\"firn value {}\"", depth);
  if (type.kind == TypeKind::kList)
    return fmt::format("list_transform({}, lambda {}: {})", value, each,
                       Decoded(each, type.children.at(0).type, depth + 1));
  return fmt::format("map_from_entries(list_transform(map_entries({}), lambda {}: {{'key': {}, 'value': {}}}))", value,
                     each, Decoded(each + ".key", type.children.at(0).type, depth + 1),
                     Decoded(each + ".value", type.children.at(1).type, depth + 1));
}

// DuckDB drops the spaces around a name in a header, quoted or not.
std::string_view WithoutSpacesAround(std::string_view name) {
  const size_t start = std::min(name.find_first_not_of(' '), name.size());
  return name.substr(start, name.find_last_not_of(' ') + 1 - start);
}

bool IsTimeInNanos(const Type& type) {
  return type.kind == TypeKind::kTime && type.unit == TimeUnit::kNanos;
}

const std::string kNameless = "one without a name";

// The longest line that DuckDB reads with the buffers that it has by default; twice the line must fit one.
constexpr int64_t kLongestLine = 16'000'000;

// Builds the SELECT over files that are written in one way. Each format gives `reader` (a table function) and `columns`
// (an expression for each column of the catalog).
class SelectBuilder {
 public:
  // `number`: of this SELECT among those of the view.
  SelectBuilder(SqlEngine& engine, const TableRecord& table, const TableFiles& files, const TextLook& look,
                size_t number)
      : engine_(engine), table_(table), files_(files), look_(look), settings_(CsvSettingsOf(table)), number_(number) {
    for (const Field& field : table.schema.fields) {
      const bool is_key = std::ranges::find(table.partition_keys, field.name) != table.partition_keys.end();
      if (!is_key) fields_.push_back(field);
    }
  }

  Result<std::string> Build() {
    if (files_.partitions.empty()) return EmptySelect();
    if (fields_.empty() && !IsParquet(table_))
      return Fail(ErrorKind::kInvalidArgument, fmt::format("no columns of table '{}' are known", table_.name.str()),
                  "name them in the project file (`columns:`), crawl the table, or let a job write it");
    if (IsParquet(table_))
      FIRN_TRY(ReadParquet());
    else if (!look_.json)
      FIRN_TRY(ReadCsv());
    else if (std::ranges::any_of(fields_, [](const Field& f) { return HasWideDecimal(f.type); }))
      ReadJsonAsText();
    else
      ReadJson();
    return SelectWithKeys();
  }

 private:
  std::string EmptySelect() const {
    std::string list;
    for (const Field& field : fields_)
      list += fmt::format("CAST(NULL AS {}) AS {}, ", TypeText(field), QuoteIdentifier(field.name));
    for (const std::string& key : table_.partition_keys)
      list += fmt::format("CAST(NULL AS VARCHAR) AS {}, ", QuoteIdentifier(key));
    if (list.empty()) list = "NULL AS \"no columns\", ";
    return "SELECT " + list.substr(0, list.size() - 2) + " WHERE false";
  }

  [[nodiscard]] std::string PathList() const {
    std::string list;
    for (const TableFiles::Partition& partition : files_.partitions)
      for (const std::string& path : partition.paths) list += (list.empty() ? "[" : ", ") + QuoteLiteral(path);
    return list + "]";
  }

  // With the schema given, no file is opened before its rows are wanted, and columns have names of ours, so that none
  // hides the engine's own file_index.
  Status ReadParquet() {
    FIRN_TRY(CheckFileNames(engine_, table_, files_));
    file_key_ = "file_index";
    if (fields_.empty()) {
      reader_ = fmt::format("read_parquet({}, hive_partitioning = false, union_by_name = true)", PathList());
      columns_ = {"*"};
      return {};
    }
    std::string schema;
    for (size_t i = 0; i < fields_.size(); ++i) {
      const bool nanos = IsTimeInNanos(fields_[i].type);
      schema += fmt::format("{}{}: {{'name': 'c{}', 'type': {}, 'default_value': NULL}}", i == 0 ? "" : ", ",
                            QuoteLiteral(fields_[i].name), i, QuoteLiteral(nanos ? "TIME_NS" : TypeText(fields_[i])));
      columns_.push_back(fmt::format("{} AS {}", nanos ? FloorToMicros(fmt::format("c{}", i)) : fmt::format("c{}", i),
                                     QuoteIdentifier(fields_[i].name)));
    }
    reader_ = fmt::format("read_parquet({}, hive_partitioning = false, schema = MAP {{{}}})", PathList(), schema);
    return {};
  }

  // DuckDB's own cast rounds, and makes 24:00:00 of the last nanosecond of a day. The text ends behind the sixth digit.
  static std::string FloorToMicros(const std::string& time) {
    return fmt::format("CAST(left(CAST({} AS VARCHAR), 15) AS TIME)", time);
  }

  [[nodiscard]] std::unexpected<Error> CannotTellApart(const std::string& name, const std::string& other) const {
    return Fail(ErrorKind::kUnsupported,
                fmt::format("the header of CSV cannot tell the column '{}' of table '{}' from {}", name,
                            table_.name.str(), other),
                "rename it in a job's steps, or write the table as Parquet");
  }

  // Every value is read as text and cast by the catalog's type, so that nothing is guessed.
  Status ReadCsv() {
    for (const Field& field : fields_)
      if (field.name.empty()) return CannotTellApart(field.name, kNameless);
    const std::string quote = QuoteLiteral(std::string(1, settings_.quote));
    const std::string dialect = fmt::format(
        "delim = {}, quote = {}, escape = {}, nullstr = {}, allow_quoted_nulls = false, hive_partitioning = false, "
        "filename = '{}', comment = '', skip = 0, max_line_size = {}, buffer_size = {}",
        QuoteLiteral(std::string(1, look_.delimiter)), quote, quote, QuoteLiteral(settings_.null_text), kFileColumn,
        kLongestLine, 2 * kLongestLine);
    std::map<std::string, std::string> sources;  // column of the catalog -> of the reader
    if (look_.columns.empty() && look_.header) {
      reader_ =
          fmt::format("read_csv({}, header = true, all_varchar = true, union_by_name = true, {})", PathList(), dialect);
      FIRN_TRY_ASSIGN(const auto found, engine_.Describe("SELECT * FROM " + reader_));
      FIRN_TRY_ASSIGN(sources, FindInHeader(found));
    } else {
      std::vector<std::string> names = look_.columns;
      if (names.empty())
        for (const Field& field : fields_) names.push_back(field.name);
      std::string types;
      for (size_t i = 0; i < names.size(); ++i) {
        types += fmt::format("{}'c{}': 'VARCHAR'", i == 0 ? "" : ", ", i);
        sources[names[i]] = fmt::format("c{}", i);
      }
      reader_ = fmt::format("read_csv({}, header = {}, auto_detect = false, columns = {{{}}}, {})", PathList(),
                            look_.header, types, dialect);
    }
    for (const Field& field : fields_)
      columns_.push_back(FromText(field, sources, true) + " AS " + QuoteIdentifier(field.name));
    file_key_ = QuoteIdentifier(kFileColumn);
    return {};
  }

  // Which column of the reader holds each field.
  Result<std::map<std::string, std::string>> FindInHeader(const std::vector<SqlColumn>& found) const {
    std::map<std::string, std::string> named;  // as the reader spells it -> field
    std::map<std::string, std::string> sources;
    for (const Field& field : fields_) {
      const std::string_view bare = WithoutSpacesAround(field.name);
      const auto [other, is_new] = named.emplace(bare, field.name);
      if (bare.empty() || !is_new)
        return CannotTellApart(field.name, bare.empty() ? kNameless : "'" + other->second + "'");
      if (std::ranges::find(found, bare, &SqlColumn::name) != found.end()) sources[field.name] = std::string(bare);
    }
    return sources;
  }

  // An empty text of CSV is NULL where the type has none.
  static std::string FromText(const Field& field, const std::map<std::string, std::string>& sources, bool csv) {
    const std::string type = TypeText(field);
    const auto source = sources.find(field.name);
    if (source == sources.end()) return fmt::format("CAST(NULL AS {})", type);
    std::string column = QuoteIdentifier(source->second);
    if (csv && type != "BLOB" && type != "VARCHAR") column = fmt::format("nullif({}, '')", column);
    if (!field.type.children.empty())
      return Decoded(fmt::format("CAST(CAST({} AS JSON) AS {})", column, SpelledTypeText(field)), field.type, 0);
    if (type == "BLOB") return Decoded(column, field.type, 0);
    if (type == "VARCHAR") return column;
    return fmt::format("CAST({} AS {})", column, type);
  }

  // Files of others may hold an array, or objects on several lines.
  [[nodiscard]] std::string_view JsonForm() const {
    return files_.scan.snapshot.empty() ? "auto" : "newline_delimited";
  }

  void ReadJson() {
    std::string columns;
    for (const Field& field : fields_) {
      const std::string name = QuoteIdentifier(field.name);
      columns += fmt::format("{}{}: {}", columns.empty() ? "" : ", ", QuoteLiteral(field.name),
                             QuoteLiteral(SpelledTypeText(field)));
      columns_.push_back(fmt::format("{} AS {}", Decoded(name, field.type, 0), name));
    }
    reader_ = fmt::format("read_json({}, format = '{}', hive_partitioning = false, filename = '{}', columns = {{{}}})",
                          PathList(), JsonForm(), kFileColumn, columns);
    file_key_ = QuoteIdentifier(kFileColumn);
  }

  // Slower, and exact: the values of a line as a list of texts, each cast by the catalog's type.
  void ReadJsonAsText() {
    std::string pointers;
    for (const Field& field : fields_) {
      const size_t number = columns_.size() + 1;
      pointers += (pointers.empty() ? "" : ", ") + QuoteLiteral(JsonPointer(field.name));
      columns_.push_back(FromText(field, {{field.name, fmt::format("v{}", number)}}, false) + " AS " +
                         QuoteIdentifier(field.name));
    }
    std::string values;
    for (size_t i = 1; i <= fields_.size(); ++i) values += fmt::format("r[{}] AS v{}, ", i, i);
    reader_ = fmt::format(
        "(SELECT {0}\"{1}\" FROM (SELECT json_extract_string({2}, [{3}]) AS r, \"{1}\" FROM read_json_objects({4}, "
        "format = '{5}', hive_partitioning = false, filename = '{1}')))",
        values, kFileColumn, kQuotedNumbers, pointers, PathList(), JsonForm());
    file_key_ = QuoteIdentifier(kFileColumn);
  }

  // The partition keys of one partition are constants; those of several are joined by file.
  Result<std::string> SelectWithKeys() {
    std::string list;
    for (const std::string& column : columns_) list += column + ", ";
    std::string from = reader_;
    const bool joined = files_.partitions.size() > 1 && !table_.partition_keys.empty();
    for (size_t i = 0; i < table_.partition_keys.size(); ++i) {
      const std::string value =
          joined ? fmt::format("\"firn key {}\"", i) : Literal(files_.partitions[0].values.values.at(i));
      list += fmt::format("CAST({} AS VARCHAR) AS {}, ", value, QuoteIdentifier(table_.partition_keys[i]));
    }
    if (joined) {
      FIRN_TRY_ASSIGN(const std::string keys, MakeKeyTable());
      from += fmt::format(" AS f JOIN {} AS k ON f.{} = k.\"firn id\"", keys, file_key_);
    }
    return fmt::format("SELECT {} FROM {}", list.substr(0, list.size() - 2), from);
  }

  static std::string Literal(const std::string& value) {
    const auto text = SqlValue(value);
    return text ? QuoteLiteral(*text) : "NULL";
  }

  // A row for each file: its index or path, then the values of its partition. One JSON text is much faster to read than
  // a VALUES list of 10,000 rows.
  Result<std::string> MakeKeyTable() {
    Json rows = Json::array();
    for (const TableFiles::Partition& partition : files_.partitions)
      for (const std::string& path : partition.paths) {
        Json row = Json::array({file_key_ == "file_index" ? std::to_string(rows.size()) : path});
        for (const std::string& value : partition.values.values) row.push_back(SqlValue(value) ? Json(value) : Json());
        rows.push_back(std::move(row));
      }
    std::string name = QuoteIdentifier(fmt::format("firn keys {} of {}", number_, table_.name.str()));
    std::string list = file_key_ == "file_index" ? "CAST(r[1] AS UBIGINT) AS \"firn id\"" : "r[1] AS \"firn id\"";
    for (size_t i = 0; i < table_.partition_keys.size(); ++i)
      list += fmt::format(", r[{}] AS \"firn key {}\"", i + 2, i);
    FIRN_TRY(engine_.Execute(
        fmt::format("CREATE TEMP TABLE {} AS SELECT {} FROM (SELECT unnest(from_json({}, '[[\"VARCHAR\"]]')) AS r)",
                    name, list, QuoteLiteral(rows.dump(-1, ' ', false, Json::error_handler_t::replace)))));
    return name;
  }

  SqlEngine& engine_;
  const TableRecord& table_;
  const TableFiles& files_;
  const TextLook& look_;
  const CsvSettings settings_;
  const size_t number_;
  std::vector<Field> fields_;
  std::string reader_;
  std::string file_key_;
  std::vector<std::string> columns_;
};

// The look of all files of a table that says how they are written.
TextLook DeclaredLook(const TableRecord& table) {
  const CsvSettings settings = CsvSettingsOf(table);
  return {.json = table.format == "json",
          .delimiter = settings.delimiter.value_or(','),
          .header = settings.header.value_or(true)};
}

// Files of each look by themselves; those without a record are left out.
std::map<TextLook, TableFiles> ByLook(const TableFiles& files) {
  std::map<TextLook, TableFiles> groups;
  for (const TableFiles::Partition& partition : files.partitions)
    for (const std::string& path : partition.paths) {
      const TextLook& look = files.looks.at(path);
      if (look.nothing) continue;
      TableFiles& group = groups[look];
      group.scan = files.scan;
      if (group.partitions.empty() || group.partitions.back().values != partition.values)
        group.partitions.push_back({.values = partition.values, .paths = {}});
      group.partitions.back().paths.push_back(path);
    }
  return groups;
}

Result<std::string> SelectOf(SqlEngine& engine, const TableRecord& table, const TableFiles& files) {
  if (files.looks.empty()) return SelectBuilder(engine, table, files, DeclaredLook(table), 0).Build();
  const auto groups = ByLook(files);
  if (groups.empty()) return SelectBuilder(engine, table, {}, DeclaredLook(table), 0).Build();
  std::string united;
  size_t number = 0;
  for (const auto& [look, group] : groups) {
    FIRN_TRY_ASSIGN(const std::string select, SelectBuilder(engine, table, group, look, number++).Build());
    united += (united.empty() ? "" : " UNION ALL ") + select;
  }
  return united;
}

}  // namespace

Status CreateTableView(SqlEngine& engine, const TableRecord& table, const TableFiles& files) {
  FIRN_TRY(CheckColumnNames(table));
  const bool readable = IsParquet(table) || table.format == "csv" || table.format == "json" || table.format == "text";
  if (!readable && !files.partitions.empty())
    return Fail(ErrorKind::kUnsupported,
                fmt::format("'{}' is a table of {} files, which cannot be queried", table.name.str(), table.format),
                table.format == "dynamodb_json" ? "let a job read it and write a table of parquet: that one can"
                                                : "parquet, csv and json can");
  FIRN_TRY_ASSIGN(const std::string select, SelectOf(engine, table, files));
  return engine.Execute(fmt::format("CREATE VIEW {} AS {}", QuoteIdentifier(table.name.str()), select));
}

}  // namespace firn
