#pragma once

#include <cstdint>
#include <deque>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "text/json_records.h"
#include "text/record_chunk.h"
#include "text/token_column.h"

namespace firn {

// A record, or a value in it, that cannot be taken.
struct BadRecord {
  ObjectKey object;
  int64_t line = 0;    // from 1: where the record begins
  std::string column;  // dotted; "" when it is the whole record
  std::string text;    // of the value or the record; long ones are cut
  std::string reason;

  [[nodiscard]] std::string Text() const;  // "a.json:17: column 'n': 'x' is no bigint"
};

// Records of some objects, taken apart into columns of tokens. For one thread.
class RecordSet {
 public:
  // Columns that are maps in `known` are read as maps; fields of CSV that are structs, lists or maps there, as JSON.
  // `form`: what records of JSON are.
  explicit RecordSet(const Schema& known, RecordForm form = RecordForm::kJson);

  // Takes the chunk apart; records that are no JSON objects, or whose fields are not in order, become bad(). kCorrupt
  // when there are more different keys
  // than a table may have columns: such data wants a map.
  Status Add(const ObjectKey& object, RecordChunk chunk);

  [[nodiscard]] RecordForm form() const { return form_; }
  [[nodiscard]] const TokenColumn& root() const { return root_; }
  [[nodiscard]] uint32_t rows() const { return static_cast<uint32_t>(lines_.size()); }
  [[nodiscard]] const std::vector<BadRecord>& bad() const { return bad_; }
  // Object and line of a row.
  [[nodiscard]] std::pair<const ObjectKey&, int64_t> PlaceOf(uint32_t row) const;

 private:
  void AddJson(const ObjectKey& object, const RecordChunk& chunk, std::string& bytes);
  void AddCsv(const ObjectKey& object, const RecordChunk& chunk, std::string& bytes);

  const RecordForm form_;
  std::deque<std::string> bytes_;  // what the tokens point into
  std::set<std::string> nested_;   // columns that are in the table
  JsonRecords parser_;
  TokenColumn root_;
  int64_t columns_ = 0;
  std::vector<int64_t> lines_;                              // of each row
  std::vector<std::pair<uint32_t, ObjectKey>> first_rows_;  // of each object
  std::vector<BadRecord> bad_;
};

}  // namespace firn
