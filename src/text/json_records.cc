#include "text/json_records.h"

#include <fmt/format.h>
#include <simdjson.h>

#include <unordered_set>

namespace firn {
namespace {

namespace ondemand = simdjson::ondemand;

constexpr int kDeepest = 64;

static_assert(JsonRecords::kPadding >= simdjson::SIMDJSON_PADDING);

std::string_view WithoutSpaceBehind(std::string_view text) {
  while (!text.empty() && (text.back() == ' ' || text.back() == '\n' || text.back() == '\r' || text.back() == '\t'))
    text.remove_suffix(1);
  return text;
}

size_t DigitsAt(std::string_view text, size_t at) {
  size_t end = at;
  while (end < text.size() && text[end] >= '0' && text[end] <= '9') ++end;
  return end - at;
}

}  // namespace

TokenKind NumberKind(std::string_view text) {
  size_t at = text.starts_with('-') ? 1 : 0;
  const size_t digits = DigitsAt(text, at);
  if (digits == 0 || (digits > 1 && text[at] == '0')) return TokenKind::kText;
  at += digits;
  TokenKind kind = TokenKind::kInteger;
  if (at < text.size() && text[at] == '.') {
    const size_t fraction = DigitsAt(text, at + 1);
    if (fraction == 0) return TokenKind::kText;
    at += 1 + fraction;
    kind = TokenKind::kNumber;
  }
  if (at < text.size() && (text[at] == 'e' || text[at] == 'E')) {
    ++at;
    if (at < text.size() && (text[at] == '+' || text[at] == '-')) ++at;
    const size_t exponent = DigitsAt(text, at);
    if (exponent == 0) return TokenKind::kText;
    at += exponent;
    kind = TokenKind::kNumber;
  }
  return at == text.size() ? kind : TokenKind::kText;
}

class JsonRecords::Impl {
 public:
  bool Add(std::string_view record, uint32_t slot, TokenColumn& root, ByteArena& arena, int64_t& made) {
    arena_ = &arena;
    made_ = &made;
    problem_.clear();
    ondemand::document document;
    if (const auto error = parser_.iterate(record.data(), record.size(), record.size() + kPadding).get(document))
      return Bad(error);
    ondemand::object object;
    if (const auto error = document.get_object().get(object))
      return error == simdjson::INCORRECT_TYPE ? Bad("a record must be an object: {...}") : Bad(error);
    if (!Object(object, root, slot, 1)) return false;
    return document.current_location().error() != simdjson::SUCCESS || Bad("something follows the object");
  }

  [[nodiscard]] const std::string& problem() const { return problem_; }

 private:
  bool Bad(std::string problem) {
    problem_ = std::move(problem);
    return false;
  }
  bool Bad(simdjson::error_code error) { return Bad(std::string("it is no JSON: ") + simdjson::error_message(error)); }

  bool Object(ondemand::object object, TokenColumn& column, uint32_t slot, int depth) {
    if (depth > kDeepest) return Bad(fmt::format("it is nested deeper than {}", kDeepest));
    size_t cursor = 0;
    for (auto each : object) {
      ondemand::field field;
      if (const auto error = std::move(each).get(field)) return Bad(error);
      std::string_view key;
      if (!Key(field, key)) return false;
      TokenColumn& child = column.Field(key, cursor, *made_);
      if (child.Holds(slot)) return Bad(fmt::format("the key '{}' stands twice", key));
      if (!Value(field.value(), child, slot, depth)) return false;
    }
    return true;
  }

  bool List(ondemand::array list, TokenColumn& column, uint32_t& count, int depth) {
    if (depth > kDeepest) return Bad(fmt::format("it is nested deeper than {}", kDeepest));
    for (auto each : list) {
      ondemand::value value;
      if (const auto error = std::move(each).get(value)) return Bad(error);
      TokenColumn& element = column.Element(*made_);
      if (!Value(value, element, column.elements() + count, depth)) return false;
      ++count;
    }
    return true;
  }

