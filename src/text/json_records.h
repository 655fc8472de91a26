#pragma once

#include <memory>
#include <string>
#include <string_view>

#include "format/byte_arena.h"
#include "text/token_column.h"

namespace firn {

// Takes JSON records, objects, apart into columns of tokens. Strict by RFC 8259 and UTF-8; moreover refused: a key that
// stands twice in one object, nesting deeper than 64. Not thread-safe.
class JsonRecords {
 public:
  // Bytes that must be readable behind every record.
  static constexpr size_t kPadding = 64;

  JsonRecords();
  JsonRecords(const JsonRecords&) = delete;
  JsonRecords& operator=(const JsonRecords&) = delete;
  ~JsonRecords();

  // Appends `record` to the fields of `root` as row `slot`. Its tokens point into the record and into `arena`. False
  // when it is no JSON object: nothing of it stays, and problem() says why. Counts new columns in `made`.
  bool Add(std::string_view record, uint32_t slot, TokenColumn& root, ByteArena& arena, int64_t& made);
  [[nodiscard]] const std::string& problem() const { return problem_; }

 private:
  class Impl;
  std::unique_ptr<Impl> impl_;
  std::string problem_;
};

// kInteger or kNumber, by JSON's grammar; kText for what is no number.
[[nodiscard]] TokenKind NumberKind(std::string_view text);

}  // namespace firn
