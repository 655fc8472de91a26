#include "format/arrow_column.h"

#include <arrow/api.h>
#include <arrow/buffer_builder.h>
#include <parquet/exception.h>

#include <cstring>

#include "base/check.h"

namespace firn {

// A struct or a leaf: what they share is which rows have one.
class ArrowColumn::Node {
 public:
  // It is there from this definition level on.
  Node(std::shared_ptr<arrow::DataType> type, bool optional, int16_t level)
      : type_(std::move(type)), optional_(optional), level_(level) {}
  virtual ~Node() = default;
  [[nodiscard]] virtual std::shared_ptr<arrow::ArrayData> Finish() = 0;

  void ReservePresence(int64_t rows) {
    if (optional_) PARQUET_THROW_NOT_OK(present_.Reserve(rows));
  }

  // `all`: no row lacks the leaf whose levels these are, and so none lacks what is above it.
  void AddPresence(const LeafBatch& batch, bool all) {
    rows_ += batch.rows;
    if (!optional_) return;
    PARQUET_THROW_NOT_OK(present_.Reserve(batch.rows));
    if (all) return present_.UnsafeAppend(batch.rows, true);
    for (int64_t i = 0; i < batch.rows; ++i) present_.UnsafeAppend(batch.def[i] >= level_);
  }

 protected:
  [[nodiscard]] int16_t level() const { return level_; }
  [[nodiscard]] std::shared_ptr<arrow::ArrayData> FinishData(arrow::BufferVector values) {
    const int64_t nulls = present_.false_count();
    std::shared_ptr<arrow::Buffer> present;
    if (nulls > 0) {
      PARQUET_ASSIGN_OR_THROW(present, present_.Finish());
    }
    values.insert(values.begin(), std::move(present));
    return arrow::ArrayData::Make(type_, rows_, std::move(values), nulls);
  }

 private:
  const std::shared_ptr<arrow::DataType> type_;
  const bool optional_;
  const int16_t level_;
  int64_t rows_ = 0;
  arrow::TypedBufferBuilder<bool> present_;
};

class ArrowColumn::Group : public Node {
 public:
  using Node::Node;

  [[nodiscard]] std::shared_ptr<arrow::ArrayData> Finish() override {
    auto data = FinishData({});
    for (const auto& child : children) data->child_data.push_back(child->Finish());
    return data;
  }

  std::vector<std::unique_ptr<Node>> children;
};

class ArrowColumn::Leaf : public Node {
 public:
  using Node::Node;

  virtual void ReserveValues(int64_t rows, int64_t bytes) = 0;
  virtual void AddValues(const LeafBatch& batch) = 0;

  // The structs that learn from this leaf which rows have them: those of which it is the first.
  std::vector<Node*> first_of;

 protected:
  // Calls `value` with the place of each row's value in the batch, `none` for a row without one.
  template <class Value, class None>
  void ForEachRow(const LeafBatch& batch, Value value, None none) const {
    if (batch.values == batch.rows) {
      for (int64_t i = 0; i < batch.rows; ++i) value(i);
      return;
    }
    int64_t next = 0;
    for (int64_t i = 0; i < batch.rows; ++i) {
      if (batch.def[i] == level() && next < batch.values)
        value(next++);
      else
        none();
    }
  }
};

template <class Physical, class Value>
class ArrowColumn::FixedLeaf : public Leaf {
 public:
  using Leaf::Leaf;

  void ReserveValues(int64_t rows, int64_t) override { PARQUET_THROW_NOT_OK(values_.Reserve(rows)); }

  void AddValues(const LeafBatch& batch) override {
    using Stored = typename Physical::c_type;
    const auto* const data = static_cast<const Stored*>(batch.data);
    PARQUET_THROW_NOT_OK(values_.Reserve(batch.rows));
    if constexpr (std::is_same_v<Stored, Value> && !std::is_same_v<Value, bool>)  // booleans become bits, one by one
      if (batch.values == batch.rows) return values_.UnsafeAppend(data, batch.rows);
    ForEachRow(
        batch, [&](int64_t i) { values_.UnsafeAppend(static_cast<Value>(data[i])); },
        [&] { values_.UnsafeAppend(Value{}); });
  }

  [[nodiscard]] std::shared_ptr<arrow::ArrayData> Finish() override {
    PARQUET_ASSIGN_OR_THROW(auto values, values_.Finish());
    return FinishData({std::move(values)});
  }

 private:
  arrow::TypedBufferBuilder<Value> values_;
};

class ArrowColumn::TextLeaf : public Leaf {
 public:
  using Leaf::Leaf;