  bool Map(ondemand::object object, TokenColumn& column, uint32_t& count, int depth) {
    if (depth > kDeepest) return Bad(fmt::format("it is nested deeper than {}", kDeepest));
    std::unordered_set<std::string_view> keys;
    TokenColumn& element = column.Element(*made_);
    for (auto each : object) {
      ondemand::field field;
      if (const auto error = std::move(each).get(field)) return Bad(error);
      std::string_view key;
      if (!Key(field, key)) return false;
      key = arena_->Keep(key);
      if (!keys.insert(key).second) return Bad(fmt::format("the key '{}' stands twice", key));
      const uint32_t slot = column.elements() + count++;
      size_t cursor = 0;
      element.Field("key", cursor, *made_)
          .Append({key.data(), static_cast<uint32_t>(key.size()), slot, TokenKind::kText});
      if (!Value(field.value(), element.Field("value", cursor, *made_), slot, depth)) return false;
    }
    return true;
  }

  // The parser's own text of a key with escapes lives as long as its record; the column keeps a copy.
  bool Key(ondemand::field& field, std::string_view& key) {
    const char* const raw = field.key().raw();
    const char* end = raw;
    while (*end != '"' && *end != '\\') ++end;
    key = {raw, end};
    if (*end == '"') return true;
    const auto error = field.unescaped_key().get(key);
    return error == simdjson::SUCCESS || Bad(error);
  }

  bool Value(ondemand::value value, TokenColumn& column, uint32_t slot, int depth) {
    const std::string_view raw = WithoutSpaceBehind(value.raw_json_token());
    switch (raw.empty() ? '\0' : raw.front()) {
      case '{': {
        ondemand::object object;
        if (const auto error = value.get_object().get(object)) return Bad(error);
        uint32_t count = 0;
        if (!(column.is_map() ? Map(object, column, count, depth + 1) : Object(object, column, slot, depth + 1)))
          return false;
        column.Append({raw.data(), count, slot, TokenKind::kObject});
        column.AddElements(count);
        return true;
      }
      case '[': {
        ondemand::array list;
        if (const auto error = value.get_array().get(list)) return Bad(error);
        uint32_t count = 0;
        if (!List(list, column, count, depth + 1)) return false;
        column.Append({raw.data(), count, slot, TokenKind::kList});
        column.AddElements(count);
        return true;
      }
      case '"':
        return Text(value, raw, column, slot);
      default:
        return Scalar(raw, column, slot);
    }
  }

  bool Text(ondemand::value value, std::string_view raw, TokenColumn& column, uint32_t slot) {
    if (raw.size() < 2 || raw.back() != '"') return Bad("it is no JSON: a text does not end");
    std::string_view text = raw.substr(1, raw.size() - 2);
    if (text.contains('\\')) {
      if (const auto error = value.get_string().get(text)) return Bad(error);
      text = arena_->Keep(text);
    }
    column.Append({text.data(), static_cast<uint32_t>(text.size()), slot, TokenKind::kText});
    return true;
  }

  bool Scalar(std::string_view raw, TokenColumn& column, uint32_t slot) {
    TokenKind kind = TokenKind::kNull;
    if (raw == "true" || raw == "false") {
      kind = TokenKind::kBoolean;
    } else if (raw != "null") {
      kind = NumberKind(raw);
      if (kind == TokenKind::kText) return Bad(fmt::format("it is no JSON: '{}' is no value", raw.substr(0, 40)));
    }
    column.Append({raw.data(), static_cast<uint32_t>(raw.size()), slot, kind});
    return true;
  }

  ondemand::parser parser_;
  ByteArena* arena_ = nullptr;  // these two of the record at work
  int64_t* made_ = nullptr;
  std::string problem_;
};

JsonRecords::JsonRecords() : impl_(std::make_unique<Impl>()) {}
JsonRecords::~JsonRecords() = default;

bool JsonRecords::Add(std::string_view record, uint32_t slot, TokenColumn& root, ByteArena& arena, int64_t& made) {
  if (impl_->Add(record, slot, root, arena, made)) return true;
  problem_ = impl_->problem();
  root.CutTo(slot);
  return false;
}

}  // namespace firn
