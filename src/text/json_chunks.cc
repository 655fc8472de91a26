#include "text/json_chunks.h"

#include <fmt/format.h>

#include <algorithm>

#include "text/json_records.h"

namespace firn {
namespace {

constexpr size_t kLongestRecord = size_t{16} << 20;
constexpr size_t kNoEnd = std::string_view::npos;

bool IsSpace(char c) {
  return c == ' ' || c == '\n' || c == '\r' || c == '\t';
}

size_t SkipSpace(std::string_view text, size_t at) {
  while (at < text.size() && IsSpace(text[at])) ++at;
  return at;
}

int64_t LinesIn(std::string_view text) {
  return std::ranges::count(text, '\n');
}

// Behind the closing quote of the text that begins at `at`.
size_t EndOfText(std::string_view text, size_t at) {
  for (++at; at < text.size(); ++at) {
    if (text[at] == '"') return at + 1;
    if (text[at] == '\\') ++at;
  }
  return kNoEnd;
}

// Behind the value that begins at `at`, by brackets and quotes alone; kNoEnd when the text ends first.
size_t EndOfValue(std::string_view text, size_t at) {
  int64_t depth = 0;
  while (at < text.size()) {
    const char c = text[at];
    if (c == '"') {
      at = EndOfText(text, at);
      if (at == kNoEnd || depth == 0) return at;
      continue;
    }
    if (depth == 0 && (IsSpace(c) || c == ',' || c == ']' || c == '}')) return at;  // of a number, true, false, null
    if (c == '{' || c == '[') ++depth;
    if ((c == '}' || c == ']') && --depth == 0) return at + 1;
    ++at;
  }
  return kNoEnd;
}

}  // namespace

std::unexpected<Error> JsonChunks::Damaged(int64_t line, std::string_view what) const {
  return Fail(ErrorKind::kCorrupt, fmt::format("{}:{}: {}", key_, line, what),
              "Correct the file, or set bad_files: quarantine");
}

// Until `size` bytes wait, or the object ends.
Status JsonChunks::Fill(size_t size) {
  while (!ended_ && buffer_.size() < size) {
    FIRN_TRY_ASSIGN(const bool more, bytes_.Read(buffer_));
    ended_ = !more;
  }
  return {};
}

Status JsonChunks::FindForm() {
  FIRN_TRY(Fill(chunk_bytes_));
  const size_t start = SkipSpace(buffer_, 0);
  const std::string_view text = std::string_view(buffer_).substr(start);
  line_ += LinesIn(std::string_view(buffer_).substr(0, start));
  if (text.empty() && !ended_) return Damaged(line_, "it begins with megabytes of blanks");
  if (text.starts_with('[')) {
    form_ = Form::kArray;
  } else {
    const size_t line = std::min(text.find('\n'), text.size());
    const size_t record = EndOfValue(text, 0);
    const bool alone = record <= line && SkipSpace(text, record) >= line;
    form_ = alone || !text.starts_with('{') ? Form::kLines : Form::kRecords;
  }
  buffer_.erase(0, form_ == Form::kArray ? start + 1 : start);
  return {};
}

Result<std::optional<RecordChunk>> JsonChunks::Next() {
  if (form_ == Form::kUnknown) FIRN_TRY(FindForm());
  for (size_t size = chunk_bytes_;; size *= 2) {
    FIRN_TRY(Fill(size));
    RecordChunk chunk;
    if (form_ == Form::kLines)
      CutLines(chunk);
    else
      FIRN_TRY(CutRecords(chunk));
    if (!chunk.records.empty()) return chunk;
    if (ended_ && buffer_.empty()) return std::nullopt;
    if (!ended_ && size > kLongestRecord) return Damaged(line_, "a record of more than 16 MB begins here");
  }
}

void JsonChunks::CutLines(RecordChunk& chunk) {
  const size_t last = buffer_.rfind('\n');
  const size_t end = ended_ ? buffer_.size() : last == std::string::npos ? 0 : last + 1;
  chunk.bytes.reserve(end + JsonRecords::kPadding);
  chunk.bytes.assign(buffer_, 0, end);
  buffer_.erase(0, end);
  const std::string_view bytes = chunk.bytes;
  for (size_t at = 0; at < end; ++line_) {
    const size_t line_end = std::min(bytes.find('\n', at), end);
    if (SkipSpace(bytes.substr(0, line_end), at) < line_end) chunk.records.push_back({at, line_end - at, line_});
    at = line_end + 1;
  }
  chunk.bytes.append(JsonRecords::kPadding, ' ');
}

// What cannot be cut is told when it comes first.
Status JsonChunks::CutRecords(RecordChunk& chunk) {
  size_t at = 0;
  while (at < chunk_bytes_) {
    const Result<bool> cut = CutOne(chunk, at, line_);
    if (!cut && chunk.records.empty()) return std::unexpected(cut.error());
    if (!cut || !*cut) break;
  }
  chunk.bytes.reserve(at + JsonRecords::kPadding);
  chunk.bytes.assign(buffer_, 0, at);
  chunk.bytes.append(JsonRecords::kPadding, ' ');
  buffer_.erase(0, at);
  return {};
}

// From `at` on: blanks, a record, and in an array what follows it. False when the buffer holds no more whole one.
Result<bool> JsonChunks::CutOne(RecordChunk& chunk, size_t& at, int64_t& line) {
  const std::string_view text = buffer_;
  const size_t start = SkipSpace(text, at);
  const int64_t record_line = line + LinesIn(text.substr(at, start - at));
  if (start == text.size()) {
    line = record_line;
    at = start;
    if (ended_ && form_ == Form::kArray && !array_ended_) return Damaged(line, "the array does not end");
    return false;
  }
  if (array_ended_) return Damaged(record_line, "something follows the array");
  if (form_ == Form::kArray && text[start] == ']') {
    if (after_comma_) return Damaged(record_line, "an element must follow the ','");
    array_ended_ = true;
    line = record_line;
    at = start + 1;
    return true;
  }
  if (form_ == Form::kRecords && text[start] != '{')
    return Damaged(record_line, fmt::format("an object must begin here, not '{}'", text.substr(start, 20)));
  size_t end = EndOfValue(text, start);
  if (end == kNoEnd && ended_) return Damaged(record_line, "the record that begins here does not end");
  if (end == kNoEnd) return false;
  if (end == start) return Damaged(record_line, fmt::format("an object must begin here, not '{}'", text[start]));
  const RecordChunk::Record record{start, end - start, record_line};
  int64_t end_line = record_line + LinesIn(text.substr(start, end - start));
  bool cut = true;
  if (form_ == Form::kArray) FIRN_TRY(AfterElement(end, end_line, cut));
  if (!cut) return false;
  chunk.records.push_back(record);
  at = end;
  line = end_line;
  return true;
}

// A comma, or the array's end, which stays.
Status JsonChunks::AfterElement(size_t& at, int64_t& line, bool& cut) {
  const std::string_view text = buffer_;
  const size_t next = SkipSpace(text, at);
  cut = next < text.size();
  if (!cut) return ended_ ? Status(Damaged(line, "the array does not end")) : Status();
  line += LinesIn(text.substr(at, next - at));
  if (text[next] != ',' && text[next] != ']')
    return Damaged(line, fmt::format("',' or ']' must follow an element, not '{}'", text[next]));
  after_comma_ = text[next] == ',';
  at = after_comma_ ? next + 1 : next;
  return {};
}

}  // namespace firn
