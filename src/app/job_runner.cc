#include "app/job_runner.h"

#include <fmt/format.h>

#include <algorithm>

#include "app/crawl_run.h"
#include "app/progress_line.h"
#include "app/run_report.h"
#include "env/stop_signal.h"
#include "schedule/job_chain.h"

namespace firn {
namespace {

constexpr std::chrono::seconds kChainPatience = std::chrono::minutes(10);  // for another writer

std::vector<ChainLink> JobLinks(const Project& project) {
  std::vector<ChainLink> links;
  for (const JobDeclaration& job : project.jobs) links.push_back({job.name.str(), job.after});
  return links;
}

std::vector<ChainLink> CrawlerLinks(const Project& project) {
  std::vector<ChainLink> links;
  for (const CrawlerDefinition& crawler : project.crawlers) links.push_back({crawler.name, crawler.after});
  return links;
}

}  // namespace

Result<RunRecord> JobRunner::Run(const JobDefinition& job, RunOptions options) {
  options.memory_bytes = wiring_.memory_bytes();
  options.threads = wiring_.threads();
  options.stopped_by = [] { return std::string(StopSignalName()); };
  RunRecord run;
  {
    ProgressLine progress;
    FIRN_TRY_ASSIGN(
        run,
        wiring_.runs().Run(
            job, options,
            [&](std::string_view phase, int64_t done, int64_t total) { progress.Show(phase, done, total); }, stop_));
  }
  FIRN_TRY_ASSIGN(const int64_t undelivered, wiring_.DeliverEvents());
  if (undelivered > 0)
    run.metrics["warnings"].push_back(
        fmt::format("{} could not be delivered and stay in the outbox: `firn events` shows why, and tries again",
                    Counted(undelivered, "event")));
  return run;
}

Status JobRunner::RunAfter(const JobName& job, Chain& chain) {
  FIRN_TRY_ASSIGN(const auto due, JobsDueAfter(wiring_.catalog(), JobLinks(wiring_.project()), job));
  for (const ChainStart& start : due) FIRN_TRY(RunDue(start.name, start.identity, chain));
  return CrawlAfter(job, chain);
}

Status JobRunner::RunDue(const std::string& name, const std::string& identity, Chain& chain) {
  if (stop_.stop_requested()) return Fail(ErrorKind::kStopped, fmt::format("stopped before job '{}'", name));
  FIRN_TRY_ASSIGN(const JobDefinition job, ResolveJob(wiring_.project(), JobName(name), {}, wiring_.clock().NowNs()));
  auto run = Run(job, {.identity = identity, .wait = kChainPatience});
  // Another process saw the same success.
  if (!run && run.error().kind == ErrorKind::kAlreadyExists) return {};
  if (!run) return std::unexpected(std::move(run.error()).Within(fmt::format("job '{}'", name)));
  screen_.Text(fmt::format("{}, after what it waited for:", name));
  SayRun(screen_, *run);
  const bool goes_on = CountsForChain(*run);
  chain.failed = chain.failed || run->state != RunState::kSucceeded;
  chain.runs.push_back(std::move(*run));
  return goes_on ? RunAfter(JobName(name), chain) : Status();
}

Status JobRunner::CrawlAfter(const JobName& job, Chain& chain) {
  FIRN_TRY_ASSIGN(const auto due, CrawlersDueAfter(wiring_.catalog(), CrawlerLinks(wiring_.project()), job));
  for (const std::string& name : due) {
    FIRN_TRY_ASSIGN(Json tables, RunCrawler(wiring_, *wiring_.project().FindCrawler(name), screen_, stop_));
    chain.crawls.push_back({{"crawler", name}, {"tables", std::move(tables)}});
  }
  return {};
}

}  // namespace firn
