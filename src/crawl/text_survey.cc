#include "crawl/text_survey.h"

#include <fmt/format.h>

#include <algorithm>

#include "text/inference.h"
#include "text/long_numbers.h"
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
  std::string problem;  // "" when the object could be read to its end
};

Status ReadOne(ObjectStore& store, const ObjectInfo& object, RecordForm form, const Schema& schema,
               SurveyedText& text) {
  JsonChunks chunks(store, object, kChunkBytes);
  for (;;) {
    FIRN_TRY_ASSIGN(auto chunk, chunks.Next());
    if (!chunk) return {};
    RecordSet records(schema, form);
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

Result<std::vector<SurveyedText>> ReadAll(const CrawlServices& services, RecordForm form, const Schema& schema,
                                          std::span<const ObjectInfo> objects, const CrawlProgress& progress,
                                          std::stop_token stop) {
  std::vector<SurveyedText> texts(objects.size());
  PhaseProgress phase(progress, "records", std::ssize(objects));
  const auto read_one = [&](int64_t index, int) -> Status {
    const auto i = static_cast<size_t>(index);
    Status read = ReadOne(services.store, objects[i], form, schema, texts[i]);
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

Result<FileSurvey> SurveyTexts(const CrawlServices& services, RecordForm form, const Schema& schema,
                               SchemaChange change, const std::vector<std::string>& partition_keys,
                               std::span<const ObjectInfo> objects, bool skip_bad_files, const CrawlProgress& progress,
                               std::stop_token stop) {
  FIRN_TRY_ASSIGN(const auto texts, ReadAll(services, form, schema, objects, progress, std::move(stop)));
  FileSurvey survey;
  Schema inferred;
  Schema long_numbers;
  for (size_t i = 0; i < objects.size(); ++i) {
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
  std::erase_if(inferred.fields, [&](const Field& field) {
    return std::ranges::find(partition_keys, field.name) != partition_keys.end();
  });
  FIRN_TRY_ASSIGN(survey.schema, FollowInferred(schema, inferred, change));
  return survey;
}

}  // namespace firn
