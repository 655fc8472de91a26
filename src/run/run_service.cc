#include "run/run_service.h"

#include <algorithm>

#include "run/bookmark_set.h"
#include "run/job_run.h"
#include "run/recovery.h"
#include "run/source_inputs.h"

namespace firn {

JobDefinition ForTrigger(JobDefinition job, TriggerType trigger) {
  std::erase_if(job.steps, [&](const Step& step) {
    const auto* expect = std::get_if<ExpectStep>(&step);
    return expect != nullptr && expect->trigger_type.value_or(trigger) != trigger;
  });
  return job;
}

BookmarkOption BookmarkFor(const JobDefinition& job, const RunOptions& options) {
  if (options.bookmark) return *options.bookmark;
  return options.objects.empty() || job.bookmark == BookmarkOption::kPause ? job.bookmark : BookmarkOption::kEnable;
}

RunService::RunService(RunServices services, RunSettings settings, ProcessMark self, Liveness::Probe alive)
    : services_(std::move(services)), settings_(std::move(settings)), liveness_(self, std::move(alive)) {}

Result<RunRecord> RunService::Run(const JobDefinition& job, const RunOptions& options, const ProgressCallback& progress,
                                  std::stop_token stop) {
  if (const Status recovered = Recover(); !recovered)
    services_.log.Write(LogLevel::kWarning, "recovery is not complete: " + recovered.error().Text());
  const RunId id("jr_" + Hex(64));
  // Before the record: another thread's recovery must not take a fresh run of this process for a dead one.
  const AtWorkScope scope(liveness_, id);
  const JobDefinition effective =
      ForTrigger(job, options.objects.empty() ? TriggerType::kScheduled : TriggerType::kS3Event);
  JobRun run(services_, settings_, liveness_, effective, options, {id, SnapshotId(Hex(16))});
  FIRN_TRY(run.Start(std::move(stop)));
  return run.Finish(run.Work(progress));
}

Result<RunRecord> RunService::SetBookmark(const JobDefinition& job, const std::vector<ObjectKey>& objects,
                                          std::stop_token stop) {
  RunRecord run;
  run.id = RunId("jr_" + Hex(64));
  const AtWorkScope scope(liveness_, run.id);
  run.job = job.name;
  run.arguments = job.arguments;
  run.trigger = "manual";
  run.started_ns = run.heartbeat_ns = services_.clock.NowNs();
  run.pid = liveness_.self().pid;
  run.pid_started = liveness_.self().started;
  return firn::SetBookmark(services_, job, objects, std::move(run), std::move(stop));
}

Status RunService::Recover() {
  Recovery recovery(services_.store, services_.catalog, services_.clock, services_.pool, services_.log, liveness_,
                    settings_.readers_grace);
  Status recovered = recovery.Run(Hex(16));
  Status swept = SweepScans();
  return recovered ? swept : recovered;
}

// After the recovery: runs whose process is gone have ended.
Status RunService::SweepScans() {
  if (services_.sources == nullptr) return {};
  return services_.sources->Sweep([this](const RunId& run) { return ScanHolderIn(services_.catalog, run); },
                                  services_.clock.NowNs());
}

std::string RunService::Hex(int digits) {
  const std::scoped_lock lock(random_mutex_);
  return RandomHex(services_.random, digits);
}

}  // namespace firn
