#include "pipeline/step_types.h"

#include <arrow/api.h>
#include <arrow/compute/cast.h>
#include <arrow/extension/bool8.h>
#include <arrow/util/checked_cast.h>
#include <fmt/format.h>

namespace firn {
namespace {

using arrow::internal::checked_cast;
using TypePtr = std::shared_ptr<arrow::DataType>;

bool IsBool8(const arrow::DataType& type) {
  return type.id() == arrow::Type::EXTENSION &&
         checked_cast<const arrow::ExtensionType&>(type).extension_name() == "arrow.bool8";
}

bool HasZone(const arrow::DataType& type) {
  return !checked_cast<const arrow::TimestampType&>(type).timezone().empty();
}

bool IsNanos(const arrow::DataType& timestamp) {
  return checked_cast<const arrow::TimestampType&>(timestamp).unit() == arrow::TimeUnit::NANO;
}

bool IsZonedNanos(const arrow::DataType& type) {
  return type.id() == arrow::Type::TIMESTAMP && IsNanos(type) && HasZone(type);
}

bool IsTime(const arrow::DataType& type) {
  return type.id() == arrow::Type::TIME32 || type.id() == arrow::Type::TIME64;
}

// Whether the engine's type only stands in for the one with which a value came.
bool StandsFor(const arrow::DataType& engine, const arrow::DataType& came) {
  if (engine.id() == arrow::Type::TIMESTAMP && came.id() == arrow::Type::TIMESTAMP)
    return HasZone(engine) == HasZone(came) || (IsNanos(engine) && IsZonedNanos(came));
  if (engine.id() == arrow::Type::BINARY) return came.id() == arrow::Type::FIXED_SIZE_BINARY;
  return IsTime(engine) && IsTime(came);
}

TypePtr WithChildren(const arrow::DataType& type, arrow::FieldVector children) {
  switch (type.id()) {
    case arrow::Type::STRUCT:
      return arrow::struct_(children);
    case arrow::Type::LIST:
      return arrow::list(std::move(children[0]));
    case arrow::Type::LARGE_LIST:
      return arrow::large_list(std::move(children[0]));
    case arrow::Type::MAP:
      return std::make_shared<arrow::MapType>(std::move(children[0]),
                                              checked_cast<const arrow::MapType&>(type).keys_sorted());
    default:
      return nullptr;
  }
}

// The type in which a value leaves the engine; `came` is null when a step made it.
TypePtr TypeAfter(const TypePtr& engine, const arrow::DataType* came) {
  if (IsBool8(*engine)) return arrow::boolean();
  if (engine->num_fields() == 0) return came != nullptr && StandsFor(*engine, *came) ? came->GetSharedPtr() : engine;
  const bool alike = came != nullptr && came->id() == engine->id() && came->num_fields() == engine->num_fields();
  arrow::FieldVector children;
  for (int i = 0; i < engine->num_fields(); ++i)
    children.push_back(engine->field(i)->WithType(
        TypeAfter(engine->field(i)->type(), alike ? came->field(i)->type().get() : nullptr)));
  const TypePtr changed = WithChildren(*engine, std::move(children));
  return changed ? changed : engine;
}

TypePtr WithoutZone(const TypePtr& type) {
  if (IsZonedNanos(*type)) return arrow::timestamp(arrow::TimeUnit::NANO);
  arrow::FieldVector children;
  for (const auto& child : type->fields()) children.push_back(child->WithType(WithoutZone(child->type())));
  const TypePtr changed = children.empty() ? nullptr : WithChildren(*type, std::move(children));
  return changed ? changed : type;
}

Type WithoutZone(Type type) {
  if (type.kind == TypeKind::kTimestamp && type.unit == TimeUnit::kNanos) type.utc = false;
  for (Field& child : type.children) child.type = WithoutZone(std::move(child.type));
  return type;
}

arrow::Result<std::shared_ptr<arrow::ArrayData>> Converted(const std::shared_ptr<arrow::ArrayData>& data,
                                                           const TypePtr& to);

// Arrow has no cast from binary.
arrow::Result<std::shared_ptr<arrow::ArrayData>> ToFixedLength(const std::shared_ptr<arrow::ArrayData>& data,
                                                               const TypePtr& to) {
  const arrow::BinaryArray values(data);
  const int length = checked_cast<const arrow::FixedSizeBinaryType&>(*to).byte_width();
  arrow::FixedSizeBinaryBuilder builder(to);
  ARROW_RETURN_NOT_OK(builder.Reserve(values.length()));
  for (int64_t i = 0; i < values.length(); ++i) {
    if (values.IsValid(i) && static_cast<int>(values.GetView(i).size()) != length)
      return arrow::Status::Invalid(
          fmt::format("a value has {} bytes, and the column's have {}", values.GetView(i).size(), length));
    ARROW_RETURN_NOT_OK(values.IsValid(i) ? builder.Append(values.GetView(i)) : builder.AppendNull());
  }
  ARROW_ASSIGN_OR_RAISE(const auto array, builder.Finish());
  return array->data();
}

arrow::Result<std::shared_ptr<arrow::ArrayData>> CastTo(const std::shared_ptr<arrow::ArrayData>& data,
                                                        const TypePtr& to) {
  ARROW_ASSIGN_OR_RAISE(const auto array, arrow::compute::Cast(*arrow::MakeArray(data), to));
  return array->data();
}

// Only the leaves change; lengths, offsets and NULLs of what holds them stay.
arrow::Result<std::shared_ptr<arrow::ArrayData>> WithConvertedChildren(const std::shared_ptr<arrow::ArrayData>& data,
                                                                       const TypePtr& to) {
  auto copy = data->Copy();
  copy->type = to;
  for (size_t i = 0; i < copy->child_data.size(); ++i) {
    ARROW_ASSIGN_OR_RAISE(copy->child_data[i], Converted(copy->child_data[i], to->field(static_cast<int>(i))->type()));
  }
  return copy;
}

arrow::Result<std::shared_ptr<arrow::ArrayData>> Converted(const std::shared_ptr<arrow::ArrayData>& data,
                                                           const TypePtr& to) {
  if (data->type->Equals(*to)) return data;
  if (data->type->num_fields() > 0) return WithConvertedChildren(data, to);
  if (to->id() == arrow::Type::FIXED_SIZE_BINARY) return ToFixedLength(data, to);
  if (!IsBool8(*data->type)) return CastTo(data, to);
  auto bytes = data->Copy();
  bytes->type = arrow::int8();
  return CastTo(bytes, to);
}

class TypedReader : public arrow::RecordBatchReader {
 public:
  TypedReader(std::shared_ptr<arrow::RecordBatchReader> reader, std::shared_ptr<arrow::Schema> schema)
      : reader_(std::move(reader)), schema_(std::move(schema)) {}

