#include <fmt/format.h>
#include <unistd.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <map>

#include "app/progress_line.h"
#include "app/run_json.h"
#include "app/verbs.h"
#include "app/wiring.h"
#include "env/stop_signal.h"
#include "pipeline/execute.h"
#include "run/input_selection.h"
#include "run/source_inputs.h"

namespace firn {
namespace {

constexpr int kNothingToDo = 3;
constexpr int64_t kLongestWait = int64_t{7} * 24 * 3600;
constexpr size_t kMostBadFilesSaid = 10;

struct RunArguments {
  std::string job;
  std::vector<std::string> values;  // NAME=VALUE
  std::string bookmark;
  std::string identity;
  bool dry_run = false;
  bool rescan = false;
  bool fail_if_empty = false;
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

// What was scanned first, and how much of it by a run before.
void SaySource(const Screen& screen, const Json& source) {
  const int64_t resumed = source.value("resumed_items", int64_t{0});
  std::string text = fmt::format(
      "  {} of DynamoDB table {} scanned in {}", Counted(source.value("items", int64_t{0}), "item"),
      source.value("dynamodb_table", std::string()), Counted(source.value("segments", int64_t{0}), "segment"));
  if (resumed > 0)
    text += fmt::format("; went on from {} of a run that was cut off (since {})", GroupedDigits(resumed),
                        source.value("begun_at", std::string()));
  screen.Text(text);
}

void SayFigures(const Screen& screen, const Json& metrics) {
  const auto number = [&](const char* name) { return metrics.value(name, int64_t{0}); };
  const std::string_view within = metrics.contains("duplicates_within") ? " within this run (mode: append)" : "";
  screen.Text(fmt::format("  {} in {} -> {} in {}", Counted(number("records_read"), "record"),
                          Counted(number("input_files"), metrics.contains("source") ? "page" : "file"),
                          Counted(number("records_written"), "record"), Counted(number("output_files"), "file")));
  screen.Text(fmt::format("  {} removed{}, {}, {} rejected; {} in, {} out; {}",
                          Counted(number("duplicates_removed"), "duplicate"), within, Counted(number("ties"), "tie"),
                          GroupedDigits(number("rows_rejected")), HumanBytes(number("bytes_read")),
                          HumanBytes(number("bytes_written")), HumanDuration(number("duration_ms"))));
  if (const std::string path = metrics.value("output_path", std::string()); !path.empty()) screen.Text("  " + path);
}

void SayWhatWasSetAside(const Screen& screen, const Json& metrics) {
  const Json bad_files = metrics.value("bad_files", Json::array());
  for (size_t i = 0; i < std::min(bad_files.size(), kMostBadFilesSaid); ++i)
    screen.Text(fmt::format("  bad file {}: {}", bad_files[i].value("key", std::string()),
                            bad_files[i].value("reason", std::string())));
  if (bad_files.size() > kMostBadFilesSaid)
    screen.Text(
        fmt::format("  and {} more", Counted(static_cast<int64_t>(bad_files.size() - kMostBadFilesSaid), "bad file")));
  if (const std::string path = metrics.value("quarantine_path", std::string()); !path.empty())
    screen.Text("  set aside in " + path);
}

// What a run says to people: its figures, what it warns of, and what went wrong.
void Say(const Screen& screen, const RunRecord& run) {
  const bool dry_run = run.metrics.value("dry_run", false);
  screen.Text(
      fmt::format("{} {}{}", run.id.str(), NameOf(run.state), dry_run ? " (dry run: nothing was committed)" : ""));
  if (run.metrics.contains("source")) SaySource(screen, run.metrics["source"]);
  if (run.state == RunState::kSucceeded) SayFigures(screen, run.metrics);
  SayWhatWasSetAside(screen, run.metrics);
  for (const Json& rule : run.quality)
    screen.Text(fmt::format("  {} {}: {}", rule.value("passed", false) ? "passed" : "BROKEN",
                            rule.value("rule", std::string()), rule.value("observed", std::string())));
  for (const Json& warning : run.metrics.value("warnings", Json::array()))
    fmt::print(stderr, "firn: warning: {}\n", warning.get<std::string>());
  if (!run.error_message.empty()) fmt::print(stderr, "firn: {}\n", run.error_message);
  if (!run.error_hint.empty()) fmt::print(stderr, "      {}\n", run.error_hint);
}

int ExitCodeOfRun(const RunRecord& run, bool fail_if_empty) {
  if (run.state != RunState::kSucceeded) return 1;
  return fail_if_empty && run.metrics.value("nothing_to_do", false) ? kNothingToDo : 0;
}

VerbResult Run(const Settings& settings, const RunArguments& arguments) {
  FIRN_TRY_ASSIGN(const auto wiring, Wiring::Open(settings, LakeAccess::kWrite));
  FIRN_TRY_ASSIGN(const JobDefinition job, Resolve(*wiring, arguments));
  FIRN_TRY(wiring->DeclareTables());
  const RunOptions options{.trigger = "manual",
                           .identity = arguments.identity,
                           .dry_run = arguments.dry_run,
                           .bookmark = BookmarkOf(arguments.bookmark),
                           .rescan = arguments.rescan,
                           .wait = std::chrono::seconds(arguments.wait_seconds),
                           .memory_bytes = wiring->memory_bytes(),
                           .threads = wiring->threads(),
                           .stopped_by = [] { return std::string(StopSignalName()); }};
  RunRecord run;
  {
    ProgressLine progress;
    FIRN_TRY_ASSIGN(run,
                    wiring->runs().Run(
                        job, options,
                        [&](std::string_view phase, int64_t done, int64_t total) { progress.Show(phase, done, total); },
                        InstallStopSignals()));
  }
  FIRN_TRY_ASSIGN(const int64_t undelivered, wiring->DeliverEvents());
  if (undelivered > 0)
    run.metrics["warnings"].push_back(
        fmt::format("{} could not be delivered and stay in the outbox: `firn events` shows why, and tries again",
                    Counted(undelivered, "event")));
  const Screen screen(settings.output);
  if (screen.json())
    screen.Record(RunToJson(run));
  else
    Say(screen, run);
  return ExitCodeOfRun(run, arguments.fail_if_empty);
}

// Nobody is asked: what the items are, only a scan tells.
VerbResult ExplainScan(const Settings& settings, Wiring& wiring, const JobDefinition& job) {
  const DynamoSource& source = *job.read.dynamodb;
  const ExecuteRequest request{
      .job = &job, .table_schema = source.columns, .threads = 1, .now_ns = wiring.clock().NowNs()};
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
  FIRN_TRY_ASSIGN(const JobDefinition job, Resolve(*wiring, arguments));
  if (job.read.dynamodb) return ExplainScan(settings, *wiring, job);
  FIRN_TRY_ASSIGN(const TableRecord table, wiring->catalog().GetTable(job.read.table));
  FIRN_TRY_ASSIGN(const InputPartitions partitions, FindInputPartitions(wiring->catalog(), table, job.read));
  FIRN_TRY_ASSIGN(const int64_t known, wiring->catalog().CountPartitions(table.name));
  std::vector<PartitionValues> targets;
  for (const PartitionRecord& partition : partitions.found) targets.push_back(partition.values);
  FIRN_TRY_ASSIGN(SelectedInputs inputs, SelectInputs(wiring->store(), wiring->catalog(), wiring->pool(),
                                                      {.table = &table,
                                                       .partitions = &partitions.found,
                                                       .targets = &targets,
                                                       .job = &job,
                                                       .bookmark = job.bookmark},
                                                      {}));
  const ExecuteRequest request{.store = &wiring->store(),
                               .job = &job,
                               .inputs = std::move(inputs.files),
                               .partition_keys = table.partition_keys,
                               .table_schema = table.schema,
                               .threads = wiring->readers(),  // it waits for footers
                               .now_ns = wiring->clock().NowNs()};
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
