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

// Puts the values of one record's tree into columns.
class Taker {
 public:
  Taker(int64_t& made, std::string& problem) : made_(made), problem_(problem) {}

  bool Object(yy::yyjson_val* object, TokenColumn& column, uint32_t slot, int depth) {
    if (depth > kDeepest) return Bad(fmt::format("it is nested deeper than {}", kDeepest));
    size_t cursor = 0;
    yy::yyjson_obj_iter fields = yy::yyjson_obj_iter_with(object);
    while (yy::yyjson_val* const key = yy::yyjson_obj_iter_next(&fields)) {
      TokenColumn& child = column.Field(TextOf(key), cursor, made_);
      if (child.Holds(slot)) return Bad(fmt::format("the key '{}' stands twice", child.name()));
      if (!Value(yy::yyjson_obj_iter_get_val(key), child, slot, depth)) return false;
    }
    return true;
  }

  bool Value(yy::yyjson_val* value, TokenColumn& column, uint32_t slot, int depth) {
    uint32_t count = 0;
    switch (yy::unsafe_yyjson_get_type(value)) {
      case YYJSON_TYPE_OBJ:
        if (!(column.is_map() ? Map(value, column, count, depth + 1) : Object(value, column, slot, depth + 1)))
          return false;
        column.Append({nullptr, count, slot, TokenKind::kObject, column.elements()});
        column.AddElements(count);
        return true;
      case YYJSON_TYPE_ARR:
        // Elements of lists and of maps would stand in one column.
        if (column.is_map()) return Bad(fmt::format("'{}' is a map, and here a list", column.name()));
        if (!List(value, column, count, depth + 1)) return false;
        column.Append({nullptr, count, slot, TokenKind::kList, column.elements()});
        column.AddElements(count);
        return true;
      case YYJSON_TYPE_STR:
        Put(TextOf(value), slot, TokenKind::kText, column);
        return true;
      case YYJSON_TYPE_RAW:
        Put(TextOf(value), slot,
            TextOf(value).find_first_of(".eE") == std::string_view::npos ? TokenKind::kInteger : TokenKind::kNumber,
            column);
        return true;
      case YYJSON_TYPE_BOOL:
        Put(yy::unsafe_yyjson_get_bool(value) ? "true" : "false", slot, TokenKind::kBoolean, column);
        return true;
      default:
        Put("null", slot, TokenKind::kNull, column);
        return true;
    }
  }

 private:
  bool Bad(std::string problem) {
    problem_ = std::move(problem);
    return false;
  }

  bool List(yy::yyjson_val* list, TokenColumn& column, uint32_t& count, int depth) {
    if (depth > kDeepest) return Bad(fmt::format("it is nested deeper than {}", kDeepest));
    yy::yyjson_arr_iter elements = yy::yyjson_arr_iter_with(list);
    while (yy::yyjson_val* const value = yy::yyjson_arr_iter_next(&elements)) {
      if (!Value(value, column.Element(made_), column.elements() + count, depth)) return false;
      ++count;
    }
    return true;
  }

  bool Map(yy::yyjson_val* object, TokenColumn& column, uint32_t& count, int depth) {
    if (depth > kDeepest) return Bad(fmt::format("it is nested deeper than {}", kDeepest));
    std::unordered_set<std::string_view> keys;
    TokenColumn& element = column.Element(made_);
    yy::yyjson_obj_iter fields = yy::yyjson_obj_iter_with(object);
    while (yy::yyjson_val* const field = yy::yyjson_obj_iter_next(&fields)) {
      const std::string_view key = TextOf(field);
      if (!keys.insert(key).second) return Bad(fmt::format("the key '{}' stands twice", key));
      const uint32_t slot = column.elements() + count++;
      size_t cursor = 0;
      Put(key, slot, TokenKind::kText, element.Field("key", cursor, made_));
      if (!Value(yy::yyjson_obj_iter_get_val(field), element.Field("value", cursor, made_), slot, depth)) return false;
    }
    return true;
  }

  static void Put(std::string_view text, uint32_t slot, TokenKind kind, TokenColumn& column) {
    column.Append({text.data(), static_cast<uint32_t>(text.size()), slot, kind});
  }

  int64_t& made_;
  std::string& problem_;
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
  if (Taker(made, problem_).Object(top, root, slot, 1)) return true;
  root.CutTo(slot);
  return false;
}

bool JsonRecords::AddValue(char* value, size_t size, uint32_t slot, TokenColumn& column, int64_t& made) {
  yy::yyjson_doc* const document = Parse(value, size, memory_, problem_);
  return document != nullptr && Taker(made, problem_).Value(yy::yyjson_doc_get_root(document), column, slot, 0);
}

}  // namespace firn
