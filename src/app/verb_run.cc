#include <fmt/format.h>
#include <unistd.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <map>

#include "app/job_runner.h"
#include "app/lake_key.h"
#include "app/run_json.h"
#include "app/run_report.h"
#include "app/verbs.h"
#include "app/wiring.h"
#include "env/stop_signal.h"
#include "pipeline/execute.h"
#include "run/input_selection.h"
#include "run/object_selection.h"
#include "run/source_inputs.h"
#include "schedule/job_chain.h"

namespace firn {
namespace {

struct RunArguments {
  std::string job;
  std::vector<std::string> values;  // NAME=VALUE
  std::vector<std::string> objects;
  std::string bookmark;
  std::string identity;
  bool dry_run = false;
  bool rescan = false;
  bool fail_if_empty = false;
  bool chain = false;
  int64_t wait_seconds = 0;
};

Result<std::map<std::string, std::string>> ParseValues(const std::vector<std::string>& values) {
  std::map<std::string, std::string> parsed;
  for (const std::string& value : values) {
    const size_t equals = value.find('=');
    if (equals == std::string::npos || equals == 0)
      return Fail(ErrorKind::kInvalidArgument, fmt::format("--arg '{}' is not NAME=VALUE", value),
                  "As in --arg PARTITION_DATE=2025-11-03");
    parsed[value.substr(0, equals)] = value.substr(equals + 1);
  }
  return parsed;
}

std::optional<BookmarkOption> BookmarkOf(const std::string& text) {
  if (text == "enable") return BookmarkOption::kEnable;
  if (text == "disable") return BookmarkOption::kDisable;
  if (text == "pause") return BookmarkOption::kPause;
  return std::nullopt;
}

Result<JobDefinition> Resolve(Wiring& wiring, const RunArguments& arguments) {
  FIRN_TRY_ASSIGN(const auto values, ParseValues(arguments.values));
  return ResolveJob(wiring.project(), JobName(arguments.job), values, wiring.clock().NowNs());
}

Result<std::vector<ObjectKey>> ParseObjects(const Project& project, const std::vector<std::string>& names) {
  std::vector<ObjectKey> keys;
  for (const std::string& name : names) {
    FIRN_TRY_ASSIGN(keys.emplace_back(), LakeKeyOf(project, name));
  }
  return keys;
}

VerbResult Run(const Settings& settings, const RunArguments& arguments) {
  FIRN_TRY_ASSIGN(const auto wiring, Wiring::Open(settings, LakeAccess::kWrite));
  FIRN_TRY_ASSIGN(const JobDefinition job, Resolve(*wiring, arguments));
  FIRN_TRY_ASSIGN(std::vector<ObjectKey> objects, ParseObjects(wiring->project(), arguments.objects));
  FIRN_TRY(wiring->DeclareTables());
  const Screen screen(settings.output);
  JobRunner runner(*wiring, screen, InstallStopSignals());
  FIRN_TRY_ASSIGN(const RunRecord run, runner.Run(job, {.objects = std::move(objects),
                                                        .identity = arguments.identity,
                                                        .dry_run = arguments.dry_run,
                                                        .bookmark = BookmarkOf(arguments.bookmark),
                                                        .rescan = arguments.rescan,
                                                        .wait = std::chrono::seconds(arguments.wait_seconds)}));
  if (!screen.json()) SayRun(screen, run);
  JobRunner::Chain chain;
  if (arguments.chain && CountsForChain(run)) FIRN_TRY(runner.RunAfter(job.name, chain));
  if (screen.json()) {
    Json record = RunToJson(run);
    if (arguments.chain) record.update(ChainToJson(chain.runs, chain.crawls));
    screen.Record(record);
  }
  return chain.failed ? 1 : ExitCodeOf(run, arguments.fail_if_empty);
}

// Nobody is asked: what the items are, only a scan tells.
VerbResult ExplainScan(const Settings& settings, Wiring& wiring, const JobDefinition& job) {
  const DynamoSource& source = *job.read.dynamodb;
  FIRN_TRY_ASSIGN(const TableRecord written, wiring.catalog().GetTable(job.write.table));
  ExecuteRequest request{.job = &job, .threads = 1, .now_ns = wiring.clock().NowNs()};
  TellTables(TableOf(source), written, request);
  FIRN_TRY_ASSIGN(Json plan, Explain(request));
  plan["input"] = {{"segments", source.segments}, {"consistent_read", source.consistent_read}, {"rows", Json()}};
  if (source.columns.fields.empty()) plan["output"].erase("columns");
  Json record = {{"job", job.name.str()}, {"reads", TableOf(source).name.str()}};
  for (auto& [name, value] : plan.items()) record[name] = std::move(value);
  Screen(settings.output).Record(record);
  return 0;
}

VerbResult ExplainJob(const Settings& settings, const RunArguments& arguments) {
  FIRN_TRY_ASSIGN(const auto wiring, Wiring::Open(settings, LakeAccess::kRead));
  FIRN_TRY_ASSIGN(const std::vector<ObjectKey> objects, ParseObjects(wiring->project(), arguments.objects));
  FIRN_TRY_ASSIGN(JobDefinition job, Resolve(*wiring, arguments));
  job = ForTrigger(std::move(job), objects.empty() ? TriggerType::kScheduled : TriggerType::kS3Event);
  if (job.read.dynamodb) return ExplainScan(settings, *wiring, job);
  FIRN_TRY_ASSIGN(const TableRecord table, wiring->catalog().GetTable(job.read.table));
  InputPartitions partitions;
  if (objects.empty()) {
    FIRN_TRY_ASSIGN(partitions, FindInputPartitions(wiring->catalog(), table, job.read));
  } else {
    FIRN_TRY_ASSIGN(partitions.found, PartitionsOfObjects(wiring->catalog(), table, job.read, objects));
  }
  FIRN_TRY_ASSIGN(const TableRecord written, wiring->catalog().GetTable(job.write.table));
  FIRN_TRY_ASSIGN(const int64_t known, wiring->catalog().CountPartitions(table.name));
  std::vector<PartitionValues> targets;
  for (const PartitionRecord& partition : partitions.found) targets.push_back(partition.values);
  FIRN_TRY_ASSIGN(SelectedInputs inputs, SelectInputs(wiring->store(), wiring->catalog(), wiring->pool(),
                                                      {.table = &table,
                                                       .partitions = &partitions.found,
                                                       .targets = &targets,
                                                       .job = &job,
                                                       .bookmark = BookmarkFor(job, {.objects = objects}),
                                                       .objects = objects.empty() ? nullptr : &objects},
                                                      {}));
  ExecuteRequest request{.store = &wiring->store(),
                         .job = &job,
                         .inputs = std::move(inputs.files),
                         .threads = wiring->readers(),  // it waits for footers
                         .now_ns = wiring->clock().NowNs()};
  TellTables(table, written, request);
  FIRN_TRY_ASSIGN(Json plan, Explain(request));
  Json record = {{"job", arguments.job},
                 {"reads", table.name.str()},
                 {"partitions_read", partitions.found.size()},
                 {"partitions_known", known}};
  for (auto& [name, value] : plan.items()) record[name] = std::move(value);
  Screen(settings.output).Record(record);
  return 0;
}

// JOB and --arg, which run and explain share.
void AddJobOptions(CLI::App& sub, const std::shared_ptr<RunArguments>& arguments) {
  sub.add_option("JOB", arguments->job, "Name of the job")->required();
  sub.add_option("--arg", arguments->values, "Value of an argument; may be repeated")
      ->type_name("NAME=VALUE")
      ->expected(1)
      ->take_all();
  sub.add_option("--object", arguments->objects, "Take this object only, as for its event; may be repeated")
      ->type_name("KEY")
      ->expected(1)
      ->take_all();
}

}  // namespace

void AddRunVerbs(CLI::App& app, ChosenVerb& chosen) {
  const auto arguments = std::make_shared<RunArguments>();
  CLI::App* const run = app.add_subcommand("run", "Run a job now");
  AddJobOptions(*run, arguments);
  run->add_flag("--dry-run", arguments->dry_run, "Do everything but the commit; write nothing");
  run->add_option("--bookmark", arguments->bookmark, "Instead of the job's own setting")
      ->check(CLI::IsMember({"enable", "disable", "pause"}));
  run->add_flag("--rescan", arguments->rescan,
                "Of a job that reads DynamoDB: begin its scan anew, though one that was cut off could go on");
  run->add_option("--token", arguments->identity, "Asking twice with one token runs once");
  run->add_option("--wait", arguments->wait_seconds,
                  "Seconds to wait for another writer of the same partitions (default: be refused at once)")
      ->check(CLI::Range(int64_t{0}, kLongestWait))
      ->type_name("SECONDS");
  run->add_flag("--chain", arguments->chain, "Then run the jobs and crawlers that come `after` it");
  run->add_flag("--fail-if-empty", arguments->fail_if_empty, "Exit with 3 when there was nothing to do");
  run->callback(
      [&chosen, arguments] { chosen = [arguments](const Settings& settings) { return Run(settings, *arguments); }; });
  CLI::App* const explain = app.add_subcommand("explain", "Show what a job's run would read and do");
  AddJobOptions(*explain, arguments);
  explain->callback([&chosen, arguments] {
    chosen = [arguments](const Settings& settings) { return ExplainJob(settings, *arguments); };
  });
}

}  // namespace firn
