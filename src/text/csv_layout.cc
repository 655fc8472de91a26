#include "text/csv_layout.h"

#include <arrow/util/utf8.h>
#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <map>
#include <optional>
#include <set>
#include <tuple>

#include "base/printable.h"
#include "text/csv_fields.h"
#include "text/spelled_kind.h"

namespace firn {
namespace {

constexpr std::array kDelimiters = {',', '|', '\t', ';', '\x01'};
constexpr size_t kMostSampled = 1'000;  // records
constexpr size_t kLongestName = 150;    // by Glue's rule for headers that nobody declared

struct Sampled {
  std::vector<std::string> fields;
  std::vector<bool> quoted;
  bool flawed = false;

  [[nodiscard]] bool empty_line() const { return fields.size() == 1 && fields[0].empty() && !quoted[0]; }
};

// The first records of an object, taken apart with one delimiter.
class Sample {
 public:
  Sample(std::string_view head, bool whole, char delimiter, char quote, bool cr_lines)
      : fields_(delimiter, quote, cr_lines), text_(head.substr(0, whole ? head.size() : fields_.LastEnd(head))) {
    size_ = text_.size();
    text_.append(CsvFields::kPadding, ' ');
    at_ = text_.data();
  }
  Sample(const Sample&) = delete;
  Sample& operator=(const Sample&) = delete;

  // False at the end.
  bool Next(Sampled& record) {
    char* const end = text_.data() + size_;
    if (at_ >= end || taken_++ == kMostSampled) return false;
    record.flawed = fields_.Split(at_, end, found_, lines_) != CsvFields::Flaw::kNone;
    record.fields.clear();
    record.quoted.clear();
    for (CsvField& field : found_) {
      field.Resolve(fields_.quote());
      record.fields.emplace_back(field.text());
      record.quoted.push_back(field.quoted);
    }
    return true;
  }
  // The next one that is no empty line.
  bool NextFilled(Sampled& record) {
    while (Next(record))
      if (!record.empty_line()) return true;
    return false;
  }

  [[nodiscard]] size_t offset() const { return static_cast<size_t>(at_ - text_.data()); }
  [[nodiscard]] int64_t lines() const { return lines_; }

 private:
  const CsvFields fields_;
  std::string text_;
  size_t size_ = 0;
  char* at_ = nullptr;
  size_t taken_ = 0;
  int64_t lines_ = 0;
  std::vector<CsvField> found_;
};

std::string_view Trimmed(std::string_view name) {
  const size_t start = name.find_first_not_of(" \t");
  return start == std::string_view::npos ? "" : name.substr(start, name.find_last_not_of(" \t") + 1 - start);
}

bool IsKnown(std::string_view field, std::span<const std::string> known) {
  return std::ranges::find(known, field) != known.end() || std::ranges::find(known, Trimmed(field)) != known.end();
}

bool NamesColumns(const Sampled& record, std::span<const std::string> known) {
  const auto named = std::ranges::count_if(record.fields, [&](const std::string& f) { return IsKnown(f, known); });
  const auto filled = std::ranges::count_if(record.fields, [](const std::string& f) { return !f.empty(); });
  return !known.empty() && named * 2 > filled;
}

// What a delimiter makes of a sample.
struct Fit {
  size_t fields = 0;  // of most records
  int64_t fitting = 0;
  int64_t records = 0;
  bool names = false;  // the first record names columns

