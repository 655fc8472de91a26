#include "schedule/job_chain.h"

#include <algorithm>
#include <optional>

namespace firn {
namespace {

constexpr int64_t kRunsLookedAt = 1000;

bool IsRehearsalOrIdle(const RunRecord& run) {
  return run.metrics.value("dry_run", false) || run.metrics.value("nothing_to_do", false);
}

// The newest run that did, or tried, something; nothing when there is none.
Result<std::optional<RunRecord>> LastEffort(Catalog& catalog, const JobName& job) {
  FIRN_TRY_ASSIGN(const std::vector<RunRecord> runs, catalog.ListRuns(job, kRunsLookedAt));
  for (const RunRecord& run : runs)
    if (!IsRehearsalOrIdle(run)) return run;
  return std::nullopt;
}

// The runs of those that come before, when all have succeeded after `since_ns`; empty when not.
Result<std::vector<RunRecord>> Successes(Catalog& catalog, const ChainLink& link, int64_t since_ns) {
  std::vector<RunRecord> successes;
  for (const JobName& before : link.after) {
    FIRN_TRY_ASSIGN(std::optional<RunRecord> run, LastEffort(catalog, before));
    if (!run || !CountsForChain(*run) || run->completed_ns <= since_ns) return std::vector<RunRecord>{};
    successes.push_back(std::move(*run));
  }
  return successes;
}

bool ComesAfter(const ChainLink& link, const JobName& job) {
  return std::ranges::find(link.after, job) != link.after.end();
}

}  // namespace

bool CountsForChain(const RunRecord& run) {
  return run.state == RunState::kSucceeded && !IsRehearsalOrIdle(run);
}

Result<std::vector<ChainStart>> JobsDueAfter(Catalog& catalog, std::span<const ChainLink> links, const JobName& job) {
  std::vector<ChainStart> due;
  for (const ChainLink& link : links) {
    if (!ComesAfter(link, job)) continue;
    // Its own last run, idle or not: what had succeeded by then is dealt with.
    FIRN_TRY_ASSIGN(const std::vector<RunRecord> own, catalog.ListRuns(JobName(link.name), 1));
    FIRN_TRY_ASSIGN(const auto successes, Successes(catalog, link, own.empty() ? 0 : own.front().started_ns));
    if (successes.empty()) continue;
    ChainStart start{link.name, "after:" + link.name};
    for (const RunRecord& run : successes) start.identity += ":" + run.id.str();
    due.push_back(std::move(start));
  }
  return due;
}

Result<std::vector<std::string>> CrawlersDueAfter(Catalog& catalog, std::span<const ChainLink> links,
                                                  const JobName& job) {
  std::vector<std::string> due;
  for (const ChainLink& link : links) {
    if (!ComesAfter(link, job)) continue;
    FIRN_TRY_ASSIGN(const auto successes, Successes(catalog, link, 0));
    if (!successes.empty()) due.push_back(link.name);
  }
  return due;
}

}  // namespace firn
