#include "sql/text_functions.h"

#include <algorithm>
#include <string>
#include <string_view>

#include "sql/duckdb_error.h"

namespace firn {
namespace {

size_t LengthOfCharacter(char first) {
  const auto byte = static_cast<unsigned char>(first);
  if (byte < 0xC0) return 1;
  return byte < 0xE0 ? 2 : byte < 0xF0 ? 3 : 4;
}

// Cuts off the first character.
std::string_view TakeCharacter(std::string_view& text) {
  const std::string_view character = text.substr(0, text.empty() ? 0 : LengthOfCharacter(text.front()));
  text.remove_prefix(std::min(character.size(), text.size()));
  return character;
}

// DuckDB's lower() and upper() make one character of each.
void TitleCase(std::string_view lower, std::string_view upper, std::string& title) {
  title.clear();
  for (bool starts = true; !lower.empty();) {
    const std::string_view small = TakeCharacter(lower);
    const std::string_view large = TakeCharacter(upper);
    title += starts ? large : small;
    starts = small == " ";
  }
}

std::string_view TextAt(duckdb_vector vector, idx_t row) {
  auto* texts = static_cast<duckdb_string_t*>(DuckDb().duckdb_vector_get_data(vector));
  return {DuckDb().duckdb_string_t_data(&texts[row]), DuckDb().duckdb_string_t_length(texts[row])};
}

bool IsNull(duckdb_vector vector, idx_t row) {
  uint64_t* validity = DuckDb().duckdb_vector_get_validity(vector);
  return validity != nullptr && !DuckDb().duckdb_validity_row_is_valid(validity, row);
}

// firn_title_case(lower, upper)
void TitleCaseFunction(duckdb_function_info /*info*/, duckdb_data_chunk input, duckdb_vector output) {
  const duckdb_vector lower = DuckDb().duckdb_data_chunk_get_vector(input, 0);
  const duckdb_vector upper = DuckDb().duckdb_data_chunk_get_vector(input, 1);
  const idx_t rows = DuckDb().duckdb_data_chunk_get_size(input);
  std::string title;
  for (idx_t row = 0; row < rows; ++row) {
    if (IsNull(lower, row)) {
      DuckDb().duckdb_vector_ensure_validity_writable(output);
      DuckDb().duckdb_validity_set_row_invalid(DuckDb().duckdb_vector_get_validity(output), row);
      continue;
    }
    TitleCase(TextAt(lower, row), TextAt(upper, row), title);
    DuckDb().duckdb_vector_assign_string_element_len(output, row, title.data(), title.size());
  }
}

}  // namespace

Status DefineTextFunctions(Connection& connection) {
  const DuckDbType text(DuckDb().duckdb_create_logical_type(DUCKDB_TYPE_VARCHAR));
  duckdb_scalar_function function = DuckDb().duckdb_create_scalar_function();
  DuckDb().duckdb_scalar_function_set_name(function, "firn_title_case");
  DuckDb().duckdb_scalar_function_add_parameter(function, text.get());
  DuckDb().duckdb_scalar_function_add_parameter(function, text.get());
  DuckDb().duckdb_scalar_function_set_return_type(function, text.get());
  DuckDb().duckdb_scalar_function_set_function(function, TitleCaseFunction);
  const duckdb_state state = DuckDb().duckdb_register_scalar_function(connection.get(), function);
  DuckDb().duckdb_destroy_scalar_function(&function);
  if (state != DuckDBSuccess) return Fail(ErrorKind::kInternal, "the SQL engine refused a scalar function");
  return connection.Execute("CREATE MACRO initcap(text) AS firn_title_case(lower(text), upper(text))");
}

}  // namespace firn
