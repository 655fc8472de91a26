#include "sql/duckdb_error.h"

#include <array>
#include <string>
#include <utility>

#include "sql/duckdb_api.h"

namespace firn {
namespace {

constexpr std::string_view kMemoryHint = "give it more with --memory, or let it spill to a folder with more room";

bool Has(std::string_view text, std::string_view part) {
  return text.find(part) != std::string_view::npos;
}

// "Binder Error: Referenced column ..." -> "Referenced column ...".
std::string_view WithoutPrefix(std::string_view message) {
  constexpr size_t kLongestPrefix = 30;
  const size_t end = message.find(" Error: ");
  if (end > kLongestPrefix || Has(message.substr(0, end), "\n")) return message;
  return message.substr(end + std::string_view(" Error: ").size());
}

// A failed prepare gives text only; its first words are the type.
duckdb_error_type TypeFromPrefix(std::string_view message) {
  constexpr std::array<std::pair<std::string_view, duckdb_error_type>, 9> kPrefixes = {{
      {"IO Error", DUCKDB_ERROR_IO},
      {"Permission Error", DUCKDB_ERROR_PERMISSION},
      {"Out of Memory Error", DUCKDB_ERROR_OUT_OF_MEMORY},
      {"INTERRUPT Error", DUCKDB_ERROR_INTERRUPT},
      {"Conversion Error", DUCKDB_ERROR_CONVERSION},
      {"Out of Range Error", DUCKDB_ERROR_OUT_OF_RANGE},
      {"Not implemented Error", DUCKDB_ERROR_NOT_IMPLEMENTED},
      {"Serialization Error", DUCKDB_ERROR_SERIALIZATION},
      {"INTERNAL Error", DUCKDB_ERROR_INTERNAL},
  }};
  for (const auto& [prefix, type] : kPrefixes)
    if (message.starts_with(prefix)) return type;
  return DUCKDB_ERROR_INVALID;
}

// DuckDB appends "Candidate bindings: ...", "Did you mean ...", and a picture of the statement; the first two are
// hints.
std::pair<std::string, std::string> SplitHint(std::string_view message) {
  std::string_view head = message.substr(0, message.find("\n\nLINE "));
  std::string_view picture = message.substr(head.size());
  size_t at = std::string_view::npos;
  for (std::string_view mark :
       {"\nDid you mean", "\nCandidate", "\n\tCandidate", "\n\nCandidate", "\nPossible solutions"})
    at = std::min(at, head.find(mark));
  std::string text(head.substr(0, at));
  std::string hint(at == std::string_view::npos ? "" : head.substr(at));
  while (!text.empty() && (text.back() == '\n' || text.back() == ' ')) text.pop_back();
  while (!hint.empty() && (hint.front() == '\n' || hint.front() == '\t')) hint.erase(0, 1);
  if (!picture.empty()) {
    if (!hint.empty()) hint += '\n';
    hint += picture.substr(2);
  }
  return {std::move(text), std::move(hint)};
}

ErrorKind KindOfIo(std::string_view message) {
  if (Has(message, "No space left") || Has(message, "max_temp_directory_size")) return ErrorKind::kNoSpace;
  if (Has(message, "No files found") || Has(message, "No such file")) return ErrorKind::kNotFound;
  if (Has(message, "Permission denied")) return ErrorKind::kPermission;
  return ErrorKind::kIo;
}

// A named file that is gone is looked for as a folder, and that is refused: "Cannot access file
// "/lake/a.parquet/**/*.parquet"".
bool IsVanishedFile(std::string_view message) {
  return Has(message, "Cannot access file") && Has(message, "/**/*.");
}

std::string VanishedText(std::string_view message) {
  const size_t start = message.find('"') + 1;
  return "no file " + std::string(message.substr(start, message.find("/**/*.") - start));
}

// An invalid input is the statement's or a file's fault; only the text tells.
ErrorKind KindOfInput(std::string_view message) {
  for (std::string_view sign :
       {"No magic bytes", "magic bytes at end", "too small to be a Parquet", "Failed to read Parquet", "corrupt",
        "Corrupt", "Malformed JSON", "CSV Error on Line", "thrift"})
    if (Has(message, sign)) return ErrorKind::kCorrupt;
  return ErrorKind::kInvalidArgument;
}

ErrorKind KindOf(duckdb_error_type type, std::string_view message) {
  if (IsVanishedFile(message)) return ErrorKind::kNotFound;
  switch (type) {
    case DUCKDB_ERROR_INTERRUPT:
      return ErrorKind::kStopped;
    case DUCKDB_ERROR_OUT_OF_MEMORY:
      return ErrorKind::kNoSpace;
    case DUCKDB_ERROR_IO:
      return KindOfIo(message);
    case DUCKDB_ERROR_PERMISSION:
      return ErrorKind::kPermission;
    case DUCKDB_ERROR_OUT_OF_RANGE:
    case DUCKDB_ERROR_CONVERSION:
    case DUCKDB_ERROR_MISMATCH_TYPE:
    case DUCKDB_ERROR_DIVIDE_BY_ZERO:
    case DUCKDB_ERROR_CONSTRAINT:
      return KindOfInput(message) == ErrorKind::kCorrupt ? ErrorKind::kCorrupt : ErrorKind::kMismatch;
    case DUCKDB_ERROR_NOT_IMPLEMENTED:
      return ErrorKind::kUnsupported;
    case DUCKDB_ERROR_SERIALIZATION:
      return ErrorKind::kCorrupt;
    case DUCKDB_ERROR_FATAL:
    case DUCKDB_ERROR_INTERNAL:
    case DUCKDB_ERROR_NULL_POINTER:
      return ErrorKind::kInternal;
    default:
      return KindOfInput(message);
  }
}

}  // namespace

Error FromDuckDb(duckdb_error_type type, std::string_view message) {
  const ErrorKind kind = KindOf(type == DUCKDB_ERROR_INVALID ? TypeFromPrefix(message) : type, message);
  if (kind == ErrorKind::kStopped) return {kind, "the statement was stopped", ""};
  if (IsVanishedFile(message)) return {kind, VanishedText(message), ""};
  auto [text, hint] = SplitHint(WithoutPrefix(message));
  if (kind == ErrorKind::kNoSpace) {
    text.resize(std::min(text.find('\n'), text.size()));
    hint = kMemoryHint;
  }
  return {kind, std::move(text), std::move(hint)};
}

Status StatusOf(duckdb_error_data error) {
  Status status;
  if (error != nullptr && DuckDb().duckdb_error_data_has_error(error))
    status = std::unexpected(
        FromDuckDb(DuckDb().duckdb_error_data_error_type(error), DuckDb().duckdb_error_data_message(error)));
  DuckDb().duckdb_destroy_error_data(&error);
  return status;
}

}  // namespace firn
