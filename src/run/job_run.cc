#include "run/job_run.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <ranges>
#include <set>

#include "run/bad_files.h"
#include "run/lake_layout.h"
#include "run/object_selection.h"
#include "run/partition_date.h"
#include "run/source_inputs.h"
#include "store/object_key.h"

namespace firn {
namespace {

std::string TriggerTypeOf(const RunOptions& options) {
  return options.objects.empty() ? options.trigger_type : "s3_event";
}

constexpr size_t kMostKeysLogged = 100;

// What every line of a run's log says, in the words of the services that it stands for.
Json LogFields(const JobDefinition& job, const RunSettings& settings, const RunOptions& options, const RunId& run) {
  Json fields = {{"job_run_id", run.str()}, {"job_name", job.name.str()}, {"trigger_type", TriggerTypeOf(options)}};
  if (options.objects.empty()) return fields;
  if (!settings.source_bucket.empty()) fields["source_bucket"] = settings.source_bucket;
  fields["source_object_key"] = JoinKey(settings.source_prefix, options.objects.front());
  if (options.objects.size() == 1) return fields;
  Json keys = Json::array();
  for (const ObjectKey& key : options.objects | std::views::take(kMostKeysLogged))
    keys.push_back(JoinKey(settings.source_prefix, key));
  fields["source_object_keys"] = std::move(keys);
  fields["source_objects"] = options.objects.size();
  return fields;
}

RunRecord NewRecord(const JobDefinition& job, const RunOptions& options, const RunNames& names, int64_t now_ns,
                    const ProcessMark& process) {
  RunRecord record;
  record.id = names.run;
  record.identity = options.identity;
  record.job = job.name;
  record.attempt = options.attempt;
  record.arguments = job.arguments;
  record.trigger = TriggerTypeOf(options);
  record.started_ns = record.heartbeat_ns = now_ns;
  record.pid = process.pid;
  record.pid_started = process.started;
  return record;
}

}  // namespace

JobRun::JobRun(const RunServices& services, const RunSettings& settings, const Liveness& liveness,
               const JobDefinition& job, const RunOptions& options, RunNames names)
    : services_(services),
      settings_(settings),
      liveness_(liveness),
      job_(job),
      options_(options),
      names_(std::move(names)),
      dry_run_(job.dry_run || options.dry_run),
      bookmark_(BookmarkFor(job, options)),
      log_(services.log, LogFields(job, settings, options, names_.run)),
      settler_(services.store, services.catalog, services.pool, ReadersGrace(services.clock, settings.readers_grace)) {}

Status JobRun::Start(std::stop_token stop) {
  record_ = NewRecord(job_, options_, names_, services_.clock.NowNs(), liveness_.self());
  FIRN_TRY(services_.catalog.CreateRun(record_));
  log_.Write(LogLevel::kInfo, "run started", {{"event", "job_started"}, {"arguments", job_.arguments}});
  stop_ = stop;
  watch_.emplace(services_.catalog, services_.clock, log_, record_,
                 RunWatch::Settings{.timeout = job_.timeout, .beat = settings_.heartbeat}, std::move(stop));
  return {};
}

Result<JobRun::Ending> JobRun::Work(const ProgressCallback& progress) {
  FIRN_TRY(FindTables());
  FIRN_TRY(FindPartitions());
  FIRN_TRY(Claim());
  FIRN_TRY(watch_->Tell(RunEvent::kClaimed));
  FIRN_TRY(job_.read.dynamodb ? ScanSource(progress) : ChooseInputs(progress));
  if (inputs_.files.empty()) return EndWithoutData({});
  FIRN_TRY(ChooseLimit());
  ForgetTargetsWithoutInput();
  if (!by_rows_) FIRN_TRY(ReadExisting());
  FIRN_TRY_ASSIGN(const ExecuteOutcome outcome, Execute(progress));
  if (outcome.records_read == 0) return EndWithoutData(outcome);
  if (!dry_run_) return CommitOutcome(outcome);
  FIRN_TRY(CloseBooks(outcome, false));
  return Ending::kRehearsed;
}

Status JobRun::FindTables() {
  if (job_.read.dynamodb) {
    FIRN_TRY(CheckReadsAll(job_, bookmark_, options_.objects));
    read_table_ = TableOf(*job_.read.dynamodb);
  } else {
    FIRN_TRY_ASSIGN(read_table_, services_.catalog.GetTable(job_.read.table));
  }
  FIRN_TRY_ASSIGN(write_table_, services_.catalog.GetTable(job_.write.table));
  return CheckOwnFolder(services_.catalog, write_table_);
}

Status JobRun::FindPartitions() {
  if (options_.objects.empty()) {
    FIRN_TRY_ASSIGN(partitions_, FindInputPartitions(services_.catalog, read_table_, job_.read));
  } else {
    FIRN_TRY_ASSIGN(partitions_.found,
                    PartitionsOfObjects(services_.catalog, read_table_, job_.read, options_.objects));
  }
  FIRN_TRY(CheckDealing());
  by_rows_ = RowsSayPartitions(read_table_, write_table_);
  if (by_rows_) {
    for (const PartitionRecord& partition : partitions_.found) mapped_.push_back(partition.values);
    return {};
  }
  std::vector<PartitionRecord> asked_for = partitions_.found;
  // A partition that nobody has crawled yet still has a name, for its lease and its event.
  if (const auto fixed = FixedPartition(read_table_.partition_keys, partitions_.where); asked_for.empty() && fixed)
    asked_for.push_back({.values = *fixed});
  FIRN_TRY_ASSIGN(const auto values, MapToTarget(read_table_, asked_for, write_table_));
  FIRN_TRY_ASSIGN(targets_, FindTargets(services_.catalog, write_table_, values));
  if (!partitions_.found.empty()) mapped_ = values;
  return AdoptOtherPartitions();
}

// What is read has to be all that a partition is replaced by: the bookmark leaves out what was read before, and an
// event all but its object.
Status JobRun::CheckDealing() const {
  if (job_.write.mode != WriteMode::kOverwritePartitions) return {};
  if (!options_.objects.empty())
    return Fail(ErrorKind::kInvalidArgument,
                fmt::format("job '{}' takes single objects, and would replace partitions of table '{}' by their rows",
                            job_.name.str(), write_table_.name.str()),
                "write with mode: merge or append");
  if (bookmark_ == BookmarkOption::kDisable || !RowsSayPartitions(read_table_, write_table_)) return {};
  return Fail(ErrorKind::kInvalidArgument,
              fmt::format("job '{}' reads new files only, and would replace partitions of table '{}' by their rows",
                          job_.name.str(), write_table_.name.str()),
              "write with mode: merge or append, or disable the bookmark");
}

// Rows go to these partitions: what they hold takes part in a merge.
Result<std::vector<InputFile>> JobRun::TakeTargets(const std::vector<PartitionValues>& partitions) {
  FIRN_TRY_ASSIGN(targets_, FindTargets(services_.catalog, write_table_, partitions));
  for (const TargetPartition& target : targets_) FIRN_TRY(ValidateKey(target.location));
  FIRN_TRY(AdoptOtherPartitions());
  FIRN_TRY(ReadExisting());
  return ExistingInputs();
}

std::vector<InputFile> JobRun::ExistingInputs() const {
  std::vector<InputFile> inputs;
  if (job_.write.mode != WriteMode::kMerge) return inputs;
  for (const TargetPartition& target : targets_)
    for (const ExistingFile& file : target.existing)
      inputs.push_back({file.object, FormatByName(file.object.key).value_or(job_.write.format), target.values, true});
  return inputs;
}

// A table's first snapshot holds all that the table has: partitions that others wrote, too.
Status JobRun::AdoptOtherPartitions() {
  FIRN_TRY_ASSIGN(const auto snapshot, services_.catalog.CurrentSnapshot(write_table_.name));
  if (snapshot || write_table_.partition_keys.empty()) return {};
  FIRN_TRY_ASSIGN(const auto all, services_.catalog.FindPartitions(write_table_.name, {}));
  std::set<std::string> taken;
  for (const TargetPartition& target : targets_) taken.insert(target.name);
  for (const PartitionRecord& other : all) {
    std::string name = PartitionName(write_table_.partition_keys, other.values);
    if (!taken.contains(name))
      adopted_.push_back({other.values, std::move(name), std::string(WithoutSlashes(other.location)), {}});
  }
  return {};
}

std::vector<Lease> JobRun::LeasesToClaim() const {
  if (by_rows_) return {{write_table_.name, "", names_.run}};  // which partitions is known too late
  std::vector<Lease> leases = LeasesOf(write_table_.name, targets_, names_.run);
  const std::vector<Lease> more = LeasesOf(write_table_.name, adopted_, names_.run);
  leases.insert(leases.end(), more.begin(), more.end());
  return leases;
}

Status JobRun::Claim() {
  const std::vector<Lease> leases = LeasesToClaim();
  LeaseClaim claim(services_.catalog, liveness_);
  const LeaseClaim::Patience patience{.wait = options_.wait, .poll = settings_.lease_poll, .before_waiting = [this] {
                                        return watch_->Tell(RunEvent::kHeldUp);
                                      }};
  FIRN_TRY(claim.AcquirePatiently(leases, services_.clock, patience, watch_->token()));
  return SettleClaimed();
}

// A writer that was cut off may have left a commit unfinished in our partitions.
Status JobRun::SettleClaimed() {
  FIRN_TRY_ASSIGN(const auto unsettled, services_.catalog.UnsettledSnapshots());
  std::set<std::string> claimed;
  for (const TargetPartition& target : targets_) claimed.insert(target.name);
  std::map<std::string, Settler::Folder> cut_off;
  for (const SnapshotRecord& snapshot : unsettled) {
    if (snapshot.table != write_table_.name) continue;
    FIRN_TRY_ASSIGN(const auto folders, settler_.FoldersOf(snapshot.id, snapshot.table));
    for (const Settler::Folder& folder : folders)
      if (by_rows_ || claimed.contains(folder.partition)) cut_off.emplace(folder.partition, folder);
  }
  if (cut_off.empty()) return {};
  std::vector<Settler::Folder> mine;
  for (const auto& [name, folder] : cut_off) mine.push_back(folder);
  return settler_.SettleFolders(write_table_.name, mine, names_.run);
}

Status JobRun::ChooseInputs(const ProgressCallback& progress) {
  const auto count = static_cast<int64_t>(partitions_.found.size());
  if (progress) progress("listing", 0, count);
  const SelectionRequest request{.table = &read_table_,
                                 .partitions = &partitions_.found,
                                 .targets = &mapped_,
                                 .job = &job_,
                                 .bookmark = bookmark_,
                                 .objects = options_.objects.empty() ? nullptr : &options_.objects};
  FIRN_TRY_ASSIGN(inputs_, SelectInputs(services_.store, services_.catalog, services_.pool, request, watch_->token()));
  if (progress) progress("listing", count, count);
  warnings_.insert(warnings_.end(), inputs_.warnings.begin(), inputs_.warnings.end());
  log_.Write(LogLevel::kInfo, "inputs are fixed",
             {{"event", "inputs_fixed"},
              {"partitions", count},
              {"objects", inputs_.files.size()},
              {"listed", inputs_.listed},
              {"hash", inputs_.hash}});
  return {};
}

// What the run may use depends on what it is to read.
Status JobRun::ChooseLimit() {
  if (job_.limits.empty()) return {};
  int64_t bytes = 0;
  for (const InputFile& file : inputs_.files) bytes += file.object.size;
  const auto fits = std::ranges::find_if(
      job_.limits, [&](const RunLimit& limit) { return !limit.up_to_bytes || bytes <= *limit.up_to_bytes; });
  if (fits == job_.limits.end())
    return Fail(ErrorKind::kInvalidArgument,
                fmt::format("job '{}' has {} bytes to read, and its limits end at {}", job_.name.str(), bytes,
                            *job_.limits.back().up_to_bytes),
                "Give the job a limit for inputs of this size, or let it read less at once.");
  limit_ = *fits;
  Json fields = {{"event", "limit_chosen"}, {"input_bytes", bytes}};
  if (limit_.workers) fields["workers"] = *limit_.workers;
  if (limit_.memory_bytes) fields["memory_bytes"] = *limit_.memory_bytes;
  log_.Write(LogLevel::kInfo, "the input's size chose what the run may use", fields);
  return {};
}

// Only partitions that get rows are replaced.
void JobRun::ForgetTargetsWithoutInput() {
  std::set<PartitionValues> with_input;
  for (const InputFile& file : inputs_.files) with_input.insert(file.partition);
  std::erase_if(targets_, [&](const TargetPartition& target) { return !with_input.contains(target.values); });
}

// What the targets hold, and whether they can be replaced.
Status JobRun::ReadExisting() {
  if (job_.write.mode != WriteMode::kOverwritePartitions)
    FIRN_TRY(FindExisting(services_.store, services_.catalog, write_table_, job_.write, targets_, warnings_));
  WriteSpec keep = job_.write;
  keep.mode = WriteMode::kMerge;  // of any format
  FIRN_TRY(FindExisting(services_.store, services_.catalog, write_table_, keep, adopted_, warnings_));
  std::erase_if(adopted_, [](const TargetPartition& other) { return other.existing.empty(); });
  FIRN_TRY(CheckOneFormat(services_.catalog, write_table_, job_.write, targets_));
  return CheckFolders();
}

// Once committed, the new folders have to take the places of the old ones: what is known to prevent it has to fail the
// run, before its work and again before its commit.
Status JobRun::CheckFolders() {
  for (const TargetPartition& target : targets_) {
    Status replaceable = services_.store.CheckReplaceable(target.location);
    if (!replaceable)
      return std::unexpected(std::move(replaceable.error()).Within(fmt::format("table '{}'", write_table_.name.str())));
  }
  return {};
}

ExecuteRequest JobRun::MakeRequest() const {
  ExecuteRequest request;
  request.store = &services_.store;
  request.job = &job_;
  request.inputs = inputs_.files;
  for (InputFile& existing : ExistingInputs()) request.inputs.push_back(std::move(existing));
  TellTables(read_table_, write_table_, request);
  request.staging_prefix = StagedOutputs(names_.run);
  request.commit_id = names_.snapshot.str();
  request.quarantine_prefix = StagedQuarantine(names_.run);
  request.temp_folder = settings_.temp_root.empty() ? "" : settings_.temp_root + "/" + names_.run.str() + "/temp";
  request.memory_bytes =
      limit_.memory_bytes ? std::min(*limit_.memory_bytes, options_.memory_bytes) : options_.memory_bytes;
  request.threads = std::min(limit_.workers.value_or(options_.threads), options_.threads);
  request.now_ns = record_.started_ns;
  return request;
}

Result<ExecuteOutcome> JobRun::Execute(const ProgressCallback& progress) {
  ExecuteRequest request = MakeRequest();
  request.on_rules = [this](const std::vector<RuleResult>& rules) { Remember(rules); };
  request.on_partitions = [this](const std::vector<PartitionValues>& partitions) { return TakeTargets(partitions); };
  request.on_inputs = [this](int64_t records, int64_t bytes) {
    records_read_ = records;
    bytes_read_ = bytes;
  };
  FIRN_TRY_ASSIGN(ExecuteOutcome outcome, services_.execute(request, progress, watch_->token()));
  warnings_.insert(warnings_.end(), outcome.warnings.begin(), outcome.warnings.end());
  for (const BadFile& bad : outcome.bad_files)
    log_.Write(LogLevel::kWarning, "a bad file was set aside", {{"key", bad.key}, {"reason", bad.reason}});
  if (watch_->token().stop_requested()) return Fail(ErrorKind::kStopped, "stopped before the commit");
  FIRN_TRY(KeepBadFiles(outcome));
  return outcome;
}

// A try that starts over holds the rules again: the last result counts.
void JobRun::Remember(const std::vector<RuleResult>& rules) {
  for (const RuleResult& rule : rules) {
    const auto same = std::ranges::find(rules_, rule.rule, &RuleResult::rule);
    if (same == rules_.end())
      rules_.push_back(rule);
    else
      *same = rule;
  }
}

Status JobRun::KeepBadFiles(const ExecuteOutcome& outcome) {
  if (outcome.bad_files.empty() || dry_run_) return {};
  return StageBadFiles(services_.store, outcome.bad_files, StagedQuarantine(names_.run),
                       QuarantineOf(job_.name, names_.run), fmt::format("bad-files-{}.jsonl", names_.snapshot.str()));
}

}  // namespace firn
