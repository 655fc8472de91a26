#include "project/project_build.h"

#include <algorithm>

#include "base/check.h"
#include "project/canonical_json.h"
#include "project/notation.h"
#include "schema/names.h"

namespace firn {
namespace {

std::string TextAt(const Json& json, const char* key) {
  return json.contains(key) ? TextOf(json[key]) : std::string();
}

std::vector<std::string> TextsAt(const Json& json, const char* key) {
  std::vector<std::string> texts;
  if (json.contains(key))
    for (const Json& item : json[key]) texts.push_back(TextOf(item));
  return texts;
}

std::map<std::string, std::string> TextMapAt(const Json& json, const char* key) {
  std::map<std::string, std::string> map;
  if (json.contains(key))
    for (const auto& [name, value] : json[key].items()) map[name] = TextOf(value);
  return map;
}

std::chrono::seconds DurationAt(const Json& json, const char* key) {
  return ParseDuration(TextAt(json, key)).value_or(std::chrono::seconds(0));
}

std::optional<std::chrono::seconds> OptionalDurationAt(const Json& json, const char* key) {
  return json.contains(key) ? std::optional(DurationAt(json, key)) : std::nullopt;
}

TableDefinition BuildTable(const std::string& name, const Json& json) {
  TableDefinition table;
  table.name = TableName(name);
  table.location = TextAt(json, "location");
  table.format = TextAt(json, "format");
  table.partition_by = TextsAt(json, "partition_by");
  const std::string layout = TextAt(json, "layout");
  table.layout = layout == "YYYY/MM/DD"   ? PartitionLayout::kDate
                 : layout == "positional" ? PartitionLayout::kPositional
                                          : PartitionLayout::kKeyValue;
  if (json.contains("columns")) table.schema = BuildColumns(json["columns"]);
  table.options = json["options"];
  if (TextAt(json, "schema_change") != "evolve") table.options["schema_change"] = json["schema_change"];
  return table;
}

CrawlerDefinition BuildCrawler(const std::string& name, const Json& json) {
  CrawlerDefinition crawler;
  crawler.name = name;
  for (std::string& target : TextsAt(json, "targets")) crawler.targets.emplace_back(std::move(target));
  if (TextAt(json, "recrawl") == "everything") crawler.recrawl = CrawlerDefinition::Recrawl::kEverything;
  if (TextAt(json, "on_conflict") == "skip") crawler.on_conflict = CrawlerDefinition::OnConflict::kSkip;
  crawler.schedule = TextAt(json, "schedule");
  for (std::string& job : TextsAt(json, "after")) crawler.after.emplace_back(std::move(job));
  return crawler;
}

ScheduleDefinition BuildSchedule(const std::string& name, const Json& json) {
  ScheduleDefinition schedule;
  schedule.name = name;
  schedule.job = JobName(TextAt(json, "job"));
  schedule.schedule = TextAt(json, "schedule");
  schedule.executions_per_day = json.contains("executions_per_day") ? json["executions_per_day"].get<int>()
                                                                    : ExecutionsPerDayOf(schedule.schedule);
  schedule.first = ParseTimeOfDay(TextAt(json, "first")).value_or(std::chrono::minutes(0));
  schedule.retries = json["retries"].get<int>();
  schedule.max_event_age = DurationAt(json, "max_event_age");
  schedule.arguments = TextMapAt(json, "arguments");
  schedule.enabled = json["enabled"].get<bool>();
  return schedule;
}

TriggerRule BuildTrigger(const std::string& name, const Json& json) {
  TriggerRule trigger;
  trigger.name = name;
  trigger.job = JobName(TextAt(json, "job"));
  trigger.prefix = TextAt(json, "prefix");
  trigger.suffix = TextAt(json, "suffix");
  trigger.arguments = TextMapAt(json, "arguments");
  trigger.batch = json["batch"].get<int>();
  trigger.enabled = json["enabled"].get<bool>();
  if (!json.contains("accept")) return trigger;
  const Json& accept = json["accept"];
  trigger.min_bytes = ParseByteSize(TextAt(accept, "min_size"));
  trigger.max_bytes = ParseByteSize(TextAt(accept, "max_size"));
  trigger.columns = TextsAt(accept, "columns");
  return trigger;
}

WorkgroupDefinition BuildWorkgroup(const std::string& name, const Json& json) {
  return {name, ParseByteSize(TextAt(json, "bytes_scanned_cutoff")).value_or(0), TextAt(json, "output_location")};
}

UpdaterDefinition BuildUpdater(const std::string& name, const Json& json) {
  return {name,
          TextAt(json, "topic"),
          json["batch"].get<int>(),
          DurationAt(json, "window"),
          TextAt(json, "table"),
          TextAt(json, "on_failure")};
}

RetentionRule BuildRetention(const Json& json) {
  return {TextAt(json, "zone"), OptionalDurationAt(json, "delete_after"), OptionalDurationAt(json, "archive_after"),
          json["enabled"].get<bool>()};
}

AlarmDefinition BuildAlarm(const Json& json) {
  const bool above = json.contains("above");
  return {TextAt(json, "metric"), above, TextAt(json, above ? "above" : "below")};
}

S3Definition BuildS3(const Json& json, const std::string& dir) {
  S3Definition s3{TextAt(json, "endpoint"), TextAt(json, "region"), TextAt(json, "profile"), std::nullopt, ""};
  if (json.contains("path_style")) s3.path_style = json["path_style"].get<bool>();
  if (json.contains("ca_file")) s3.ca_file = AbsoluteIn(dir, TextAt(json, "ca_file"));
  return s3;
}

DynamoDefinition BuildDynamo(const Json& json, const std::string& dir) {
  DynamoDefinition dynamodb{TextAt(json, "endpoint"), TextAt(json, "region"), TextAt(json, "profile"), ""};
  if (json.contains("ca_file")) dynamodb.ca_file = AbsoluteIn(dir, TextAt(json, "ca_file"));
  return dynamodb;
}

std::vector<JobDeclaration> BuildJobs(const YamlNode* jobs) {
  std::vector<JobDeclaration> list;
  if (jobs == nullptr) return list;
  for (const YamlEntry& entry : jobs->entries) {
    Findings none;
    JobDeclaration job{JobName(entry.key), DeclareArguments(entry.value.Find("arguments"), none), entry.value,
                       entry.position};
    std::erase_if(job.body.entries, [](const YamlEntry& part) { return part.key == "arguments"; });
    if (const YamlNode* after = job.body.Find("after"))
      for (const YamlNode& other : after->items) job.after.emplace_back(other.text);
    list.push_back(std::move(job));
  }
  std::ranges::sort(list, {}, &JobDeclaration::name);
  return list;
}

}  // namespace

Schema BuildColumns(const Json& columns) {
  Schema schema;
  for (const auto& [column, type] : columns.items()) {
    Result<Type> parsed = ParseHiveType(TextOf(type));
    Check(parsed.has_value(), "a column's type was checked with the file");
    schema.fields.push_back({column, std::move(*parsed), true});
  }
  return schema;
}

std::string TextOf(const Json& json) {
  return json.is_string() ? json.get<std::string>() : json.dump();
}

TableRecord ToRecord(const TableDefinition& table) {
  TableRecord record;
  record.name = table.name;
  record.location = table.location;
  record.format = table.format;
  record.partition_keys = table.partition_by;
  record.layout = table.layout;
  record.schema = table.schema;
  record.options = table.options;
  return record;
}

Project BuildProject(const YamlNode& root, const std::string& dir, const std::string& env) {
  Project project;
  project.canonical = ToCanonicalJson(&root, ProjectKeyTree()).value_or(Json::object());
  const Json& json = project.canonical;
  project.name = TextAt(json, "project");
  project.directory = dir;
  project.environment = env;
  project.lake = TextAt(json, "lake");
  project.state = TextAt(json, "state");
  if (json.contains("s3")) project.s3 = BuildS3(json["s3"], dir);
  if (json.contains("dynamodb")) project.dynamodb = BuildDynamo(json["dynamodb"], dir);
  project.time_zone = TextAt(json, "timezone");
  project.tags = TextMapAt(json, "tags");
  for (const auto& [name, value] : json["tables"].items()) project.tables.push_back(BuildTable(name, value));
  for (const auto& [name, value] : json["crawlers"].items()) project.crawlers.push_back(BuildCrawler(name, value));
  project.jobs = BuildJobs(root.Find("jobs"));
  for (const auto& [name, value] : json["triggers"].items()) project.triggers.push_back(BuildTrigger(name, value));
  for (const auto& [name, value] : json["schedules"].items()) project.schedules.push_back(BuildSchedule(name, value));
  for (const auto& [name, value] : json["workgroups"].items())
    project.workgroups.push_back(BuildWorkgroup(name, value));
  for (const auto& [name, value] : json["updaters"].items()) project.updaters.push_back(BuildUpdater(name, value));
  for (const Json& rule : json["retention"]) project.retention.push_back(BuildRetention(rule));
  for (const Json& alarm : json["alarms"]) project.alarms.push_back(BuildAlarm(alarm));
  project.table_facts = CollectTableFacts(root);
  return project;
}

}  // namespace firn
