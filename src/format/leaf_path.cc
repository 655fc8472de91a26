#include "format/leaf_path.h"

#include "base/check.h"

namespace firn {
namespace {

using parquet::schema::GroupNode;
using parquet::schema::Node;

// Walks the Parquet nodes and firn's type of the same column side by side.
class PathWalk {
 public:
  std::vector<LeafPath> Take() { return std::move(paths_); }

  void Field(const Node& node, const firn::Field& field) {
    if (node.is_repeated()) return BareRepeated(node, field);
    steps_.push_back({field.name, node.is_optional(), false});
    Inside(node, field.type);
    steps_.pop_back();
  }

 private:
  void Inside(const Node& node, const Type& type) {
    switch (type.kind) {
      case TypeKind::kStruct:
        return Struct(static_cast<const GroupNode&>(node), type);
      case TypeKind::kList:
        return List(static_cast<const GroupNode&>(node), type);
      case TypeKind::kMap:
        return Map(static_cast<const GroupNode&>(node), type);
      default:
        Leaf(type);
    }
  }

  void Leaf(const Type& type) { paths_.push_back({steps_, type, static_cast<int>(paths_.size())}); }

  void Struct(const GroupNode& group, const Type& type) {
    Check(static_cast<size_t>(group.field_count()) == type.children.size(), "a struct and its Parquet group differ");
    for (int i = 0; i < group.field_count(); ++i) Field(*group.field(i), type.children[static_cast<size_t>(i)]);
  }

  // A LIST group: its repeated child is either the element itself (two levels) or a wrapper of the element (three).
  void List(const GroupNode& group, const Type& type) {
    const Node& repeated = *group.field(0);
    const firn::Field& element = type.children[0];
    steps_.push_back({"[]", false, true});
    if (IsElementItself(repeated, element.type)) {
      Element("element", false, repeated, element.type);
    } else {
      const Node& wrapped = *static_cast<const GroupNode&>(repeated).field(0);
      Element("element", wrapped.is_optional(), wrapped, element.type);
    }
    steps_.pop_back();
  }

  static bool IsElementItself(const Node& repeated, const Type& element) {
    if (repeated.is_primitive()) return true;
    const auto& group = static_cast<const GroupNode&>(repeated);
    if (group.field_count() != 1) return true;
    // A one-field group named "array" or "x_tuple" is the element, by the format's rules for old writers; it is then a
    // struct for us.
    return element.kind == TypeKind::kStruct && element.children.size() == 1 &&
           element.children[0].name == group.field(0)->name() &&
           (repeated.name() == "array" || repeated.name().ends_with("_tuple"));
  }

  void Map(const GroupNode& group, const Type& type) {
    const auto& entry = static_cast<const GroupNode&>(*group.field(0));
    steps_.push_back({"{}", false, true});
    Element("key", entry.field(0)->is_optional(), *entry.field(0), type.children[0].type);
    Element("value", entry.field(1)->is_optional(), *entry.field(1), type.children[1].type);
    steps_.pop_back();
  }

  void Element(const char* label, bool optional, const Node& node, const Type& type) {
    steps_.push_back({label, optional, false});
    Inside(node, type);
    steps_.pop_back();
  }

  // `repeated int32 x` without a LIST annotation: a required list of required elements.
  void BareRepeated(const Node& node, const firn::Field& field) {
    steps_.push_back({field.name, false, false});
    steps_.push_back({"[]", false, true});
    Element("element", false, node, field.type.children[0].type);
    steps_.pop_back();
    steps_.pop_back();
  }

  std::vector<LeafStep> steps_;
  std::vector<LeafPath> paths_;
};

}  // namespace

int LeafPath::MaxDef() const {
  int levels = 0;
  for (const LeafStep& step : steps) levels += step.DefLevels();
  return levels;
}

int LeafPath::MaxRep() const {
  int levels = 0;
  for (const LeafStep& step : steps) levels += step.repeated ? 1 : 0;
  return levels;
}

std::vector<LeafPath> LeafPathsOf(const parquet::SchemaDescriptor& descriptor, const Schema& schema) {
  PathWalk walk;
  const GroupNode& root = *descriptor.group_node();
  for (int i = 0; i < root.field_count(); ++i) walk.Field(*root.field(i), schema.fields[static_cast<size_t>(i)]);
  return walk.Take();
}

}  // namespace firn
