#include "text/typed_batch.h"

#include <arrow/api.h>
#include <fmt/format.h>

#include "format/parquet_guard.h"
#include "text/value_reader.h"

namespace firn {
namespace {

constexpr size_t kLongestValue = 200;

// Slots of a column: rows, or the elements of lists. `rows` says in which row each is; empty: slot and row are one.
struct Slots {
  uint32_t count = 0;
  std::vector<uint32_t> rows = {};

  [[nodiscard]] uint32_t RowOf(uint32_t slot) const { return rows.empty() ? slot : rows[slot]; }
};

// Which slots are not NULL, as Arrow keeps it.
class Validity {
 public:
  explicit Validity(uint32_t count) { PARQUET_THROW_NOT_OK(builder_.Append(count, false)); }
  void Set(uint32_t slot) {
    arrow::bit_util::SetBit(builder_.mutable_data(), slot);
    ++set_;
  }
  [[nodiscard]] std::shared_ptr<arrow::Buffer> Finish() {
    PARQUET_ASSIGN_OR_THROW(auto buffer, builder_.Finish());
    return buffer;
  }
  [[nodiscard]] int64_t set() const { return set_; }

 private:
  arrow::TypedBufferBuilder<bool> builder_;
  int64_t set_ = 0;
};

class BatchBuilder {
 public:
  explicit BatchBuilder(std::vector<Misfit>& misfits) : misfits_(misfits) {}

  std::shared_ptr<arrow::Array> Column(const TokenColumn* column, const Field& field, const Slots& slots,
                                       const std::string& path) {
    const std::vector<Token> none;
    const std::vector<Token>& tokens = column == nullptr ? none : column->tokens();
    switch (field.type.kind) {
      case TypeKind::kStruct:
        return Struct(column, tokens, field.type, slots, path);
      case TypeKind::kList:
        return List(column, tokens, field.type, slots, path);
      case TypeKind::kMap:
        return Map(column, tokens, field.type, slots, path);
      default:
        return Values(column, tokens, field.type, slots, path);
    }
  }

 private:
  static bool IsNested(const Token& token) {
    return token.kind == TokenKind::kObject || token.kind == TokenKind::kList;
  }

  void Refuse(const TokenColumn& column, const Token& token, const Type& wanted, const Slots& slots,
              const std::string& path) {
    const uint32_t row = slots.RowOf(token.slot);
    if (!misfits_.empty() && misfits_.back().row == row && misfits_.back().column == path) return;
    const std::string text = IsNested(token) ? JsonOf(column, token) : std::string(token.text());
    misfits_.push_back({row, path, text.substr(0, kLongestValue), wanted});
  }

  // Text holds objects and lists, too.
  static bool AppendTo(ValueReader& reader, const TokenColumn& column, const Token& token, const Type& type) {
    if (!IsNested(token) || type.kind != TypeKind::kString) return reader.Append(token);
    const std::string text = JsonOf(column, token);
    return reader.Append({text.data(), static_cast<uint32_t>(text.size()), token.slot, TokenKind::kText});
  }

  std::shared_ptr<arrow::Array> Values(const TokenColumn* column, const std::vector<Token>& tokens, const Type& type,
                                       const Slots& slots, const std::string& path) {
    const auto reader = ValueReader::Of(type);
    uint32_t next = 0;
    for (const Token& token : tokens) {
      if (token.slot > next) reader->AppendNulls(token.slot - next);
      next = token.slot + 1;
      if (token.kind != TokenKind::kNull && AppendTo(*reader, *column, token, type)) continue;
      reader->AppendNulls(1);
      // "" in a column of CSV that has no empty value.
      const bool nothing = token.kind == TokenKind::kPlain && token.size == 0;
      if (token.kind != TokenKind::kNull && !nothing) Refuse(*column, token, type, slots, path);
    }
    if (slots.count > next) reader->AppendNulls(slots.count - next);
    return reader->Finish();
  }

  // Tells whether the token is of the kind that a nested type is made of.
  bool Fits(const TokenColumn* column, const Token& token, TokenKind kind, const Type& type, const Slots& slots,
            const std::string& path) {
    if (token.kind == kind) return true;
    if (token.kind != TokenKind::kNull) Refuse(*column, token, type, slots, path);
    return false;
  }

