#include "text/json_records.h"

#include <fmt/format.h>
#include <yyjson.hpp>

#include <algorithm>
#include <array>
#include <cstring>
#include <memory>
#include <unordered_set>

namespace firn {
namespace {

namespace yy = duckdb_yyjson;

constexpr int kDeepest = 64;
constexpr yy::yyjson_read_flag kFlags = yy::YYJSON_READ_INSITU | yy::YYJSON_READ_NUMBER_AS_RAW;

std::string_view TextOf(yy::yyjson_val* value) {
  return {yy::unsafe_yyjson_get_str(value), yy::unsafe_yyjson_get_len(value)};
}

// The parser wants zeros behind the record, where the next one begins.
class ZerosBehind {
 public:
  explicit ZerosBehind(char* end) : end_(end) {
    std::memcpy(kept_.data(), end, kept_.size());
    std::memset(end, 0, kept_.size());
  }
  ZerosBehind(const ZerosBehind&) = delete;
  ZerosBehind& operator=(const ZerosBehind&) = delete;
  ~ZerosBehind() { std::memcpy(end_, kept_.data(), kept_.size()); }

 private:
  char* const end_;
  std::array<char, YYJSON_PADDING_SIZE> kept_{};
};

static_assert(JsonRecords::kPadding >= YYJSON_PADDING_SIZE);

// Puts values into columns; what a value is, is said by those who derive from it.
class Taking {
 public:
  Taking(int64_t& made, std::string& problem) : made_(made), problem_(problem) {}

 protected:
  bool Bad(std::string problem) {
    problem_ = std::move(problem);
    return false;
  }

  static void Put(std::string_view text, uint32_t slot, TokenKind kind, TokenColumn& column) {
    column.Append({text.data(), static_cast<uint32_t>(text.size()), slot, kind});
  }
  static void PutNumber(std::string_view text, uint32_t slot, TokenColumn& column) {
    const bool whole = text.find_first_of(".eE") == std::string_view::npos;
    Put(text, slot, whole ? TokenKind::kInteger : TokenKind::kNumber, column);
  }

  // Puts each field of `object` into the field of `column` of its name with `value` (value, column, slot).
  template <class Value>
  bool Fields(yy::yyjson_val* object, TokenColumn& column, uint32_t slot, int depth, const Value& value) {
    if (depth > kDeepest) return TooDeep();
    size_t cursor = 0;
    yy::yyjson_obj_iter fields = yy::yyjson_obj_iter_with(object);
    while (yy::yyjson_val* const key = yy::yyjson_obj_iter_next(&fields)) {
      TokenColumn& child = column.Field(TextOf(key), cursor, made_);
      if (child.Holds(slot)) return Bad(fmt::format("the key '{}' stands twice", child.name()));
      if (!value(yy::yyjson_obj_iter_get_val(key), child, slot)) return false;
    }
    return true;
  }

  template <class Value>
  bool List(yy::yyjson_val* list, TokenColumn& column, uint32_t slot, int depth, const Value& value) {
    if (depth > kDeepest) return TooDeep();
    // Elements of lists and of maps would stand in one column.
    if (column.is_map()) return Bad(fmt::format("'{}' is a map, and here a list", column.name()));
    uint32_t count = 0;
    yy::yyjson_arr_iter elements = yy::yyjson_arr_iter_with(list);
    while (yy::yyjson_val* const element = yy::yyjson_arr_iter_next(&elements)) {
      if (!value(element, column.Element(made_), column.elements() + count)) return false;
      ++count;
    }
    Close(TokenKind::kList, count, slot, column);
    return true;
  }

  // An object, or, in a column of maps, a list of its keys and values.
  template <class Value>
  bool Object(yy::yyjson_val* object, TokenColumn& column, uint32_t slot, int depth, const Value& value) {
    uint32_t count = 0;
    if (!(column.is_map() ? Map(object, column, count, depth, value) : Fields(object, column, slot, depth, value)))
      return false;
    Close(TokenKind::kObject, count, slot, column);
    return true;
  }

 private:
  bool TooDeep() { return Bad(fmt::format("it is nested deeper than {}", kDeepest)); }

  static void Close(TokenKind kind, uint32_t count, uint32_t slot, TokenColumn& column) {
    column.Append({nullptr, count, slot, kind, column.elements()});
    column.AddElements(count);
  }

