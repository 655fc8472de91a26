#include "format/parquet_schema.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <unordered_set>

#include "format/parquet_guard.h"
#include "schema/names.h"

namespace firn {
namespace {

using parquet::LogicalType;
using parquet::Repetition;
using parquet::schema::GroupNode;
using parquet::schema::Node;
using parquet::schema::NodePtr;
using parquet::schema::PrimitiveNode;

constexpr int kDeepest = 64;
constexpr int kMostDigits = 38;

std::string PathText(const std::vector<std::string_view>& path) {
  std::string text;
  for (const std::string_view name : path) (text += text.empty() ? "" : ".") += name;
  return text;
}

// The name of a field that occurs twice, or nullptr.
template <class Names>
const std::string* FirstRepeated(const Names& names) {
  std::unordered_set<std::string_view> seen;
  for (const std::string* name : names)
    if (!seen.insert(*name).second) return name;
  return nullptr;
}

TimeUnit UnitOf(LogicalType::TimeUnit::unit unit) {
  if (unit == LogicalType::TimeUnit::MILLIS) return TimeUnit::kMillis;
  return unit == LogicalType::TimeUnit::NANOS ? TimeUnit::kNanos : TimeUnit::kMicros;
}

Type PhysicalType(const PrimitiveNode& node) {
  switch (node.physical_type()) {
    case parquet::Type::BOOLEAN:
      return {.kind = TypeKind::kBoolean};
    case parquet::Type::INT32:
      return {.kind = TypeKind::kInt32};
    case parquet::Type::INT64:
      return {.kind = TypeKind::kInt64};
    case parquet::Type::INT96:
      return {.kind = TypeKind::kTimestamp, .unit = TimeUnit::kNanos, .utc = false};
    case parquet::Type::FLOAT:
      return {.kind = TypeKind::kFloat};
    case parquet::Type::DOUBLE:
      return {.kind = TypeKind::kDouble};
    case parquet::Type::FIXED_LEN_BYTE_ARRAY:
      return {.kind = TypeKind::kFixedBinary, .length = node.type_length()};
    default:
      return {.kind = TypeKind::kBinary};
  }
}

Type IntegerType(const parquet::IntLogicalType& type) {
  const int step = type.bit_width() == 8 ? 0 : type.bit_width() == 16 ? 1 : type.bit_width() == 32 ? 2 : 3;
  const TypeKind narrowest = type.is_signed() ? TypeKind::kInt8 : TypeKind::kUInt8;
  return {.kind = static_cast<TypeKind>(static_cast<int>(narrowest) + step)};
}

// The type of a leaf; precision and scale of a decimal are the caller's to check.
Type LeafType(const PrimitiveNode& node) {
  const LogicalType& logical = *node.logical_type();
  switch (logical.type()) {
    case LogicalType::Type::STRING:
    case LogicalType::Type::ENUM:
    case LogicalType::Type::JSON:
      return {.kind = TypeKind::kString};
    case LogicalType::Type::DECIMAL: {
      const auto& decimal = static_cast<const parquet::DecimalLogicalType&>(logical);
      return {.kind = TypeKind::kDecimal, .precision = decimal.precision(), .scale = decimal.scale()};
    }
    case LogicalType::Type::DATE:
      return {.kind = TypeKind::kDate};
    case LogicalType::Type::TIME:
      return {.kind = TypeKind::kTime,
              .unit = UnitOf(static_cast<const parquet::TimeLogicalType&>(logical).time_unit())};
    case LogicalType::Type::TIMESTAMP: {
      const auto& timestamp = static_cast<const parquet::TimestampLogicalType&>(logical);
      return {
          .kind = TypeKind::kTimestamp, .unit = UnitOf(timestamp.time_unit()), .utc = timestamp.is_adjusted_to_utc()};
    }
    case LogicalType::Type::INT:
      return IntegerType(static_cast<const parquet::IntLogicalType&>(logical));
    case LogicalType::Type::UUID:
      return {.kind = TypeKind::kUuid};
    case LogicalType::Type::NIL:
      return {.kind = TypeKind::kNull};
    default:
      return PhysicalType(node);
  }
}

// From Parquet's nodes to firn's types. `path_` leads to the node at hand.
class NodeReader {
 public:
  Result<std::vector<Field>> Fields(const GroupNode& group) {
    FIRN_TRY(CheckNames(group));
    std::vector<Field> fields;
    fields.reserve(static_cast<size_t>(group.field_count()));
    for (int i = 0; i < group.field_count(); ++i) {
      FIRN_TRY_ASSIGN(Field field, FieldOf(*group.field(i)));
      fields.push_back(std::move(field));
    }
    return fields;
  }

