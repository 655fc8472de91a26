#include <arrow/api.h>
#include <arrow/csv/api.h>
#include <arrow/io/memory.h>
#include <arrow/util/utf8.h>
#include <fmt/format.h>
#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include "base/damaged_text_test.h"
#include "store/memory_store.h"
#include "text/text_chunks.h"
#include "text/typed_records.h"

namespace firn {
namespace {

// What became of an object's bytes.
struct Fate {
  std::string error;              // of the object as a whole
  std::vector<std::string> rows;  // with their lines
  std::vector<std::string> bad;   // the same
  std::vector<int64_t> lines;     // of both, sorted
  friend bool operator==(const Fate&, const Fate&) = default;
};

Fate FateOf(std::string_view bytes, const TextSource& source, const Schema& known, size_t chunk_bytes) {
  MemoryStore store;
  auto writer = store.Create("a");
  RC_ASSERT((*writer)->Append(bytes).has_value());
  const ObjectInfo object = (*writer)->Finish().value();
  Fate fate;
  RecordSet records(known);
  auto chunks = TextChunks::Open(store, object, source, chunk_bytes);
  if (!chunks) return {.error = chunks.error().Text()};
  for (;;) {
    auto chunk = chunks->Next();
    if (!chunk) return {.error = chunk.error().Text()};
    if (!*chunk) break;
    const Status added = records.Add("a", std::move(**chunk));
    if (!added) return {.error = added.error().Text()};
  }
  const auto typed = TypeRecords(records, known, SchemaChange::kEvolve);
  RC_ASSERT(typed.has_value());
  RC_ASSERT(typed->batch->ValidateFull().ok());
  for (size_t row = 0; row < typed->rows.size(); ++row) {
    const int64_t line = records.PlaceOf(typed->rows[row]).second;
    std::string text = fmt::format("{}:", line);
    for (int column = 0; column < typed->batch->num_columns(); ++column) {
      const auto scalar = typed->batch->column(column)->GetScalar(static_cast<int64_t>(row)).ValueOrDie();
      text += fmt::format(" {}={}", typed->batch->column_name(column),
                          scalar->is_valid ? "'" + scalar->ToString() + "'" : "null");
    }
    fate.rows.push_back(text);
    fate.lines.push_back(line);
  }
  for (const BadRecord& bad : typed->bad) {
    RC_ASSERT(!bad.reason.empty() && bad.line >= 1);
    fate.bad.push_back(bad.Text());
    fate.lines.push_back(bad.line);
  }
  std::ranges::sort(fate.lines);
  return fate;
}

std::string Soup(const std::vector<std::string>& pieces) {
  std::string soup;
  for (const std::string& piece : *rc::gen::container<std::vector<std::string>>(rc::gen::elementOf(pieces)))
    soup += piece;
  return soup;
}

const std::vector<std::string> kCsvPieces = {",",
                                             ",",
                                             ",",
                                             ";",
                                             "\t",
                                             "|",
                                             "\x01",
                                             "\"",
                                             "\"",
                                             "\"\"",
                                             "\n",
                                             "\n",
                                             "\n",
                                             "\r\n",
                                             "\r",
                                             "a",
                                             "b",
                                             "1",
                                             "007",
                                             "-1.5",
                                             " ",
                                             "2025-11-03",
                                             "true",
                                             "NIL",
                                             "\xc3\xa9",
                                             "\xff",
                                             std::string(1, '\0'),
                                             "99999999999999999999",
                                             "{\"a\":1}",
                                             "\xEF\xBB\xBF"};

const std::vector<std::string> kCsvCorpus = {
    "id,name,at\n1,Ada,2025-11-03T06:30:00\n2,\"Grace, H.\",\n3,\"say \"\"hi\"\"\",2025-11-04T00:00:00\n",
    "id;amount;note\r\n1;2,5;\"two\r\nlines\"\r\n2;;\"\"\r\n",
    "1\tx\ttrue\n2\ty\tfalse\n",
    "\xEF\xBB\xBF"
    "col1|col2|\n1|2|\n3|4|\n",
    "s\n\n\"\"\nx\n\n",
    "a,b\r1,2\r3,4\r",
    "n,s,l\n1,\"{\"\"a\"\":1}\",\"[1,2]\"\n",
    "a,b\n1,\"open\n2,3\n",
    "\"id\",\"name\"\n\"1\",\"x\"\n\"id\",\"name\"\n\"2\",\"y\"\n",
};

const std::vector<std::string> kJsonPieces = {"{",
                                              "}",
                                              "[",
                                              "]",
                                              ",",
                                              ":",
                                              "\"",
                                              "\\",
                                              "\n",
                                              "\r\n",
                                              " ",
                                              "1",
                                              "-0",
                                              "1e",
                                              "null",
                                              "true",
                                              "\"a\"",
                                              "\"b\"",
                                              "\xff",
                                              "\\u0000",
                                              "\\ud800",
                                              "{\"a\":1}",
                                              "{\"a\":{\"b\":[1,2]}}\n",
                                              "[[[[[[[[",
                                              std::string(1, '\0'),
                                              "99999999999999999999"};

const std::vector<std::string> kJsonCorpus = {
    "{\"a\":1,\"b\":\"x\"}\n{\"a\":2.5,\"b\":null}\n",
    "[\n  {\"a\": 1, \"m\": {\"x\": [1, {\"y\": true}]}},\n  {\"a\": \"2\"}\n]\n",
    "{\n \"a\": 1\n}\n{\n \"a\": {\"b\": \"c\\n\\u00e9\"}\n}",
    "{\"a\":1}{\"a\":2} {\"a\":[]}",
    "\xEF\xBB\xBF{\"k\":{\"p\":1,\"q\":2}}\n",
};

// One record as docs/formats.md has it, byte by byte; the simplest way to say it.
struct PlainRecord {
  int64_t line = 1;
  std::vector<std::pair<std::string, bool>> fields;  // and whether it is quoted
  bool flawed = false;
};

std::vector<PlainRecord> ReadPlainly(const std::string& text, char delimiter, char quote, bool cr_lines) {
  const char end = cr_lines ? '\r' : '\n';
  std::vector<PlainRecord> records;
  int64_t line = 1;
  for (size_t i = 0; i < text.size();) {
    PlainRecord record{.line = line};
    for (bool more = true; more;) {
      std::string value;
      const bool quoted = i < text.size() && text[i] == quote;
      bool open = quoted;
      for (i += quoted ? 1 : 0; open && i < text.size(); ++i) {
        if (text[i] == end) ++line;
        if (text[i] != quote) {
          value += text[i];
        } else if (i + 1 < text.size() && text[i + 1] == quote) {
          value += text[i++];
        } else {
          open = false;
        }
      }
      std::string rest;
      while (i < text.size() && text[i] != delimiter && text[i] != end) rest += text[i++];
      more = i < text.size() && text[i] == delimiter;
      if (!more && rest.ends_with('\r')) rest.pop_back();
      record.flawed |= open || (quoted && !rest.empty());
      record.fields.emplace_back(quoted ? value : rest, quoted);
      ++i;
    }
    ++line;
    records.push_back(record);
  }
  return records;
}

Schema TextColumns(size_t count) {
  Schema schema;
  for (size_t i = 0; i < count; ++i) schema.fields.push_back({fmt::format("c{}", i), {.kind = TypeKind::kString}});
  return schema;
}

std::vector<std::string> NamesOf(const Schema& schema) {
  std::vector<std::string> names;
  for (const Field& field : schema.fields) names.push_back(field.name);
  return names;
}

bool IsPlainText(const PlainRecord& record) {
  arrow::util::InitializeUTF8();
  return std::ranges::all_of(record.fields, [](const auto& field) {
    return field.first.find('\0') == std::string::npos && arrow::util::ValidateUTF8(field.first);
  });
}

// Each record becomes the row that it spells, or a bad record at its line.
void HoldAgainstPlainReading(const std::string& text) {
  const bool cr_lines = text.find('\n') == std::string::npos && text.find('\r') != std::string::npos;
  std::vector<PlainRecord> records = ReadPlainly(text, ',', '"', cr_lines);
  const auto empty = [](const PlainRecord& r) {
    return r.fields.size() == 1 && r.fields[0].first.empty() && !r.fields[0].second;
  };
  const auto first = std::ranges::find_if_not(records, empty);
  if (first == records.end()) return;
  const size_t width = first->fields.size();
  const Schema known = TextColumns(width);
  const TextSource source{.form = TextForm::kCsv, .csv = {.delimiter = ',', .header = false}, .names = NamesOf(known)};
  std::vector<std::string> rows;
  std::vector<int64_t> lines;
  for (const PlainRecord& record : records) {
    if (width != 1 && empty(record)) continue;
    lines.push_back(record.line);
    const bool nothing_last =
        record.fields.size() == width + 1 && record.fields.back() == std::pair(std::string(), false);
    if (record.flawed || (record.fields.size() != width && !nothing_last) || !IsPlainText(record)) continue;
    std::string row = fmt::format("{}:", record.line);
    for (size_t i = 0; i < width; ++i) {
      const auto& [value, quoted] = record.fields[i];
      row += fmt::format(" c{}={}", i, value.empty() && !quoted ? "null" : "'" + value + "'");
    }
    rows.push_back(row);
  }
  const Fate fate = FateOf(text, source, known, 1 << 20);
  RC_ASSERT(fate.error.empty());
  RC_ASSERT(fate.rows == rows);
  RC_ASSERT(fate.lines == lines);
  for (const size_t chunk_bytes : {1, 3, 17}) RC_ASSERT(FateOf(text, source, known, chunk_bytes) == fate);
}

std::string WithoutMark(std::string text) {
  return text.starts_with("\xEF\xBB\xBF") || text.starts_with("\xFF\xFE") || text.starts_with("\xFE\xFF")
             ? text.substr(1)
             : text;
}

bool IsPacked(std::string_view text) {
  return text.starts_with("\x1F\x8B") || text.starts_with("\x28\xB5\x2F\xFD");
}

// With everything left open: the same rows and bad records, or the same error, whatever the chunks.
void SurviveAny(const std::string& text) {
  for (const auto& form : {std::optional(TextForm::kCsv), std::optional(TextForm::kJson), std::optional<TextForm>()})
    for (const Schema& known :
         {Schema{},
          Schema{{{"a", {.kind = TypeKind::kInt64}},
                  {"l", {.kind = TypeKind::kList, .children = {{"element", {.kind = TypeKind::kInt64}}}}}}}}) {
      const TextSource source{.form = form, .csv = {}, .names = NamesOf(known)};
      const Fate fate = FateOf(text, source, known, 1 << 20);
      (void)FateOf(text, source, known, 16);
      if (form == TextForm::kCsv) RC_ASSERT(FateOf(text, source, known, 5) == fate);
    }
}

RC_GTEST_PROP(CsvFuzz, AnyBytesAreRowsOrBadRecords, (const std::string& bytes)) {
  const std::string text = WithoutMark(bytes);
  if (!IsPacked(text)) HoldAgainstPlainReading(text);
}

RC_GTEST_PROP(CsvFuzz, SoupIsRowsOrBadRecords, ()) {
  HoldAgainstPlainReading(WithoutMark(Soup(kCsvPieces)));
}

RC_GTEST_PROP(CsvFuzz, DamagedFilesAreRowsOrBadRecords, ()) {
  HoldAgainstPlainReading(WithoutMark(DamagedText(*rc::gen::elementOf(kCsvCorpus), kCsvPieces, 6)));
}

RC_GTEST_PROP(CsvFuzz, DialectsAreFoundInAnything, ()) {
  SurviveAny(Soup(kCsvPieces));
  SurviveAny(DamagedText(*rc::gen::elementOf(kCsvCorpus), kCsvPieces, 6));
}

RC_GTEST_PROP(JsonFuzz, SurvivesAnyBytes, (const std::string& bytes)) {
  SurviveAny(bytes);
  SurviveAny("{" + bytes);
}

RC_GTEST_PROP(JsonFuzz, SurvivesSoupAndDamage, ()) {
  SurviveAny(Soup(kJsonPieces));
  SurviveAny(DamagedText(*rc::gen::elementOf(kJsonCorpus), kJsonPieces, 6));
}

// In files of one object a line, a broken line breaks no other.
RC_GTEST_PROP(JsonFuzz, EachLineIsARowOrABadRecord, ()) {
  std::string text = "{\"a\":1}\n";
  std::vector<int64_t> lines = {1};
  const int count = *rc::gen::inRange(1, 8);
  for (int i = 0; i < count; ++i) {
    std::string line = DamagedText("{\"a\":1,\"b\":[\"x\",{\"c\":null}]}", kJsonPieces, 6);
    std::erase(line, '\n');
    if (line.find_first_not_of(" \t\r") != std::string::npos) lines.push_back(i + 2);
    text += line + "\n";
  }
  for (const size_t chunk_bytes : {1, 40, 1 << 20}) {
    const Fate fate = FateOf(text, {.form = TextForm::kJson}, {}, chunk_bytes);
    RC_ASSERT(fate.error.empty());
    RC_ASSERT(fate.lines == lines);
  }
}

// A value of valid CSV, in one of the ways in which it may be written.
std::string Spelled(const std::string& value, bool is_null) {
  if (is_null) return "";
  const bool needs_quotes = value.empty() || value.find_first_of(",\"\r\n") != std::string::npos;
  if (!needs_quotes && *rc::gen::arbitrary<bool>()) return value;
  std::string text = "\"";
  for (const char c : value) text += c == '"' ? "\"\"" : std::string(1, c);
  return text + "\"";
}

std::string Shown(size_t column, const std::optional<std::string>& value) {
  return fmt::format(" c{}={}", column, value ? "'" + *value + "'" : "null");
}

// The texts that Arrow's reader sees.
std::vector<std::string> ByArrow(const std::string& text, size_t columns) {
  auto read = arrow::csv::ReadOptions::Defaults();
  read.use_threads = false;
  auto parse = arrow::csv::ParseOptions::Defaults();
  parse.newlines_in_values = true;
  auto convert = arrow::csv::ConvertOptions::Defaults();
  convert.strings_can_be_null = true;
  convert.quoted_strings_can_be_null = false;
  convert.null_values = {""};
  for (size_t i = 0; i < columns; ++i) convert.column_types[fmt::format("c{}", i)] = arrow::utf8();
  const auto input = std::make_shared<arrow::io::BufferReader>(arrow::Buffer::FromString(text));
  const auto reader = arrow::csv::TableReader::Make(arrow::io::default_io_context(), input, read, parse, convert);
  const auto table = reader.ValueOrDie()->Read().ValueOrDie()->CombineChunks().ValueOrDie();
  std::vector<std::string> rows(static_cast<size_t>(table->num_rows()));
  for (size_t row = 0; row < rows.size(); ++row)
    for (int column = 0; column < table->num_columns(); ++column) {
      const auto scalar = table->column(column)->GetScalar(static_cast<int64_t>(row)).ValueOrDie();
      rows[row] +=
          Shown(static_cast<size_t>(column), scalar->is_valid ? std::optional(scalar->ToString()) : std::nullopt);
    }
  return rows;
}

RC_GTEST_PROP(CsvDifferential, ReadsWhatArrowReads, ()) {
  static const std::vector<std::string> kValues = {"a",    "é",  "日本", "🚀",   ",",   "\"",       "\n",
                                                   "\r\n", "'",  ";",    " ",    "007", "1.5e3",    "",
                                                   "\t",   "\\", "#",    "null", "NaN", "two words"};
  const auto columns = *rc::gen::inRange<size_t>(2, 5);
  const auto rows = *rc::gen::inRange<size_t>(1, 20);
  const std::string end = *rc::gen::elementOf(std::vector<std::string>{"\n", "\r\n"});
  std::string text;
  for (size_t i = 0; i < columns; ++i) text += fmt::format("{}c{}", i == 0 ? "" : ",", i);
  std::vector<std::string> expected;
  for (size_t row = 0; row < rows; ++row) {
    text += end;
    expected.emplace_back();
    for (size_t i = 0; i < columns; ++i) {
      const std::string value = *rc::gen::elementOf(kValues) + *rc::gen::elementOf(kValues);
      const bool is_null = *rc::gen::inRange(0, 5) == 0;
      expected.back() += Shown(i, is_null ? std::nullopt : std::optional(value));
      text += (i == 0 ? "" : ",") + Spelled(value, is_null);
    }
  }
  // A NULL at the very end is an empty text to Arrow, when a field before it is quoted.
  if (text.ends_with(',') || *rc::gen::arbitrary<bool>()) text += end;
  RC_ASSERT(ByArrow(text, columns) == expected);
  const Schema known = TextColumns(columns);
  for (const size_t chunk_bytes : {1, 100, 1 << 20}) {
    const Fate fate = FateOf(text, {.form = TextForm::kCsv, .names = NamesOf(known)}, known, chunk_bytes);
    RC_ASSERT(fate.error.empty() && fate.bad.empty());
    std::vector<std::string> got;
    for (const std::string& row : fate.rows) got.push_back(row.substr(row.find(':') + 1));
    RC_ASSERT(got == expected);
  }
}

}  // namespace
}  // namespace firn
