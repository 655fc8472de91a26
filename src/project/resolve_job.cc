#include <fmt/format.h>

#include <algorithm>

#include "project/canonical_json.h"
#include "project/project.h"
#include "project/project_build.h"
#include "project/structure_check.h"

namespace firn {
namespace {

// The schedules that name a job fire so often a day, together.
int ExecutionsPerDay(const Project& project, const JobName& job) {
  int executions = 0;
  for (const ScheduleDefinition& schedule : project.schedules)
    if (schedule.job == job) executions += schedule.executions_per_day;
  return std::max(executions, 1);
}

Status FirstFinding(const Findings& findings, const JobName& job) {
  if (findings.empty()) return {};
  const Finding& first = findings.list().front();
  return Fail(ErrorKind::kInvalidArgument, fmt::format("job '{}': {}", job.str(), first.Text()), first.hint);
}

bool IsDryRun(const ArgumentValues& values) {
  const auto dry_run = values.find("DRY_RUN");
  return dry_run != values.end() && ParseBoolean(dry_run->second.text).value_or(false);
}

// A literal `date: yesterday`, without an argument.
Status ResolveReadDate(Json& job, const Project& project, int64_t now_ns) {
  if (!job["read"].contains("date")) return {};
  Json& date = job["read"]["date"];
  FIRN_TRY_ASSIGN(date, ResolveDate(date.get<std::string>(), project.time_zone, now_ns));
  return {};
}

std::string DefaultFormat(const Project& project, const Json& job) {
  const TableDefinition* table = project.FindTable(TableName(job["write"]["table"].get<std::string>()));
  return table == nullptr || table->format.empty() ? "parquet" : table->format;
}

}  // namespace

Result<JobDefinition> ResolveJob(const Project& project, const JobName& name,
                                 const std::map<std::string, std::string>& overrides, int64_t now_ns) {
  FIRN_TRY_ASSIGN(const JobDeclaration* declared, project.GetJob(name));
  Result<ArgumentValues> values = ResolveArguments(declared->arguments, overrides, project.time_zone, now_ns);
  if (!values) return std::unexpected(std::move(values.error()).Within(fmt::format("job '{}'", name.str())));
  Findings findings;
  const YamlNode body = Substitute(declared->body, declared->arguments, *values, findings);
  CheckFilledJob(name.str(), body, declared->position, project.table_facts, findings);
  FIRN_TRY(FirstFinding(findings, name));

  Json json = ToCanonicalJson(&body, KeyNodeAt("jobs.*")).value_or(Json::object());
  FIRN_TRY(ResolveReadDate(json, project, now_ns));
  JobDefinition job = BuildJob(json, DefaultFormat(project, json));
  job.name = name;
  job.dry_run = IsDryRun(*values);
  job.executions_per_day = ExecutionsPerDay(project, name);
  for (const auto& [argument, value] : *values) job.arguments[argument] = value.ToJson();
  return job;
}

}  // namespace firn
