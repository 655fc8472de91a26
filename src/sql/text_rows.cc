#include "sql/text_rows.h"

#include <fmt/format.h>

#include <utility>

namespace firn {
namespace {

class ChunkRows final : public TextRows {
 public:
  ChunkRows(std::shared_ptr<Connection> connection, DuckDbStatement statement, std::vector<SqlColumn> columns)
      : connection_(std::move(connection)), statement_(std::move(statement)), columns_(std::move(columns)) {}

  Status Start() { return connection_->Start(statement_.get(), result_); }
  const std::vector<SqlColumn>& columns() const override { return columns_; }

  Result<std::vector<Row>> Next() override {
    FIRN_TRY_ASSIGN(const DuckDbChunk chunk, connection_->Fetch(result_));
    if (chunk == nullptr) return std::vector<Row>();
    std::vector<Row> rows(DuckDb().duckdb_data_chunk_get_size(chunk.get()), Row(columns_.size()));
    for (idx_t column = 0; column < columns_.size(); ++column) ReadColumn(chunk.get(), column, rows);
    return rows;
  }

 private:
  static void ReadColumn(duckdb_data_chunk chunk, idx_t column, std::vector<Row>& rows) {
    duckdb_vector vector = DuckDb().duckdb_data_chunk_get_vector(chunk, column);
    auto* texts = static_cast<duckdb_string_t*>(DuckDb().duckdb_vector_get_data(vector));
    uint64_t* validity = DuckDb().duckdb_vector_get_validity(vector);
    for (idx_t row = 0; row < rows.size(); ++row)
      if (validity == nullptr || DuckDb().duckdb_validity_row_is_valid(validity, row))
        rows[row][column] =
            std::string(DuckDb().duckdb_string_t_data(&texts[row]), DuckDb().duckdb_string_t_length(texts[row]));
  }

  std::shared_ptr<Connection> connection_;
  DuckDbStatement statement_;
  DuckDbResult result_;
  std::vector<SqlColumn> columns_;
};

bool AllText(duckdb_prepared_statement statement) {
  for (idx_t i = 0; i < DuckDb().duckdb_prepared_statement_column_count(statement); ++i)
    if (DuckDb().duckdb_prepared_statement_column_type(statement, i) != DUCKDB_TYPE_VARCHAR) return false;
  return true;
}

std::string NameOf(duckdb_prepared_statement statement, idx_t column) {
  char* text = const_cast<char*>(DuckDb().duckdb_prepared_statement_column_name(statement, column));
  std::string name = text == nullptr ? "" : text;
  DuckDb().duckdb_free(text);
  return name;
}

Result<std::vector<SqlColumn>> ColumnsOf(const std::shared_ptr<Connection>& connection,
                                         duckdb_prepared_statement statement, const std::string& view) {
  FIRN_TRY_ASSIGN(const auto described, StartTextRows(connection, "DESCRIBE " + view));
  FIRN_TRY_ASSIGN(const auto rows, described->Next());
  std::vector<SqlColumn> columns;
  for (idx_t i = 0; i < rows.size(); ++i) columns.push_back({NameOf(statement, i), rows[i][1].value_or("")});
  return columns;
}

std::string CastsOf(const std::vector<SqlColumn>& columns) {
  std::string casts;
  for (size_t i = 0; i < columns.size(); ++i) {
    if (i > 0) casts += ", ";
    casts += IsNestedSqlType(columns[i].type) ? fmt::format("CAST(to_json(c{}) AS VARCHAR)", i)
                                              : fmt::format("CAST(c{} AS VARCHAR)", i);
  }
  return casts;
}

}  // namespace

Result<std::string> MakeView(Connection& connection, std::string_view sql, idx_t columns) {
  std::string view = connection.NewName("view");
  std::string names;
  for (idx_t i = 0; i < columns; ++i) names += fmt::format("{}c{}", i == 0 ? "" : ", ", i);
  FIRN_TRY(connection.Execute(fmt::format("CREATE TEMP VIEW {}({}) AS\n{}", view, names, sql)));
  return view;
}

Result<std::vector<SqlColumn>> DescribeStatement(const std::shared_ptr<Connection>& connection, std::string_view sql) {
  FIRN_TRY_ASSIGN(const DuckDbStatement statement, connection->Prepare(sql));
  FIRN_TRY_ASSIGN(const std::string view,
                  MakeView(*connection, sql, DuckDb().duckdb_prepared_statement_column_count(statement.get())));
  return ColumnsOf(connection, statement.get(), view);
}

Result<std::unique_ptr<TextRows>> StartTextRows(std::shared_ptr<Connection> connection, std::string_view sql) {
  FIRN_TRY_ASSIGN(DuckDbStatement statement, connection->Prepare(sql));
  std::vector<SqlColumn> columns;
  if (AllText(statement.get())) {
    for (idx_t i = 0; i < DuckDb().duckdb_prepared_statement_column_count(statement.get()); ++i)
      columns.push_back({NameOf(statement.get(), i), "VARCHAR"});
  } else {
    FIRN_TRY_ASSIGN(const std::string view,
                    MakeView(*connection, sql, DuckDb().duckdb_prepared_statement_column_count(statement.get())));
    FIRN_TRY_ASSIGN(columns, ColumnsOf(connection, statement.get(), view));
    FIRN_TRY_ASSIGN(statement, connection->Prepare(fmt::format("SELECT {} FROM {}", CastsOf(columns), view)));
  }
  auto rows = std::make_unique<ChunkRows>(std::move(connection), std::move(statement), std::move(columns));
  FIRN_TRY(rows->Start());
  return rows;
}

}  // namespace firn
