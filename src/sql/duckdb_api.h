#pragma once

#include <duckdb.h>

#include "base/result.h"

// The functions of DuckDB's C API that firn calls.
#define FIRN_DUCKDB_FUNCTIONS(X)                        \
  X(duckdb_bind_add_result_column)                      \
  X(duckdb_bind_get_extra_info)                         \
  X(duckdb_close)                                       \
  X(duckdb_column_count)                                \
  X(duckdb_column_logical_type)                         \
  X(duckdb_column_name)                                 \
  X(duckdb_connect)                                     \
  X(duckdb_connection_get_arrow_options)                \
  X(duckdb_create_config)                               \
  X(duckdb_create_logical_type)                         \
  X(duckdb_create_scalar_function)                      \
  X(duckdb_create_table_function)                       \
  X(duckdb_data_chunk_from_arrow)                       \
  X(duckdb_data_chunk_get_column_count)                 \
  X(duckdb_data_chunk_get_size)                         \
  X(duckdb_data_chunk_get_vector)                       \
  X(duckdb_data_chunk_set_size)                         \
  X(duckdb_data_chunk_to_arrow)                         \
  X(duckdb_destroy_arrow_converted_schema)              \
  X(duckdb_destroy_arrow_options)                       \
  X(duckdb_destroy_config)                              \
  X(duckdb_destroy_data_chunk)                          \
  X(duckdb_destroy_error_data)                          \
  X(duckdb_destroy_logical_type)                        \
  X(duckdb_destroy_pending)                             \
  X(duckdb_destroy_prepare)                             \
  X(duckdb_destroy_result)                              \
  X(duckdb_destroy_scalar_function)                     \
  X(duckdb_destroy_table_function)                      \
  X(duckdb_disconnect)                                  \
  X(duckdb_error_data_error_type)                       \
  X(duckdb_error_data_has_error)                        \
  X(duckdb_error_data_message)                          \
  X(duckdb_execute_pending)                             \
  X(duckdb_fetch_chunk)                                 \
  X(duckdb_free)                                        \
  X(duckdb_function_get_extra_info)                     \
  X(duckdb_function_get_init_data)                      \
  X(duckdb_function_get_local_init_data)                \
  X(duckdb_function_set_error)                          \
  X(duckdb_init_get_column_count)                       \
  X(duckdb_init_get_column_index)                       \
  X(duckdb_init_get_extra_info)                         \
  X(duckdb_init_set_error)                              \
  X(duckdb_init_set_init_data)                          \
  X(duckdb_init_set_max_threads)                        \
  X(duckdb_interrupt)                                   \
  X(duckdb_nparams)                                     \
  X(duckdb_open_ext)                                    \
  X(duckdb_pending_error)                               \
  X(duckdb_pending_prepared_streaming)                  \
  X(duckdb_prepare)                                     \
  X(duckdb_prepare_error)                               \
  X(duckdb_prepared_statement_column_count)             \
  X(duckdb_prepared_statement_column_logical_type)      \
  X(duckdb_prepared_statement_column_name)              \
  X(duckdb_prepared_statement_column_type)              \
  X(duckdb_register_scalar_function)                    \
  X(duckdb_register_table_function)                     \
  X(duckdb_result_error)                                \
  X(duckdb_result_error_type)                           \
  X(duckdb_result_get_arrow_options)                    \
  X(duckdb_scalar_function_add_parameter)               \
  X(duckdb_scalar_function_set_function)                \
  X(duckdb_scalar_function_set_special_handling)        \
  X(duckdb_scalar_function_set_name)                    \
  X(duckdb_scalar_function_set_return_type)             \
  X(duckdb_schema_from_arrow)                           \
  X(duckdb_set_config)                                  \
  X(duckdb_string_t_data)                               \
  X(duckdb_string_t_length)                             \
  X(duckdb_table_function_set_bind)                     \
  X(duckdb_table_function_set_extra_info)               \
  X(duckdb_table_function_set_function)                 \
  X(duckdb_table_function_set_init)                     \
  X(duckdb_table_function_set_local_init)               \
  X(duckdb_table_function_set_name)                     \
  X(duckdb_table_function_supports_projection_pushdown) \
  X(duckdb_to_arrow_schema)                             \
  X(duckdb_validity_row_is_valid)                       \
  X(duckdb_validity_set_row_invalid)                    \
  X(duckdb_vector_assign_string_element_len)            \
  X(duckdb_vector_ensure_validity_writable)             \
  X(duckdb_vector_get_column_type)                      \
  X(duckdb_vector_get_data)                             \
  X(duckdb_vector_get_validity)                         \
  X(duckdb_vector_reference_vector)                     \
  X(duckdb_vector_size)

namespace firn {

// DuckDB's library is loaded when the first connection is opened: loading its 60 MB takes 10 ms, half of the start of a
// verb that asks no SQL.
struct DuckDbApi {
#define FIRN_DECLARE(function) decltype(&::function) function = nullptr;
  FIRN_DUCKDB_FUNCTIONS(FIRN_DECLARE)
#undef FIRN_DECLARE
};

// Thread-safe; does nothing the second time. kInternal when the library is missing, or is another version.
[[nodiscard]] Status LoadDuckDb();
// After LoadDuckDb.
[[nodiscard]] const DuckDbApi& DuckDb();

}  // namespace firn
