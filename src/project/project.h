#pragma once

#include <chrono>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/json.h"
#include "base/result.h"
#include "base/strong_id.h"
#include "catalog/records.h"
#include "pipeline/job.h"
#include "project/arguments.h"
#include "project/cross_check.h"
#include "project/finding.h"
#include "project/s3_url.h"
#include "project/yaml_tree.h"
#include "schedule/trigger_rule.h"

namespace firn {

// A project file, read, checked and with its environment's overlay put in: plain values.

struct TableDefinition {
  TableName name;
  std::string location;
  std::string format;  // parquet | csv | json; "" when left to the crawler
  std::vector<std::string> partition_by;
  PartitionLayout layout = PartitionLayout::kKeyValue;
  Schema schema;  // of `columns`; empty when left to the crawler
  Json options = Json::object();
};

// The table as the catalog takes it; version and times are the catalog's.
[[nodiscard]] TableRecord ToRecord(const TableDefinition& table);

struct CrawlerDefinition {
  enum class Recrawl { kNewFoldersOnly, kEverything };
  enum class OnConflict { kFail, kSkip };
  std::string name;
  std::vector<TableName> targets;
  Recrawl recrawl = Recrawl::kNewFoldersOnly;
  OnConflict on_conflict = OnConflict::kFail;
  std::string schedule;        // "" when none
  std::vector<JobName> after;  // it follows their success
};

// A job before a run gives its arguments values: ResolveJob makes the JobDefinition.
struct JobDeclaration {
  JobName name;
  std::vector<ArgumentDeclaration> arguments;
  YamlNode body;                    // all but `arguments`
  SourcePosition position;          // of its name
  std::vector<JobName> after = {};  // it follows their success
};

struct ScheduleDefinition {
  std::string name;
  JobName job;
  int executions_per_day = 1;     // also for a `schedule`, as far as it can be told
  std::chrono::minutes first{0};  // after midnight; without `schedule`
  std::string schedule;           // "" when executions_per_day says it all
  int retries = 0;
  std::chrono::seconds max_event_age{0};
  std::map<std::string, std::string> arguments;
  bool enabled = true;
};

// Who asks SQL, and what they may.
struct WorkgroupDefinition {
  std::string name;
  int64_t bytes_scanned_cutoff = 0;  // 0: none
  std::string output_location;       // "": answers are kept nowhere
};

struct UpdaterDefinition {
  std::string name;
  std::string topic;
  int batch = 0;
  std::chrono::seconds window{0};
  std::string table;
  std::string on_failure;  // "" when none
};

struct RetentionRule {
  std::string zone;
  std::optional<std::chrono::seconds> delete_after;
  std::optional<std::chrono::seconds> archive_after;
  bool enabled = true;
};

struct AlarmDefinition {
  std::string metric;
  bool above = true;  // else below
  std::string threshold;
};

// How a lake on S3 is reached, as far as the project file says.
struct S3Definition {
  std::string endpoint;
  std::string region;
  std::string profile;
  std::optional<bool> path_style;
  std::string ca_file;  // absolute
};

// How tables of DynamoDB are reached, as far as the project file says.
struct DynamoDefinition {
  std::string endpoint;
  std::string region;
  std::string profile;
  std::string ca_file;  // absolute
};

struct Project {
  std::string name;
  std::string directory;    // of firn.yaml
  std::string environment;  // "" for none
  std::string lake;         // as written
  std::string state;        // as written
  S3Definition s3;
  DynamoDefinition dynamodb;
  std::string time_zone;
  std::map<std::string, std::string> tags;
  std::vector<TableDefinition> tables;  // by name, as all that follow
  std::vector<CrawlerDefinition> crawlers;
  std::vector<JobDeclaration> jobs;
  std::vector<TriggerRule> triggers;
  std::vector<ScheduleDefinition> schedules;
  std::vector<WorkgroupDefinition> workgroups;
  std::vector<UpdaterDefinition> updaters;
  std::vector<RetentionRule> retention;
  std::vector<AlarmDefinition> alarms;
  Json canonical;  // the whole of it, defaults filled in, arguments not
  TableFactsByName table_facts;

  [[nodiscard]] bool LakeIsS3() const { return IsS3Url(lake); }
  [[nodiscard]] std::string LakeFolder() const;   // of a local lake, absolute
  [[nodiscard]] std::string StateFolder() const;  // where firn's own files are on this machine, absolute
  [[nodiscard]] const TableDefinition* FindTable(const TableName& table) const;
  [[nodiscard]] const CrawlerDefinition* FindCrawler(std::string_view crawler) const;
  // kNotFound, with the nearest name
  [[nodiscard]] Result<const JobDeclaration*> GetJob(const JobName& job) const;
  [[nodiscard]] Result<const WorkgroupDefinition*> GetWorkgroup(const std::string& workgroup) const;
};

// A path as the project file writes it, from the folder that it is in.
[[nodiscard]] std::string AbsoluteIn(const std::string& directory, const std::string& path);

// Reads <dir>/firn.yaml, and <dir>/firn.<env>.yaml over it unless `env` is "". kNotFound when a file is absent,
// kPermission or kIo when it cannot be read; kInvalidArgument tells the first finding and how many more there are.
[[nodiscard]] Result<Project> LoadProject(const std::string& dir, const std::string& env);

// All that is wrong with it, in the files' order; empty when LoadProject would succeed. Touches no lake.
[[nodiscard]] std::vector<Finding> ValidateProject(const std::string& dir, const std::string& env);

// The same on bytes, for tests and editors. `overlay` may be empty text.
[[nodiscard]] Result<Project> ParseProject(const std::string& dir, const std::string& env, const std::string& base,
                                           const std::string& overlay);
[[nodiscard]] std::vector<Finding> ValidateProjectText(const std::string& env, const std::string& base,
                                                       const std::string& overlay);

// The job of one run: arguments resolved (defaults, then `overrides`), put in, checked, every default applied.
// kNotFound for the job, kInvalidArgument for arguments: it names the argument, the value and what is wanted. An
// argument DRY_RUN that is true makes it a dry run.
[[nodiscard]] Result<JobDefinition> ResolveJob(const Project& project, const JobName& name,
                                               const std::map<std::string, std::string>& overrides, int64_t now_ns);

}  // namespace firn
