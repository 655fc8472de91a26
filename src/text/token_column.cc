#include "text/token_column.h"

#include <algorithm>

namespace firn {
namespace {

// The JSON that begins with the bracket at `data`, which a parser has found whole.
std::string_view BracketedText(const char* data) {
  int depth = 0;
  const char* at = data;
  do {
    if (*at == '"') {
      for (++at; *at != '"'; ++at)
        if (*at == '\\') ++at;
    }
    if (*at == '{' || *at == '[') ++depth;
    if (*at == '}' || *at == ']') --depth;
    ++at;
  } while (depth > 0);
  return {data, at};
}

bool HoldsMaps(const Type& type) {
  return type.kind == TypeKind::kMap ||
         std::ranges::any_of(type.children, [](const Field& child) { return HoldsMaps(child.type); });
}

void MakeMapsOf(const Type& type, TokenColumn& column) {
  int64_t made = 0;
  size_t cursor = 0;
  if (type.kind == TypeKind::kMap) column.MakeMap();
  if (type.kind == TypeKind::kMap)
    MakeMapsOf(type.children.at(1).type, column.Element(made).Field("value", cursor, made));
  if (type.kind == TypeKind::kList) MakeMapsOf(type.children.at(0).type, column.Element(made));
  if (type.kind == TypeKind::kStruct) MakeMaps({type.children}, column);
}

}  // namespace

void MakeMaps(const Schema& schema, TokenColumn& root) {
  int64_t made = 0;
  size_t cursor = 0;
  for (const Field& field : schema.fields)
    if (HoldsMaps(field.type)) MakeMapsOf(field.type, root.Field(field.name, cursor, made));
}

std::string_view Token::text() const {
  if (kind == TokenKind::kObject || kind == TokenKind::kList) return BracketedText(data);
  return {data, size};
}

const TokenColumn* TokenColumn::FindField(std::string_view name) const {
  const auto found = places_.find(name);
  return found == places_.end() ? nullptr : fields_[found->second].get();
}

TokenColumn& TokenColumn::Field(std::string_view name, size_t& cursor, int64_t& made) {
  if (cursor < fields_.size() && fields_[cursor]->name_ == name) return *fields_[cursor++];
  const auto known = places_.find(name);
  if (known == places_.end()) {
    ++made;
    fields_.push_back(std::make_unique<TokenColumn>(std::string(name)));
    places_.emplace(fields_.back()->name_, fields_.size() - 1);
    cursor = fields_.size();
    return *fields_.back();
  }
  cursor = known->second + 1;
  return *fields_[known->second];
}

TokenColumn& TokenColumn::Element(int64_t& made) {
  if (element_ == nullptr) {
    ++made;
    element_ = std::make_unique<TokenColumn>("element");
  }
  return *element_;
}

void TokenColumn::CutTo(uint32_t slot) {
  while (!tokens_.empty() && tokens_.back().slot >= slot) {
    if (tokens_.back().kind == TokenKind::kList || tokens_.back().kind == TokenKind::kObject)
      elements_ -= tokens_.back().size;
    tokens_.pop_back();
  }
  for (const auto& field : fields_) field->CutTo(slot);
  if (element_ != nullptr) element_->CutTo(elements_);
}

}  // namespace firn