  [[nodiscard]] std::shared_ptr<arrow::Schema> schema() const override { return schema_; }

  arrow::Status ReadNext(std::shared_ptr<arrow::RecordBatch>* batch) override {
    std::shared_ptr<arrow::RecordBatch> next;
    ARROW_RETURN_NOT_OK(reader_->ReadNext(&next));
    *batch = nullptr;
    if (!next) return arrow::Status::OK();
    std::vector<std::shared_ptr<arrow::ArrayData>> columns;
    for (int i = 0; i < next->num_columns(); ++i) {
      auto column = Converted(next->column_data(i), schema_->field(i)->type());
      if (!column.ok())
        return column.status().WithMessage("column '", schema_->field(i)->name(), "': ", column.status().message());
      columns.push_back(std::move(*column));
    }
    *batch = arrow::RecordBatch::Make(schema_, next->num_rows(), std::move(columns));
    return arrow::Status::OK();
  }

 private:
  const std::shared_ptr<arrow::RecordBatchReader> reader_;
  const std::shared_ptr<arrow::Schema> schema_;
};

}  // namespace

StepTypes::StepTypes(const arrow::Schema& came, const arrow::Schema& engine) {
  for (const auto& field : engine.fields())
    if (const auto before = came.GetFieldByName(field->name()))
      columns_[field->name()] = {before->type(), field->type()};
}

void StepTypes::Rename(const std::map<std::string, std::string>& new_names) {
  std::map<std::string, Column> renamed;
  for (auto& [name, column] : columns_) {
    const auto found = new_names.find(name);
    renamed[found == new_names.end() ? name : found->second] = std::move(column);
  }
  columns_ = std::move(renamed);
}

std::shared_ptr<arrow::Schema> StepTypes::Of(const arrow::Schema& engine) const {
  arrow::FieldVector fields;
  for (const auto& field : engine.fields()) {
    const auto known = columns_.find(field->name());
    const bool unchanged = known != columns_.end() && known->second.engine->Equals(*field->type());
    fields.push_back(field->WithType(TypeAfter(field->type(), unchanged ? known->second.came.get() : nullptr)));
  }
  return arrow::schema(std::move(fields));
}

std::shared_ptr<arrow::Schema> WithoutZonedNanos(const arrow::Schema& schema, const std::set<std::string>& named) {
  arrow::FieldVector fields = schema.fields();
  for (auto& field : fields)
    if (!named.contains(field->name())) field = field->WithType(WithoutZone(field->type()));
  return arrow::schema(std::move(fields));
}

Schema WithoutZonedNanos(Schema schema, const std::set<std::string>& named) {
  for (Field& field : schema.fields)
    if (!named.contains(field.name)) field.type = WithoutZone(std::move(field.type));
  return schema;
}

TypePtr WithShortTexts(const TypePtr& type) {
  if (type->id() == arrow::Type::LARGE_STRING) return arrow::utf8();
  if (type->id() == arrow::Type::LARGE_BINARY) return arrow::binary();
  arrow::FieldVector children;
  for (const auto& child : type->fields()) children.push_back(child->WithType(WithShortTexts(child->type())));
  const TypePtr changed = children.empty() ? nullptr : WithChildren(*type, std::move(children));
  return changed ? changed : type;
}

std::shared_ptr<arrow::RecordBatchReader> WithTypes(std::shared_ptr<arrow::RecordBatchReader> reader,
                                                    std::shared_ptr<arrow::Schema> schema) {
  return std::make_shared<TypedReader>(std::move(reader), std::move(schema));
}

}  // namespace firn
