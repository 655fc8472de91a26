#include <fmt/format.h>

#include <atomic>

#include "run/job_run.h"
#include "run/source_inputs.h"

// The part of JobRun that deals with a source that is no table of the lake.
namespace firn {

Status JobRun::ScanSource(const ProgressCallback& progress) {
  if (services_.sources == nullptr)
    return Fail(ErrorKind::kUnsupported, fmt::format("nobody scans DynamoDB for job '{}'", job_.name.str()));
  std::atomic<int64_t> items = 0;
  const SourceScanRequest request{
      .job = &job_,
      .run = names_.run,
      .dry_run = dry_run_,
      .anew = options_.rescan,
      .now_ns = record_.started_ns,
      .holder_of = [this](const RunId& run) { return ScanHolderIn(services_.catalog, run); }};
  Result<SourceScan> scan = services_.sources->Scan(
      request,
      [&](std::string_view phase, int64_t done, int64_t total) {
        items = done;
        if (progress) progress(phase, done, total);
      },
      watch_->token());
  scanned_items_ = items;
  if (!scan) return std::unexpected(std::move(scan.error()));
  scan_ = std::move(*scan);
  scanned_ = true;
  scanned_items_ = scan_.items;
  inputs_ = InputsOf(scan_);
  for (const std::string& note : scan_.notes) log_.Write(LogLevel::kInfo, note);
  log_.Write(LogLevel::kInfo, "the source is scanned", SourceOfRun());
  return {};
}

Json JobRun::SourceOfRun() const {
  return SourceJson(*job_.read.dynamodb, scan_, scanned_items_);
}

void JobRun::ForgetScan() {
  if (job_.read.dynamodb && services_.sources != nullptr)
    Warn(services_.sources->Forget(names_.run), "what was scanned is left to the next run");
}

// What was scanned is worth its price, and the next run goes on with it: unless it is what failed the run.
void JobRun::KeepScan(Error& error) {
  if (scanned_ && LiesInItems(error.kind)) return ForgetScan();
  if (scanned_items_ == 0) return;
  error.hint +=
      fmt::format("{}the {} items that were scanned are kept: the same run goes on with them within {}",
                  error.hint.empty() ? "" : "; ", scanned_items_, DurationText(job_.read.dynamodb->resume_within));
}

}  // namespace firn
