#include "text/csv_chunks.h"

#include <fmt/format.h>

#include <algorithm>

#include "text/json_records.h"

namespace firn {
namespace {

constexpr size_t kLongestCsvRecord = size_t{16} << 20;

static_assert(JsonRecords::kPadding >= CsvFields::kPadding);

}  // namespace

// Until `size` bytes wait, or the object ends.
Status CsvChunks::Fill(size_t size) {
  while (!ended_ && buffer_.size() < size) {
    FIRN_TRY_ASSIGN(const bool more, bytes_.Read(buffer_));
    ended_ = !more;
  }
  return {};
}

Result<std::shared_ptr<const CsvLayout>> CsvChunks::Layout() {
  if (layout_ != nullptr) return layout_;
  std::optional<CsvLayout> found;
  for (size_t size = kCsvHead; !found; size *= 2) {
    FIRN_TRY(Fill(size + 1));
    const std::string_view head = std::string_view(buffer_).substr(0, size);
    const bool whole = ended_ && head.size() == buffer_.size();
    FIRN_TRY_ASSIGN(CsvLayout layout, FindCsvLayout(key_, head, whole, settings_, known_));
    // Long records: more has to be seen.
    if (whole || layout.enough || size > kLongestCsvRecord) found = std::move(layout);
  }
  line_ = found->first_line;
  buffer_.erase(0, found->first_record);
  layout_ = std::make_shared<const CsvLayout>(std::move(*found));
  return layout_;
}

Result<std::optional<RecordChunk>> CsvChunks::Next() {
  FIRN_TRY(Layout());
  const CsvFields fields(layout_->dialect.delimiter, layout_->dialect.quote, layout_->cr_lines);
  for (size_t size = chunk_bytes_;; size *= 2) {
    FIRN_TRY(Fill(size));
    if (buffer_.empty()) return std::nullopt;
    const size_t end = ended_ ? buffer_.size() : fields.LastEnd(buffer_);
    if (end > 0) return Cut(end);
    if (buffer_.size() > kLongestCsvRecord)
      return Fail(ErrorKind::kCorrupt, fmt::format("{}:{}: a record of more than 16 MB begins here", key_, line_),
                  "Look for a quote that is not closed, correct the file, or set bad_files: quarantine");
  }
}

RecordChunk CsvChunks::Cut(size_t size) {
  std::string rest = buffer_.substr(size);
  buffer_.resize(size);
  RecordChunk chunk{.bytes = std::move(buffer_), .records = {}, .csv = layout_, .first_line = line_};
  line_ += std::ranges::count(chunk.bytes, layout_->cr_lines ? '\r' : '\n');
  chunk.bytes.append(JsonRecords::kPadding, ' ');
  buffer_ = std::move(rest);
  return chunk;
}

}  // namespace firn
