#include "sql/arrow_table.h"

#include <arrow/c/abi.h>
#include <fmt/format.h>

#include <algorithm>
#include <mutex>
#include <string>
#include <utility>
#include <vector>

#include "sql/arrow_slice.h"
#include "sql/duckdb_error.h"

namespace firn {
namespace {

using ConvertedSchema = std::unique_ptr<_duckdb_arrow_converted_schema, DuckDbDelete>;

// Owns an array or schema of the C interface.
template <class T>
class ArrowOwner {
 public:
  ArrowOwner() = default;
  ArrowOwner(const ArrowOwner&) = delete;
  ArrowOwner& operator=(const ArrowOwner&) = delete;
  ~ArrowOwner() { Reset(); }
  void Reset() {
    if (value_.release != nullptr) value_.release(&value_);
    value_ = {};
  }
  [[nodiscard]] T* get() { return &value_; }
  T* operator->() { return &value_; }

 private:
  T value_{};
};

// The registered stream: the table function's extra info, freed with the database.
struct StreamTable {
  std::string name;
  Connection* connection = nullptr;  // owns the database that owns this
  ArrowOwner<ArrowSchema> schema;
  std::vector<DuckDbType> types;
  SqlEngine::OpenColumns open;  // of a source; empty: `stream` has all columns from the start

