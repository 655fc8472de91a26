#include "format/array_decoder.h"

#include <arrow/api.h>
#include <arrow/util/decimal.h>

#include <algorithm>
#include <cstring>

#include "base/check.h"

namespace firn {
namespace {

int LeavesOf(const arrow::DataType& type) {
  if (type.num_fields() == 0) return 1;
  int leaves = 0;
  for (const auto& field : type.fields()) leaves += LeavesOf(*field->type());
  return leaves;
}

// The field that has the leaf, which is then counted within it.
int TakeField(const arrow::FieldVector& fields, int& leaf) {
  int number = 0;
  for (const auto& field : fields) {
    const int leaves = LeavesOf(*field->type());
    if (leaf < leaves) break;
    leaf -= leaves;
    ++number;
  }
  return number;
}

bool IsList(const arrow::DataType& type) {
  return type.id() == arrow::Type::LIST || type.id() == arrow::Type::LARGE_LIST || type.id() == arrow::Type::MAP;
}

template <class List>
std::pair<int64_t, int64_t> RangeIn(const arrow::Array& array, int64_t at) {
  const auto& list = static_cast<const List&>(array);
  return {list.value_offset(at), list.value_offset(at + 1)};
}

// Where the values of a list's row are.
std::pair<int64_t, int64_t> RangeOf(const arrow::Array& list, int64_t at) {
  if (list.type_id() == arrow::Type::LARGE_LIST) return RangeIn<arrow::LargeListArray>(list, at);
  return RangeIn<arrow::ListArray>(list, at);  // a map is a list of its entries
}

// Where the values of a batch are in the leaf's array.
struct Places {
  const int64_t* at;  // nullptr: one after the other from `first`
  int64_t first;
  int64_t count;

