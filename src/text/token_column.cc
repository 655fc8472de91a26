#include "text/token_column.h"

#include <algorithm>

#include "format/value_text.h"

namespace firn {
namespace {

void AppendJson(const TokenColumn& column, const Token& token, std::string& out);

const Token* TokenAt(const TokenColumn& column, uint32_t slot) {
  const auto found = std::ranges::lower_bound(column.tokens(), slot, {}, &Token::slot);
  return found == column.tokens().end() || found->slot != slot ? nullptr : &*found;
}

void AppendObject(const TokenColumn& column, uint32_t slot, std::string& out) {
  const size_t start = out.size();
  for (const auto& field : column.fields()) {
    const Token* const value = TokenAt(*field, slot);
    if (value == nullptr) continue;
    out += out.size() == start ? '{' : ',';
    AppendJsonString(field->name(), out);
    out += ':';
    AppendJson(*field, *value, out);
  }
  out += out.size() == start ? "{}" : "}";
}

void AppendElements(const TokenColumn& column, const Token& token, std::string& out) {
  for (uint32_t i = 0; i < token.size; ++i) {
    if (i > 0) out += ',';
    if (column.is_map()) {
      AppendJsonString(TokenAt(*column.element()->FindField("key"), token.first + i)->text(), out);
      out += ':';
    }
    const TokenColumn& values = column.is_map() ? *column.element()->FindField("value") : *column.element();
    AppendJson(values, *TokenAt(values, token.first + i), out);
  }
}

void AppendJson(const TokenColumn& column, const Token& token, std::string& out) {
  if (token.kind == TokenKind::kText) return AppendJsonString(token.text(), out);
  if (token.kind == TokenKind::kObject && !column.is_map()) return AppendObject(column, token.slot, out);
  if (token.kind != TokenKind::kObject && token.kind != TokenKind::kList) {
    out += token.text();
    return;
  }
  out += token.kind == TokenKind::kList ? '[' : '{';
  AppendElements(column, token, out);
  out += token.kind == TokenKind::kList ? ']' : '}';
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

std::string JsonOf(const TokenColumn& column, const Token& token) {
  std::string text;
  AppendJson(column, token, text);
  return text;
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
