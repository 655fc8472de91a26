#include "text/record_set.h"

#include <fmt/format.h>

#include <algorithm>

#include "text/csv_records.h"

namespace firn {
namespace {

constexpr int64_t kMostColumns = 10'000;
constexpr size_t kLongestText = 1'000;

}  // namespace

std::string BadRecord::Text() const {
  if (column.empty()) return fmt::format("{}:{}: {}", object, line, reason);
  return fmt::format("{}:{}: column '{}': {}", object, line, column, reason);
}

RecordSet::RecordSet(const Schema& known, RecordForm form) : form_(form), parser_(form) {
  MakeMaps(known, root_);
  for (const Field& field : known.fields)
    if (!field.type.children.empty()) nested_.insert(field.name);
}

Status RecordSet::Add(const ObjectKey& object, RecordChunk chunk) {
  if (first_rows_.empty() || first_rows_.back().second != object) first_rows_.emplace_back(rows(), object);
  std::string& bytes = bytes_.emplace_back(std::move(chunk.bytes));
  if (chunk.csv == nullptr)
    AddJson(object, chunk, bytes);
  else
    AddCsv(object, chunk, bytes);
  if (columns_ <= kMostColumns) return {};
  return Fail(ErrorKind::kCorrupt,
              fmt::format("{}: its records have more than {} different keys", object, kMostColumns),
              "Declare the column whose keys are data as map<string,...>");
}

void RecordSet::AddJson(const ObjectKey& object, const RecordChunk& chunk, std::string& bytes) {
  std::string text;  // as it was before it was parsed
  for (const RecordChunk::Record& record : chunk.records) {
    text.assign(bytes, record.offset, std::min(record.size, kLongestText));
    if (parser_.Add(&bytes[record.offset], record.size, rows(), root_, columns_))
      lines_.push_back(record.line);
    else
      bad_.push_back({object, record.line, "", text, parser_.problem()});
    if (columns_ > kMostColumns) return;
  }
}

void RecordSet::AddCsv(const ObjectKey& object, const RecordChunk& chunk, std::string& bytes) {
  CsvRecords records(*chunk.csv, chunk.first_line, bytes, root_, nested_, parser_, columns_);
  for (;;) {
    switch (records.Next(rows())) {
      case CsvRecords::Step::kTaken:
        lines_.push_back(records.line());
        break;
      case CsvRecords::Step::kBad:
        bad_.push_back({object, records.line(), records.column(), records.text(), records.problem()});
        break;
      case CsvRecords::Step::kEnd:
        return;
    }
  }
}

std::pair<const ObjectKey&, int64_t> RecordSet::PlaceOf(uint32_t row) const {
  const auto after = std::ranges::upper_bound(first_rows_, row, {}, &std::pair<uint32_t, ObjectKey>::first);
  return {std::prev(after)->second, lines_[row]};
}

}  // namespace firn
