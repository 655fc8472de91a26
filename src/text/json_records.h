#pragma once

#include <string>
#include <vector>

#include "text/token_column.h"

namespace firn {

// What a record of JSON is: an object whose fields are the columns, or an item of a DynamoDB table as its export to S3
// has it (DYNAMODB_JSON), in which each value says its type: {"Item":{"id":{"S":"x"},"n":{"N":"1.50"}}}.
enum class RecordForm { kJson, kDynamoItem };

// Takes JSON records, objects, apart into columns of tokens. Strict by RFC 8259 and UTF-8; moreover refused: a key that
// stands twice in one object, nesting deeper than 64. Of an item only the values are left: N becomes a number with all
// its digits, B its base64, a set a list. Not thread-safe.
class JsonRecords {
 public:
  explicit JsonRecords(RecordForm form = RecordForm::kJson) : form_(form) {}

  // Bytes that must be there behind every record.
  static constexpr size_t kPadding = 64;

  // Appends the record of `size` bytes to the fields of `root` as row `slot`. Its tokens point into the record, which
  // is changed: escapes are resolved in their place. False when it is no such object: nothing of it stays, and
  // problem() says why. Counts new columns in `made`.
  bool Add(char* record, size_t size, uint32_t slot, TokenColumn& root, int64_t& made);
  // The same for a value of any kind, as row `slot` of `column`: a field of CSV that holds JSON. When it is false, the
  // caller cuts the column.
  bool AddValue(char* value, size_t size, uint32_t slot, TokenColumn& column, int64_t& made);
  [[nodiscard]] const std::string& problem() const { return problem_; }

 private:
  const RecordForm form_;
  std::vector<char> memory_;  // for one record's tree
  std::string problem_;
};

}  // namespace firn
