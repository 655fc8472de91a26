#include "crawl/text_survey.h"

#include <fmt/format.h>

#include <algorithm>

#include "text/inference.h"
#include "text/long_numbers.h"
#include "text/text_chunks.h"
#include "text/typed_records.h"

namespace firn {
namespace {

constexpr size_t kChunkBytes = size_t{8} << 20;

struct SurveyedText {
  Schema inferred;
  Schema long_numbers;
  int64_t rows = 0;
  int64_t bad_rows = 0;
  std::string first_bad;
  bool unsure = false;  // its first line may be a header
  std::string problem;  // "" when the object could be read to its end
};

RecordForm FormOfRecords(const TableRecord& table) {
  return table.format == "dynamodb_json" ? RecordForm::kDynamoItem : RecordForm::kJson;
}

Status ReadOne(ObjectStore& store, const ObjectInfo& object, const TableRecord& table, const TextSource& source,
               SurveyedText& text) {
  const RecordForm form = FormOfRecords(table);
  FIRN_TRY_ASSIGN(TextChunks chunks, TextChunks::Open(store, object, source, kChunkBytes));
  for (;;) {
    FIRN_TRY_ASSIGN(auto chunk, chunks.Next());
    if (!chunk) return {};
    text.unsure = chunks.unsure();
    RecordSet records(table.schema, form);
    FIRN_TRY(records.Add(object.key, std::move(*chunk)));
    text.inferred = UniteInferred(text.inferred, InferSchema(records.root()));
    if (form == RecordForm::kDynamoItem)
      text.long_numbers = UniteLongNumbers(text.long_numbers, LongNumbers(records.root()));
    text.rows += records.rows();
    text.bad_rows += std::ssize(records.bad());
    if (text.first_bad.empty() && !records.bad().empty())
      text.first_bad = fmt::format("line {}: {}", records.bad().front().line, records.bad().front().reason);
  }
}

Result<TextSource> SourceOf(ObjectStore& store, const TableRecord& table, const std::vector<ObjectInfo>& objects) {
  TextSource source{.form = {}, .csv = CsvSettingsOf(table), .names = {}};
  if (table.format == "csv") source.form = TextForm::kCsv;
  if (table.format == "json" || table.format == "dynamodb_json") source.form = TextForm::kJson;
  for (const Field& field : table.schema.fields) source.names.push_back(field.name);
  FIRN_TRY_ASSIGN(source.names, NamesInHeaders(store, objects, source));
  return source;
}

Result<std::vector<SurveyedText>> ReadAll(const CrawlServices& services, const TableRecord& table,
                                          const std::vector<ObjectInfo>& objects, const CrawlProgress& progress,
                                          std::stop_token stop) {
  FIRN_TRY_ASSIGN(const TextSource source, SourceOf(services.store, table, objects));
  std::vector<SurveyedText> texts(objects.size());
  PhaseProgress phase(progress, "records", std::ssize(objects));
  const auto read_one = [&](int64_t index, int) -> Status {
    const auto i = static_cast<size_t>(index);
    Status read = ReadOne(services.store, objects[i], table, source, texts[i]);
    phase.Step();
    if (!read && !IsFileProblem(read.error().kind)) return read;
    if (!read) texts[i].problem = read.error().message;
    if (read && texts[i].rows == 0 && texts[i].bad_rows > 0) texts[i].problem = texts[i].first_bad;
    return {};
  };
  FIRN_TRY(services.pool.ParallelFor(std::ssize(objects), read_one, std::move(stop)));
  return texts;
}

}  // namespace

Result<FileSurvey> SurveyTexts(const CrawlServices& services, const TableRecord& table,
                               const std::vector<ObjectInfo>& objects, bool skip_bad_files,
                               const CrawlProgress& progress, std::stop_token stop) {
  FIRN_TRY_ASSIGN(const auto texts, ReadAll(services, table, objects, progress, std::move(stop)));
  FileSurvey survey;
  Schema inferred;
  Schema long_numbers;
  std::vector<std::string_view> unsure;
  for (size_t i = 0; i < objects.size(); ++i) {
    if (texts[i].unsure) unsure.emplace_back(objects[i].key);
    if (!texts[i].problem.empty()) {
      CrawlFinding finding{.key = objects[i].key, .problem = texts[i].problem};
      if (!skip_bad_files) return std::unexpected(ErrorOf(finding, ErrorKind::kCorrupt));
      survey.findings.push_back(std::move(finding));
      survey.files.push_back({});
      continue;
    }
    inferred = UniteInferred(inferred, texts[i].inferred);
    long_numbers = UniteLongNumbers(long_numbers, texts[i].long_numbers);
    survey.files.push_back({.good = true, .rows = texts[i].rows});
  }
  inferred = KeepDigits(std::move(inferred), long_numbers);
  if (!unsure.empty()) survey.remarks.push_back(SayUnsure(unsure.front(), std::ssize(unsure)));
  std::erase_if(inferred.fields, [&](const Field& field) {
    return std::ranges::find(table.partition_keys, field.name) != table.partition_keys.end();
  });
  FIRN_TRY_ASSIGN(survey.schema, FollowInferred(table.schema, inferred, SchemaChangeOf(table)));
  return survey;
}

}  // namespace firn
