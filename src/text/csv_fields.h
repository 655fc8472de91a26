#pragma once

#include <cstdint>
#include <string_view>
#include <vector>

namespace firn {

// A field as it stands in its record.
struct CsvField {
  char* data = nullptr;
  uint32_t size = 0;
  bool quoted = false;
  bool doubled = false;  // has quotes that stand for one

  [[nodiscard]] std::string_view text() const { return {data, size}; }
  // Makes one quote of two, in their place.
  void Resolve(char quote);
};

// Where records and fields of CSV end. A field is quoted when its first byte is the quote; a quote within it stands
// twice; elsewhere a quote is a byte as any other. Lines end in LF, which a CR may precede, or else in CR.
// Why not a library: Arrow's parser takes `"a"b` for `ab` and names no line; DuckDB's tells NULL and "" apart but not
// what is wrong where. Nothing else here looks at bytes of CSV.
class CsvFields {
 public:
  // Bytes that must be there behind the text of Split.
  static constexpr size_t kPadding = 16;

  enum class Flaw {
    kNone,
    kOpen,     // the text ends within quotes
    kTrailing  // something follows a closing quote
  };

  CsvFields(char delimiter, char quote, bool cr_lines)
      : delimiter_(delimiter), quote_(quote), line_end_(cr_lines ? '\r' : '\n') {}

  // Takes the record that begins at `at` apart and moves `at` behind its line's end. Counts the line ends in `lines`.
  Flaw Split(char*& at, char* end, std::vector<CsvField>& fields, int64_t& lines) const;

  // Behind the last record that ends within the text; 0 when none does. A record begins where the text does.
  [[nodiscard]] size_t LastEnd(std::string_view text) const;

  [[nodiscard]] char quote() const { return quote_; }
  [[nodiscard]] char line_end() const { return line_end_; }

 private:
  [[nodiscard]] char* EndOfPlain(char* at, char* end) const;
  bool SplitQuoted(char*& at, char* end, CsvField& field, int64_t& lines) const;
  [[nodiscard]] bool EndsField(const char* at, const char* end) const;

  const char delimiter_;
  const char quote_;
  const char line_end_;
};

}  // namespace firn
