#include "sql/predicate.h"

#include <algorithm>
#include <optional>
#include <utility>

#include "sql/syntax_tree.h"

namespace firn {
namespace {

using Op = ColumnComparison::Op;

struct From {
  std::vector<const Json*> leaves;
  bool plain = true;  // joins that look at one pair of rows at a time
};

void Flatten(const Json& ref, From& from) {
  if (TypeOf(ref) != "JOIN") {
    from.leaves.push_back(&ref);
    return;
  }
  // ASOF takes the nearest row and POSITIONAL the one at the same place: which that is depends on rows that WHERE
  // drops.
  const std::string_view kind = Text(ref, "ref_type");
  from.plain = from.plain && (kind == "REGULAR" || kind == "CROSS" || kind == "NATURAL" || kind == "DEPENDENT");
  Flatten(Member(ref, "left"), from);
  Flatten(Member(ref, "right"), from);
}

std::string NameIn(const Json& leaf) {
  const std::string_view alias = Text(leaf, "alias");
  return LowerCase(alias.empty() ? Text(leaf, "table_name") : alias);
}

std::optional<Op> OpOf(std::string_view type) {
  if (type == "COMPARE_EQUAL") return Op::kEqual;
  if (type == "COMPARE_NOTEQUAL") return Op::kNotEqual;
  if (type == "COMPARE_LESSTHAN") return Op::kLess;
  if (type == "COMPARE_LESSTHANOREQUALTO") return Op::kLessOrEqual;
  if (type == "COMPARE_GREATERTHAN") return Op::kGreater;
  if (type == "COMPARE_GREATERTHANOREQUALTO") return Op::kGreaterOrEqual;
  return std::nullopt;
}

Op Flipped(Op op) {
  switch (op) {
    case Op::kLess:
      return Op::kGreater;
    case Op::kLessOrEqual:
      return Op::kGreaterOrEqual;
    case Op::kGreater:
      return Op::kLess;
    case Op::kGreaterOrEqual:
      return Op::kLessOrEqual;
    default:
      return op;
  }
}

std::optional<std::string> TextConstant(const Json& node) {
  const Json& value = Member(node, "value");
  if (TypeOf(node) != "VALUE_CONSTANT" || Text(Member(value, "type"), "id") != "VARCHAR" ||
      !Member(value, "value").is_string())
    return std::nullopt;
  return Member(value, "value").get<std::string>();
}

// Adds the comparisons of one conjunct.
class Comparisons {
 public:
  explicit Comparisons(const FromTable& table) : table_(table) {}

  void Add(const Json& node) {
    const std::string_view type = TypeOf(node);
    if (type == "CONJUNCTION_AND")
      for (const Json& child : Member(node, "children")) Add(child);
    else if (type == "COMPARE_BETWEEN")
      AddBetween(node);
    else if (type == "COMPARE_IN")
      AddIn(node);
    else if (const auto op = OpOf(type))
      AddComparison(node, *op);
  }

  std::vector<ColumnComparison> found;

 private:
  // The column's lower-case name when it surely is one of the table.
  [[nodiscard]] std::string Column(const Json& node) const {
    const Json& names = Member(node, "column_names");
    if (TypeOf(node) != "COLUMN_REF" || !std::ranges::all_of(names, [](const Json& name) { return name.is_string(); }))
      return "";
    if (names.size() == 1 && table_.alone) return LowerCase(names[0].get_ref<const std::string&>());
    if (names.size() == 2 && !table_.name.empty() && LowerCase(names[0].get_ref<const std::string&>()) == table_.name)
      return LowerCase(names[1].get_ref<const std::string&>());
    return "";
  }

  void AddOne(const Json& column_node, Op op, const Json& constant_node) {
    std::string column = Column(column_node);
    auto constant = TextConstant(constant_node);
    if (!column.empty() && constant)
      found.push_back({.column = std::move(column), .op = op, .values = {std::move(*constant)}});
  }

  void AddComparison(const Json& node, Op op) {
    AddOne(Member(node, "left"), op, Member(node, "right"));
    AddOne(Member(node, "right"), Flipped(op), Member(node, "left"));
  }

  void AddBetween(const Json& node) {
    AddOne(Member(node, "input"), Op::kGreaterOrEqual, Member(node, "lower"));
    AddOne(Member(node, "input"), Op::kLessOrEqual, Member(node, "upper"));
  }

  void AddIn(const Json& node) {
    const Json& children = Member(node, "children");
    if (children.size() < 2) return;
    ColumnComparison comparison{.column = Column(children[0]), .op = Op::kIn, .values = {}};
    for (size_t i = 1; i < children.size(); ++i) {
      auto constant = TextConstant(children[i]);
      if (!constant) return;
      comparison.values.push_back(std::move(*constant));
    }
    if (!comparison.column.empty()) found.push_back(std::move(comparison));
  }

  const FromTable& table_;
};

}  // namespace

std::vector<FromTable> TablesIn(const Json& select) {
  From from;
  Flatten(Member(select, "from_table"), from);
  const bool plain = from.plain && Member(select, "sample").is_null();
  std::vector<FromTable> tables;
  for (const Json* leaf : from.leaves) {
    if (TypeOf(*leaf) != "BASE_TABLE") continue;
    const std::string name = NameIn(*leaf);
    const auto same = std::ranges::count_if(from.leaves, [&](const Json* other) { return NameIn(*other) == name; });
    const bool renamed = !Member(*leaf, "column_name_alias").empty();
    tables.push_back({.node = leaf,
                      .name = same == 1 ? name : "",
                      .alone = from.leaves.size() == 1,
                      .prunable = plain && !renamed && Member(*leaf, "sample").is_null()});
  }
  return tables;
}

std::vector<ColumnComparison> ComparisonsOn(const FromTable& table, const Json& select) {
  Comparisons comparisons(table);
  if (table.prunable) comparisons.Add(Member(select, "where_clause"));
  return std::move(comparisons.found);
}

}  // namespace firn