  std::mutex mutex;  // guards what follows
  ArrowStream stream;
  bool scanned = false;
  bool ended = false;
};

// One scan: which columns it wants, and the schema of those.
struct Scan {
  std::vector<size_t> columns;  // where a batch has them
  std::vector<ArrowSchema*> fields;
  ArrowSchema projected{};
  ConvertedSchema converted;
};

// One thread of a scan: its batch, and how far it is.
struct ScanThread {
  ArrowOwner<ArrowArray> batch;
  int64_t position = 0;
  ArrowSlices slices;
  DuckDbChunk chunk;  // what the last output refers to
};

template <class T>
void Delete(void* value) {
  delete static_cast<T*>(value);
}

Result<ConvertedSchema> Convert(Connection& connection, ArrowSchema* schema) {
  duckdb_arrow_converted_schema converted = nullptr;
  FIRN_TRY(StatusOf(DuckDb().duckdb_schema_from_arrow(connection.second(), schema, &converted)));
  return ConvertedSchema(converted);
}

Result<DuckDbChunk> Convert(Connection& connection, ArrowArray* array, const ConvertedSchema& schema) {
  duckdb_data_chunk chunk = nullptr;
  FIRN_TRY(StatusOf(DuckDb().duckdb_data_chunk_from_arrow(connection.second(), array, schema.get(), &chunk)));
  return DuckDbChunk(chunk);
}

// DuckDB tells the types of a schema only through a chunk; one without rows will do.
Status FindTypes(StreamTable& table) {
  FIRN_TRY_ASSIGN(const ConvertedSchema converted, Convert(*table.connection, table.schema.get()));
  ArrowSlices slices;
  std::vector<ArrowArray*> columns;
  for (int64_t i = 0; i < table.schema->n_children; ++i) columns.push_back(slices.Empty(*table.schema->children[i]));
  FIRN_TRY_ASSIGN(const DuckDbChunk chunk, Convert(*table.connection, slices.Struct(std::move(columns), 0), converted));
  for (idx_t i = 0; i < DuckDb().duckdb_data_chunk_get_column_count(chunk.get()); ++i)
    table.types.emplace_back(
        DuckDb().duckdb_vector_get_column_type(DuckDb().duckdb_data_chunk_get_vector(chunk.get(), i)));
  return {};
}

bool HasDictionaryWithin(const ArrowSchema& schema) {
  for (int64_t i = 0; i < schema.n_children; ++i)
    if (schema.children[i]->dictionary != nullptr || HasDictionaryWithin(*schema.children[i])) return true;
  return false;
}

// DuckDB 1.5.6 stops with an internal error on them, and its database is lost.
Status RefuseNestedDictionaries(const std::string& table, const ArrowSchema& schema) {
  for (int64_t i = 0; i < schema.n_children; ++i)
    if (HasDictionaryWithin(*schema.children[i]))
      return Fail(ErrorKind::kUnsupported,
                  fmt::format("column '{}' of '{}' has a dictionary-encoded value inside a nested type",
                              schema.children[i]->name, table),
                  "decode the dictionary first");
  return {};
}

void Bind(duckdb_bind_info info) {
  auto* table = static_cast<StreamTable*>(DuckDb().duckdb_bind_get_extra_info(info));
  for (size_t i = 0; i < table->types.size(); ++i)
    DuckDb().duckdb_bind_add_result_column(info, table->schema->children[i]->name, table->types[i].get());
}

Status BeginReading(StreamTable& table, const std::vector<int>& wanted) {
  const std::scoped_lock lock(table.mutex);
  if (std::exchange(table.scanned, true))
    return Fail(ErrorKind::kInvalidArgument, fmt::format("'{}' can be read once", table.name),
                fmt::format("use WITH x AS MATERIALIZED (FROM {}) and read x", table.name));
  if (!table.open) return {};
  FIRN_TRY_ASSIGN(table.stream, table.open(wanted));
  return {};
}

Status StartScan(StreamTable& table, Scan& scan, duckdb_init_info info) {
  std::vector<int> wanted;
  for (idx_t i = 0; i < DuckDb().duckdb_init_get_column_count(info); ++i) {
    const idx_t column = DuckDb().duckdb_init_get_column_index(info, i);
    if (column >= table.types.size()) continue;  // a row id: count(*) wants no column
    scan.columns.push_back(table.open ? wanted.size() : column);
    scan.fields.push_back(table.schema->children[column]);
    wanted.push_back(static_cast<int>(column));
  }
  FIRN_TRY(BeginReading(table, wanted));
  scan.projected = *table.schema.get();
  scan.projected.n_children = static_cast<int64_t>(scan.fields.size());
  scan.projected.children = scan.fields.data();
  FIRN_TRY_ASSIGN(scan.converted, Convert(*table.connection, &scan.projected));
  return {};
}

void Init(duckdb_init_info info) {
  auto* table = static_cast<StreamTable*>(DuckDb().duckdb_init_get_extra_info(info));
  auto scan = std::make_unique<Scan>();
  if (const Status started = StartScan(*table, *scan, info); !started)
    return DuckDb().duckdb_init_set_error(info, started.error().Text().c_str());
  DuckDb().duckdb_init_set_max_threads(info, static_cast<idx_t>(table->connection->threads()));
  DuckDb().duckdb_init_set_init_data(info, scan.release(), Delete<Scan>);
}

void InitThread(duckdb_init_info info) {
  DuckDb().duckdb_init_set_init_data(info, new ScanThread(), Delete<ScanThread>);
}

// False at the end. The producer runs under the lock: a stream has one reader at a time.
Result<bool> NextBatch(StreamTable& table, ScanThread& thread) {
  thread.chunk.reset();
  thread.slices.Clear();
  thread.batch.Reset();
  thread.position = 0;
  const std::scoped_lock lock(table.mutex);
  if (table.ended) return false;
  ArrowArrayStream* stream = table.stream.get();
  if (stream->get_next(stream, thread.batch.get()) != 0) {
    const char* message = stream->get_last_error(stream);
    table.ended = true;
    return Fail(ErrorKind::kIo, message == nullptr ? "the stream failed" : message);
  }
  if (thread.batch->release != nullptr) return true;
  table.ended = true;
  table.stream = ArrowStream();  // lets go of its files
  return false;
}

Status FillChunk(StreamTable& table, Scan& scan, ScanThread& thread, duckdb_data_chunk output) {
  if (table.connection->stopped()) return std::unexpected(FromDuckDb(DUCKDB_ERROR_INTERRUPT, ""));
  while (thread.position >= thread.batch->length) {
    FIRN_TRY_ASSIGN(const bool more, NextBatch(table, thread));
    if (!more) return {};
  }
  const int64_t rows =
      std::min<int64_t>(thread.batch->length - thread.position, static_cast<int64_t>(DuckDb().duckdb_vector_size()));
  thread.slices.Clear();
  std::vector<ArrowArray*> columns;
  for (size_t i = 0; i < scan.columns.size(); ++i)
    columns.push_back(thread.slices.Slice(*scan.fields[i], *thread.batch->children[scan.columns[i]],
                                          thread.batch->offset + thread.position, rows));
  thread.position += rows;
  if (!columns.empty()) {
    FIRN_TRY_ASSIGN(thread.chunk,
                    Convert(*table.connection, thread.slices.Struct(std::move(columns), rows), scan.converted));
    for (idx_t i = 0; i < scan.columns.size(); ++i)
      DuckDb().duckdb_vector_reference_vector(DuckDb().duckdb_data_chunk_get_vector(output, i),
                                              DuckDb().duckdb_data_chunk_get_vector(thread.chunk.get(), i));
  }
  DuckDb().duckdb_data_chunk_set_size(output, static_cast<idx_t>(rows));
  return {};
}

void Function(duckdb_function_info info, duckdb_data_chunk output) {
  auto* table = static_cast<StreamTable*>(DuckDb().duckdb_function_get_extra_info(info));
  auto* scan = static_cast<Scan*>(DuckDb().duckdb_function_get_init_data(info));
  auto* thread = static_cast<ScanThread*>(DuckDb().duckdb_function_get_local_init_data(info));
  if (const Status filled = FillChunk(*table, *scan, *thread, output); !filled)
    DuckDb().duckdb_function_set_error(info, filled.error().Text().c_str());
}

Status RegisterFunction(Connection& connection, const std::string& function_name, std::unique_ptr<StreamTable> table) {
  duckdb_table_function function = DuckDb().duckdb_create_table_function();
  DuckDb().duckdb_table_function_set_name(function, function_name.c_str());
  DuckDb().duckdb_table_function_set_extra_info(function, table.release(), Delete<StreamTable>);
  DuckDb().duckdb_table_function_set_bind(function, Bind);
  DuckDb().duckdb_table_function_set_init(function, Init);
  DuckDb().duckdb_table_function_set_local_init(function, InitThread);
  DuckDb().duckdb_table_function_set_function(function, Function);
  DuckDb().duckdb_table_function_supports_projection_pushdown(function, true);
  const duckdb_state state = DuckDb().duckdb_register_table_function(connection.get(), function);
  DuckDb().duckdb_destroy_table_function(&function);
  if (state != DuckDBSuccess) return Fail(ErrorKind::kInternal, "the SQL engine refused a table function");
  return {};
}

}  // namespace

Status RegisterArrowTable(Connection& connection, std::string_view name, ArrowStream stream) {
  return RegisterArrowSource(connection, name, std::move(stream), {});
}

Status RegisterArrowSource(Connection& connection, std::string_view name, ArrowStream like,
                           SqlEngine::OpenColumns open) {
  auto table = std::make_unique<StreamTable>();
  table->name = name;
  table->connection = &connection;
  table->stream = std::move(like);
  table->open = std::move(open);
  ArrowArrayStream* raw = table->stream.get();
  if (raw->get_schema(raw, table->schema.get()) != 0) {
    const char* message = raw->get_last_error(raw);
    return Fail(ErrorKind::kIo, fmt::format("the stream for '{}' has no schema: {}", name,
                                            message == nullptr ? "no reason given" : message));
  }
  FIRN_TRY(RefuseNestedDictionaries(table->name, *table->schema.get()));
  FIRN_TRY(FindTypes(*table));
  const std::string function = connection.NewName("stream");
  FIRN_TRY(RegisterFunction(connection, function, std::move(table)));
  return connection.Execute(
      fmt::format("CREATE OR REPLACE VIEW {} AS SELECT * FROM {}()", QuoteIdentifier(name), function));
}

}  // namespace firn