  [[nodiscard]] bool all() const { return fields >= 2 && fitting == records; }
  [[nodiscard]] bool most() const { return fields >= 2 && fitting * 2 > records; }
};

Fit FitOf(Sample sample, std::span<const std::string> known) {
  Fit fit;
  std::map<size_t, int64_t> counts;
  Sampled record;
  while (sample.NextFilled(record)) {
    if (fit.records++ == 0) fit.names = record.fields.size() > 1 && NamesColumns(record, known);
    if (!record.flawed) ++counts[record.fields.size()];
  }
  for (const auto& [fields, records] : counts)
    if (records >= fit.fitting) fit = {fields, records, fit.records, fit.names};
  return fit;
}

bool HasCrLines(std::string_view head) {
  return head.find('\n') == std::string_view::npos && head.find('\r') != std::string_view::npos;
}

std::string_view FirstLine(std::string_view head) {
  const size_t start = std::min(head.find_first_not_of("\r\n"), head.size());
  return head.substr(start, head.find_first_of("\r\n", start) - start);
}

// By docs/formats.md; nothing when none gives two fields to most records.
std::optional<char> FindDelimiter(std::string_view name, std::string_view head, bool whole, char quote,
                                  std::span<const std::string> known) {
  const std::string_view line = FirstLine(head);
  std::optional<char> best;
  Fit best_fit;
  const auto rank = [](const Fit& fit) { return std::tuple(fit.names, fit.all(), fit.most(), fit.fields); };
  std::vector<char> candidates(kDelimiters.begin(), kDelimiters.end());
  if (name.contains(".tsv")) std::ranges::rotate(candidates, std::ranges::find(candidates, '\t'));
  for (const char delimiter : candidates) {
    if (delimiter == quote || line.find(delimiter) == std::string_view::npos) continue;
    const Fit fit = FitOf(Sample(head, whole, delimiter, quote, HasCrLines(head)), known);
    if ((!fit.names && !fit.most()) || (best && rank(fit) <= rank(best_fit))) continue;
    best = delimiter;
    best_fit = fit;
  }
  return best;
}

bool IsText(const std::string& field) {
  return SpelledKind(field) == TokenKind::kText;
}

// Glue's rule for the first record: texts, the first or the last may be empty, no name twice.
bool MayBeHeader(const Sampled& record) {
  std::set<std::string_view> names;
  for (size_t i = 0; i < record.fields.size(); ++i) {
    const std::string& field = record.fields[i];
    const bool at_end = i == 0 || i + 1 == record.fields.size();
    const bool may_be = !field.empty() ? IsText(field) && field.size() < kLongestName && names.insert(field).second
                                       : at_end && record.fields.size() > 1;
    if (!may_be) return false;
  }
  return !record.flawed;
}

bool HasMoreThanTexts(const Sampled& record) {
  return std::ranges::any_of(record.fields, [](const std::string& f) { return !f.empty() && !IsText(f); });
}

std::string ColumnName(size_t index) {
  return fmt::format("col{}", index + 1);
}

std::unexpected<Error> BadHeader(std::string_view name, int64_t line, std::string_view what) {
  return Fail(ErrorKind::kCorrupt, fmt::format("{}:{}: {}", name, line, what),
              "Correct the header, or declare `options: {header: false}` if there is none");
}

class LayoutFinder {
 public:
  LayoutFinder(std::string_view name, std::string_view head, bool whole, const CsvSettings& settings,
               std::span<const std::string> known)
      : name_(name), head_(head), whole_(whole), settings_(settings), known_(known) {
    layout_.dialect = {.quote = settings.quote, .header = false, .null_text = settings.null_text};
    layout_.cr_lines = HasCrLines(head);
    const auto found =
        settings.delimiter ? settings.delimiter : FindDelimiter(name, head, whole, settings.quote, known);
    layout_.dialect.delimiter = found.value_or(',');
  }

  Result<CsvLayout> Find() {
    Sample sample(head_, whole_, layout_.dialect.delimiter, settings_.quote, layout_.cr_lines);
    Sampled first;
    if (!sample.NextFilled(first)) return std::move(layout_);
    layout_.first_record = sample.offset();
    layout_.first_line = sample.lines() + 1;
    layout_.enough = settings_.header.has_value();
    layout_.dialect.header = settings_.header ? *settings_.header : IsHeader(first, sample);
    if (layout_.dialect.header)
      FIRN_TRY(NameByHeader(first));
    else
      NameByPlace(first);
    return std::move(layout_);
  }

 private:
  bool IsHeader(const Sampled& first, Sample& rest) {
    layout_.enough = true;
    if (NamesColumns(first, known_)) return true;
    if (!MayBeHeader(first)) return false;
    layout_.enough = false;
    Sampled record;
    while (rest.NextFilled(record)) {
      layout_.enough = true;
      layout_.sure = HasMoreThanTexts(record);
      if (layout_.sure) return true;
    }
    layout_.unsure = true;
    return false;
  }

  Status NameByHeader(const Sampled& first) {
    layout_.sure |= settings_.header.has_value();
    layout_.header = first.fields;
    const int64_t line = layout_.first_line - 1;
    if (first.flawed) return BadHeader(name_, line, "the quotes of the header are not in order");
    std::set<std::string> seen;
    for (size_t i = 0; i < first.fields.size(); ++i) {
      const std::string& field = first.fields[i];
      if (field.find('\0') != std::string::npos || !arrow::util::ValidateUTF8(field))
        return BadHeader(name_, line, fmt::format("name {} of the header is no UTF-8 text", i + 1));
      const bool exact = std::ranges::find(known_, field) != known_.end();
      std::string column(exact ? field : Trimmed(field));
      const bool nameless = column.empty() && !exact;
      if (nameless && i > 0 && i + 1 == first.fields.size() && !first.quoted[i]) break;
      if (nameless) column = ColumnName(i);
      if (!seen.insert(column).second)
        return BadHeader(name_, line, fmt::format("the header names the column '{}' twice", Printable(column)));
      layout_.names.push_back(std::move(column));
    }
    return {};
  }

  void NameByPlace(const Sampled& first) {
    layout_.first_record = 0;
    layout_.first_line = 1;
    size_t fields = first.fields.size();
    const bool nothing_last = first.fields.back().empty() && !first.quoted.back();
    if (!known_.empty() && fields == known_.size() + 1 && nothing_last) --fields;
    for (size_t i = 0; i < fields; ++i) layout_.names.push_back(i < known_.size() ? known_[i] : ColumnName(i));
  }

  const std::string_view name_;
  const std::string_view head_;
  const bool whole_;
  const CsvSettings& settings_;
  const std::span<const std::string> known_;
  CsvLayout layout_;
};

}  // namespace

Result<CsvLayout> FindCsvLayout(std::string_view name, std::string_view head, bool whole, const CsvSettings& settings,
                                std::span<const std::string> known) {
  arrow::util::InitializeUTF8();
  return LayoutFinder(name, head, whole, settings, known).Find();
}

bool LooksLikeCsv(std::string_view head, bool whole) {
  return FindDelimiter("", head, whole, '"', {}).has_value();
}

}  // namespace firn