  void ReserveValues(int64_t rows, int64_t bytes) override {
    PARQUET_THROW_NOT_OK(ends_.Reserve(rows + 1));
    PARQUET_THROW_NOT_OK(bytes_.Reserve(bytes));
  }

  void AddValues(const LeafBatch& batch) override {
    const auto* const data = static_cast<const parquet::ByteArray*>(batch.data);
    int64_t bytes = 0;
    for (int64_t i = 0; i < batch.values; ++i) bytes += data[i].len;
    PARQUET_THROW_NOT_OK(bytes_.Reserve(bytes));
    PARQUET_THROW_NOT_OK(ends_.Reserve(batch.rows + 1));
    if (ends_.length() == 0) ends_.UnsafeAppend(0);
    ForEachRow(
        batch,
        [&](int64_t i) {
          bytes_.UnsafeAppend(data[i].ptr, data[i].len);
          ends_.UnsafeAppend(bytes_.length());
        },
        [&] { ends_.UnsafeAppend(bytes_.length()); });
  }

  [[nodiscard]] std::shared_ptr<arrow::ArrayData> Finish() override {
    if (ends_.length() == 0) PARQUET_THROW_NOT_OK(ends_.Append(0));
    PARQUET_ASSIGN_OR_THROW(auto ends, ends_.Finish());
    PARQUET_ASSIGN_OR_THROW(auto bytes, bytes_.Finish(false));
    return FinishData({std::move(ends), std::move(bytes)});
  }

 private:
  arrow::TypedBufferBuilder<int64_t> ends_;
  arrow::BufferBuilder bytes_;
};

// Parquet has decimals in three forms, by their precision.
class ArrowColumn::DecimalLeaf : public Leaf {
 public:
  DecimalLeaf(const parquet::schema::PrimitiveNode& node, std::shared_ptr<arrow::DataType> type, bool optional,
              int16_t level)
      : Leaf(std::move(type), optional, level), physical_(node.physical_type()), length_(node.type_length()) {}

  void ReserveValues(int64_t rows, int64_t) override { PARQUET_THROW_NOT_OK(values_.Reserve(rows * kSize)); }

  void AddValues(const LeafBatch& batch) override {
    PARQUET_THROW_NOT_OK(values_.Reserve(batch.rows * kSize));
    const auto put = [&](Int128 value) { values_.UnsafeAppend(&value, kSize); };
    ForEachRow(batch, [&](int64_t i) { put(ValueAt(batch, i)); }, [&] { put(0); });
  }

  [[nodiscard]] std::shared_ptr<arrow::ArrayData> Finish() override {
    PARQUET_ASSIGN_OR_THROW(auto values, values_.Finish());
    return FinishData({std::move(values)});
  }

 private:
  static constexpr int64_t kSize = sizeof(Int128);

  [[nodiscard]] Int128 ValueAt(const LeafBatch& batch, int64_t i) const {
    if (physical_ == parquet::Type::INT32) return static_cast<const int32_t*>(batch.data)[i];
    if (physical_ == parquet::Type::INT64) return static_cast<const int64_t*>(batch.data)[i];
    return BigEndianToInt128(static_cast<const parquet::FixedLenByteArray*>(batch.data)[i].ptr, length_);
  }

  const parquet::Type::type physical_;
  const int length_;
  arrow::BufferBuilder values_;
};

struct ArrowColumn::Maker {
  std::vector<Leaf*>& leaves;

  // `level`: the definition level of what is around the node.
  std::unique_ptr<Node> Make(const parquet::schema::Node& node, const std::shared_ptr<arrow::DataType>& type,
                             int16_t level) {
    const bool optional = node.is_optional();
    const auto own = static_cast<int16_t>(level + (optional ? 1 : 0));
    if (type->id() != arrow::Type::STRUCT) {
      auto leaf = MakeLeaf(static_cast<const parquet::schema::PrimitiveNode&>(node), type, own);
      leaves.push_back(leaf.get());
      return leaf;
    }
    auto group = std::make_unique<Group>(type, optional, own);
    const auto& fields = static_cast<const parquet::schema::GroupNode&>(node);
    const size_t first = leaves.size();
    for (int i = 0; i < type->num_fields(); ++i)
      group->children.push_back(Make(*fields.field(i), type->field(i)->type(), own));
    leaves.at(first)->first_of.push_back(group.get());
    return group;
  }