  // Calls `put(i, place)` for each value.
  template <class Put>
  void ForEach(Put put) const {
    for (int64_t i = 0; i < count; ++i) put(i, at == nullptr ? first + i : at[i]);
  }
};

template <class Stored, class T>
void CopyNumbers(const arrow::Array& array, const Places& places, T* values) {
  const auto* const from = array.data()->GetValues<Stored>(1);
  if constexpr (std::is_same_v<Stored, T>)
    if (places.at == nullptr && places.count > 0) {
      std::memcpy(values, from + places.first, static_cast<size_t>(places.count) * sizeof(T));
      return;
    }
  places.ForEach([&](int64_t i, int64_t place) { values[i] = T{from[place]}; });
}

// Narrow integers are stored as wide ones.
void CopyIntegers(const arrow::Array& array, const Places& places, int32_t* values) {
  switch (array.type_id()) {
    case arrow::Type::INT8:
      return CopyNumbers<int8_t>(array, places, values);
    case arrow::Type::INT16:
      return CopyNumbers<int16_t>(array, places, values);
    case arrow::Type::UINT8:
      return CopyNumbers<uint8_t>(array, places, values);
    case arrow::Type::UINT16:
      return CopyNumbers<uint16_t>(array, places, values);
    default:
      return CopyNumbers<int32_t>(array, places, values);
  }
}

template <class Array>
void CopyTextsOf(const Array& array, const Places& places, parquet::ByteArray* values) {
  places.ForEach([&](int64_t i, int64_t place) { values[i] = parquet::ByteArray(array.GetView(place)); });
}

void CopyTexts(const arrow::Array& array, const Places& places, parquet::ByteArray* values) {
  if (array.type_id() == arrow::Type::LARGE_STRING || array.type_id() == arrow::Type::LARGE_BINARY)
    return CopyTextsOf(static_cast<const arrow::LargeBinaryArray&>(array), places, values);
  CopyTextsOf(static_cast<const arrow::BinaryArray&>(array), places, values);
}

constexpr int kDecimalBytes = 16;

// Big-endian, in as many bytes as the precision needs; `bytes` has room for kDecimalBytes a value.
void CopyDecimals(const arrow::Array& array, const Places& places, uint8_t* bytes, parquet::FLBA* values) {
  const auto& decimals = static_cast<const arrow::Decimal128Array&>(array);
  const int precision = static_cast<const arrow::DecimalType&>(*array.type()).precision();
  const int length = arrow::DecimalType::DecimalSize(precision);
  places.ForEach([&](int64_t i, int64_t place) {
    uint8_t* const to = bytes + i * kDecimalBytes;
    std::reverse_copy(decimals.GetValue(place), decimals.GetValue(place) + kDecimalBytes, to);
    values[i].ptr = to + kDecimalBytes - length;
  });
}

}  // namespace

bool ArrayDecoder::Reads(const arrow::DataType& type) {
  switch (type.id()) {
    case arrow::Type::BOOL:
    case arrow::Type::INT8:
    case arrow::Type::INT16:
    case arrow::Type::INT32:
    case arrow::Type::INT64:
    case arrow::Type::UINT8:
    case arrow::Type::UINT16:
    case arrow::Type::UINT32:
    case arrow::Type::UINT64:
    case arrow::Type::DATE32:
    case arrow::Type::TIME64:
    case arrow::Type::FLOAT:
    case arrow::Type::DOUBLE:
    case arrow::Type::STRING:
    case arrow::Type::LARGE_STRING:
    case arrow::Type::BINARY:
    case arrow::Type::LARGE_BINARY:
    case arrow::Type::DECIMAL128:
      return true;
    case arrow::Type::TIME32:
      return static_cast<const arrow::Time32Type&>(type).unit() != arrow::TimeUnit::SECOND;
    case arrow::Type::TIMESTAMP:
      return static_cast<const arrow::TimestampType&>(type).unit() != arrow::TimeUnit::SECOND;
    case arrow::Type::STRUCT:
    case arrow::Type::LIST:
    case arrow::Type::LARGE_LIST:
    case arrow::Type::MAP:
      return type.num_fields() > 0 &&
             std::ranges::all_of(type.fields(), [](const auto& field) { return Reads(*field->type()); });
    default:
      return false;
  }
}

void ArrayDecoder::Begin(const arrow::RecordBatch& rows, int leaf, const parquet::ColumnDescriptor& column) {
  steps_.clear();
  const int number = TakeField(rows.schema()->fields(), leaf);
  AddSteps(rows.column(number), rows.schema()->field(number)->nullable(), leaf);
  leaf_ = steps_.back().array.get();
  max_def_ = 0;
  repeated_ = false;
  has_nulls_ = false;
  for (const Step& step : steps_) {
    max_def_ = static_cast<int16_t>(max_def_ + (step.nullable ? 1 : 0) + (step.is_list ? 1 : 0));
    repeated_ = repeated_ || step.is_list;
    has_nulls_ = has_nulls_ || (step.nullable && step.array->null_count() > 0);
  }
  Check(max_def_ == column.max_definition_level() && repeated_ == (column.max_repetition_level() > 0),
        "rows in memory are not of the columns that they are read as");
  next_ = 0;
  levels_ = rows.num_rows();
  if (repeated_) MakeLevels();
}

void ArrayDecoder::AddSteps(const std::shared_ptr<arrow::Array>& array, bool nullable, int leaf) {
  const arrow::DataType& type = *array->type();
  steps_.push_back({array, nullable, IsList(type)});
  if (IsList(type)) return AddListSteps(*array, leaf);
  if (type.num_fields() == 0) return;
  const int field = TakeField(type.fields(), leaf);
  AddSteps(static_cast<const arrow::StructArray&>(*array).field(field), type.field(field)->nullable(), leaf);
}

void ArrayDecoder::AddListSteps(const arrow::Array& list, int leaf) {
  if (list.type_id() == arrow::Type::MAP) {
    const auto& map = static_cast<const arrow::MapArray&>(list);
    const int of_key = LeavesOf(*map.keys()->type());
    const bool is_key = leaf < of_key;
    return AddSteps(is_key ? map.keys() : map.items(),
                    !is_key && static_cast<const arrow::MapType&>(*map.type()).item_field()->nullable(),
                    is_key ? leaf : leaf - of_key);
  }
  const bool nullable = list.type()->field(0)->nullable();
  if (list.type_id() == arrow::Type::LARGE_LIST)
    return AddSteps(static_cast<const arrow::LargeListArray&>(list).values(), nullable, leaf);
  AddSteps(static_cast<const arrow::ListArray&>(list).values(), nullable, leaf);
}

void ArrayDecoder::MakeLevels() {
  def_.clear();
  rep_.clear();
  found_.clear();
  next_found_ = 0;
  for (int64_t row = 0; row < levels_; ++row) Walk(0, row, 0, 0, 0);
  levels_ = std::ssize(def_);
}

// What is at `at` of the step's array, below `lists` lists.
void ArrayDecoder::Walk(size_t step, int64_t at, int16_t def, int16_t rep, int16_t lists) {
  const Step& here = steps_[step];
  const auto emit = [&] {
    def_.push_back(def);
    rep_.push_back(rep);
  };
  if (here.nullable && here.array->IsNull(at)) return emit();
  if (here.nullable) ++def;
  if (step + 1 == steps_.size()) {
    found_.push_back(at);
    return emit();
  }
  if (!here.is_list) return Walk(step + 1, at, def, rep, lists);
  const auto [begin, end] = RangeOf(*here.array, at);
  if (begin == end) return emit();
  ++lists;
  for (int64_t i = begin; i < end; ++i)
    Walk(step + 1, i, static_cast<int16_t>(def + 1), i == begin ? rep : lists, lists);
}

// Returns how many values the rows have.
int64_t ArrayDecoder::ReadFlat(int64_t count, int16_t* def) {
  first_ = next_;
  at_ = nullptr;
  if (!has_nulls_) {
    if (max_def_ > 0) std::fill_n(def, count, max_def_);
    return count;
  }
  places_.resize(static_cast<size_t>(count));
  int64_t values = 0;
  for (int64_t i = 0; i < count; ++i) {
    int16_t level = 0;
    for (const Step& step : steps_) {
      if (!step.nullable) continue;
      if (step.array->IsNull(next_ + i)) break;
      ++level;
    }
    def[i] = level;
    if (level == max_def_) places_[static_cast<size_t>(values++)] = next_ + i;
  }
  at_ = places_.data();
  return values;
}

int64_t ArrayDecoder::ReadRepeated(int64_t count, int16_t* def, int16_t* rep) {
  std::copy_n(def_.data() + next_, count, def);
  std::copy_n(rep_.data() + next_, count, rep);
  const int64_t values = std::count(def, def + count, max_def_);
  at_ = found_.data() + next_found_;
  next_found_ += values;
  return values;
}

template <class Physical>
ColumnDecoder::Batch ArrayDecoder::Read(int64_t most, int16_t* def, int16_t* rep, typename Physical::c_type* values) {
  const int64_t count = std::min(most, levels_ - next_);
  const int64_t found = repeated_ ? ReadRepeated(count, def, rep) : ReadFlat(count, def);
  CopyValues<Physical>(found, values);
  next_ += count;
  return {.levels = count, .values = found, .numbers = nullptr};
}

template <class Physical>
void ArrayDecoder::CopyValues(int64_t count, typename Physical::c_type* values) {
  const Places places{at_, first_, count};
  if constexpr (std::is_same_v<Physical, parquet::BooleanType>) {
    const auto& array = static_cast<const arrow::BooleanArray&>(*leaf_);
    places.ForEach([&](int64_t i, int64_t place) { values[i] = array.Value(place); });
  } else if constexpr (std::is_same_v<Physical, parquet::Int32Type>) {
    CopyIntegers(*leaf_, places, values);
  } else if constexpr (std::is_same_v<Physical, parquet::ByteArrayType>) {
    CopyTexts(*leaf_, places, values);
  } else if constexpr (std::is_same_v<Physical, parquet::FLBAType>) {
    bytes_.resize(static_cast<size_t>(count) * kDecimalBytes);
    CopyDecimals(*leaf_, places, bytes_.data(), values);
  } else if constexpr (!std::is_same_v<Physical, parquet::Int96Type>) {
    CopyNumbers<typename Physical::c_type>(*leaf_, places, values);
  } else {
    Check(false, "there are no rows in memory with values of 96 bits");
  }
}

#define FIRN_ARRAY_DECODER(Physical) \
  template ColumnDecoder::Batch ArrayDecoder::Read<Physical>(int64_t, int16_t*, int16_t*, Physical::c_type*)
FIRN_ARRAY_DECODER(parquet::BooleanType);
FIRN_ARRAY_DECODER(parquet::Int32Type);
FIRN_ARRAY_DECODER(parquet::Int64Type);
FIRN_ARRAY_DECODER(parquet::Int96Type);
FIRN_ARRAY_DECODER(parquet::FloatType);
FIRN_ARRAY_DECODER(parquet::DoubleType);
FIRN_ARRAY_DECODER(parquet::ByteArrayType);
FIRN_ARRAY_DECODER(parquet::FLBAType);
#undef FIRN_ARRAY_DECODER

}  // namespace firn
