#include "pipeline/key_encoder.h"

#include <fmt/format.h>

#include <algorithm>
#include <bit>
#include <cmath>
#include <cstring>
#include <limits>

#include "pipeline/suggest_column.h"

namespace firn {
namespace {

constexpr uint64_t kSignBit = uint64_t{1} << 63;

bool IsUnsigned(TypeKind kind) {
  return kind >= TypeKind::kUInt8 && kind <= TypeKind::kUInt64;
}

double Canonical(double value) {
  return std::isnan(value) ? std::numeric_limits<double>::quiet_NaN() : value + 0.0;
}

// Numbers in the order of the values: negative floats reversed, NaN greatest.
uint64_t Ordered(double value) {
  const auto bits = std::bit_cast<uint64_t>(Canonical(value));
  return (bits & kSignBit) != 0 ? ~bits : bits | kSignBit;
}

uint64_t Ordered(int64_t value, bool is_unsigned) {
  return static_cast<uint64_t>(value) ^ (is_unsigned ? 0 : kSignBit);
}

struct LeafValue {
  const LeafBatch& batch;
  parquet::Type::type physical;
  int length;

  [[nodiscard]] std::string_view Bytes(int64_t i) const {
    if (physical == parquet::Type::BYTE_ARRAY) {
      const auto& value = static_cast<const parquet::ByteArray*>(batch.data)[i];
      return {reinterpret_cast<const char*>(value.ptr), value.len};
    }
    return {reinterpret_cast<const char*>(static_cast<const parquet::FixedLenByteArray*>(batch.data)[i].ptr),
            static_cast<size_t>(length)};
  }
  [[nodiscard]] bool IsBytes() const {
    return physical == parquet::Type::BYTE_ARRAY || physical == parquet::Type::FIXED_LEN_BYTE_ARRAY;
  }

