#include "text/typed_records.h"

#include <arrow/api.h>
#include <arrow/compute/api_vector.h>
#include <fmt/format.h>

#include <algorithm>
#include <set>
#include <tuple>

#include "format/parquet_guard.h"
#include "schema/merge.h"
#include "schema/names.h"
#include "text/inference.h"
#include "text/long_numbers.h"

namespace firn {
namespace {

Type WithNewFields(const Type& known, const Type& inferred) {
  if (known.kind == TypeKind::kNull) return inferred;
  Type type = known;
  if (known.kind == inferred.kind && (known.kind == TypeKind::kStruct || known.kind == TypeKind::kList))
    type.children = UnionOf(known.children, inferred.children, WithNewFields);
  return type;
}

// Widens what does not hold its values, where the values are of a wider type and not of another one.
bool Widen(Type& type, const Type& inferred, const std::string& path, const std::set<std::string>& misfits) {
  bool wider = false;
  for (Field& child : type.children) {
    const auto same = std::ranges::find(inferred.children, child.name, &Field::name);
    if (same != inferred.children.end()) wider |= Widen(child.type, same->type, path + "." + child.name, misfits);
  }
  if (!misfits.contains(path) || inferred.kind == TypeKind::kString) return wider;
  auto merged = MergeTypes(type, inferred);
  if (!merged || *merged == type) return wider;
  type = std::move(*merged);
  return true;
}

bool WidenColumns(Schema& schema, const Schema& inferred, const std::vector<Misfit>& misfits) {
  std::set<std::string> columns;
  for (const Misfit& misfit : misfits) columns.insert(misfit.column);
  bool wider = false;
  for (Field& field : schema.fields)
    if (const Field* const same = inferred.Find(field.name))
      wider |= Widen(field.type, same->type, field.name, columns);
  return wider;
}

// Integers are inferred as 64 bits: whether they fit a narrower type, only they tell.
void WidenNumbers(Type& type, const Type& inferred) {
  for (Field& child : type.children) {
    const auto same = std::ranges::find(inferred.children, child.name, &Field::name);
    if (same != inferred.children.end()) WidenNumbers(child.type, same->type);
  }
  if (inferred.kind != TypeKind::kDouble && inferred.kind != TypeKind::kDecimal) return;
  if (auto merged = MergeTypes(type, inferred)) type = std::move(*merged);
}

BadRecord BadOf(const RecordSet& records, const Misfit& misfit) {
  const auto [object, line] = records.PlaceOf(misfit.row);
  return {object, line, misfit.column, misfit.text, fmt::format("'{}' is no {}", misfit.text, Describe(misfit.wanted))};
}

// The first column, or field of one, that `wide` has and `known` has not; "" when there is none.
std::string FirstNew(const std::vector<Field>& known, const std::vector<Field>& wide, const std::string& prefix) {
  for (const Field& field : wide) {
    const auto same = std::ranges::find(known, field.name, &Field::name);
    if (same == known.end()) return prefix + field.name;
    if (std::string below = FirstNew(same->type.children, field.type.children, prefix + field.name + ".");
        !below.empty())
      return below;
  }
  return {};
}

const TokenColumn* ColumnAt(const TokenColumn& root, std::string_view path) {
  const TokenColumn* column = &root;
  while (column != nullptr && !path.empty()) {
    const size_t dot = std::min(path.find('.'), path.size());
    const std::string_view name = path.substr(0, dot);
    const TokenColumn* const field = column->FindField(name);
    column = field == nullptr && name == "element" ? column->element() : field;
    path.remove_prefix(std::min(dot + 1, path.size()));
  }
  return column;
}

Status RefuseNew(const RecordSet& records, const Schema& known, const Schema& inferred) {
  const std::string name = FirstNew(known.fields, UnionOf(known.fields, inferred.fields, WithNewFields), "");
  if (name.empty()) return {};
  const TokenColumn* const column = ColumnAt(records.root(), name.substr(0, name.find(".element")));
  const auto [object, line] = records.PlaceOf(column == nullptr ? 0 : column->tokens().front().slot);
  return std::unexpected(NoSuchColumn(name).Within(fmt::format("{}:{}", object, line)));
}

std::vector<bool> GoodRows(uint32_t rows, const std::vector<Misfit>& misfits) {
  std::vector<bool> good(rows, true);
  for (const Misfit& misfit : misfits) good[misfit.row] = false;
  return good;
}

Result<std::shared_ptr<arrow::RecordBatch>> Filtered(const std::shared_ptr<arrow::RecordBatch>& batch,
                                                     const std::vector<bool>& good) {
  std::shared_ptr<arrow::RecordBatch> kept;
  FIRN_TRY(GuardParquet("the records", [&] {
    arrow::BooleanBuilder builder;
    PARQUET_THROW_NOT_OK(builder.AppendValues(good));
    PARQUET_ASSIGN_OR_THROW(const auto mask, builder.Finish());
    PARQUET_ASSIGN_OR_THROW(const arrow::Datum filtered, arrow::compute::Filter(batch, mask));
    kept = filtered.record_batch();
  }));
  return kept;
}

}  // namespace

Schema WithNewColumns(const Schema& known, const Schema& inferred, SchemaChange change) {
  if (known.fields.empty()) return inferred;
  if (change != SchemaChange::kEvolve) return known;
  return {UnionOf(known.fields, inferred.fields, WithNewFields)};
}

Result<Schema> FollowInferred(const Schema& known, const Schema& inferred, SchemaChange change) {
  Schema followed = WithNewColumns(known, inferred, change);
  if (known.fields.empty()) return followed;
  const std::string name = FirstNew(known.fields, UnionOf(known.fields, inferred.fields, WithNewFields), "");
  if (change == SchemaChange::kFail && !name.empty()) return std::unexpected(NoSuchColumn(name));
  if (change != SchemaChange::kEvolve) return followed;
  for (Field& field : followed.fields)
    if (const Field* const same = inferred.Find(field.name)) WidenNumbers(field.type, same->type);
  return followed;
}

Result<TypedRecords> TypeRecords(const RecordSet& records, const Schema& known, SchemaChange change) {
  const Schema long_numbers = records.form() == RecordForm::kDynamoItem ? LongNumbers(records.root()) : Schema();
  Schema inferred = KeepDigits(InferSchema(records.root()), long_numbers);
  if (change == SchemaChange::kFail && !known.fields.empty()) FIRN_TRY(RefuseNew(records, known, inferred));
  TypedRecords typed{.batch = {}, .schema = WithNewColumns(known, inferred, change), .bad = records.bad()};
  FIRN_TRY_ASSIGN(TypedBatch built, BuildBatch(records.root(), typed.schema, records.rows()));
  if (change == SchemaChange::kEvolve && WidenColumns(typed.schema, inferred, built.misfits)) {
    FIRN_TRY_ASSIGN(built, BuildBatch(records.root(), typed.schema, records.rows()));
  }
  for (const Misfit& misfit : built.misfits) typed.bad.push_back(BadOf(records, misfit));
  std::ranges::stable_sort(typed.bad, {}, [](const BadRecord& bad) { return std::tie(bad.object, bad.line); });
  typed.inferred = std::move(inferred);
  typed.long_numbers = long_numbers;
  const std::vector<bool> good = GoodRows(records.rows(), built.misfits);
  for (uint32_t row = 0; row < records.rows(); ++row)
    if (good[row]) typed.rows.push_back(row);
  typed.batch = std::move(built.batch);
  if (!built.misfits.empty()) {
    FIRN_TRY_ASSIGN(typed.batch, Filtered(typed.batch, good));
  }
  return typed;
}

}  // namespace firn
