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

void TitleCaseAscii(std::string_view text, std::string& title) {
  title.resize(text.size());
  bool starts = true;
  for (size_t i = 0; i < text.size(); ++i) {
    const char c = text[i];
    const bool small = c >= 'a' && c <= 'z';
    const bool large = c >= 'A' && c <= 'Z';
    const int change = 'a' - 'A';
    title[i] = static_cast<char>(starts ? c - (small ? change : 0) : c + (large ? change : 0));
    starts = c == ' ';
  }
}

// A column of texts of a chunk.
class Texts {
 public:
  Texts(duckdb_data_chunk chunk, idx_t column) {
    duckdb_vector vector = DuckDb().duckdb_data_chunk_get_vector(chunk, column);
    texts_ = static_cast<duckdb_string_t*>(DuckDb().duckdb_vector_get_data(vector));
    validity_ = DuckDb().duckdb_vector_get_validity(vector);
  }
  [[nodiscard]] bool IsNull(idx_t row) const {
    return validity_ != nullptr && (validity_[row / 64] >> row % 64 & 1) == 0;
  }
  [[nodiscard]] std::string_view At(idx_t row) const {
    return {DuckDb().duckdb_string_t_data(&texts_[row]), DuckDb().duckdb_string_t_length(texts_[row])};
  }

 private:
  duckdb_string_t* texts_;
  uint64_t* validity_;
};

// firn_title_case(text, lower, upper), of which the last two are NULL when the text is ASCII.
void TitleCaseFunction(duckdb_function_info /*info*/, duckdb_data_chunk input, duckdb_vector output) {
  const Texts texts(input, 0);
  const Texts lower(input, 1);
  const Texts upper(input, 2);
  const idx_t rows = DuckDb().duckdb_data_chunk_get_size(input);
  std::string title;
  for (idx_t row = 0; row < rows; ++row) {
    if (texts.IsNull(row)) {
      DuckDb().duckdb_vector_ensure_validity_writable(output);
      DuckDb().duckdb_validity_set_row_invalid(DuckDb().duckdb_vector_get_validity(output), row);
      continue;
    }
    if (lower.IsNull(row))
      TitleCaseAscii(texts.At(row), title);
    else
      TitleCase(lower.At(row), upper.At(row), title);
    DuckDb().duckdb_vector_assign_string_element_len(output, row, title.data(), title.size());
  }
}

}  // namespace

Status DefineTextFunctions(Connection& connection) {
  const DuckDbType text(DuckDb().duckdb_create_logical_type(DUCKDB_TYPE_VARCHAR));
  duckdb_scalar_function function = DuckDb().duckdb_create_scalar_function();
  DuckDb().duckdb_scalar_function_set_name(function, "firn_title_case");
  for (int i = 0; i < 3; ++i) DuckDb().duckdb_scalar_function_add_parameter(function, text.get());
  DuckDb().duckdb_scalar_function_set_special_handling(function);  // NULLs are its own to read
  DuckDb().duckdb_scalar_function_set_return_type(function, text.get());
  DuckDb().duckdb_scalar_function_set_function(function, TitleCaseFunction);
  const duckdb_state state = DuckDb().duckdb_register_scalar_function(connection.get(), function);
  DuckDb().duckdb_destroy_scalar_function(&function);
  if (state != DuckDBSuccess) return Fail(ErrorKind::kInternal, "the SQL engine refused a scalar function");
  return connection.Execute(
      "CREATE MACRO initcap(text) AS firn_title_case(text, CASE WHEN strlen(text) <> length(text) THEN lower(text) "
      "END, "
      "CASE WHEN strlen(text) <> length(text) THEN upper(text) END)");
}

}  // namespace firn
