#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <optional>

#include "schema/names.h"

namespace firn {
namespace {

constexpr int kDeepest = 64;
constexpr int kMaxPrecision = 38;
constexpr int kLongestFixedBinary = 1 << 20;

struct PlainType {
  std::string_view name;
  TypeKind kind;
};
constexpr std::array kPlainTypes = {
    PlainType{"void", TypeKind::kNull},        PlainType{"boolean", TypeKind::kBoolean},
    PlainType{"bool", TypeKind::kBoolean},     PlainType{"tinyint", TypeKind::kInt8},
    PlainType{"smallint", TypeKind::kInt16},   PlainType{"int", TypeKind::kInt32},
    PlainType{"integer", TypeKind::kInt32},    PlainType{"bigint", TypeKind::kInt64},
    PlainType{"long", TypeKind::kInt64},       PlainType{"utinyint", TypeKind::kUInt8},
    PlainType{"usmallint", TypeKind::kUInt16}, PlainType{"uint", TypeKind::kUInt32},
    PlainType{"uinteger", TypeKind::kUInt32},  PlainType{"ubigint", TypeKind::kUInt64},
    PlainType{"float", TypeKind::kFloat},      PlainType{"real", TypeKind::kFloat},
    PlainType{"double", TypeKind::kDouble},    PlainType{"string", TypeKind::kString},
    PlainType{"uuid", TypeKind::kUuid},        PlainType{"date", TypeKind::kDate},
};

// Recursive descent over one type name. Positions in messages count characters from 1.
class TypeParser {
 public:
  explicit TypeParser(std::string_view text) : text_(text) {}

  Result<Type> ParseAll() {
    FIRN_TRY_ASSIGN(Type type, ParseType(0));
    SkipSpaces();
    if (at_ != text_.size()) return Expected("the end");
    return type;
  }

 private:
  Result<Type> ParseType(int depth) {
    if (depth > kDeepest)
      return Fail(ErrorKind::kInvalidArgument, fmt::format("a type is nested deeper than {} levels", kDeepest));
    const size_t start = at_;
    const std::string word = Word();
    if (word == "struct") return ParseStruct(depth);
    if (word == "array") return ParseList(depth);
    if (word == "map") return ParseMap(depth);
    if (word == "decimal" || word == "numeric") return ParseDecimal();
    if (word == "timestamp") return ParseTimestamp();
    if (word == "time") return ParseTime();
    if (word == "binary" || word == "varbinary") return ParseBinary();
    if (word == "char" || word == "varchar") return ParseText();
    const auto plain = std::ranges::find(kPlainTypes, std::string_view(word), &PlainType::name);
    if (plain == kPlainTypes.end()) {
      at_ = start;
      return Expected("a type (bigint, string, decimal(12,2), struct<a:int>, ...)");
    }
    if (word == "double") (void)TakeWord("precision");
    return Type{.kind = plain->kind};
  }

  Result<Type> ParseStruct(int depth) {
    Type type{.kind = TypeKind::kStruct};
    if (!Take('<')) return Expected("'<'");
    if (Take('>')) return type;
    do {
      FIRN_TRY_ASSIGN(std::string name, ParseFieldName());
      if (!Take(':')) return Expected("':'");
      if (std::ranges::find(type.children, name, &Field::name) != type.children.end())
        return Fail(ErrorKind::kInvalidArgument, fmt::format("a struct has two fields named '{}'", name));
      FIRN_TRY_ASSIGN(Type field, ParseType(depth + 1));
      type.children.push_back({std::move(name), std::move(field), true});
    } while (Take(','));
    if (!Take('>')) return Expected("',' or '>'");
    return type;
  }

  Result<Type> ParseList(int depth) {
    if (!Take('<')) return Expected("'<'");
    FIRN_TRY_ASSIGN(Type element, ParseType(depth + 1));
    if (!Take('>')) return Expected("'>'");
    Type type{.kind = TypeKind::kList};
    type.children.push_back({"element", std::move(element), true});
    return type;
  }

  Result<Type> ParseMap(int depth) {
    if (!Take('<')) return Expected("'<'");
    FIRN_TRY_ASSIGN(Type key, ParseType(depth + 1));
    if (!Take(',')) return Expected("','");
    FIRN_TRY_ASSIGN(Type value, ParseType(depth + 1));
    if (!Take('>')) return Expected("'>'");
    Type type{.kind = TypeKind::kMap};
    type.children.push_back({"key", std::move(key), false});
    type.children.push_back({"value", std::move(value), true});
    return type;
  }

  Result<Type> ParseDecimal() {
    Type type{.kind = TypeKind::kDecimal, .precision = 10, .scale = 0};  // Hive's default
    if (!Take('(')) return type;
    FIRN_TRY_ASSIGN(type.precision, Number(1, kMaxPrecision));
    if (Take(',')) {
      FIRN_TRY_ASSIGN(type.scale, Number(0, type.precision));
    }
    if (!Take(')')) return Expected("')'");
    return type;
  }

