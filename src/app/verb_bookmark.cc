#include <fmt/format.h>

#include <CLI/CLI.hpp>

#include "app/lake_key.h"
#include "app/verbs.h"
#include "app/wiring.h"
#include "env/stop_signal.h"

namespace firn {
namespace {

Status RequireJob(const Wiring& wiring, const std::string& job) {
  auto found = wiring.project().GetJob(JobName(job));
  if (!found) return std::unexpected(std::move(found.error()));
  return {};
}

VerbResult Show(const Settings& settings, const std::string& job, int64_t limit) {
  FIRN_TRY_ASSIGN(const auto wiring, Wiring::Open(settings, LakeAccess::kRead));
  FIRN_TRY(RequireJob(*wiring, job));
  FIRN_TRY_ASSIGN(const int64_t count, wiring->catalog().CountBookmark(JobName(job)));
  FIRN_TRY_ASSIGN(const auto entries, wiring->catalog().ShowBookmark(JobName(job), limit));
  Json objects = Json::array();
  for (const BookmarkEntry& entry : entries)
    objects.push_back({{"key", entry.key}, {"size", entry.size}, {"etag", entry.etag}, {"run_id", entry.run.str()}});
  const Screen screen(settings.output);
  if (screen.json()) {
    screen.Record({{"job", job}, {"objects_known", count}, {"objects", objects}});
  } else {
    screen.Text(fmt::format("{} has read {}", job, Counted(count, "object")));
    if (!objects.empty()) screen.Records(objects, "");
  }
  return 0;
}

VerbResult Done(const Settings& settings, Wiring& wiring, const std::string& job) {
  FIRN_TRY_ASSIGN(const int64_t count, wiring.catalog().CountBookmark(JobName(job)));
  const Screen screen(settings.output);
  if (screen.json()) screen.Record({{"job", job}, {"objects_known", count}});
  screen.Text(fmt::format("{} now knows {}", job, Counted(count, "object")));
  return 0;
}

VerbResult Set(const Settings& settings, const std::string& name, const std::vector<std::string>& names) {
  FIRN_TRY_ASSIGN(const auto wiring, Wiring::Open(settings, LakeAccess::kWrite));
  wiring->Recover();
  FIRN_TRY_ASSIGN(const JobDefinition job, ResolveJob(wiring->project(), JobName(name), {}, wiring->clock().NowNs()));
  std::vector<ObjectKey> objects;
  for (const std::string& object : names) {
    FIRN_TRY_ASSIGN(objects.emplace_back(), LakeKeyOf(wiring->project(), object));
  }
  FIRN_TRY(wiring->DeclareTables());
  FIRN_TRY(StatusOf(wiring->runs().SetBookmark(job, objects, InstallStopSignals())));
  return Done(settings, *wiring, name);
}

VerbResult Reset(const Settings& settings, const std::string& job) {
  FIRN_TRY_ASSIGN(const auto wiring, Wiring::Open(settings, LakeAccess::kWrite));
  wiring->Recover();
  FIRN_TRY(RequireJob(*wiring, job));
  FIRN_TRY(wiring->catalog().ResetBookmark(JobName(job)));
  return Done(settings, *wiring, job);
}

VerbResult Rewind(const Settings& settings, const std::string& job, const std::string& run) {
  FIRN_TRY_ASSIGN(const auto wiring, Wiring::Open(settings, LakeAccess::kWrite));
  wiring->Recover();
  FIRN_TRY(RequireJob(*wiring, job));
  FIRN_TRY(wiring->catalog().RewindBookmark(JobName(job), RunId(run)));
  return Done(settings, *wiring, job);
}

}  // namespace

void AddBookmarkVerb(CLI::App& app, ChosenVerb& chosen) {
  CLI::App* const bookmark = app.add_subcommand("bookmark", "Show or move what a job has read");
  bookmark->require_subcommand(1);
  const auto job = std::make_shared<std::string>();
  const auto run = std::make_shared<std::string>();
  const auto limit = std::make_shared<int64_t>(20);
  const auto add = [&](const char* name, const char* help) {
    CLI::App* const sub = bookmark->add_subcommand(name, help);
    sub->add_option("JOB", *job, "Name of the job")->required();
    return sub;
  };
  CLI::App* const show = add("show", "How many objects the job has read, and the first of them by key");
  show->add_option("--limit", *limit, "Objects to list")
      ->check(CLI::Range(int64_t{0}, kMostListed))
      ->capture_default_str()
      ->type_name("N");
  show->callback([&chosen, job, limit] {
    chosen = [job, limit](const Settings& settings) { return Show(settings, *job, *limit); };
  });
  const auto objects = std::make_shared<std::vector<std::string>>();
  CLI::App* const set =
      add("set", "Let what the job would read now count as read: the next run reads what comes later");
  set->add_option("--object", *objects, "Only this object; may be repeated")->type_name("KEY")->expected(1)->take_all();
  set->callback([&chosen, job, objects] {
    chosen = [job, objects](const Settings& settings) { return Set(settings, *job, *objects); };
  });
  add("reset", "Forget all: the next run reads everything again")->callback([&chosen, job] {
    chosen = [job](const Settings& settings) { return Reset(settings, *job); };
  });
  CLI::App* const rewind = add("rewind", "Forget what runs after RUN read");
  rewind->add_option("RUN", *run, "The last run to keep")->required();
  rewind->callback(
      [&chosen, job, run] { chosen = [job, run](const Settings& settings) { return Rewind(settings, *job, *run); }; });
}

}  // namespace firn