  [[nodiscard]] uint64_t Number(int64_t i, bool is_unsigned) const {
    switch (physical) {
      case parquet::Type::BOOLEAN:
        return static_cast<const bool*>(batch.data)[i] ? 1 : 0;
      case parquet::Type::INT32: {
        const int32_t value = static_cast<const int32_t*>(batch.data)[i];
        return is_unsigned ? static_cast<uint32_t>(value) : Ordered(static_cast<int64_t>(value), false);
      }
      case parquet::Type::INT64:
        return Ordered(static_cast<const int64_t*>(batch.data)[i], is_unsigned);
      case parquet::Type::FLOAT:
        return Ordered(static_cast<double>(static_cast<const float*>(batch.data)[i]));
      default:
        return Ordered(static_cast<const double*>(batch.data)[i]);
    }
  }
};

LeafValue ValueOf(const KeyColumn& column, const LeafBatch& batch) {
  const parquet::ColumnDescriptor& leaf = *column.layout.descriptor().Column(0);
  return {batch, leaf.physical_type(), leaf.type_length()};
}

// Calls visit(i, value index or -1) for each row of the batch.
template <class F>
void ForEachRow(const KeyColumn& column, const LeafBatch& batch, F&& visit) {
  const int max_def = column.layout.leaves()[0].MaxDef();
  int64_t value = 0;
  for (int64_t i = 0; i < batch.levels; ++i) visit(batch.def[i] == max_def ? value++ : int64_t{-1});
}

void AppendBigEndian(uint64_t number, std::string& out) {
  for (int shift = 56; shift >= 0; shift -= 8) out.push_back(static_cast<char>(number >> shift & 0xff));
}

// Bytes that compare like the value, and end so that a prefix sorts first: 0x00 becomes 0x00 0xFF, the end is 0x00
// 0x01.
void AppendOrderedBytes(std::string_view bytes, bool flip_sign, std::string& out) {
  for (size_t i = 0; i < bytes.size(); ++i) {
    const char c = flip_sign && i == 0 ? static_cast<char>(bytes[i] ^ static_cast<char>(0x80)) : bytes[i];
    out.push_back(c);
    if (c == '\0') out.push_back(static_cast<char>(0xff));
  }
  out.push_back('\0');
  out.push_back('\1');
}

// The one field that `path` leads to, as a schema that holds nothing else.
const Field* Prune(const std::vector<Field>& fields, std::string_view path, Field& pruned) {
  for (const Field& field : fields) {
    if (field.name == path) {
      pruned = field;
      return &field;
    }
    if (field.type.kind != TypeKind::kStruct || !path.starts_with(field.name + ".")) continue;
    Field inner;
    const Field* found = Prune(field.type.children, path.substr(field.name.size() + 1), inner);
    if (found == nullptr) continue;
    pruned = field;
    pruned.type.children = {std::move(inner)};
    return found;
  }
  return nullptr;
}

}  // namespace

Result<KeyColumn> FindKeyColumn(const Schema& schema, const std::string& name, std::string_view role) {
  KeyColumn column{.name = name, .type = {}, .schema = {}, .layout = {}};
  Field pruned;
  const Field* found = Prune(schema.fields, name, pruned);
  if (found == nullptr)
    return Fail(ErrorKind::kInvalidArgument, fmt::format("the {} column '{}' is not in the data", role, name),
                SuggestColumn(schema, name));
  if (!found->type.children.empty())
    return Fail(ErrorKind::kInvalidArgument,
                fmt::format("the {} column '{}' is a struct, list or map, not a single value", role, name),
                "Name one of its fields, as in a.b");
  column.type = found->type;
  column.schema.fields = {std::move(pruned)};
  FIRN_TRY_ASSIGN(column.layout, ParquetLayout::Of(column.schema));
  return column;
}

bool OrderFitsNumber(const std::vector<KeyColumn>& by) {
  if (by.size() > 1) return false;
  if (by.empty()) return true;
  const parquet::Type::type physical = by[0].layout.descriptor().Column(0)->physical_type();
  return physical != parquet::Type::BYTE_ARRAY && physical != parquet::Type::FIXED_LEN_BYTE_ARRAY;
}

void KeyEncoder::Begin(int64_t rows) {
  const auto count = static_cast<size_t>(rows);
  keys_.assign(count, Hash128{seed_, ~seed_});
  order_.assign(count, 0);
  order_set_.assign(count, 0);
  if (encoded_order_) encoded_.assign(count, {});
  row_ = 0;
}

void KeyEncoder::Mix(size_t row, std::string_view value, bool is_null) {
  Hash128& key = keys_[row];
  Hash128 next = is_null ? HashBytes("NULL", key.low ^ 0x9e3779b97f4a7c15U) : HashBytes(value, key.low);
  // Both halves of the columns before reach both halves of the result.
  next.high ^= std::rotl(key.high, 23) * 0x9e3779b97f4a7c15U;
  key = next;
}

void KeyEncoder::AddKey(const KeyColumn& column, const LeafBatch& batch) {
  const LeafValue values = ValueOf(column, batch);
  const bool is_unsigned = IsUnsigned(column.type.kind);
  ForEachRow(column, batch, [&](int64_t i) {
    const size_t row = row_++;
    if (i < 0) return Mix(row, {}, true);
    if (values.IsBytes()) return Mix(row, values.Bytes(i), false);
    const uint64_t number = values.Number(i, is_unsigned);
    std::array<char, sizeof number> bytes;
    std::memcpy(bytes.data(), &number, sizeof number);
    Mix(row, {bytes.data(), bytes.size()}, false);
  });
}

void KeyEncoder::AddOrder(const KeyColumn& column, const LeafBatch& batch) {
  const LeafValue values = ValueOf(column, batch);
  const bool is_unsigned = IsUnsigned(column.type.kind);
  const bool flip_sign = column.type.kind == TypeKind::kDecimal;
  ForEachRow(column, batch, [&](int64_t i) {
    const size_t row = row_++;
    if (!encoded_order_) {
      if (i < 0) return;
      const uint64_t number = values.Number(i, is_unsigned);
      order_[row] = column.descending ? number : ~number;
      order_set_[row] = 1;
      return;
    }
    std::string& out = encoded_[row];
    out.push_back(i < 0 ? '\0' : '\1');  // NULL is the oldest, whatever the direction
    if (i < 0) return;
    const size_t start = out.size();
    if (values.IsBytes())
      AppendOrderedBytes(values.Bytes(i), flip_sign, out);
    else
      AppendBigEndian(values.Number(i, is_unsigned), out);
    if (!column.descending)
      for (size_t at = start; at < out.size(); ++at) out[at] = static_cast<char>(~out[at]);
  });
}

uint64_t KeyEncoder::order(int64_t row) {
  if (!encoded_order_) return order_[static_cast<size_t>(row)];
  const std::string& bytes = encoded_[static_cast<size_t>(row)];
  char* kept = arena_.Allocate(sizeof(uint32_t) + bytes.size());
  const auto length = static_cast<uint32_t>(bytes.size());
  std::memcpy(kept, &length, sizeof length);
  std::ranges::copy(bytes, kept + sizeof length);
  return std::bit_cast<uint64_t>(kept);
}

}  // namespace firn