 private:
  Status CheckNames(const GroupNode& group) {
    std::vector<const std::string*> names;
    for (int i = 0; i < group.field_count(); ++i) names.push_back(&group.field(i)->name());
    if (std::ranges::any_of(names, [](const std::string* name) { return name->empty(); }))
      return Wrong(ErrorKind::kCorrupt, "a column has no name");
    if (const std::string* twice = FirstRepeated(names))
      return Wrong(ErrorKind::kCorrupt, fmt::format("two columns have the name '{}'", *twice));
    return {};
  }

  Result<Field> FieldOf(const Node& node) {
    path_.push_back(node.name());
    Result<Type> type = TypeOf(node);
    if (!type) return std::unexpected(std::move(type.error()));
    path_.pop_back();
    if (!node.is_repeated()) return Field{node.name(), *std::move(type), node.is_optional()};
    // Without a LIST around it, a repeated field is a required list of required elements.
    return Field{node.name(), ListOf({"element", *std::move(type), false}), false};
  }

  // What one occurrence of the node holds, whatever its repetition.
  Result<Type> TypeOf(const Node& node) {
    if (path_.size() > kDeepest)
      return Wrong(ErrorKind::kUnsupported, fmt::format("nested deeper than {} levels", kDeepest));
    if (node.is_primitive()) return Leaf(static_cast<const PrimitiveNode&>(node));
    const auto& group = static_cast<const GroupNode&>(node);
    if (group.logical_type()->is_list()) return List(group);
    if (group.logical_type()->is_map()) return Map(group);
    return Struct(group);
  }

  Result<Type> Leaf(const PrimitiveNode& node) {
    Type type = LeafType(node);
    if (type.kind != TypeKind::kDecimal) return type;
    if (type.precision < 1 || type.scale < 0 || type.scale > type.precision)
      return Wrong(ErrorKind::kCorrupt, fmt::format("decimal({},{}) is no type", type.precision, type.scale));
    if (type.precision > kMostDigits)
      return Wrong(ErrorKind::kUnsupported,
                   fmt::format("decimal({},{}) has more than {} digits", type.precision, type.scale, kMostDigits));
    return type;
  }

  Result<Type> Struct(const GroupNode& group) {
    Type type{.kind = TypeKind::kStruct};
    FIRN_TRY_ASSIGN(type.children, Fields(group));
    return type;
  }

  static Type ListOf(Field element) {
    Type type{.kind = TypeKind::kList};
    type.children.push_back(std::move(element));
    return type;
  }

  Result<Type> List(const GroupNode& group) {
    if (group.field_count() != 1 || !group.field(0)->is_repeated())
      return Wrong(ErrorKind::kCorrupt, "a LIST needs one repeated field and nothing else");
    const Node& repeated = *group.field(0);
    path_.push_back("element");
    FIRN_TRY_ASSIGN(Field element, ElementOf(repeated));
    path_.pop_back();
    return ListOf(std::move(element));
  }

  // The format's rules for old writers: the repeated field is the element itself when it is no group, a group of
  // several fields, or a group named "array" or "x_tuple"; otherwise it only wraps the element.
  Result<Field> ElementOf(const Node& repeated) {
    if (repeated.is_primitive()) {
      FIRN_TRY_ASSIGN(Type type, TypeOf(repeated));
      return Field{"element", std::move(type), false};
    }
    const auto& group = static_cast<const GroupNode&>(repeated);
    if (group.field_count() != 1 || group.name() == "array" || group.name().ends_with("_tuple")) {
      FIRN_TRY_ASSIGN(Type type, Struct(group));
      return Field{"element", std::move(type), false};
    }
    const Node& wrapped = *group.field(0);
    if (wrapped.is_repeated())
      return Wrong(ErrorKind::kUnsupported, "a list of lists in the two-level form of old writers",
                   "Write it with three-level lists (Avro: parquet.avro.write-old-list-structure=false)");
    FIRN_TRY_ASSIGN(Type type, TypeOf(wrapped));
    return Field{"element", std::move(type), wrapped.is_optional()};
  }

