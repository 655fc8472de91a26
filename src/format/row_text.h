#pragma once

#include <memory>
#include <string>
#include <vector>

#include "format/byte_set.h"
#include "format/csv_dialect.h"
#include "format/parquet_output.h"
#include "format/text_leaf.h"

namespace firn {

enum class TextFormat { kCsv, kJsonLines };

// Turns the decoded leaves of a run of rows into lines of CSV or JSON. One a thread; reused.
//   CSV: a field is quoted when it holds the delimiter, the quote, CR or LF, or reads like NULL, or when the line would
//   be empty; a quote inside is doubled; lines end in LF; nested values are JSON. JSON lines: one object a line, every
//   column named, NULL as null.
class RowText {
 public:
  RowText(const Schema& schema, const ParquetLayout& layout, TextFormat format, CsvDialect csv);
  ~RowText();
  RowText(const RowText&) = delete;
  RowText& operator=(const RowText&) = delete;

  void Clear();
  // The leaf's next batch; all leaves get the same rows.
  void Add(size_t leaf, const LeafBatch& batch) { leaves_[leaf].Add(batch); }
  // Appends the lines of all rows that were added.
  void AppendLines(std::string& out);
  // The header line of CSV, or nothing.
  [[nodiscard]] std::string Header() const;

 private:
  struct Node;
  Node MakeNode(const Field& field, int def, int rep, size_t& leaf) const;
  void AppendCsvRow(std::string& out);
  void AppendCsvField(std::string_view text, std::string& out) const;
  void AppendJson(const Node& node, std::string& out);
  void AppendJsonObject(const Node& node, std::string& out);
  void AppendJsonList(const Node& node, std::string& out);
  void AppendJsonMap(const Node& node, std::string& out);
  void Skip(const Node& node);

  TextFormat format_;
  CsvDialect csv_;
  std::vector<std::string> names_;
  std::vector<Node> columns_;
  std::vector<TextLeaf> leaves_;
  ByteSet special_;     // bytes that make CSV quote a field
  size_t longest_ = 0;  // text of one AppendLines so far
  std::string nested_;
};

}  // namespace firn
