#include "sql/connection.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>
#include <vector>

#include "sql/duckdb_error.h"
#include "sql/text_functions.h"

namespace firn {
namespace {

std::vector<std::pair<std::string, std::string>> ConfigOf(const SqlOptions& options) {
  std::vector<std::pair<std::string, std::string>> config = {
      {"threads", std::to_string(std::max(options.threads, 1))},
      {"autoinstall_known_extensions", "false"},
      {"autoload_known_extensions", "false"},
      {"allow_community_extensions", "false"},
      {"preserve_insertion_order", "true"},
      {"temp_directory", options.temp_folder},
      {"custom_user_agent", "firn"},
  };
  if (options.memory_bytes > 0) config.emplace_back("memory_limit", fmt::format("{}B", options.memory_bytes));
  return config;
}

std::string ListOf(const std::vector<std::string>& paths) {
  std::string list = "[";
  for (const std::string& path : paths) {
    if (list.size() > 1) list += ", ";
    list += QuoteLiteral(path);
  }
  return list + "]";
}

Status OpenDatabase(const SqlOptions& options, duckdb_database* database) {
  duckdb_config config = nullptr;
  if (DuckDb().duckdb_create_config(&config) != DuckDBSuccess)
    return Fail(ErrorKind::kInternal, "DuckDB made no configuration");
  Status status;
  for (const auto& [name, value] : ConfigOf(options))
    if (status.has_value() && DuckDb().duckdb_set_config(config, name.c_str(), value.c_str()) != DuckDBSuccess)
      status = Fail(ErrorKind::kInvalidArgument, fmt::format("the SQL engine refuses {} = '{}'", name, value));
  char* message = nullptr;
  if (status.has_value() && DuckDb().duckdb_open_ext(nullptr, database, config, &message) != DuckDBSuccess)
    status = std::unexpected(FromDuckDb(DUCKDB_ERROR_INVALID, message == nullptr ? "no reason given" : message)
                                 .Within("cannot start the SQL engine"));
  DuckDb().duckdb_free(message);
  DuckDb().duckdb_destroy_config(&config);
  return status;
}

}  // namespace

Result<std::shared_ptr<Connection>> Connection::Open(const SqlOptions& options) {
  FIRN_TRY(LoadDuckDb());
  std::shared_ptr<Connection> connection(new Connection());
  FIRN_TRY(OpenDatabase(options, &connection->database_));
  if (DuckDb().duckdb_connect(connection->database_, &connection->connection_) != DuckDBSuccess ||
      DuckDb().duckdb_connect(connection->database_, &connection->second_) != DuckDBSuccess)
    return Fail(ErrorKind::kInternal, "cannot connect to the SQL engine");
  connection->threads_ = std::max(options.threads, 1);
  FIRN_TRY(connection->Configure(options));
  return connection;
}

Status Connection::DefineFunctions(int64_t now_ns) {
  FIRN_TRY(DefineTextFunctions(*this));
  if (now_ns == 0) return {};
  FIRN_TRY(Execute(fmt::format("CREATE MACRO now() AS make_timestamptz({}::BIGINT)", now_ns / 1000)));
  // By the names under which DuckDB looks up current_timestamp and the like.
  for (const std::string_view name : {"get_current_timestamp", "transaction_timestamp"})
    FIRN_TRY(Execute(fmt::format("CREATE MACRO {}() AS now()", name)));
  for (const std::string_view name : {"today", "current_date"})
    FIRN_TRY(Execute(fmt::format("CREATE MACRO {}() AS CAST(now() AS DATE)", name)));
  FIRN_TRY(Execute("CREATE MACRO current_localtimestamp() AS CAST(now() AS TIMESTAMP)"));
  FIRN_TRY(Execute("CREATE MACRO current_localtime() AS CAST(CAST(now() AS TIMESTAMP) AS TIME)"));
  return Execute("CREATE MACRO get_current_time() AS CAST(now() AS TIMETZ)");
}

// The doors are closed last: allowed_paths can only be set before, and nothing can be set after.
Status Connection::Configure(const SqlOptions& options) {
  if (auto zone = Execute("SET TimeZone = " + QuoteLiteral(options.time_zone)); !zone)
    return Fail(ErrorKind::kInvalidArgument, fmt::format("no time zone '{}'", options.time_zone),
                "use an IANA name, such as America/Sao_Paulo or UTC");
  FIRN_TRY(Execute("SET arrow_lossless_conversion = true"));
  if (!options.readable_files.empty()) FIRN_TRY(Execute("SET allowed_paths = " + ListOf(options.readable_files)));
  FIRN_TRY(DefineFunctions(options.now_ns));
  FIRN_TRY(Execute("SET enable_external_access = false"));
  return Execute("SET lock_configuration = true");
}

Connection::~Connection() {
  if (connection_ != nullptr) DuckDb().duckdb_disconnect(&connection_);
  if (second_ != nullptr) DuckDb().duckdb_disconnect(&second_);
  if (database_ != nullptr) DuckDb().duckdb_close(&database_);
}

Status Connection::CheckNotStopped() const {
  if (stopped()) return std::unexpected(FromDuckDb(DUCKDB_ERROR_INTERRUPT, ""));
  return {};
}

Status Connection::Execute(std::string_view sql) {
  FIRN_TRY_ASSIGN(const DuckDbStatement statement, Prepare(sql));
  DuckDbResult result;
  FIRN_TRY(Start(statement.get(), result));
  while (true) {
    FIRN_TRY_ASSIGN(const DuckDbChunk chunk, Fetch(result));
    if (chunk == nullptr) return {};
  }
}

Result<DuckDbStatement> Connection::Prepare(std::string_view sql) {
  FIRN_TRY(CheckNotStopped());
  if (sql.contains('\0')) return Fail(ErrorKind::kInvalidArgument, "the statement holds a NUL character");
  duckdb_prepared_statement raw = nullptr;
  const duckdb_state state = DuckDb().duckdb_prepare(connection_, std::string(sql).c_str(), &raw);
  DuckDbStatement statement(raw);
  if (state == DuckDBSuccess) return statement;
  const char* message = DuckDb().duckdb_prepare_error(raw);
  return std::unexpected(FromDuckDb(DUCKDB_ERROR_INVALID, message == nullptr ? "not a statement" : message));
}

Status Connection::Start(duckdb_prepared_statement statement, DuckDbResult& result) {
  FIRN_TRY(CheckNotStopped());
  if (DuckDb().duckdb_nparams(statement) > 0)
    return Fail(ErrorKind::kInvalidArgument, "the statement has parameters ('?' or '$1') without values",
                "write the values into it");
  duckdb_pending_result pending = nullptr;
  Status status;
  // Run as a pending result, which tells its own error; duckdb_execute_prepared_streaming hides it behind "unsuccessful
  // pending query".
  if (DuckDb().duckdb_pending_prepared_streaming(statement, &pending) != DuckDBSuccess)
    status = std::unexpected(FromDuckDb(DUCKDB_ERROR_INVALID, DuckDb().duckdb_pending_error(pending)));
  else if (stopped())  // DuckDB forgets an interrupt that came before this point
    status = CheckNotStopped();
  else if (DuckDb().duckdb_execute_pending(pending, result.get()) != DuckDBSuccess)
    status = std::unexpected(
        FromDuckDb(DuckDb().duckdb_result_error_type(result.get()), DuckDb().duckdb_result_error(result.get())));
  DuckDb().duckdb_destroy_pending(&pending);
  FIRN_TRY(status);
  return CheckNotStopped();
}

Result<DuckDbChunk> Connection::Fetch(DuckDbResult& result) {
  FIRN_TRY(CheckNotStopped());
  DuckDbChunk chunk(DuckDb().duckdb_fetch_chunk(*result.get()));
  if (chunk == nullptr) {
    const char* message = DuckDb().duckdb_result_error(result.get());
    if (message != nullptr && std::string_view(message).contains("closed pending query"))
      return Fail(ErrorKind::kInternal, "the result was cut off: the engine ran its next statement before it was read");
    if (message != nullptr && *message != '\0')
      return std::unexpected(FromDuckDb(DuckDb().duckdb_result_error_type(result.get()), message));
    FIRN_TRY(CheckNotStopped());
  }
  return chunk;
}

void Connection::Stop() {
  stopped_.store(true);
  DuckDb().duckdb_interrupt(connection_);
}

std::string Connection::NewName(std::string_view what) {
  return fmt::format("firn_{}_{}", what, ++names_);
}

}  // namespace firn
