#include <array>
#include <string_view>
#include <utility>

#include "base/check.h"
#include "project/notation.h"
#include "project/project_build.h"

namespace firn {
namespace {

// The value that a checked word stands for.
template <class Enum, size_t N>
Enum Choose(const Json& word, const std::array<std::pair<std::string_view, Enum>, N>& words) {
  for (const auto& [name, value] : words)
    if (word == name) return value;
  Check(false, "a choice was checked with the file");
  return words[0].second;
}

constexpr std::array<std::pair<std::string_view, QualityAction>, 3> kActions = {
    {{"fail", QualityAction::kFail}, {"warn", QualityAction::kWarn}, {"quarantine", QualityAction::kQuarantine}}};
constexpr std::array<std::pair<std::string_view, WriteMode>, 3> kModes = {
    {{"overwrite_partitions", WriteMode::kOverwritePartitions},
     {"append", WriteMode::kAppend},
     {"merge", WriteMode::kMerge}}};
constexpr std::array<std::pair<std::string_view, FileFormat>, 3> kFormats = {
    {{"parquet", FileFormat::kParquet}, {"csv", FileFormat::kCsv}, {"json", FileFormat::kJson}}};
constexpr std::array<std::pair<std::string_view, ParquetCodec>, 5> kCodecs = {{{"snappy", ParquetCodec::kSnappy},
                                                                               {"gzip", ParquetCodec::kGzip},
                                                                               {"zstd", ParquetCodec::kZstd},
                                                                               {"lz4", ParquetCodec::kLz4},
                                                                               {"none", ParquetCodec::kNone}}};
constexpr std::array<std::pair<std::string_view, FileNames>, 3> kNames = {
    {{"commit", FileNames::kCommit}, {"timed", FileNames::kTimed}, {"plain", FileNames::kPlain}}};
constexpr std::array<std::pair<std::string_view, BookmarkOption>, 3> kBookmarks = {
    {{"disable", BookmarkOption::kDisable}, {"enable", BookmarkOption::kEnable}, {"pause", BookmarkOption::kPause}}};
constexpr std::array<std::pair<std::string_view, TriggerType>, 2> kTriggerTypes = {
    {{"s3_event", TriggerType::kS3Event}, {"scheduled", TriggerType::kScheduled}}};

std::vector<std::string> TextsOf(const Json& list) {
  std::vector<std::string> texts;
  for (const Json& item : list) texts.push_back(TextOf(item));
  return texts;
}

std::vector<std::pair<std::string, std::string>> PairsOf(const Json& map) {
  std::vector<std::pair<std::string, std::string>> pairs;
  for (const auto& [name, value] : map.items()) pairs.emplace_back(name, TextOf(value));
  return pairs;
}

std::vector<OrderColumn> OrderOf(const Json& list, bool descending) {
  std::vector<OrderColumn> order;
  for (const Json& item : list) {
    std::optional<OrderColumn> column = ParseOrderColumn(TextOf(item), descending);
    Check(column.has_value(), "an order was checked with the file");
    order.push_back(std::move(*column));
  }
  return order;
}

ExpectStep BuildExpect(const Json& json) {
  const bool is_list = json.is_array();
  const QualityAction common = is_list ? QualityAction::kFail : Choose(json["action"], kActions);
  ExpectStep step;
  if (!is_list && json.contains("trigger_type")) step.trigger_type = Choose(json["trigger_type"], kTriggerTypes);
  for (const Json& rule : is_list ? json : json["rules"]) {
    if (!rule.is_object())
      step.rules.push_back({TextOf(rule), common});
    else
      step.rules.push_back({TextOf(rule["rule"]), rule.contains("action") ? Choose(rule["action"], kActions) : common});
  }
  return step;
}

Step BuildStep(const Json& json) {
  const std::string& kind = json.begin().key();
  const Json& value = json.begin().value();
  if (kind == "expect") return BuildExpect(value);
  if (kind == "dedupe") return DedupeStep{TextsOf(value["key"]), OrderOf(value["by"], true)};
  if (kind == "select") return SelectStep{TextsOf(value)};
  if (kind == "filter") return FilterStep{TextOf(value)};
  if (kind == "flatten") return FlattenStep{value.is_array() ? TextsOf(value) : std::vector<std::string>()};
  if (kind == "rename") return RenameStep{PairsOf(value)};
  if (kind == "cast") return CastStep{PairsOf(value)};
  Check(kind == "sql", "the kinds of steps are those of the key table");
  return SqlStep{TextOf(value)};
}

DynamoSource BuildDynamoSource(const Json& json) {
  DynamoSource source;
  source.table = TextOf(json["table"]);
  source.segments = json["segments"].get<int>();
  source.consistent_read = json["consistent_read"].get<bool>();
  if (json.contains("page_items")) source.page_items = json["page_items"].get<int64_t>();
  if (json.contains("columns")) source.columns = BuildColumns(json["columns"]);
  source.resume_within = ParseDuration(TextOf(json["resume_within"])).value_or(source.resume_within);
  return source;
}

ReadSpec BuildRead(const Json& json) {
  ReadSpec read;
  if (json.contains("dynamodb"))
    read.dynamodb = BuildDynamoSource(json["dynamodb"]);
  else
    read.table = TableName(TextOf(json["table"]));
  if (json.contains("date")) read.date = TextOf(json["date"]);
  for (const auto& [key, value] : json["partition"].items()) read.partition[key] = TextOf(value);
  read.bad_files = json["bad_files"] == "quarantine" ? BadFiles::kQuarantine : BadFiles::kFail;
  return read;
}

WriteSpec BuildWrite(const Json& json, const std::string& default_format) {
  WriteSpec write;
  write.table = TableName(TextOf(json["table"]));
  write.mode = Choose(json["mode"], kModes);
  write.files = json["files"].get<int64_t>();
  write.format = Choose(json.contains("format") ? json["format"] : Json(default_format), kFormats);
  const Json& csv = json["csv"];
  write.csv = {TextOf(csv["delimiter"]), csv["header"].get<bool>(), TextOf(csv["quote"]), TextOf(csv["null_text"])};
  write.parquet = {Choose(json["parquet"]["codec"], kCodecs), json["parquet"]["row_group_rows"].get<int64_t>()};
  write.sort_by = OrderOf(json["sort_by"], false);
  write.names = Choose(json["names"], kNames);
  return write;
}

PublishSpec BuildPublish(const Json& json) {
  return {TextOf(json["event"]), TextOf(json["topic"]),
          json["when_empty"] == "skip" ? EmptyEvent::kSkip : EmptyEvent::kSend};
}

RunLimit BuildLimit(const Json& json) {
  RunLimit limit;
  if (json.contains("up_to")) limit.up_to_bytes = ParseByteSize(TextOf(json["up_to"]));
  if (json.contains("workers")) limit.workers = json["workers"].get<int>();
  if (json.contains("memory")) limit.memory_bytes = ParseByteSize(TextOf(json["memory"]));
  return limit;
}

}  // namespace

JobDefinition BuildJob(const Json& job, const std::string& default_format) {
  JobDefinition definition;
  definition.read = BuildRead(job["read"]);
  for (const Json& step : job["steps"]) definition.steps.push_back(BuildStep(step));
  definition.write = BuildWrite(job["write"], default_format);
  if (job.contains("publish")) definition.publish = BuildPublish(job["publish"]);
  definition.bookmark = Choose(job["bookmark"], kBookmarks);
  definition.timeout = ParseDuration(TextOf(job["timeout"])).value_or(std::chrono::seconds(0));
  for (const Json& limit : job["limits"]) definition.limits.push_back(BuildLimit(limit));
  return definition;
}

}  // namespace firn
