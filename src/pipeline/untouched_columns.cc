#include "pipeline/untouched_columns.h"

#include <arrow/type.h>
#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <set>

#include "base/json.h"
#include "sql/statement.h"
#include "sql/syntax_tree.h"

namespace firn {
namespace {

using Columns = std::map<std::string, UntouchedColumns::Origin>;

// What flatten makes of a column: the leaves of its structs.
void Flatten(const std::string& name, UntouchedColumns::Origin origin, const arrow::DataType& type, Columns& out) {
  if (type.id() != arrow::Type::STRUCT) {
    out.insert_or_assign(name, std::move(origin));
    return;
  }
  for (const auto& field : type.fields()) {
    UntouchedColumns::Origin inner = origin;
    inner.fields.push_back(field->name());
    Flatten(name + "_" + field->name(), std::move(inner), *field->type(), out);
  }
}

// The items of a SELECT list; none when the statement is anything else.
Json SelectList(const std::string& sql, SqlEngine& engine) {
  const Result<Json> tree = ParseStatement(engine, sql);
  const Json& list = tree ? Member(Member(Member(*tree, "statements").front(), "node"), "select_list") : Json();
  return list.is_array() ? list : Json();
}

// Names that a star leaves out, or makes anew.
std::set<std::string> NamesWithin(const Json& star) {
  std::set<std::string> names;
  const auto add = [&](const Json& name) {
    if (name.is_string()) names.insert(LowerCase(name.get_ref<const std::string&>()));
  };
  for (const Json& name : Member(star, "exclude_list")) add(name);
  for (const Json& entry : Member(star, "replace_list")) add(Member(entry, "key"));
  for (const Json& entry : Member(star, "rename_list")) add(Member(Member(entry, "key"), "column"));
  return names;
}

bool IsPlainStar(const Json& item) {
  const Json& qualified = Member(item, "qualified_exclude_list");
  const Json& columns = Member(item, "columns");
  return TypeOf(item) == "STAR" && Text(item, "relation_name").empty() && Member(item, "expr").is_null() &&
         qualified.is_array() && qualified.empty() && columns.is_boolean() && !columns.get<bool>();
}

// "" when the item is anything else.
std::string PlainColumn(const Json& item) {
  const Json& names = Member(item, "column_names");
  const bool plain = TypeOf(item) == "COLUMN_REF" && names.is_array() && names.size() == 1;
  return plain ? names.front().get<std::string>() : "";
}

}  // namespace

UntouchedColumns::UntouchedColumns(const std::vector<std::string>& columns) {
  for (const std::string& column : columns) by_name_.emplace(column, Origin{column, {}});
}

void UntouchedColumns::Follow(const Step& step, const arrow::Schema& before, SqlEngine& engine) {
  if (const auto* select = std::get_if<SelectStep>(&step)) FollowSelect(*select, engine);
  if (const auto* flatten = std::get_if<FlattenStep>(&step)) FollowFlatten(*flatten, before);
  if (const auto* rename = std::get_if<RenameStep>(&step)) FollowRename(*rename);
  if (const auto* cast = std::get_if<CastStep>(&step))
    for (const auto& [column, type] : cast->columns) Forget(column);
  if (std::holds_alternative<SqlStep>(step)) by_name_.clear();
}

void UntouchedColumns::FollowSelect(const SelectStep& step, SqlEngine& engine) {
  const Json items = SelectList(fmt::format("SELECT {}\n FROM input", fmt::join(step.expressions, "\n, ")), engine);
  // A name that an item before gives may be meant by one that follows.
  std::set<std::string> given;
  for (const Json& item : items) given.insert(LowerCase(Text(item, "alias")));
  Columns after;
  for (const Json& item : items) {
    if (IsPlainStar(item)) {
      const std::set<std::string> other = NamesWithin(item);
      for (const auto& [name, origin] : by_name_)
        if (!other.contains(LowerCase(name))) after.insert_or_assign(name, origin);
      continue;
    }
    const std::string column = PlainColumn(item);
    const auto known = by_name_.find(column);
    if (known == by_name_.end() || given.contains(LowerCase(column))) continue;
    const std::string alias(Text(item, "alias"));
    after.insert_or_assign(alias.empty() ? column : alias, known->second);
  }
  by_name_ = std::move(after);
}

void UntouchedColumns::FollowFlatten(const FlattenStep& step, const arrow::Schema& before) {
  Columns after;
  for (const auto& field : before.fields()) {
    const auto known = by_name_.find(field->name());
    if (known == by_name_.end()) continue;
    const bool wanted = step.columns.empty() || std::ranges::find(step.columns, field->name()) != step.columns.end();
    if (wanted)
      Flatten(field->name(), known->second, *field->type(), after);
    else
      after.insert_or_assign(field->name(), known->second);
  }
  by_name_ = std::move(after);
}

// All at once, so that two may swap their names.
void UntouchedColumns::FollowRename(const RenameStep& step) {
  Columns renamed;
  for (const auto& [old_name, new_name] : step.columns)
    if (const auto known = by_name_.find(old_name); known != by_name_.end()) renamed.emplace(new_name, known->second);
  for (const auto& [old_name, new_name] : step.columns) Forget(old_name);
  for (auto& [name, origin] : renamed) by_name_.insert_or_assign(name, std::move(origin));
}

// SQL does not tell names apart by case.
void UntouchedColumns::Forget(const std::string& name) {
  std::erase_if(by_name_, [&](const auto& column) { return LowerCase(column.first) == LowerCase(name); });
}

}  // namespace firn
