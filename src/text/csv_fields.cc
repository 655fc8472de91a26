#include "text/csv_fields.h"

#include <emmintrin.h>

#include <algorithm>
#include <bit>
#include <cstring>

namespace firn {
namespace {

constexpr size_t kNone = std::string_view::npos;

}  // namespace

void CsvField::Resolve(char quote) {
  if (!doubled) return;
  char* out = data;
  for (const char* from = data; from < data + size; ++from) {
    *out++ = *from;
    if (*from == quote) ++from;
  }
  size = static_cast<uint32_t>(out - data);
  doubled = false;
}

// The next delimiter or line end, sixteen bytes at a time.
char* CsvFields::EndOfPlain(char* at, char* end) const {
  const __m128i delimiters = _mm_set1_epi8(delimiter_);
  const __m128i line_ends = _mm_set1_epi8(line_end_);
  for (; at < end; at += kPadding) {
    const __m128i bytes = _mm_loadu_si128(reinterpret_cast<const __m128i*>(at));
    const __m128i hits = _mm_or_si128(_mm_cmpeq_epi8(bytes, delimiters), _mm_cmpeq_epi8(bytes, line_ends));
    const auto mask = static_cast<uint32_t>(_mm_movemask_epi8(hits));
    if (mask != 0) return at + std::min<std::ptrdiff_t>(std::countr_zero(mask), end - at);
  }
  return end;
}

bool CsvFields::EndsField(const char* at, const char* end) const {
  if (at == end || *at == delimiter_ || *at == line_end_) return true;
  return *at == '\r' && (at + 1 == end || at[1] == '\n');
}

// From the opening quote to behind the closing one; false when there is none.
bool CsvFields::SplitQuoted(char*& at, char* end, CsvField& field, int64_t& lines) const {
  field = {.data = at + 1, .quoted = true};
  char* from = at + 1;
  for (;;) {
    auto* const quote = static_cast<char*>(std::memchr(from, quote_, static_cast<size_t>(end - from)));
    at = quote == nullptr ? end : quote;
    if (quote == nullptr || quote + 1 == end || quote[1] != quote_) break;
    field.doubled = true;
    from = quote + 2;
  }
  field.size = static_cast<uint32_t>(at - field.data);
  lines += std::count(field.data, at, line_end_);
  if (at == end) return false;
  ++at;
  return true;
}

CsvFields::Flaw CsvFields::Split(char*& at, char* end, std::vector<CsvField>& fields, int64_t& lines) const {
  Flaw flaw = Flaw::kNone;
  fields.clear();
  for (;;) {
    CsvField& field = fields.emplace_back();
    if (at < end && *at == quote_) {
      if (!SplitQuoted(at, end, field, lines)) return Flaw::kOpen;
      if (!EndsField(at, end)) flaw = Flaw::kTrailing;
      if (at < end && *at != delimiter_) at = EndOfPlain(at, end);
    } else {
      field.data = at;
      at = EndOfPlain(at, end);
      field.size = static_cast<uint32_t>(at - field.data);
    }
    if (at < end && *at == delimiter_) {
      ++at;
      continue;
    }
    if (!field.quoted && field.size > 0 && field.data[field.size - 1] == '\r') --field.size;
    if (at < end) ++at;
    ++lines;
    return flaw;
  }
}

// From quote to quote: those that open a field follow a delimiter or a line end.
size_t CsvFields::LastEnd(std::string_view text) const {
  size_t last = 0;
  for (size_t at = 0;;) {
    const size_t quote = text.find(quote_, at);
    const size_t plain_end = std::min(quote, text.size());
    const size_t line = text.substr(at, plain_end - at).rfind(line_end_);
    if (line != kNone) last = at + line + 1;
    if (quote == kNone) return last;
    at = quote + 1;
    if (quote > 0 && text[quote - 1] != delimiter_ && text[quote - 1] != line_end_) continue;
    for (;;) {
      const size_t close = text.find(quote_, at);
      if (close == kNone) return last;
      at = close + 1;
      if (at == text.size()) return last;  // the next byte may be a quote, too
      if (text[at] != quote_) break;
      ++at;
    }
  }
}

}  // namespace firn