  Result<Type> Map(const GroupNode& group) {
    const bool entries = group.field_count() == 1 && group.field(0)->is_repeated() && group.field(0)->is_group();
    if (!entries) return Wrong(ErrorKind::kCorrupt, "a MAP needs one repeated group and nothing else");
    const auto& entry = static_cast<const GroupNode&>(*group.field(0));
    if (entry.field_count() == 1) return Wrong(ErrorKind::kUnsupported, "a MAP without values");
    if (entry.field_count() != 2 || entry.field(0)->is_repeated() || entry.field(1)->is_repeated())
      return Wrong(ErrorKind::kCorrupt, "an entry of a MAP needs one key and one value");
    Type type{.kind = TypeKind::kMap};
    for (const int i : {0, 1}) {
      path_.push_back(i == 0 ? "key" : "value");
      FIRN_TRY_ASSIGN(Type child, TypeOf(*entry.field(i)));
      path_.pop_back();
      // Some writers declare keys optional; a NULL key is no key.
      type.children.push_back({i == 0 ? "key" : "value", std::move(child), i == 1 && entry.field(1)->is_optional()});
    }
    return type;
  }

  std::unexpected<Error> Wrong(ErrorKind kind, const std::string& what, std::string hint = {}) const {
    if (hint.empty()) hint = "Write the file anew without it, or set bad_files: quarantine";
    const std::string path = PathText(path_);
    return Fail(kind, path.empty() ? what : fmt::format("column '{}': {}", path, what), std::move(hint));
  }

  std::vector<std::string_view> path_;
};

// Bytes of the shortest two's complement that holds every decimal of that many digits.
int BytesOfDecimal(int precision) {
  return static_cast<int>(std::ceil((precision * std::log2(10.0) + 1) / 8));
}

LogicalType::TimeUnit::unit ParquetUnit(TimeUnit unit) {
  if (unit == TimeUnit::kMillis) return LogicalType::TimeUnit::MILLIS;
  return unit == TimeUnit::kMicros ? LogicalType::TimeUnit::MICROS : LogicalType::TimeUnit::NANOS;
}

// How a leaf is stored.
struct LeafForm {
  std::shared_ptr<const LogicalType> logical = LogicalType::None();
  parquet::Type::type physical = parquet::Type::INT32;
  int length = -1;
};

LeafForm IntegerForm(TypeKind kind) {
  const bool is_signed = kind <= TypeKind::kInt64;
  const int step = static_cast<int>(kind) - static_cast<int>(is_signed ? TypeKind::kInt8 : TypeKind::kUInt8);
  const auto physical = step == 3 ? parquet::Type::INT64 : parquet::Type::INT32;
  // Plain INT32 and INT64 need no annotation.
  if (is_signed && step >= 2) return {.physical = physical};
  return {.logical = LogicalType::Int(8 << step, is_signed), .physical = physical};
}

LeafForm DecimalForm(const Type& type) {
  LeafForm form{.logical = LogicalType::Decimal(type.precision, type.scale)};
  if (type.precision > 9) form.physical = parquet::Type::INT64;
  if (type.precision > 18) {
    form.physical = parquet::Type::FIXED_LEN_BYTE_ARRAY;
    form.length = BytesOfDecimal(type.precision);
  }
  return form;
}

LeafForm FormOf(const Type& type) {
  switch (type.kind) {
    case TypeKind::kNull:
      return {.logical = LogicalType::Null()};
    case TypeKind::kBoolean:
      return {.physical = parquet::Type::BOOLEAN};
    case TypeKind::kFloat:
      return {.physical = parquet::Type::FLOAT};
    case TypeKind::kDouble:
      return {.physical = parquet::Type::DOUBLE};
    case TypeKind::kDecimal:
      return DecimalForm(type);
    case TypeKind::kString:
      return {.logical = LogicalType::String(), .physical = parquet::Type::BYTE_ARRAY};
    case TypeKind::kBinary:
      return {.physical = parquet::Type::BYTE_ARRAY};
    case TypeKind::kFixedBinary:
      return {.physical = parquet::Type::FIXED_LEN_BYTE_ARRAY, .length = type.length};
    case TypeKind::kUuid:
      return {.logical = LogicalType::UUID(), .physical = parquet::Type::FIXED_LEN_BYTE_ARRAY, .length = 16};
    case TypeKind::kDate:
      return {.logical = LogicalType::Date()};
    case TypeKind::kTime:
      return {.logical = LogicalType::Time(false, ParquetUnit(type.unit)),
              .physical = type.unit == TimeUnit::kMillis ? parquet::Type::INT32 : parquet::Type::INT64};
    case TypeKind::kTimestamp:
      // The converted type too, as Arrow writes it, for readers from before logical types.
      return {.logical = LogicalType::Timestamp(type.utc, ParquetUnit(type.unit), false, true),
              .physical = parquet::Type::INT64};
    default:
      return IntegerForm(type.kind);
  }
}

// From firn's types to Parquet's nodes.
class NodeWriter {
 public:
  Result<parquet::schema::NodeVector> Fields(const std::vector<Field>& fields) {
    std::vector<const std::string*> names;
    for (const Field& field : fields) names.push_back(&field.name);
    if (const std::string* twice = FirstRepeated(names))
      return Wrong(ErrorKind::kInvalidArgument, fmt::format("two columns have the name '{}'", *twice));
    parquet::schema::NodeVector nodes;
    for (const Field& field : fields) {
      FIRN_TRY_ASSIGN(NodePtr node, FieldNode(field.name, field.type, field.nullable));
      nodes.push_back(std::move(node));
    }
    return nodes;
  }

