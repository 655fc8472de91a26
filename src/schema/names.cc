#include "schema/names.h"

#include <fmt/format.h>

#include <charconv>
#include <map>

namespace firn {
namespace {

constexpr int kMaxDepth = 64;

const std::map<std::string_view, TypeKind>& HiveNames() {
  static const std::map<std::string_view, TypeKind> kNames = {
      {"boolean", TypeKind::kBoolean},    {"tinyint", TypeKind::kInt8},  {"smallint", TypeKind::kInt16},
      {"int", TypeKind::kInt32},          {"integer", TypeKind::kInt32}, {"bigint", TypeKind::kInt64},
      {"long", TypeKind::kInt64},         {"float", TypeKind::kFloat},   {"double", TypeKind::kDouble},
      {"string", TypeKind::kString},      {"binary", TypeKind::kBinary}, {"date", TypeKind::kDate},
      {"timestamp", TypeKind::kTimestamp}};
  return kNames;
}

std::string JoinFields(const Type& type, std::string (*spell)(const Type&)) {
  std::string text;
  for (const Field& field : type.children) text += (text.empty() ? "" : ",") + field.name + ":" + spell(field.type);
  return text;
}

std::string_view UnitName(TimeUnit unit) {
  return unit == TimeUnit::kMillis ? "ms" : unit == TimeUnit::kMicros ? "us" : "ns";
}

// A recursive-descent parser over the text.
class HiveParser {
 public:
  explicit HiveParser(std::string_view text) : text_(text) {}

  Result<Type> Whole() {
    FIRN_TRY_ASSIGN(Type type, One(0));
    if (at_ != text_.size()) return Wrong("the end");
    return type;
  }

 private:
  std::unexpected<Error> Wrong(std::string_view expected) const {
    return Fail(
        ErrorKind::kInvalidArgument, fmt::format("type '{}': expected {} at character {}", text_, expected, at_ + 1),
        "Types are Hive's: int, bigint, decimal(12,2), struct<a:int,b:string>, array<string>, map<string,int>, ...");
  }

  void SkipSpace() {
    while (at_ < text_.size() && text_[at_] == ' ') ++at_;
  }

  bool Take(char c) {
    SkipSpace();
    if (at_ >= text_.size() || text_[at_] != c) return false;
    ++at_;
    SkipSpace();
    return true;
  }

  std::string Word(std::string_view ends) {
    SkipSpace();
    const size_t start = at_;
    while (at_ < text_.size() && ends.find(text_[at_]) == std::string_view::npos) ++at_;
    std::string word(text_.substr(start, at_ - start));
    word.erase(word.find_last_not_of(' ') + 1);
    return word;
  }

  Result<int> Number() {
    SkipSpace();
    int value = 0;
    const auto [end, error] = std::from_chars(text_.data() + at_, text_.data() + text_.size(), value);
    if (error != std::errc()) return Wrong("a number");
    at_ = static_cast<size_t>(end - text_.data());
    return value;
  }

  Result<Type> One(int depth) {
    if (depth > kMaxDepth) return Wrong("at most 64 levels");
    std::string name = Word("<>(),: ");
    for (char& c : name) c = static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
    if (name == "decimal") return DecimalType();
    if (name == "array") return Nested(TypeKind::kList, depth);
    if (name == "map") return Nested(TypeKind::kMap, depth);
    if (name == "struct") return StructType(depth);
    if (name == "varchar" || name == "char") return TextType();
    const auto found = HiveNames().find(name);
    if (found == HiveNames().end()) return Wrong(fmt::format("a type in place of '{}'", name));
    return Type{.kind = found->second};
  }

  Result<Type> TextType() {
    if (Take('(')) {
      FIRN_TRY(Number());
      if (!Take(')')) return Wrong("')'");
    }
    return Type{.kind = TypeKind::kString};
  }

  Result<Type> DecimalType() {
    Type type{.kind = TypeKind::kDecimal, .precision = 10, .scale = 0};  // Hive's default
    if (!Take('(')) return type;
    FIRN_TRY_ASSIGN(type.precision, Number());
    if (Take(',')) {
      FIRN_TRY_ASSIGN(type.scale, Number());
    }
    if (!Take(')')) return Wrong("')'");
    if (type.precision < 1 || type.precision > 38 || type.scale < 0 || type.scale > type.precision)
      return Wrong("decimal(1..38, 0..precision)");
    return type;
  }

