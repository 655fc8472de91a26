#include "sql/duckdb_error.h"

#include <algorithm>
#include <array>
#include <string>
#include <utility>

#include "sql/duckdb_api.h"

namespace firn {
namespace {

constexpr std::string_view kMemoryHint = "give it more with --memory, or let it spill to a folder with more room";
constexpr std::string_view kDamagedHint = "the file is damaged: let its producer write it again, or take it away";
constexpr std::string_view kLongLineHint = "write the table as Parquet, or with shorter lines";
constexpr std::string_view kEncryptedHint = "let its producer write it without encryption, or take it away";
// The exceptions that are not DuckDB's own. Its readers throw them for bytes that make no sense.
constexpr std::string_view kForeign = "Invalid Error: ";
constexpr std::string_view kEncrypted = "is encrypted";
constexpr std::string_view kSniffing = "Error when sniffing file";

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

// The text within `from`..`to` bytes, moved to where a character of UTF-8 begins.
std::string_view Within(std::string_view text, size_t from, size_t to) {
  const auto inside = [&](size_t at) { return at < text.size() && (static_cast<uint8_t>(text[at]) & 0xC0U) == 0x80U; };
  while (inside(from)) ++from;
  while (to > from && inside(to)) --to;
  return text.substr(from, to - from);
}

std::string WithoutMiddle(std::string_view text, size_t head, size_t tail) {
  if (text.size() <= 2 * (head + tail)) return std::string(text);
  std::string cut(Within(text, 0, head));
  cut += " ... ";
  return cut += Within(text, text.size() - tail, text.size());
}

// DuckDB quotes whole values and lines of files, which may have megabytes. What it says of them stands at both ends.
std::string Shortened(std::string_view text) {
  std::string lines;
  while (!text.empty()) {
    const size_t end = std::min(text.find('\n'), text.size());
    lines += WithoutMiddle(text.substr(0, end), 240, 60);
    if (end < text.size()) lines += '\n';
    text.remove_prefix(std::min(end + 1, text.size()));
  }
  return WithoutMiddle(lines, 1500, 500);
}

// DuckDB ends what it says of a line of CSV with advice about its own options, and with all of them. One is the file.
std::string CsvText(std::string_view message) {
  constexpr std::string_view kFile = "\n  file = ";
  if (message.starts_with(kSniffing)) return "its lines are not CSV with the delimiter and the quote of the table";
  const size_t options = message.find(kFile);
  std::string_view file = options == std::string_view::npos ? "" : message.substr(options + kFile.size());
  file = file.substr(0, file.find('\n'));
  std::string_view text = message.substr(0, std::min(options, message.find("\nPossible ")));
  text = text.substr(0, text.find_last_not_of('\n') + 1);
  return file.empty() ? std::string(text) : std::string(file) + ": " + std::string(text);
}

ErrorKind KindOfIo(std::string_view message) {
  if (Has(message, "Could not read enough bytes")) return ErrorKind::kCorrupt;  // its lengths lead past its end
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
  constexpr std::array<std::string_view, 14> kDamaged = {"No magic bytes",
                                                         "magic bytes at end",
                                                         "too small to be a Parquet",
                                                         "Failed to read Parquet",
                                                         "corrupt",
                                                         "Corrupt",
                                                         "Malformed JSON",
                                                         "CSV Error on Line",
                                                         kSniffing,
                                                         "thrift",
                                                         "Failed to read file",
                                                         "Footer length error",
                                                         "Mismatch in parquet read",
                                                         kEncrypted};
  if (std::ranges::any_of(kDamaged, [&](std::string_view sign) { return Has(message, sign); }))
    return ErrorKind::kCorrupt;
  if (Has(message, "Invalid string encoding found")) return ErrorKind::kMismatch;
  return ErrorKind::kInvalidArgument;
}

ErrorKind KindOf(duckdb_error_type type, std::string_view message) {
  if (IsVanishedFile(message)) return ErrorKind::kNotFound;
  if (message.starts_with(kForeign)) return ErrorKind::kCorrupt;
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

std::string_view HintForFile(std::string_view text) {
  if (Has(text, "Maximum line size")) return kLongLineHint;
  return Has(text, kEncrypted) ? kEncryptedHint : kDamagedHint;
}

// Such an exception may hold any byte of the file.
Error DamagedFile(std::string_view message) {
  std::string reason = Shortened(message.substr(kForeign.size()));
  std::ranges::replace_if(reason, [](char c) { return c >= 0 && c < ' '; }, '?');
  return {ErrorKind::kCorrupt, "a file holds bytes that cannot be read: " + reason, std::string(kDamagedHint)};
}

}  // namespace

Error FromDuckDb(duckdb_error_type type, std::string_view message) {
  const ErrorKind kind = KindOf(type == DUCKDB_ERROR_INVALID ? TypeFromPrefix(message) : type, message);
  if (kind == ErrorKind::kStopped) return {kind, "the statement was stopped", ""};
  if (IsVanishedFile(message)) return {kind, VanishedText(message), ""};
  if (message.starts_with(kForeign)) return DamagedFile(message);
  auto [text, hint] = SplitHint(WithoutPrefix(message));
  text = Shortened(text.starts_with("CSV Error") || text.starts_with(kSniffing) ? CsvText(text) : text);
  hint = Shortened(hint);
  if (kind == ErrorKind::kNoSpace) {
    text.resize(std::min(text.find('\n'), text.size()));
    hint = kMemoryHint;
  }
  if (kind == ErrorKind::kCorrupt) hint = HintForFile(text);
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