 private:
  Result<NodePtr> FieldNode(const std::string& name, const Type& type, bool nullable) {
    path_.push_back(name);
    if (path_.size() > kDeepest)
      return Wrong(ErrorKind::kUnsupported, fmt::format("nested deeper than {} levels", kDeepest));
    Result<NodePtr> node = NodeOf(name, type, nullable ? Repetition::OPTIONAL : Repetition::REQUIRED);
    if (node) path_.pop_back();
    return node;
  }

  Result<NodePtr> NodeOf(const std::string& name, const Type& type, Repetition::type repetition) {
    switch (type.kind) {
      case TypeKind::kStruct:
        return StructNode(name, type, repetition);
      case TypeKind::kList:
        return ListNode(name, type, repetition);
      case TypeKind::kMap:
        return MapNode(name, type, repetition);
      default:
        return LeafNode(name, type, repetition);
    }
  }

  Result<NodePtr> LeafNode(const std::string& name, const Type& type, Repetition::type repetition) {
    const bool decimal = type.kind != TypeKind::kDecimal || (type.precision >= 1 && type.precision <= kMostDigits &&
                                                             type.scale >= 0 && type.scale <= type.precision);
    const bool fixed = type.kind != TypeKind::kFixedBinary || type.length >= 1;
    if (!decimal || !fixed) return Wrong(ErrorKind::kInvalidArgument, Describe(type) + " is no type");
    if (type.kind == TypeKind::kNull) repetition = Repetition::OPTIONAL;
    const LeafForm form = FormOf(type);
    return PrimitiveNode::Make(name, repetition, form.logical, form.physical, form.length);
  }

  Result<NodePtr> StructNode(const std::string& name, const Type& type, Repetition::type repetition) {
    if (type.children.empty())
      return Wrong(ErrorKind::kUnsupported, "Parquet cannot hold a struct without fields", "Leave the column out");
    FIRN_TRY_ASSIGN(const auto fields, Fields(type.children));
    return GroupNode::Make(name, repetition, fields);
  }

  Result<NodePtr> ListNode(const std::string& name, const Type& type, Repetition::type repetition) {
    if (type.children.size() != 1) return Wrong(ErrorKind::kInvalidArgument, "a list needs one element type");
    const Field& child = type.children[0];
    FIRN_TRY_ASSIGN(const NodePtr element, FieldNode("element", child.type, child.nullable));
    return GroupNode::Make(name, repetition, {GroupNode::Make("list", Repetition::REPEATED, {element})},
                           LogicalType::List());
  }

  Result<NodePtr> MapNode(const std::string& name, const Type& type, Repetition::type repetition) {
    if (type.children.size() != 2) return Wrong(ErrorKind::kInvalidArgument, "a map needs a key and a value type");
    FIRN_TRY_ASSIGN(const NodePtr key, FieldNode("key", type.children[0].type, false));
    FIRN_TRY_ASSIGN(const NodePtr value, FieldNode("value", type.children[1].type, type.children[1].nullable));
    return GroupNode::Make(name, repetition, {GroupNode::Make("key_value", Repetition::REPEATED, {key, value})},
                           LogicalType::Map());
  }

  std::unexpected<Error> Wrong(ErrorKind kind, const std::string& what, std::string hint = {}) const {
    const std::string path = PathText(path_);
    return Fail(kind, path.empty() ? what : fmt::format("column '{}': {}", path, what), std::move(hint));
  }

  std::vector<std::string_view> path_;
};

}  // namespace

Result<Schema> SchemaOf(const parquet::SchemaDescriptor& descriptor) {
  FIRN_TRY_ASSIGN(std::vector<Field> fields, NodeReader().Fields(*descriptor.group_node()));
  return Schema{std::move(fields)};
}

Result<std::shared_ptr<GroupNode>> ParquetNodeOf(const Schema& schema) {
  return GuardParquet("the schema to write", [&]() -> Result<std::shared_ptr<GroupNode>> {
    FIRN_TRY_ASSIGN(const auto fields, NodeWriter().Fields(schema.fields));
    return std::static_pointer_cast<GroupNode>(GroupNode::Make("schema", Repetition::REQUIRED, fields));
  });
}

}  // namespace firn
