#include <CLI/CLI.hpp>

#include "app/run_json.h"
#include "app/verbs.h"
#include "app/wiring.h"

namespace firn {
namespace {

VerbResult ListRuns(const Settings& settings, const std::string& job, int64_t limit) {
  FIRN_TRY_ASSIGN(const auto wiring, Wiring::Open(settings, LakeAccess::kRead));
  wiring->Recover();
  FIRN_TRY_ASSIGN(const auto runs, wiring->catalog().ListRuns(JobName(job), limit));
  // A job that the project file no longer has may still have runs.
  if (runs.empty() && !job.empty()) FIRN_TRY(StatusOf(wiring->project().GetJob(JobName(job))));
  const Screen screen(settings.output);
  Json records = Json::array();
  for (const RunRecord& run : runs) records.push_back(screen.json() ? RunToJson(run) : RunToRow(run));
  screen.Records(records, "no runs yet");
  return 0;
}

VerbResult ShowRun(const Settings& settings, const std::string& id) {
  FIRN_TRY_ASSIGN(const auto wiring, Wiring::Open(settings, LakeAccess::kRead));
  wiring->Recover();
  FIRN_TRY_ASSIGN(const RunRecord run, wiring->catalog().GetRun(RunId(id)));
  Screen(settings.output).Record(RunToJson(run));
  return 0;
}

}  // namespace

void AddRunsVerb(CLI::App& app, ChosenVerb& chosen) {
  CLI::App* const runs = app.add_subcommand("runs", "List job runs, newest first");
  const auto job = std::make_shared<std::string>();
  const auto limit = std::make_shared<int64_t>(50);
  const auto id = std::make_shared<std::string>();
  runs->add_option("JOB", *job, "Only of this job");
  runs->add_option("--limit", *limit, "At most so many")
      ->check(CLI::Range(int64_t{1}, kMostListed))
      ->capture_default_str()
      ->type_name("N");
  CLI::App* const show = runs->add_subcommand("show", "Show one run: state, figures, quality, error");
  show->add_option("ID", *id, "Run id")->required();
  show->callback([&chosen, id] { chosen = [id](const Settings& settings) { return ShowRun(settings, *id); }; });
  runs->callback([&chosen, runs, job, limit] {
    if (runs->get_subcommands().empty())
      chosen = [job, limit](const Settings& settings) { return ListRuns(settings, *job, *limit); };
  });
}

}  // namespace firn
