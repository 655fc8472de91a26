#pragma once

#include <optional>
#include <string>

namespace firn {

// How a CSV file is written.
struct CsvDialect {
  char delimiter = ',';
  char quote = '"';
  bool header = true;
  // What NULL is written as; a value that reads the same is quoted, so that both can be told apart.
  std::string null_text;
};

// What a table says of its CSV files. What it does not say is found out for each file (text/csv_layout.h).
struct CsvSettings {
  std::optional<char> delimiter = std::nullopt;
  char quote = '"';
  std::optional<bool> header = std::nullopt;
  std::string null_text = {};

  [[nodiscard]] bool complete() const { return delimiter && header; }
};

}  // namespace firn
