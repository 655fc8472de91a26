#include <fmt/chrono.h>
#include <fmt/format.h>

#include <algorithm>
#include <set>

#include "env/memory.h"
#include "env/time_zone.h"
#include "run/job_run.h"
#include "run/lake_layout.h"
#include "run/partition_date.h"
#include "store/object_key.h"

// The second half of JobRun: from the outcome of the work to the end of the run.
namespace firn {
namespace {

constexpr int64_t kNsPerMs = 1'000'000;

struct PartitionOutput {
  int64_t files = 0;
  int64_t rows = 0;
};

PartitionOutput OutputOf(const ExecuteOutcome& outcome, const PartitionValues& partition) {
  PartitionOutput output;
  for (const OutputFile& file : outcome.outputs) {
    if (file.partition != partition) continue;
    ++output.files;
    output.rows += file.rows;
  }
  return output;
}

bool HasDedupe(const JobDefinition& job) {
  return std::ranges::any_of(job.steps, [](const Step& step) { return std::holds_alternative<DedupeStep>(step); });
}

}  // namespace

std::string JobRun::UriOf(std::string_view location) const {
  return JoinKey(services_.store.Describe(), location);
}

std::vector<std::string> JobRun::SourceObjects() const {
  std::vector<std::string> keys;
  for (const ObjectKey& key : options_.objects) keys.push_back(JoinKey(settings_.source_prefix, key));
  return keys;
}

std::string JobRun::DateOfRun() const {
  if (!job_.read.date.empty() && options_.objects.empty()) return job_.read.date;
  return targets_.size() == 1 ? DateOfPartition(write_table_.partition_keys, targets_.front().values) : "";
}

// No (new) object, or none with a row. An empty input never deletes data: no partition is touched, in any mode.
Result<JobRun::Ending> JobRun::EndWithoutData(const ExecuteOutcome& outcome) {
  const bool all_read_before = inputs_.files.empty() && inputs_.listed > 0;
  if (all_read_before)
    log_.Write(LogLevel::kInfo, "nothing new: the bookmark holds all objects",
               {{"event", "nothing_new"}, {"listed", inputs_.listed}});
  else
    warnings_.push_back(WhyNoData(outcome));
  FIRN_TRY(CloseBooks(outcome, true));
  if (dry_run_) return Ending::kRehearsed;
  watch_->End();
  Commit commit;
  commit.run = record_;
  commit.release = LeasesToClaim();  // no snapshot will be settled that would do it
  if (bookmark_ == BookmarkOption::kEnable) commit.bookmark = BookmarkOf(inputs_, names_.run);
  if (job_.publish && job_.publish->when_empty == EmptyEvent::kSend) {
    FIRN_TRY_ASSIGN(CompletionFacts facts, FactsOf(targets_.size() == 1 ? &targets_.front() : nullptr));
    facts.snapshot = {};
    commit.events.push_back(CompletionEvent(job_, facts));
  }
  FIRN_TRY(Apply(commit));
  return Ending::kCommitted;
}

std::string JobRun::WhyNoData(const ExecuteOutcome& outcome) const {
  const size_t bad = outcome.bad_files.size();
  if (bad == 0 && job_.read.dynamodb) return fmt::format("{} has no items", scan_.source);
  if (bad == 0) return NoDataSentence(read_table_, job_.read, partitions_.where);
  if (bad == inputs_.files.size())
    return fmt::format("nothing was written: {} of table '{}' {} bad, first {}: {}",
                       bad == 1 ? "the only file to read" : fmt::format("all {} files to read", bad),
                       read_table_.name.str(), bad == 1 ? "is" : "are", outcome.bad_files[0].key,
                       outcome.bad_files[0].reason);
  return fmt::format("nothing was written: {} of {} files of table '{}' are bad, and the others have no rows", bad,
                     inputs_.files.size(), read_table_.name.str());
}

Result<JobRun::Ending> JobRun::CommitOutcome(const ExecuteOutcome& outcome) {
  ForgetUnusableTargets(outcome);
  FIRN_TRY_ASSIGN(const Commit commit, PlanCommit(outcome));
  for (const FileRecord& file : commit.files) FIRN_TRY(ValidateKey(file.key));
  FIRN_TRY(CheckFolders());
  // The last moment at which a stop counts. After it no heartbeat may write over the final state.
  const RunWatch::Last last = watch_->End();
  if (watch_->token().stop_requested() || last.life.past_deadline)
    return Fail(ErrorKind::kStopped, "stopped before the commit");
  FIRN_TRY(Apply(commit));
  has_snapshot_ = true;
  return Ending::kCommitted;
}

// A partition of which all objects were bad has had no input.
void JobRun::ForgetUnusableTargets(const ExecuteOutcome& outcome) {
  if (by_rows_) return;
  std::set<ObjectKey> bad;
  for (const BadFile& file : outcome.bad_files) bad.insert(file.key);
  std::set<PartitionValues> usable;
  for (const InputFile& file : inputs_.files)
    if (!bad.contains(file.object.key)) usable.insert(file.partition);
  std::erase_if(targets_, [&](const TargetPartition& target) { return !usable.contains(target.values); });
}

Result<Commit> JobRun::PlanCommit(const ExecuteOutcome& outcome) {
  FIRN_TRY(CloseBooks(outcome, false));
  Commit commit;
  const int64_t now = record_.completed_ns;
  commit.run = record_;
  commit.snapshot.id = names_.snapshot;
  commit.snapshot.table = write_table_.name;
  commit.snapshot.run = names_.run;
  commit.snapshot.created_ns = now;
  commit.files = NewFileLists(job_.write, targets_, outcome.outputs);
  for (const TargetPartition& target : targets_) commit.partitions.push_back({target.values, target.location});
  for (const TargetPartition& other : adopted_) {
    commit.partitions.push_back({other.values, other.location});
    for (const ExistingFile& file : other.existing) commit.files.push_back(file.record);
  }
  if (bookmark_ == BookmarkOption::kEnable) commit.bookmark = BookmarkOf(inputs_, names_.run);
  FIRN_TRY_ASSIGN(commit.events, EventsOf(outcome));
  // Read anew: another run may have changed the table meanwhile, in another partition.
  FIRN_TRY_ASSIGN(write_table_, services_.catalog.GetTable(write_table_.name));
  FIRN_TRY_ASSIGN(const int64_t partitions, services_.catalog.CountPartitions(write_table_.name));
  const bool replaces_all =
      job_.write.mode == WriteMode::kOverwritePartitions && (write_table_.partition_keys.empty() || partitions == 0);
  FIRN_TRY_ASSIGN(commit.table, TableAfter(write_table_, job_, outcome.output_schema, replaces_all, now));
  return commit;
}

// Completes the record: what `firn runs show` tells of a run that went well.
Status JobRun::CloseBooks(const ExecuteOutcome& outcome, bool nothing_to_do) {
  RunTotals totals;
  totals.partition_date = DateOfRun();
  FIRN_TRY_ASSIGN(const int64_t before, services_.catalog.CountSucceeded(job_.name, totals.partition_date));
  totals.execution_sequence = before + 1;
  totals.total_executions = job_.executions_per_day;
  totals.input_files = std::ssize(inputs_.files);
  totals.input_hash = inputs_.hash;
  totals.output_files = std::ssize(outcome.outputs);
  totals.output_path = UriOf(targets_.size() == 1 ? targets_.front().location : write_table_.location);
  record_.completed_ns = record_.heartbeat_ns = services_.clock.NowNs();
  totals.duration_ms = (record_.completed_ns - record_.started_ns) / kNsPerMs;
  totals.peak_memory_bytes = PeakMemoryBytes();
  totals.nothing_to_do = nothing_to_do;
  totals.dry_run = dry_run_;
  totals.within_run_only = job_.write.mode == WriteMode::kAppend && HasDedupe(job_);
  const bool set_aside = !outcome.bad_files.empty() || outcome.rows_rejected > 0;
  if (set_aside && !dry_run_) totals.quarantine_path = UriOf(QuarantineOf(job_.name, names_.run));
  totals.warnings = warnings_;
  totals.source_objects = SourceObjects();
  record_.metrics = MetricsOf(outcome, totals);
  if (job_.read.dynamodb) record_.metrics["source"] = SourceOfRun();
  record_.quality = QualityOf(outcome.rules);
  record_.state = RunState::kSucceeded;
  return {};
}

// One for each partition that was written.
Result<std::vector<EventRecord>> JobRun::EventsOf(const ExecuteOutcome& outcome) {
  std::vector<EventRecord> events;
  if (!job_.publish) return events;
  for (const TargetPartition& target : targets_) {
    FIRN_TRY_ASSIGN(CompletionFacts facts, FactsOf(&target));
    const PartitionOutput output = OutputOf(outcome, target.values);
    facts.output_files = output.files;
    // The work counts what it reads over all partitions; of one among several, only what was written is known.
    facts.records_processed = targets_.size() == 1 ? outcome.records_read : output.rows;
    facts.duplicates_removed.reset();
    if (targets_.size() == 1) facts.duplicates_removed = outcome.duplicates_removed;
    events.push_back(CompletionEvent(job_, facts));
  }
  return events;
}

// Those of a partition into which nothing was written; of the whole table without one.
Result<CompletionFacts> JobRun::FactsOf(const TargetPartition* target) {
  CompletionFacts facts;
  if (target != nullptr) facts.partition = target->name;
  facts.partition_date =
      target != nullptr ? DateOfPartition(write_table_.partition_keys, target->values) : std::string();
  if (facts.partition_date.empty()) facts.partition_date = DateOfRun();
  FIRN_TRY_ASSIGN(const int64_t before, services_.catalog.CountSucceeded(job_.name, facts.partition_date));
  facts.execution_sequence = before + 1;
  facts.duplicates_removed = 0;
  facts.output_path = UriOf(target != nullptr ? target->location : write_table_.location);
  const int64_t execution_ns = options_.scheduled_ns != 0 ? options_.scheduled_ns : record_.started_ns;
  FIRN_TRY_ASSIGN(facts.execution_time, FormatLocal(settings_.time_zone, execution_ns));
  facts.completed_ns = record_.completed_ns;
  facts.trigger_type = record_.trigger;
  facts.source_objects = SourceObjects();
  facts.run = names_.run;
  facts.snapshot = names_.snapshot;
  return facts;
}

// A transaction that reports an error may still be through: the catalog is asked before anything is taken back.
Status JobRun::Apply(const Commit& commit) {
  Status applied = services_.catalog.Apply(commit);
  if (applied) return applied;
  const Result<RunRecord> stored = services_.catalog.GetRun(names_.run);
  if (!stored)
    return Fail(ErrorKind::kUnknownOutcome,
                fmt::format("the commit of run {} may have happened: {}", names_.run.str(), applied.error().message),
                "the next start of firn finds out and completes it, or marks the run as failed: see `firn runs show`");
  if (stored->state == RunState::kSucceeded) return {};
  return applied;
}

Result<RunRecord> JobRun::Finish(Result<Ending> worked) {
  if (!worked) return GiveUp(std::move(worked.error()));
  ForgetScan();
  const std::string sentence = MetricsSentence(record_.metrics);
  if (*worked == Ending::kRehearsed) {
    FIRN_TRY_ASSIGN(RunRecord rehearsed, End(RunEvent::kRehearsed));
    log_.Write(LogLevel::kInfo, "dry run: nothing was committed. " + sentence, record_.metrics);
    return rehearsed;
  }
  for (const std::string& warning : warnings_) log_.Write(LogLevel::kWarning, warning);
  Json fields = record_.metrics;
  fields["event"] = "job_completed_successfully";
  log_.Write(LogLevel::kInfo, sentence, fields);
  return End(RunEvent::kCommitted);
}

Error JobRun::ErrorOf(Error error, const RunLife& life) const {
  if (error.kind != ErrorKind::kStopped) return error;
  if (life.state == RunState::kStopping || !life.past_deadline) {
    const std::string by = options_.stopped_by ? options_.stopped_by() : "";
    return {ErrorKind::kStopped, by.empty() ? "the run was stopped" : "the run was stopped by " + by,
            "nothing was committed: run it again"};
  }
  return {ErrorKind::kTimeout, fmt::format("the run passed its timeout of {}", job_.timeout),
          "nothing was committed: give the job a longer timeout, more threads or less to read"};
}

Result<RunRecord> JobRun::GiveUp(Error error) {
  const RunWatch::Last last = watch_->End();
  // Taking back what may be committed would lose it: recovery decides.
  if (error.kind == ErrorKind::kUnknownOutcome) return std::unexpected(std::move(error));
  const bool asked = last.life.state == RunState::kStopping || last.life.past_deadline;
  const RunEvent event = error.kind == ErrorKind::kStopped && asked ? RunEvent::kWorkStopped : RunEvent::kWorkFailed;
  error = ErrorOf(std::move(error), last.life);
  if (job_.read.dynamodb) KeepScan(error);
  record_.completed_ns = record_.heartbeat_ns = services_.clock.NowNs();
  record_.metrics = {{"input_files", inputs_.files.size()},
                     {"records_read", records_read_},
                     {"bytes_read", bytes_read_},
                     {"duration_ms", (record_.completed_ns - record_.started_ns) / kNsPerMs},
                     {"peak_memory_bytes", PeakMemoryBytes()},
                     {"input_hash", inputs_.hash},
                     {"dry_run", dry_run_},
                     {"partition_date", DateOfRun()},
                     {"warnings", warnings_}};
  if (job_.read.dynamodb) record_.metrics["source"] = SourceOfRun();
  if (!options_.objects.empty()) record_.metrics["source_objects"] = SourceObjects();
  record_.quality = QualityOf(rules_);
  record_.error_kind = std::string(NameOf(error.kind));
  record_.error_message = error.message;
  record_.error_hint = error.hint;
  log_.Write(event == RunEvent::kWorkStopped ? LogLevel::kWarning : LogLevel::kError, "run ended: " + error.Text(),
             {{"event", event == RunEvent::kWorkStopped ? "job_stopped" : "job_failed"}});
  return End(event);
}

// Performs the effects of the last step.
Result<RunRecord> JobRun::End(RunEvent event) {
  const RunStep step = Next(watch_->End().life, event);
  record_.state = step.life.state;
  for (const RunEffect effect : step.effects) {
    if (effect == RunEffect::kSettle)
      if (const Status settled = Settle(); !settled) TellUnsettled(settled.error());
    // After a commit, Settle() did this once the snapshot was marked as settled.
    if (effect == RunEffect::kRemoveStaging && event != RunEvent::kCommitted)
      Warn(settler_.RemoveStaging(names_.run, stop_), "the staging folder is left to the next run");
    if (effect == RunEffect::kReleaseLeases)
      Warn(services_.catalog.ReleaseLeases(names_.run), "the leases are left to the next run");
    if (effect == RunEffect::kRecord) FIRN_TRY(services_.catalog.UpdateRun(record_));
  }
  return record_;
}

Status JobRun::Settle() {
  if (has_snapshot_) {
    std::vector<Settler::Folder> folders;
    for (const TargetPartition& target : targets_) folders.push_back({target.name, target.location});
    FIRN_TRY(settler_.SettleFolders(write_table_.name, folders, names_.run));
    FIRN_TRY(services_.catalog.MarkSettled(names_.snapshot));
  }
  return settler_.CleanUp(names_.run, stop_);
}

// The run has succeeded; but who lists the folder does not see it yet, and its event waits: the user has to know.
void JobRun::TellUnsettled(const Error& error) {
  const std::string warning = "the commit is done; settling it is left to the next run: " + error.Text();
  log_.Write(LogLevel::kWarning, warning);
  warnings_.push_back(warning);
  record_.metrics["warnings"] = warnings_;
  Warn(services_.catalog.UpdateRun(record_), "the run's record lacks the warning");
}

void JobRun::Warn(const Status& status, std::string_view what) {
  if (!status) log_.Write(LogLevel::kWarning, fmt::format("{}: {}", what, status.error().Text()));
}

}  // namespace firn
