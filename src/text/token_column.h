#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "schema/type.h"

namespace firn {

// What one value of a text format is, before anybody decides on its column's type. A value that is not there has no
// token. Fields of CSV are kPlain: text/spelled_kind.h tells what they look like, with kDate and those after it.
enum class TokenKind : uint8_t {
  kNull,
  kBoolean,
  kInteger,
  kNumber,
  kText,
  kObject,
  kList,
  kPlain,
  kDate,
  kTimestamp,  // a wall-clock time
  kInstant,    // with a zone: Z
};

struct Token {
  const char* data = nullptr;  // within the chunk's bytes; nullptr for objects and lists
  uint32_t size = 0;           // bytes; of a list or a map, its elements
  uint32_t slot = 0;           // rises: the record's row, or the element's number
  TokenKind kind = TokenKind::kNull;
  uint32_t first = 0;  // of a list or a map: the slot of its first element

  // As written, without quotes and escapes; nothing for objects and lists.
  [[nodiscard]] std::string_view text() const { return {data, size_t{data == nullptr ? 0 : size}}; }
};

// A column of records, or a field of structs, or the elements of lists: its tokens in the order of slots. Columns that
// few records have cost what they hold. In a column of maps, objects are lists of elements with a `key` and a `value`.
// Not thread-safe.
class TokenColumn {
 public:
  explicit TokenColumn(std::string name = {}) : name_(std::move(name)) {}

  [[nodiscard]] const std::string& name() const { return name_; }
  [[nodiscard]] const std::vector<Token>& tokens() const { return tokens_; }
  [[nodiscard]] const std::vector<std::unique_ptr<TokenColumn>>& fields() const { return fields_; }
  [[nodiscard]] const TokenColumn* FindField(std::string_view name) const;
  [[nodiscard]] const TokenColumn* element() const { return element_.get(); }  // nullptr: no list had one

  [[nodiscard]] bool Holds(uint32_t slot) const { return !tokens_.empty() && tokens_.back().slot == slot; }
  void Append(const Token& token) { tokens_.push_back(token); }
  // The field of that name, made when it is new. `cursor` remembers where the last one was found: records have their
  // fields in one order, mostly. Counts new fields in `made`.
  TokenColumn& Field(std::string_view name, size_t& cursor, int64_t& made);
  TokenColumn& Element(int64_t& made);
  void MakeMap() { is_map_ = true; }  // before the first token
  [[nodiscard]] bool is_map() const { return is_map_; }
  [[nodiscard]] uint32_t elements() const { return elements_; }  // of all lists; the next one's slot
  void AddElements(uint32_t count) { elements_ += count; }

  // As if nothing had been appended for `slot` and those after it.
  void CutTo(uint32_t slot);

 private:
  std::string name_;
  std::vector<Token> tokens_;
  std::vector<std::unique_ptr<TokenColumn>> fields_;     // of objects, in the order in which they were first met
  std::unordered_map<std::string_view, size_t> places_;  // in fields_, by their names
  std::unique_ptr<TokenColumn> element_;                 // of lists
  uint32_t elements_ = 0;
  bool is_map_ = false;
};

// An object or a list of `column` as compact JSON.
[[nodiscard]] std::string JsonOf(const TokenColumn& column, const Token& token);

// Makes maps of those columns, also within others, that are maps in `schema`: before the first record.
void MakeMaps(const Schema& schema, TokenColumn& root);

}  // namespace firn