  Result<Type> ParseTimestamp() {
    Type type{.kind = TypeKind::kTimestamp};
    FIRN_TRY_ASSIGN(type.unit, Unit());
    if (TakeWord("with")) {
      (void)TakeWord("local");
      if (!TakeWord("time") || !TakeWord("zone")) return Expected("'time zone'");
      type.utc = true;
    } else if (TakeWord("without")) {
      if (!TakeWord("time") || !TakeWord("zone")) return Expected("'time zone'");
    }
    return type;
  }

  Result<Type> ParseTime() {
    Type type{.kind = TypeKind::kTime};
    FIRN_TRY_ASSIGN(type.unit, Unit());
    return type;
  }

  Result<Type> ParseBinary() {
    if (!Take('(')) return Type{.kind = TypeKind::kBinary};
    Type type{.kind = TypeKind::kFixedBinary};
    FIRN_TRY_ASSIGN(type.length, Number(1, kLongestFixedBinary));
    if (!Take(')')) return Expected("')'");
    return type;
  }

  // char(n) and varchar(n): the length is a wish that nothing here checks.
  Result<Type> ParseText() {
    if (Take('(')) {
      FIRN_TRY(Number(1, 1 << 30));
      if (!Take(')')) return Expected("')'");
    }
    return Type{.kind = TypeKind::kString};
  }

  Result<TimeUnit> Unit() {
    if (!Take('(')) return TimeUnit::kMicros;
    const size_t start = at_;
    FIRN_TRY_ASSIGN(const int digits, Number(0, 9));
    if (digits % 3 != 0 || digits == 0) {
      at_ = start;
      return Expected("3, 6 or 9 digits of a second");
    }
    if (!Take(')')) return Expected("')'");
    return digits == 3 ? TimeUnit::kMillis : digits == 6 ? TimeUnit::kMicros : TimeUnit::kNanos;
  }

  Result<int> Number(int least, int most) {
    SkipSpaces();
    int value = 0;
    const char* begin = text_.data() + at_;
    const auto [end, error] = std::from_chars(begin, text_.data() + text_.size(), value);
    if (error != std::errc() || value < least || value > most)
      return Expected(fmt::format("a number from {} to {}", least, most));
    at_ += static_cast<size_t>(end - begin);
    return value;
  }

  Result<std::string> ParseFieldName() {
    SkipSpaces();
    if (at_ < text_.size() && text_[at_] == '`') return ParseQuotedName();
    const size_t start = at_;
    while (at_ < text_.size() && std::string_view(":<>,`() \t\n").find(text_[at_]) == std::string_view::npos) ++at_;
    if (at_ == start) return Expected("a field's name");
    return std::string(text_.substr(start, at_ - start));
  }

  Result<std::string> ParseQuotedName() {
    std::string name;
    for (++at_; at_ < text_.size(); ++at_) {
      if (text_[at_] != '`') {
        name += text_[at_];
      } else if (at_ + 1 < text_.size() && text_[at_ + 1] == '`') {
        name += text_[at_++];
      } else {
        ++at_;
        return name;
      }
    }
    return Expected("a closing '`'");
  }

  // Letters and digits, in lower case.
  std::string Word() {
    SkipSpaces();
    std::string word;
    for (; at_ < text_.size(); ++at_) {
      const char c = text_[at_];
      if (c >= 'A' && c <= 'Z') {
        word += static_cast<char>(c - 'A' + 'a');
      } else if ((c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '_') {
        word += c;
      } else {
        break;
      }
    }
    return word;
  }

  bool TakeWord(std::string_view word) {
    const size_t start = at_;
    if (Word() == word) return true;
    at_ = start;
    return false;
  }

  bool Take(char c) {
    SkipSpaces();
    if (at_ == text_.size() || text_[at_] != c) return false;
    ++at_;
    return true;
  }

  void SkipSpaces() {
    while (at_ < text_.size() && (text_[at_] == ' ' || text_[at_] == '\t' || text_[at_] == '\n')) ++at_;
  }

  std::unexpected<Error> Expected(std::string_view what) {
    SkipSpaces();
    const std::string_view shown = text_.substr(0, 200);
    return Fail(ErrorKind::kInvalidArgument,
                fmt::format("the type '{}{}' needs {} at character {}", shown, shown.size() < text_.size() ? "..." : "",
                            what, at_ + 1),
                "Types are written as in Hive: bigint, decimal(12,2), array<string>, struct<a:int,b:date>");
  }

  std::string_view text_;
  size_t at_ = 0;
};

}  // namespace

Result<Type> ParseHiveType(std::string_view text) {
  return TypeParser(text).ParseAll();
}

}  // namespace firn
