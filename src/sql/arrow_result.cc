#include "sql/arrow_result.h"

#include <arrow/c/abi.h>

#include <cerrno>
#include <cstring>
#include <utility>
#include <vector>

#include "sql/duckdb_error.h"

namespace firn {
namespace {

// What the C callbacks share; `last_error` is what get_last_error hands out.
struct ResultStream {
  std::shared_ptr<Connection> connection;
  DuckDbStatement statement;
  DuckDbResult result;
  duckdb_arrow_options options = nullptr;
  std::string last_error;

  ResultStream() = default;
  ResultStream(const ResultStream&) = delete;
  ResultStream& operator=(const ResultStream&) = delete;
  ~ResultStream() {
    if (options != nullptr) DuckDb().duckdb_destroy_arrow_options(&options);
  }
};

ResultStream& Of(ArrowArrayStream* stream) {
  return *static_cast<ResultStream*>(stream->private_data);
}

Status MakeSchema(ResultStream& self, ArrowSchema* out) {
  const duckdb_prepared_statement statement = self.statement.get();
  const idx_t count = DuckDb().duckdb_prepared_statement_column_count(statement);
  std::vector<DuckDbType> owned;
  std::vector<duckdb_logical_type> types;
  std::vector<std::string> texts;
  std::vector<const char*> names;
  for (idx_t i = 0; i < count; ++i) {
    owned.emplace_back(DuckDb().duckdb_prepared_statement_column_logical_type(statement, i));
    types.push_back(owned.back().get());
    char* name = const_cast<char*>(DuckDb().duckdb_prepared_statement_column_name(statement, i));
    texts.emplace_back(name == nullptr ? "" : name);
    DuckDb().duckdb_free(name);
  }
  for (const std::string& text : texts) names.push_back(text.c_str());
  return StatusOf(DuckDb().duckdb_to_arrow_schema(self.options, types.data(), names.data(), count, out));
}

Status NextBatch(ResultStream& self, ArrowArray* out) {
  std::memset(out, 0, sizeof(*out));  // released: the end
  if (self.result.get()->internal_data == nullptr) return {};
  FIRN_TRY_ASSIGN(const DuckDbChunk chunk, self.connection->Fetch(self.result));
  if (chunk == nullptr) return {};
  return StatusOf(DuckDb().duckdb_data_chunk_to_arrow(self.options, chunk.get(), out));
}

int ErrnoOf(ErrorKind kind) {
  switch (kind) {
    case ErrorKind::kStopped:
      return ECANCELED;
    case ErrorKind::kNoSpace:
      return ENOMEM;
    case ErrorKind::kIo:
      return EIO;
    default:
      return EINVAL;
  }
}

int Answer(ResultStream& self, const Status& status) {
  if (status.has_value()) return 0;
  self.last_error = status.error().Text();
  return ErrnoOf(status.error().kind);
}

int GetSchema(ArrowArrayStream* stream, ArrowSchema* out) {
  return Answer(Of(stream), MakeSchema(Of(stream), out));
}
int GetNext(ArrowArrayStream* stream, ArrowArray* out) {
  return Answer(Of(stream), NextBatch(Of(stream), out));
}
const char* GetLastError(ArrowArrayStream* stream) {
  return Of(stream).last_error.c_str();
}

void Release(ArrowArrayStream* stream) {
  delete static_cast<ResultStream*>(stream->private_data);
  stream->private_data = nullptr;
  stream->release = nullptr;
}

ArrowStream StreamOf(std::unique_ptr<ResultStream> self) {
  ArrowStream stream;
  *stream.get() = {GetSchema, GetNext, GetLastError, Release, self.release()};
  return stream;
}

}  // namespace

Result<ArrowStream> StartArrowResult(std::shared_ptr<Connection> connection, DuckDbStatement statement) {
  auto self = std::make_unique<ResultStream>();
  self->connection = std::move(connection);
  self->statement = std::move(statement);
  FIRN_TRY(self->connection->Start(self->statement.get(), self->result));
  self->options = DuckDb().duckdb_result_get_arrow_options(self->result.get());
  return StreamOf(std::move(self));
}

Result<ArrowStream> ArrowColumns(std::shared_ptr<Connection> connection, DuckDbStatement statement) {
  auto self = std::make_unique<ResultStream>();
  self->connection = std::move(connection);
  self->statement = std::move(statement);
  DuckDb().duckdb_connection_get_arrow_options(self->connection->get(), &self->options);
  return StreamOf(std::move(self));
}

}  // namespace firn