  Result<Type> Nested(TypeKind kind, int depth) {
    if (!Take('<')) return Wrong("'<'");
    Type type{.kind = kind};
    FIRN_TRY_ASSIGN(Type first, One(depth + 1));
    if (kind == TypeKind::kList) {
      type.children = {{"element", std::move(first), true}};
    } else {
      if (!Take(',')) return Wrong("','");
      FIRN_TRY_ASSIGN(Type value, One(depth + 1));
      type.children = {{"key", std::move(first), false}, {"value", std::move(value), true}};
    }
    if (!Take('>')) return Wrong("'>'");
    return type;
  }

  Result<Type> StructType(int depth) {
    if (!Take('<')) return Wrong("'<'");
    Type type{.kind = TypeKind::kStruct};
    do {
      std::string name = Word("<>(),:");
      if (name.empty() || !Take(':')) return Wrong("name:type");
      FIRN_TRY_ASSIGN(Type field, One(depth + 1));
      type.children.push_back({std::move(name), std::move(field), true});
    } while (Take(','));
    if (!Take('>')) return Wrong("'>'");
    return type;
  }

  std::string_view text_;
  size_t at_ = 0;
};

}  // namespace

std::string HiveTypeName(const Type& type) {
  switch (type.kind) {
    case TypeKind::kNull:
      return "void";
    case TypeKind::kBoolean:
      return "boolean";
    case TypeKind::kInt8:
      return "tinyint";
    case TypeKind::kInt16:
    case TypeKind::kUInt8:
      return "smallint";
    case TypeKind::kInt32:
    case TypeKind::kUInt16:
      return "int";
    case TypeKind::kInt64:
    case TypeKind::kUInt32:
      return "bigint";
    case TypeKind::kUInt64:
      return "decimal(20,0)";
    case TypeKind::kFloat:
      return "float";
    case TypeKind::kDouble:
      return "double";
    case TypeKind::kDecimal:
      return fmt::format("decimal({},{})", type.precision, type.scale);
    case TypeKind::kString:
    case TypeKind::kUuid:
    case TypeKind::kTime:
      return "string";
    case TypeKind::kBinary:
    case TypeKind::kFixedBinary:
      return "binary";
    case TypeKind::kDate:
      return "date";
    case TypeKind::kTimestamp:
      return "timestamp";
    case TypeKind::kStruct:
      return "struct<" + JoinFields(type, &HiveTypeName) + ">";
    case TypeKind::kList:
      return "array<" + HiveTypeName(type.children[0].type) + ">";
    case TypeKind::kMap:
      return "map<" + HiveTypeName(type.children[0].type) + "," + HiveTypeName(type.children[1].type) + ">";
  }
  return "";
}

std::string Describe(const Type& type) {
  switch (type.kind) {
    case TypeKind::kUInt8:
      return "uint8";
    case TypeKind::kUInt16:
      return "uint16";
    case TypeKind::kUInt32:
      return "uint32";
    case TypeKind::kUInt64:
      return "uint64";
    case TypeKind::kUuid:
      return "uuid";
    case TypeKind::kFixedBinary:
      return fmt::format("binary({})", type.length);
    case TypeKind::kTime:
      return fmt::format("time({})", UnitName(type.unit));
    case TypeKind::kTimestamp:
      return fmt::format("timestamp({}{})", UnitName(type.unit), type.utc ? ", UTC" : "");
    case TypeKind::kStruct:
      return "struct<" + JoinFields(type, &Describe) + ">";
    case TypeKind::kList:
      return "array<" + Describe(type.children[0].type) + ">";
    case TypeKind::kMap:
      return "map<" + Describe(type.children[0].type) + "," + Describe(type.children[1].type) + ">";
    default:
      return HiveTypeName(type);
  }
}

Result<Type> ParseHiveType(std::string_view text) {
  return HiveParser(text).Whole();
}

}  // namespace firn
