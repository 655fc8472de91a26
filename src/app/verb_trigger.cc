#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <fstream>
#include <iostream>
#include <iterator>
#include <set>

#include "app/job_runner.h"
#include "app/lake_key.h"
#include "app/run_json.h"
#include "app/run_report.h"
#include "app/verbs.h"
#include "app/wiring.h"
#include "env/stop_signal.h"
#include "schedule/acceptance.h"
#include "schedule/job_chain.h"
#include "schedule/object_event.h"

namespace firn {
namespace {

struct TriggerArguments {
  std::vector<std::string> objects;
  std::string event_file;  // "-" for standard input
  bool fail_if_empty = false;
  int64_t wait_seconds = 600;
};

Result<std::string> ReadEvents(const std::string& file) {
  std::string text;
  if (file == "-") {
    text.assign(std::istreambuf_iterator<char>(std::cin), {});
    return text;
  }
  std::ifstream stream(file, std::ios::binary);
  if (!stream) return Fail(ErrorKind::kNotFound, fmt::format("cannot read the events in {}", file));
  text.assign(std::istreambuf_iterator<char>(stream), {});
  return text;
}

// What happened, as keys of the lake.
struct Arrivals {
  std::vector<ObjectKey> objects;
  int64_t other_events = 0;
};

Result<Arrivals> ArrivalsOf(const Project& project, const TriggerArguments& arguments) {
  Arrivals arrivals;
  for (const std::string& name : arguments.objects) {
    FIRN_TRY_ASSIGN(arrivals.objects.emplace_back(), LakeKeyOf(project, name));
  }
  if (arguments.event_file.empty()) return arrivals;
  FIRN_TRY_ASSIGN(const std::string text, ReadEvents(arguments.event_file));
  FIRN_TRY_ASSIGN(const ObjectEvents events, ReadObjectEvents(text));
  for (const ObjectCreated& created : events.created) {
    FIRN_TRY_ASSIGN(arrivals.objects.emplace_back(), LakeKeyOf(project, created.bucket, created.key));
  }
  arrivals.other_events = events.others;
  return arrivals;
}

// One `firn trigger`: every rule, its batches, and what comes after their jobs.
class Dispatch {
 public:
  Dispatch(Wiring& wiring, const Screen& screen, const TriggerArguments& arguments)
      : wiring_(wiring), screen_(screen), arguments_(arguments), runner_(wiring, screen, stop_) {}

  Status Apply(const TriggerRule& rule, std::span<const ObjectKey> objects) {
    bool succeeded = false;
    for (const std::vector<ObjectKey>& batch : BatchesOf(rule, objects)) {
      matched_.insert(batch.begin(), batch.end());
      FIRN_TRY_ASSIGN(const JobDefinition job,
                      ResolveJob(wiring_.project(), rule.job, rule.arguments, wiring_.clock().NowNs()));
      FIRN_TRY_ASSIGN(const std::vector<ObjectKey> accepted, Accept(rule, job, batch));
      if (accepted.empty()) continue;
      FIRN_TRY_ASSIGN(const bool counts, Run(rule, job, accepted));
      succeeded = succeeded || counts;
    }
    return succeeded ? runner_.RunAfter(rule.job, chain_) : Status();
  }

  void TellUnmatched(const Arrivals& arrivals) {
    for (const ObjectKey& object : arrivals.objects)
      if (!matched_.contains(object)) unmatched_.insert(object);
    if (screen_.json()) return;
    for (const ObjectKey& object : unmatched_) fmt::print(stderr, "firn: no trigger takes {}\n", object);
    if (arrivals.other_events > 0)
      fmt::print(stderr, "firn: {} that created no object\n", Counted(arrivals.other_events, "event"));
  }

  [[nodiscard]] Json ToJson(const Arrivals& arrivals) const {
    Json json = {{"runs", runs_}, {"rejected", rejected_}, {"unmatched", unmatched_}};
    json["other_events"] = arrivals.other_events;
    json.update(ChainToJson(chain_.runs, chain_.crawls));
    return json;
  }

  [[nodiscard]] int ExitCode() const {
    if (failed_ || chain_.failed || !rejected_.empty()) return 1;
    return arguments_.fail_if_empty && idle_ ? kNothingToDo : 0;
  }

