#include <arrow/c/abi.h>
#include <fmt/format.h>

#include <utility>

#include "sql/arrow_result.h"
#include "sql/arrow_table.h"
#include "sql/connection.h"
#include "sql/sql_engine.h"
#include "sql/text_rows.h"

namespace firn {
namespace {

// Types of DuckDB that Arrow knows only as opaque bytes, and what they come out as instead.
std::string_view ArrowCast(duckdb_type type) {
  switch (type) {
    case DUCKDB_TYPE_HUGEINT:
    case DUCKDB_TYPE_UHUGEINT:
      return "DECIMAL(38,0)";
    case DUCKDB_TYPE_BIT:
    case DUCKDB_TYPE_TIME_TZ:
    case DUCKDB_TYPE_BIGNUM:
      return "VARCHAR";
    default:
      return "";
  }
}

class DuckDbEngine final : public SqlEngine {
 public:
  explicit DuckDbEngine(std::shared_ptr<Connection> connection) : connection_(std::move(connection)) {}

  Status RegisterStream(std::string_view name, ArrowStream stream) override {
    return RegisterArrowTable(*connection_, name, std::move(stream));
  }
  Status RegisterSource(std::string_view name, ArrowStream like, OpenColumns open) override {
    return RegisterArrowSource(*connection_, name, std::move(like), std::move(open));
  }
  Status Execute(std::string_view sql) override { return connection_->Execute(sql); }
  Result<std::unique_ptr<TextRows>> OpenText(std::string_view sql) override { return StartTextRows(connection_, sql); }
  Result<std::vector<SqlColumn>> Describe(std::string_view sql) override { return DescribeStatement(connection_, sql); }
  void Interrupt() override { connection_->Stop(); }

  Result<ArrowStream> Query(std::string_view sql) override {
    FIRN_TRY_ASSIGN(DuckDbStatement statement, PrepareForArrow(sql));
    return StartArrowResult(connection_, std::move(statement));
  }

  Result<ArrowStream> ColumnsOf(std::string_view sql) override {
    FIRN_TRY_ASSIGN(DuckDbStatement statement, PrepareForArrow(sql));
    return ArrowColumns(connection_, std::move(statement));
  }

  Result<TextTable> QueryText(std::string_view sql) override {
    FIRN_TRY_ASSIGN(const auto rows, OpenText(sql));
    TextTable table;
    for (const SqlColumn& column : rows->columns()) table.columns.push_back(column.name);
    while (true) {
      FIRN_TRY_ASSIGN(auto some, rows->Next());
      if (some.empty()) return table;
      for (TextRows::Row& row : some) table.rows.push_back(std::move(row));
    }
  }

 private:
  Result<DuckDbStatement> PrepareForArrow(std::string_view sql) {
    FIRN_TRY_ASSIGN(DuckDbStatement statement, connection_->Prepare(sql));
    FIRN_TRY_ASSIGN(const std::string casts, CastsFor(statement.get()));
    if (casts.empty()) return statement;
    FIRN_TRY_ASSIGN(const std::string view,
                    MakeView(*connection_, sql, DuckDb().duckdb_prepared_statement_column_count(statement.get())));
    return connection_->Prepare(fmt::format("SELECT {} FROM {}", casts, view));
  }

  // "" when every column can go to Arrow as it is; else the select list over the statement's view.
  static Result<std::string> CastsFor(duckdb_prepared_statement statement) {
    std::string list;
    bool needed = false;
    for (idx_t i = 0; i < DuckDb().duckdb_prepared_statement_column_count(statement); ++i) {
      const std::string_view cast = ArrowCast(DuckDb().duckdb_prepared_statement_column_type(statement, i));
      char* name = const_cast<char*>(DuckDb().duckdb_prepared_statement_column_name(statement, i));
      const std::string quoted = QuoteIdentifier(name == nullptr ? "" : name);
      DuckDb().duckdb_free(name);
      if (!list.empty()) list += ", ";
      list +=
          cast.empty() ? fmt::format("c{} AS {}", i, quoted) : fmt::format("CAST(c{} AS {}) AS {}", i, cast, quoted);
      needed = needed || !cast.empty();
    }
    return needed ? list : "";
  }

  std::shared_ptr<Connection> connection_;
};

}  // namespace

ArrowStream::ArrowStream() : stream_(std::make_unique<ArrowArrayStream>()) {}
ArrowStream::ArrowStream(ArrowStream&&) noexcept = default;

ArrowStream& ArrowStream::operator=(ArrowStream&& other) noexcept {
  std::swap(stream_, other.stream_);
  return *this;
}

ArrowStream::~ArrowStream() {
  if (stream_ != nullptr && stream_->release != nullptr) stream_->release(stream_.get());
}

Result<std::unique_ptr<SqlEngine>> SqlEngine::Open(const SqlOptions& options) {
  FIRN_TRY_ASSIGN(auto connection, Connection::Open(options));
  return std::make_unique<DuckDbEngine>(std::move(connection));
}

}  // namespace firn