  template <class Value>
  bool Map(yy::yyjson_val* object, TokenColumn& column, uint32_t& count, int depth, const Value& value) {
    if (depth > kDeepest) return TooDeep();
    std::unordered_set<std::string_view> keys;
    TokenColumn& element = column.Element(made_);
    yy::yyjson_obj_iter fields = yy::yyjson_obj_iter_with(object);
    while (yy::yyjson_val* const field = yy::yyjson_obj_iter_next(&fields)) {
      const std::string_view key = TextOf(field);
      if (!keys.insert(key).second) return Bad(fmt::format("the key '{}' stands twice", key));
      const uint32_t slot = column.elements() + count++;
      size_t cursor = 0;
      Put(key, slot, TokenKind::kText, element.Field("key", cursor, made_));
      if (!value(yy::yyjson_obj_iter_get_val(field), element.Field("value", cursor, made_), slot)) return false;
    }
    return true;
  }

  int64_t& made_;
  std::string& problem_;
};

// Values are what JSON says that they are.
class JsonTaking : public Taking {
 public:
  using Taking::Taking;

  // For Fields and List at a depth.
  auto ValuesAt(int depth) {
    return [this, depth](yy::yyjson_val* value, TokenColumn& column, uint32_t slot) {
      return Value(value, column, slot, depth);
    };
  }

  bool Record(yy::yyjson_val* record, TokenColumn& root, uint32_t slot) {
    return Fields(record, root, slot, 1, ValuesAt(1));
  }

  bool Value(yy::yyjson_val* value, TokenColumn& column, uint32_t slot, int depth) {
    switch (yy::unsafe_yyjson_get_type(value)) {
      case YYJSON_TYPE_OBJ:
        return Object(value, column, slot, depth + 1, ValuesAt(depth + 1));
      case YYJSON_TYPE_ARR:
        return List(value, column, slot, depth + 1, ValuesAt(depth + 1));
      case YYJSON_TYPE_STR:
        Put(TextOf(value), slot, TokenKind::kText, column);
        return true;
      case YYJSON_TYPE_RAW:
        PutNumber(TextOf(value), slot, column);
        return true;
      case YYJSON_TYPE_BOOL:
        Put(yy::unsafe_yyjson_get_bool(value) ? "true" : "false", slot, TokenKind::kBoolean, column);
        return true;
      default:
        Put("null", slot, TokenKind::kNull, column);
        return true;
    }
  }
};

bool IsDecimal(char c) {
  return c >= '0' && c <= '9';
}

// Whether it is digits, with a point among them and an exponent where wanted.
bool IsNumber(std::string_view text) {
  const auto take_digits = [&text] {
    const size_t before = text.size();
    while (!text.empty() && IsDecimal(text.front())) text.remove_prefix(1);
    return text.size() < before;
  };
  if (!take_digits()) return false;
  if (text.starts_with('.')) {
    text.remove_prefix(1);
    if (!take_digits()) return false;
  }
  if (text.empty()) return true;
  if (text.front() != 'e' && text.front() != 'E') return false;
  text.remove_prefix(1);
  if (text.starts_with('+') || text.starts_with('-')) text.remove_prefix(1);
  return take_digits() && text.empty();
}

// The text of an N in JSON's grammar: "+007.50" is 7.50, ".5" is 0.5; empty when it is no number. Written where the
// text is; a quote stands before it, which nobody needs any more.
std::string_view NumberIn(std::string_view text) {
  char* begin = const_cast<char*>(text.data());  // in the record, which is changed
  const char* const end = begin + text.size();
  const bool negative = text.starts_with('-');
  if (negative || text.starts_with('+')) ++begin;
  while (begin + 1 < end && *begin == '0' && IsDecimal(begin[1])) ++begin;
  if (begin < end && *begin == '.') *--begin = '0';
  if (!IsNumber({begin, end})) return {};
  if (negative) *--begin = '-';
  return {begin, end};
}

// Values say what they are, as DynamoDB's do ("AttributeValue", Amazon DynamoDB API reference).
class ItemTaking : public Taking {
 public:
  using Taking::Taking;

  // For Fields and List at a depth.
  auto ValuesAt(int depth) {
    return [this, depth](yy::yyjson_val* value, TokenColumn& column, uint32_t slot) {
      return Value(value, column, slot, depth);
    };
  }