  static std::unique_ptr<Leaf> MakeLeaf(const parquet::schema::PrimitiveNode& node,
                                        const std::shared_ptr<arrow::DataType>& type, int16_t level) {
    const bool optional = node.is_optional();
    const auto make = [&]<class L>(std::type_identity<L>) -> std::unique_ptr<Leaf> {
      return std::make_unique<L>(type, optional, level);
    };
    switch (type->id()) {
      case arrow::Type::BOOL:
        return make(std::type_identity<FixedLeaf<parquet::BooleanType, bool>>());
      case arrow::Type::INT8:
        return make(std::type_identity<FixedLeaf<parquet::Int32Type, int8_t>>());
      case arrow::Type::INT16:
        return make(std::type_identity<FixedLeaf<parquet::Int32Type, int16_t>>());
      case arrow::Type::UINT8:
        return make(std::type_identity<FixedLeaf<parquet::Int32Type, uint8_t>>());
      case arrow::Type::UINT16:
        return make(std::type_identity<FixedLeaf<parquet::Int32Type, uint16_t>>());
      case arrow::Type::INT32:
      case arrow::Type::UINT32:
      case arrow::Type::DATE32:
      case arrow::Type::TIME32:
        return make(std::type_identity<FixedLeaf<parquet::Int32Type, int32_t>>());
      case arrow::Type::INT64:
      case arrow::Type::UINT64:
      case arrow::Type::TIME64:
      case arrow::Type::TIMESTAMP:
        return make(std::type_identity<FixedLeaf<parquet::Int64Type, int64_t>>());
      case arrow::Type::FLOAT:
        return make(std::type_identity<FixedLeaf<parquet::FloatType, float>>());
      case arrow::Type::DOUBLE:
        return make(std::type_identity<FixedLeaf<parquet::DoubleType, double>>());
      case arrow::Type::LARGE_STRING:
      case arrow::Type::LARGE_BINARY:
        return make(std::type_identity<TextLeaf>());
      case arrow::Type::DECIMAL128:
        return std::make_unique<DecimalLeaf>(node, type, optional, level);
      default:
        Check(false, "a column of a type that ArrowColumn::TypeFor refuses");
        return nullptr;
    }
  }
};

std::shared_ptr<arrow::DataType> ArrowColumn::TypeFor(const std::shared_ptr<arrow::DataType>& type) {
  switch (type->id()) {
    case arrow::Type::BOOL:
    case arrow::Type::INT8:
    case arrow::Type::INT16:
    case arrow::Type::UINT8:
    case arrow::Type::UINT16:
    case arrow::Type::INT32:
    case arrow::Type::UINT32:
    case arrow::Type::DATE32:
    case arrow::Type::TIME32:
    case arrow::Type::INT64:
    case arrow::Type::UINT64:
    case arrow::Type::TIME64:
    case arrow::Type::TIMESTAMP:
    case arrow::Type::FLOAT:
    case arrow::Type::DOUBLE:
    case arrow::Type::DECIMAL128:
      return type;
    case arrow::Type::STRING:
    case arrow::Type::LARGE_STRING:
      return arrow::large_utf8();
    case arrow::Type::BINARY:
    case arrow::Type::LARGE_BINARY:
      return arrow::large_binary();
    case arrow::Type::STRUCT:
      break;
    default:
      return nullptr;
  }
  arrow::FieldVector fields;
  for (const auto& field : type->fields()) {
    const auto child = TypeFor(field->type());
    if (child == nullptr) return nullptr;
    fields.push_back(field->WithType(child));
  }
  return fields.empty() ? nullptr : arrow::struct_(fields);
}

ArrowColumn::ArrowColumn(const parquet::schema::Node& node, const std::shared_ptr<arrow::DataType>& type)
    : root_(Maker{leaves_}.Make(node, type, 0)) {}
ArrowColumn::ArrowColumn(ArrowColumn&&) noexcept = default;
ArrowColumn::~ArrowColumn() = default;

int ArrowColumn::leaves() const {
  return static_cast<int>(leaves_.size());
}

void ArrowColumn::Reserve(int leaf, int64_t rows, int64_t bytes) {
  Leaf& one = *leaves_[static_cast<size_t>(leaf)];
  one.ReserveValues(rows, bytes);
  one.ReservePresence(rows);
  for (Node* above : one.first_of) above->ReservePresence(rows);
}

void ArrowColumn::Add(int leaf, const LeafBatch& batch) {
  Leaf& one = *leaves_[static_cast<size_t>(leaf)];
  one.AddValues(batch);
  const bool all = batch.values == batch.rows;
  one.AddPresence(batch, all);
  for (Node* above : one.first_of) above->AddPresence(batch, all);
}

std::shared_ptr<arrow::Array> ArrowColumn::Finish() {
  return arrow::MakeArray(root_->Finish());
}

}  // namespace firn
