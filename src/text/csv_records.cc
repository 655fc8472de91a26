#include "text/csv_records.h"

#include <arrow/util/utf8.h>
#include <fmt/format.h>

#include <algorithm>

namespace firn {
namespace {

constexpr size_t kLongestBadText = 1'000;

bool IsCleanText(std::string_view text) {
  return text.find('\0') == std::string_view::npos && arrow::util::ValidateUTF8(text);
}

}  // namespace

CsvRecords::CsvRecords(const CsvLayout& layout, int64_t first_line, std::string& bytes, TokenColumn& root,
                       const std::set<std::string>& nested, JsonRecords& json, int64_t& made)
    : layout_(layout),
      splitter_(layout.dialect.delimiter, layout.dialect.quote, layout.cr_lines),
      root_(root),
      json_(json),
      made_(made),
      at_(bytes.data()),
      end_(bytes.data() + bytes.size() - JsonRecords::kPadding),
      next_line_(first_line) {
  arrow::util::InitializeUTF8();
  clean_ = IsCleanText({at_, end_});
  size_t cursor = 0;
  for (const std::string& name : layout.names)
    columns_.push_back({&root.Field(name, cursor, made), nested.contains(name)});
}

bool CsvRecords::IsEmptyLine() const {
  return fields_.size() == 1 && fields_[0].size == 0 && !fields_[0].quoted && columns_.size() != 1;
}

bool CsvRecords::IsNull(const CsvField& field) const {
  return !field.quoted && field.text() == layout_.dialect.null_text;
}

CsvRecords::Step CsvRecords::Next(uint32_t slot) {
  while (at_ < end_) {
    const char* const start = at_;
    line_ = next_line_;
    const CsvFields::Flaw flaw = splitter_.Split(at_, end_, fields_, next_line_);
    if (IsEmptyLine()) continue;
    const std::string_view record(start, static_cast<size_t>(at_ - start));
    column_.clear();
    if (std::string problem = ProblemOf(flaw, record); !problem.empty()) return Bad(std::move(problem), record);
    if (Take(slot)) return Step::kTaken;
    root_.CutTo(slot);
    return Step::kBad;
  }
  return Step::kEnd;
}

CsvRecords::Step CsvRecords::Bad(std::string problem, std::string_view record) {
  problem_ = std::move(problem);
  const size_t last = record.find_last_not_of("\r\n");
  text_ = record.substr(0, std::min(last == std::string_view::npos ? 0 : last + 1, kLongestBadText));
  return Step::kBad;
}

// Why the record cannot be taken; "" when it can.
std::string CsvRecords::ProblemOf(CsvFields::Flaw flaw, std::string_view record) {
  if (flaw == CsvFields::Flaw::kOpen) return fmt::format("the quote of field {} does not close", fields_.size());
  if (flaw == CsvFields::Flaw::kTrailing) return "something follows a closing quote: quotes within quotes are doubled";
  if (!clean_)
    if (std::string problem = ProblemOfBytes(record); !problem.empty()) return problem;
  // A delimiter may end the line, too.
  const size_t fields = fields_.size();
  const bool nothing_last = fields == columns_.size() + 1 && fields_.back().size == 0 && !fields_.back().quoted;
  if (fields != columns_.size() && !nothing_last)
    return fmt::format("it has {} field{}, and {} {}", fields, fields == 1 ? "" : "s",
                       layout_.header.empty() ? "the first record" : "the header", columns_.size());
  if (IsHeader()) return "it repeats the header";
  return "";
}

std::string CsvRecords::ProblemOfBytes(std::string_view record) {
  if (IsCleanText(record)) return "";
  for (size_t i = 0; i < fields_.size(); ++i) {
    if (IsCleanText(fields_[i].text())) continue;
    if (i < columns_.size()) column_ = columns_[i].tokens->name();
    return fields_[i].text().find('\0') == std::string_view::npos ? "it is no UTF-8" : "it has a NUL byte";
  }
  return "it is no UTF-8 text";
}

bool CsvRecords::IsHeader() const {
  if (layout_.header.empty()) return false;
  for (size_t i = 0; i < layout_.header.size(); ++i) {
    if (i == fields_.size()) return false;
    if (!fields_[i].doubled && fields_[i].text() != layout_.header[i]) return false;
    if (!fields_[i].doubled) continue;
    std::string copy(fields_[i].text());
    CsvField field{.data = copy.data(), .size = fields_[i].size, .quoted = true, .doubled = true};
    field.Resolve(splitter_.quote());
    if (field.text() != layout_.header[i]) return false;
  }
  return true;
}

bool CsvRecords::Take(uint32_t slot) {
  for (size_t i = 0; i < columns_.size(); ++i) {
    CsvField& field = fields_[i];
    TokenColumn& tokens = *columns_[i].tokens;
    field.Resolve(splitter_.quote());
    if (IsNull(field) || (columns_[i].nested && field.size == 0)) {
      // One says that there is the column; more would only cost.
      if (tokens.tokens().empty()) tokens.Append({nullptr, 0, slot, TokenKind::kNull});
    } else if (!columns_[i].nested) {
      tokens.Append({field.data, field.size, slot, TokenKind::kPlain});
    } else {
      text_ = field.text().substr(0, kLongestBadText);
      if (json_.AddValue(field.data, field.size, slot, tokens, made_)) continue;
      column_ = tokens.name();
      problem_ = json_.problem();
      return false;
    }
  }
  return true;
}

}  // namespace firn
