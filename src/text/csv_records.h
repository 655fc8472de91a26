#pragma once

#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "text/csv_fields.h"
#include "text/json_records.h"
#include "text/record_chunk.h"

namespace firn {

// Takes the records of one chunk of CSV apart into columns of tokens. Not thread-safe.
class CsvRecords {
 public:
  // The tokens point into `bytes`, the chunk's, which is changed: doubled quotes are resolved in their place. Columns
  // in `nested` are structs, lists and maps of the table: their fields are JSON. Counts new columns in `made`.
  CsvRecords(const CsvLayout& layout, int64_t first_line, std::string& bytes, TokenColumn& root,
             const std::set<std::string>& nested, JsonRecords& json, int64_t& made);

  enum class Step { kTaken, kBad, kEnd };
  // Appends the next record to the columns as row `slot`, or says what is wrong with it: then nothing of it stays.
  Step Next(uint32_t slot);

  [[nodiscard]] int64_t line() const { return line_; }  // where the record begins
  [[nodiscard]] const std::string& problem() const { return problem_; }
  [[nodiscard]] const std::string& column() const { return column_; }  // "": all of the record
  [[nodiscard]] const std::string& text() const { return text_; }      // of a bad one; long ones are cut

 private:
  struct Column {
    TokenColumn* tokens = nullptr;
    bool nested = false;
  };

  [[nodiscard]] bool IsEmptyLine() const;
  [[nodiscard]] bool IsNull(const CsvField& field) const;
  [[nodiscard]] bool IsHeader() const;
  [[nodiscard]] std::string ProblemOf(CsvFields::Flaw flaw, std::string_view record);
  [[nodiscard]] std::string ProblemOfBytes(std::string_view record);
  bool Take(uint32_t slot);
  Step Bad(std::string problem, std::string_view record);

  const CsvLayout& layout_;
  const CsvFields splitter_;
  TokenColumn& root_;
  JsonRecords& json_;
  int64_t& made_;
  std::vector<Column> columns_;
  char* at_;
  char* const end_;
  bool clean_ = false;     // no NUL, and UTF-8
  int64_t next_line_ = 1;  // of at_
  int64_t line_ = 1;
  std::vector<CsvField> fields_;
  std::string problem_;
  std::string column_;
  std::string text_;
};

}  // namespace firn