  bool Record(yy::yyjson_val* record, TokenColumn& root, uint32_t slot) {
    yy::yyjson_val* const item = yy::yyjson_obj_get(record, "Item");
    if (yy::yyjson_obj_get(record, "Keys") != nullptr)
      return Bad("it is of an incremental export, which has changes and no items: export the whole table");
    if (!yy::yyjson_is_obj(item) || yy::yyjson_obj_size(record) != 1)
      return Bad("it is no line of a DynamoDB export: {\"Item\":{...}} was expected");
    return Fields(item, root, slot, 1, ValuesAt(1));
  }

 private:
  bool Value(yy::yyjson_val* typed, TokenColumn& column, uint32_t slot, int depth) {
    if (!yy::yyjson_is_obj(typed) || yy::yyjson_obj_size(typed) != 1) return NoType(column);
    yy::yyjson_obj_iter fields = yy::yyjson_obj_iter_with(typed);
    yy::yyjson_val* const key = yy::yyjson_obj_iter_next(&fields);
    yy::yyjson_val* const value = yy::yyjson_obj_iter_get_val(key);
    const std::string_view type = TextOf(key);
    if (type == "S" || type == "N" || type == "B") return Text(type, value, column, slot);
    if (type == "M" && yy::yyjson_is_obj(value)) return Object(value, column, slot, depth + 1, ValuesAt(depth + 1));
    if (type == "L" && yy::yyjson_is_arr(value)) return List(value, column, slot, depth + 1, ValuesAt(depth + 1));
    if ((type == "SS" || type == "NS" || type == "BS") && yy::yyjson_is_arr(value))
      return List(value, column, slot, depth + 1, [&](yy::yyjson_val* each, TokenColumn& element, uint32_t at) {
        return Text(type.substr(0, 1), each, element, at);
      });
    if (type == "BOOL" && yy::yyjson_is_bool(value)) {
      Put(yy::unsafe_yyjson_get_bool(value) ? "true" : "false", slot, TokenKind::kBoolean, column);
      return true;
    }
    if (type != "NULL") return NoType(column);
    Put("null", slot, TokenKind::kNull, column);
    return true;
  }

  bool Text(std::string_view type, yy::yyjson_val* value, TokenColumn& column, uint32_t slot) {
    if (!yy::yyjson_is_str(value)) return NoType(column);
    if (type != "N") {
      Put(TextOf(value), slot, TokenKind::kText, column);
      return true;
    }
    const std::string as_it_was(TextOf(value));
    const std::string_view number = NumberIn(TextOf(value));
    if (number.empty()) return Bad(fmt::format("'{}' of the attribute '{}' is no number", as_it_was, column.name()));
    PutNumber(number, slot, column);
    return true;
  }

  bool NoType(const TokenColumn& column) {
    return Bad(fmt::format("the attribute '{}' does not say its type as DynamoDB does: {{\"S\":\"...\"}} was expected",
                           column.name()));
  }
};

// The value's tree lives in `memory`; nullptr when it is no JSON.
yy::yyjson_doc* Parse(char* value, size_t size, std::vector<char>& memory, std::string& problem) {
  memory.resize(std::max(memory.size(), yy::yyjson_read_max_memory_usage(size, kFlags)));
  yy::yyjson_alc allocator;
  yy::yyjson_alc_pool_init(&allocator, memory.data(), memory.size());
  yy::yyjson_read_err error;
  const ZerosBehind zeros(value + size);
  yy::yyjson_doc* const document = yy::yyjson_read_opts(value, size, kFlags, &allocator, &error);
  if (document == nullptr) problem = fmt::format("it is no JSON: {}, at byte {}", error.msg, error.pos);
  return document;
}

}  // namespace

bool JsonRecords::Add(char* record, size_t size, uint32_t slot, TokenColumn& root, int64_t& made) {
  yy::yyjson_doc* const document = Parse(record, size, memory_, problem_);
  if (document == nullptr) return false;
  yy::yyjson_val* const top = yy::yyjson_doc_get_root(document);
  if (!yy::yyjson_is_obj(top)) {
    problem_ = "a record must be an object: {...}";
    return false;
  }
  const bool taken = form_ == RecordForm::kJson ? JsonTaking(made, problem_).Record(top, root, slot)
                                                : ItemTaking(made, problem_).Record(top, root, slot);
  if (taken) return true;
  root.CutTo(slot);
  return false;
}

bool JsonRecords::AddValue(char* value, size_t size, uint32_t slot, TokenColumn& column, int64_t& made) {
  yy::yyjson_doc* const document = Parse(value, size, memory_, problem_);
  return document != nullptr && JsonTaking(made, problem_).Value(yy::yyjson_doc_get_root(document), column, slot, 0);
}

}  // namespace firn
