#include "schedule/acceptance.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>

#include "crawl/file_survey.h"
#include "crawl/text_survey.h"
#include "text/format_guess.h"

namespace firn {
namespace {

std::optional<std::string> WhyWrongSize(const TriggerRule& rule, int64_t size) {
  if (rule.min_bytes && size < *rule.min_bytes)
    return fmt::format("it has {} bytes, and the trigger wants at least {}", size, *rule.min_bytes);
  if (rule.max_bytes && size > *rule.max_bytes)
    return fmt::format("it has {} bytes, and the trigger wants at most {}", size, *rule.max_bytes);
  return std::nullopt;
}

// The columns of the object alone, as a crawl reads them.
Result<FileSurvey> Survey(const CrawlServices& services, TableRecord table, const ObjectInfo& object,
                          std::stop_token stop) {
  const std::vector<ObjectInfo> objects = {object};
  table.schema = {};
  if (table.format.empty()) {
    FIRN_TRY_ASSIGN(table.format, GuessFormat(services.store, objects));
  }
  if (table.format != "parquet") return SurveyTexts(services, table, objects, true, {}, std::move(stop));
  return SurveyFiles(services, {}, SchemaChange::kEvolve, table.partition_keys, objects, true, {}, std::move(stop));
}

Result<std::optional<std::string>> WhyWrongColumns(const CrawlServices& services, const TriggerRule& rule,
                                                   const TableRecord& table, const ObjectInfo& object,
                                                   std::stop_token stop) {
  FIRN_TRY_ASSIGN(const FileSurvey survey, Survey(services, table, object, std::move(stop)));
  if (!survey.findings.empty()) return survey.findings.front().problem;
  std::vector<std::string> missing;
  for (const std::string& column : rule.columns)
    if (std::ranges::find(survey.schema.fields, column, &Field::name) == survey.schema.fields.end())
      missing.push_back(column);
  if (missing.empty()) return std::nullopt;
  return fmt::format("it lacks {} {}", missing.size() == 1 ? "the column" : "the columns", fmt::join(missing, ", "));
}

}  // namespace

Result<std::optional<std::string>> WhyRejected(const CrawlServices& services, const TriggerRule& rule,
                                               const TableRecord& table, const ObjectKey& key, std::stop_token stop) {
  if (const Status valid = ValidateKey(key); !valid) return valid.error().message;
  const auto object = services.store.Stat(key);
  if (!object && object.error().kind == ErrorKind::kNotFound) return "it is not there (any more)";
  if (!object) return std::unexpected(object.error());
  if (auto why = WhyWrongSize(rule, object->size)) return why;
  if (rule.columns.empty()) return std::nullopt;
  return WhyWrongColumns(services, rule, table, *object, std::move(stop));
}

}  // namespace firn
