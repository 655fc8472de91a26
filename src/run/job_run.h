#pragma once

#include <optional>
#include <stop_token>
#include <string>
#include <vector>

#include "run/commit_plan.h"
#include "run/completion_event.h"
#include "run/input_selection.h"
#include "run/lease_claim.h"
#include "run/run_service.h"
#include "run/run_watch.h"
#include "run/settle.h"
#include "run/write_target.h"

namespace firn {

struct RunNames {
  RunId run;
  SnapshotId snapshot;
};

// One run of a job: Start, Work, Finish, once each, from one thread.
class JobRun {
 public:
  JobRun(const RunServices& services, const RunSettings& settings, const Liveness& liveness, const JobDefinition& job,
         const RunOptions& options, RunNames names);

  enum class Ending { kCommitted, kRehearsed };

  // Records the run. The catalog's errors.
  Status Start(std::stop_token stop);
  // All up to the commit.
  Result<Ending> Work(const ProgressCallback& progress);
  // Settles, or cleans up and records why it failed. See RunService::Run for the errors.
  Result<RunRecord> Finish(Result<Ending> worked);

 private:
  Status FindTables();
  Status FindPartitions();
  [[nodiscard]] Status CheckDealing() const;
  Result<std::vector<InputFile>> TakeTargets(const std::vector<PartitionValues>& partitions);
  [[nodiscard]] std::vector<InputFile> ExistingInputs() const;
  [[nodiscard]] std::vector<Lease> LeasesToClaim() const;
  Status ChooseLimit();
  void ForgetTargetsWithoutInput();
  Status AdoptOtherPartitions();
  Status Claim();
  Status SettleClaimed();
  Status ChooseInputs(const ProgressCallback& progress);
  Status ScanSource(const ProgressCallback& progress);  // instead of ChooseInputs
  [[nodiscard]] Json SourceOfRun() const;
  void ForgetScan();
  void KeepScan(Error& error);
  Status ReadExisting();
  Status CheckFolders();
  Result<ExecuteOutcome> Execute(const ProgressCallback& progress);
  [[nodiscard]] ExecuteRequest MakeRequest() const;
  void Remember(const std::vector<RuleResult>& rules);
  Status KeepBadFiles(const ExecuteOutcome& outcome);

  Result<Ending> EndWithoutData(const ExecuteOutcome& outcome);
  [[nodiscard]] std::string WhyNoData(const ExecuteOutcome& outcome) const;
  Result<Ending> CommitOutcome(const ExecuteOutcome& outcome);
  Result<Commit> PlanCommit(const ExecuteOutcome& outcome);
  Status CloseBooks(const ExecuteOutcome& outcome, bool nothing_to_do);
  Result<std::vector<EventRecord>> EventsOf(const ExecuteOutcome& outcome);
  Result<CompletionFacts> FactsOf(const TargetPartition* target);
  void ForgetUnusableTargets(const ExecuteOutcome& outcome);
  Status Apply(const Commit& commit);

  [[nodiscard]] Error ErrorOf(Error error, const RunLife& life) const;
  Result<RunRecord> GiveUp(Error error);
  Result<RunRecord> End(RunEvent event);
  Status Settle();
  void TellUnsettled(const Error& error);
  void Warn(const Status& status, std::string_view what);
  [[nodiscard]] std::string UriOf(std::string_view location) const;
  [[nodiscard]] std::string DateOfRun() const;
  [[nodiscard]] std::vector<std::string> SourceObjects() const;  // as the event names them

  const RunServices& services_;
  const RunSettings& settings_;
  const Liveness& liveness_;
  const JobDefinition& job_;
  const RunOptions& options_;
  const RunNames names_;
  const bool dry_run_;
  const BookmarkOption bookmark_;
  FieldsLog log_;
  Settler settler_;
  std::stop_token stop_;  // the operator's; the watch no longer listens to it after the commit
  std::optional<RunWatch> watch_;

  RunRecord record_;
  TableRecord read_table_;
  TableRecord write_table_;
  InputPartitions partitions_;
  bool by_rows_ = false;                  // the rows say to which partitions they go; else those of the inputs do
  std::vector<PartitionValues> mapped_;   // of each input partition: where its rows go, or its own values by_rows_
  std::vector<TargetPartition> targets_;  // first all that the job asks for, then those that get new files; by_rows_
                                          // from the work's first half on
  std::vector<TargetPartition> adopted_;  // the other ones of a table without a snapshot: its first one lists them too
  SelectedInputs inputs_;
  SourceScan scan_;  // of a job that reads no table of the lake
  bool scanned_ = false;
  int64_t scanned_items_ = 0;  // also of a scan that failed
  RunLimit limit_;             // of the job's, the one for these inputs
  std::vector<std::string> warnings_;
  std::vector<RuleResult> rules_;  // these three as far as the work got
  int64_t records_read_ = 0;
  int64_t bytes_read_ = 0;
  bool has_snapshot_ = false;  // this run committed one
};

}  // namespace firn