  std::shared_ptr<arrow::Array> Struct(const TokenColumn* column, const std::vector<Token>& tokens, const Type& type,
                                       const Slots& slots, const std::string& path) {
    Validity valid(slots.count);
    for (const Token& token : tokens)
      if (Fits(column, token, TokenKind::kObject, type, slots, path)) valid.Set(token.slot);
    arrow::ArrayVector children;
    for (const Field& child : type.children)
      children.push_back(
          Column(column == nullptr ? nullptr : column->FindField(child.name), child, slots, path + "." + child.name));
    const int64_t nulls = slots.count - valid.set();
    return std::make_shared<arrow::StructArray>(ArrowTypeOf(type), slots.count, std::move(children), valid.Finish(),
                                                nulls);
  }

  // Where the elements of lists and maps are: Arrow's offsets, and the rows of the elements.
  struct Elements {
    std::shared_ptr<arrow::Buffer> offsets;
    std::shared_ptr<arrow::Buffer> validity;
    int64_t nulls = 0;
    Slots slots;
  };
  Elements ElementsOf(const TokenColumn* column, const std::vector<Token>& tokens, TokenKind kind, const Type& type,
                      const Slots& slots, const std::string& path) {
    Elements elements;
    Validity valid(slots.count);
    arrow::TypedBufferBuilder<int32_t> offsets;
    PARQUET_THROW_NOT_OK(offsets.Reserve(slots.count + 1));
    uint32_t next = 0;
    for (const Token& token : tokens) {
      if (!Fits(column, token, kind, type, slots, path)) continue;
      for (; next <= token.slot; ++next) offsets.UnsafeAppend(static_cast<int32_t>(elements.slots.count));
      valid.Set(token.slot);
      elements.slots.rows.insert(elements.slots.rows.end(), token.size, slots.RowOf(token.slot));
      elements.slots.count += token.size;
    }
    for (; next <= slots.count; ++next) offsets.UnsafeAppend(static_cast<int32_t>(elements.slots.count));
    elements.nulls = slots.count - valid.set();
    elements.validity = valid.Finish();
    PARQUET_ASSIGN_OR_THROW(elements.offsets, offsets.Finish());
    return elements;
  }

  std::shared_ptr<arrow::Array> List(const TokenColumn* column, const std::vector<Token>& tokens, const Type& type,
                                     const Slots& slots, const std::string& path) {
    Elements elements = ElementsOf(column, tokens, TokenKind::kList, type, slots, path);
    const auto values =
        Column(column == nullptr ? nullptr : column->element(), type.children.at(0), elements.slots, path + ".element");
    return std::make_shared<arrow::ListArray>(ArrowTypeOf(type), slots.count, elements.offsets, values,
                                              elements.validity, elements.nulls);
  }

  std::shared_ptr<arrow::Array> Map(const TokenColumn* column, const std::vector<Token>& tokens, const Type& type,
                                    const Slots& slots, const std::string& path) {
    Elements elements = ElementsOf(column, tokens, TokenKind::kObject, type, slots, path);
    const TokenColumn* const entries = column == nullptr ? nullptr : column->element();
    const auto part = [&](const char* name, size_t child) {
      return Column(entries == nullptr ? nullptr : entries->FindField(name), type.children.at(child), elements.slots,
                    path + "." + name);
    };
    const auto keys = part("key", 0);
    return std::make_shared<arrow::MapArray>(ArrowTypeOf(type), slots.count, elements.offsets, keys, part("value", 1),
                                             elements.validity, elements.nulls);
  }

  std::vector<Misfit>& misfits_;
};

}  // namespace

Result<TypedBatch> BuildBatch(const TokenColumn& root, const Schema& schema, uint32_t rows) {
  TypedBatch typed;
  FIRN_TRY(GuardParquet("the records", [&] {
    BatchBuilder builder(typed.misfits);
    arrow::FieldVector fields;
    arrow::ArrayVector columns;
    for (const Field& field : schema.fields) {
      columns.push_back(builder.Column(root.FindField(field.name), field, {.count = rows}, field.name));
      fields.push_back(arrow::field(field.name, columns.back()->type()));
    }
    typed.batch = arrow::RecordBatch::Make(arrow::schema(std::move(fields)), rows, std::move(columns));
  }));
  return typed;
}

}  // namespace firn