 private:
  Result<std::vector<ObjectKey>> Accept(const TriggerRule& rule, const JobDefinition& job,
                                        const std::vector<ObjectKey>& batch) {
    FIRN_TRY_ASSIGN(const TableRecord table, wiring_.catalog().GetTable(job.read.table));
    const CrawlServices services{wiring_.store(), wiring_.catalog(), wiring_.pool(), wiring_.clock()};
    std::vector<ObjectKey> accepted;
    for (const ObjectKey& object : batch) {
      FIRN_TRY_ASSIGN(const auto why, WhyRejected(services, rule, table, object, stop_));
      if (why)
        Reject(rule, object, *why);
      else
        accepted.push_back(object);
    }
    return accepted;
  }

  void Reject(const TriggerRule& rule, const ObjectKey& object, const std::string& why) {
    wiring_.log().Write(LogLevel::kWarning, fmt::format("{} was rejected: {}", object, why),
                        {{"event", "file_rejected"},
                         {"trigger", rule.name},
                         {"job_name", rule.job.str()},
                         {"trigger_type", "s3_event"},
                         {"source_object_key", object}});
    if (!screen_.json()) fmt::print(stderr, "firn: {}: {} was rejected: {}\n", rule.name, object, why);
    rejected_.push_back({{"trigger", rule.name}, {"object", object}, {"reason", why}});
  }

  // Whether those that come after the job may go on.
  Result<bool> Run(const TriggerRule& rule, const JobDefinition& job, const std::vector<ObjectKey>& objects) {
    FIRN_TRY_ASSIGN(const RunRecord run,
                    runner_.Run(job, {.objects = objects, .wait = std::chrono::seconds(arguments_.wait_seconds)}));
    screen_.Text(fmt::format("{}: {} for {}", rule.name, Counted(std::ssize(objects), "object"), rule.job.str()));
    if (!screen_.json()) SayRun(screen_, run);
    Json record = RunToJson(run);
    record["trigger"] = rule.name;
    runs_.push_back(std::move(record));
    failed_ = failed_ || run.state != RunState::kSucceeded;
    idle_ = idle_ && run.metrics.value("nothing_to_do", false);
    if (run.state == RunState::kStopped) return Fail(ErrorKind::kStopped, "stopped: what is left was not started");
    return CountsForChain(run);
  }

  Wiring& wiring_;
  const Screen& screen_;
  const TriggerArguments& arguments_;
  const std::stop_token stop_ = InstallStopSignals();
  JobRunner runner_;
  JobRunner::Chain chain_;
  Json runs_ = Json::array();
  Json rejected_ = Json::array();
  std::set<ObjectKey> matched_;
  std::set<ObjectKey> unmatched_;
  bool failed_ = false;
  bool idle_ = true;
};

VerbResult Trigger(const Settings& settings, const TriggerArguments& arguments) {
  if (arguments.objects.empty() && arguments.event_file.empty())
    return Fail(ErrorKind::kInvalidArgument, "no object is named", "Give keys, or --event FILE with S3's events.");
  FIRN_TRY_ASSIGN(const auto wiring, Wiring::Open(settings, LakeAccess::kWrite));
  FIRN_TRY_ASSIGN(const Arrivals arrivals, ArrivalsOf(wiring->project(), arguments));
  wiring->Recover();
  FIRN_TRY(wiring->DeclareTables());
  const Screen screen(settings.output);
  Dispatch dispatch(*wiring, screen, arguments);
  for (const TriggerRule& rule : wiring->project().triggers) FIRN_TRY(dispatch.Apply(rule, arrivals.objects));
  dispatch.TellUnmatched(arrivals);
  if (screen.json()) screen.Record(dispatch.ToJson(arrivals));
  return dispatch.ExitCode();
}

}  // namespace

void AddTriggerVerb(CLI::App& app, ChosenVerb& chosen) {
  const auto arguments = std::make_shared<TriggerArguments>();
  CLI::App* const trigger =
      app.add_subcommand("trigger", "Say that objects were created: run the jobs whose triggers take them");
  trigger->add_option("KEY", arguments->objects, "Key of an object; several may be given");
  trigger->add_option("--event", arguments->event_file, "File with events as S3 sends them; - reads standard input")
      ->type_name("FILE");
  trigger->add_option("--wait", arguments->wait_seconds, "Seconds to wait for another writer of the same partitions")
      ->check(CLI::Range(int64_t{0}, kLongestWait))
      ->capture_default_str()
      ->type_name("SECONDS");
  trigger->add_flag("--fail-if-empty", arguments->fail_if_empty, "Exit with 3 when there was nothing to do");
  trigger->callback([&chosen, arguments] {
    chosen = [arguments](const Settings& settings) { return Trigger(settings, *arguments); };
  });
}

}  // namespace firn
