#include "catalog/run_rows.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "catalog/stored_json.h"

namespace firn {
namespace {

constexpr std::array kStates = {RunState::kStarting, RunState::kRunning,   RunState::kStopping,
                                RunState::kStopped,  RunState::kSucceeded, RunState::kFailed,
                                RunState::kTimeout,  RunState::kError,     RunState::kWaiting};

bool HasEnded(RunState state) {
  return state == RunState::kStopped || state == RunState::kSucceeded || state == RunState::kFailed ||
         state == RunState::kTimeout || state == RunState::kError;
}

// Under which date the run counts: a rehearsal is no execution.
std::string PartitionDateOf(const RunRecord& run) {
  if (run.metrics.value("dry_run", false)) return {};
  const auto found = run.metrics.find("partition_date");
  return found != run.metrics.end() && found->is_string() ? found->get<std::string>() : std::string();
}

}  // namespace

Status RunRows::Create(const RunRecord& run) {
  FIRN_TRY_ASSIGN(Cursor same, database_.Query("SELECT id, identity FROM runs WHERE id = ?1 OR (identity = ?2 AND "
                                               "identity <> '') ORDER BY id <> ?1",
                                               run.id, run.identity));
  FIRN_TRY_ASSIGN(const bool exists, same.Next());
  if (exists && same.Text(0) == run.id.str())
    return Fail(ErrorKind::kAlreadyExists, fmt::format("run {} exists already", run.id.str()));
  if (exists)
    return Fail(ErrorKind::kAlreadyExists,
                fmt::format("job '{}' was already started for '{}': run {}", run.job.str(), run.identity, same.Text(0)),
                fmt::format("`firn runs show {}` tells what became of it.", same.Text(0)));
  return database_.Run(
      "INSERT INTO runs (id, identity, job, state, attempt, arguments, trigger, started_ns, completed_ns, "
      "heartbeat_ns, pid, pid_started, error_kind, error_message, error_hint, metrics, quality, partition_date) "
      "VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
      run.id, run.identity, run.job, NameOf(run.state), run.attempt, StoreJson(run.arguments), run.trigger,
      run.started_ns, run.completed_ns, run.heartbeat_ns, run.pid, run.pid_started, run.error_kind, run.error_message,
      run.error_hint, StoreJson(run.metrics), StoreJson(run.quality), PartitionDateOf(run));
}

Status RunRows::Update(const RunRecord& run) {
  FIRN_TRY_ASSIGN(const RunRecord now, Get(run.id));
  if (HasEnded(now.state) && now.state != run.state && run.attempt <= now.attempt)
    return Fail(ErrorKind::kConflict, fmt::format("run {} has ended as {}; it cannot become {}", run.id.str(),
                                                  NameOf(now.state), NameOf(run.state)));
  return database_.Run(
      "UPDATE runs SET job = ?, state = ?, attempt = ?, arguments = ?, trigger = ?, started_ns = ?, completed_ns = ?, "
      "heartbeat_ns = ?, pid = ?, pid_started = ?, error_kind = ?, error_message = ?, error_hint = ?, metrics = ?, "
      "quality = ?, partition_date = ? WHERE id = ?",
      run.job, NameOf(run.state), run.attempt, StoreJson(run.arguments), run.trigger, run.started_ns, run.completed_ns,
      run.heartbeat_ns, run.pid, run.pid_started, run.error_kind, run.error_message, run.error_hint,
      StoreJson(run.metrics), StoreJson(run.quality), PartitionDateOf(run), run.id);
}

Status RunRows::CheckNotEnded(const RunId& id) {
  FIRN_TRY_ASSIGN(const RunRecord now, Get(id));
  if (!HasEnded(now.state)) return {};
  return Fail(ErrorKind::kConflict,
              fmt::format("run {} has ended as {}; it cannot commit", id.str(), NameOf(now.state)),
              "Run the job again.");
}

Result<RunRecord> RunRows::Get(const RunId& id) {
  FIRN_TRY_ASSIGN(Cursor row,
                  database_.Query("SELECT id, identity, job, state, attempt, arguments, trigger, started_ns, "
                                  "completed_ns, heartbeat_ns, pid, pid_started, error_kind, error_message, "
                                  "error_hint, metrics, quality FROM runs WHERE id = ?",
                                  id));
  FIRN_TRY_ASSIGN(const bool found, row.Next());
  if (!found) return Fail(ErrorKind::kNotFound, fmt::format("no run '{}'", id.str()), "`firn runs` lists them.");
  return Read(row);
}

Result<int64_t> RunRows::Number(const RunId& id) {
  FIRN_TRY_ASSIGN(Cursor row, database_.Query("SELECT number FROM runs WHERE id = ?", id));
  FIRN_TRY_ASSIGN(const bool found, row.Next());
  if (!found) return Fail(ErrorKind::kNotFound, fmt::format("no run '{}'", id.str()), "`firn runs` lists them.");
  return row.Integer(0);
}

Result<std::vector<RunRecord>> RunRows::List(const JobName& job, int64_t limit) {
  if (job.empty()) {
    FIRN_TRY_ASSIGN(Cursor row,
                    database_.Query("SELECT id, identity, job, state, attempt, arguments, trigger, started_ns, "
                                    "completed_ns, heartbeat_ns, pid, pid_started, error_kind, error_message, "
                                    "error_hint, metrics, quality FROM runs ORDER BY number DESC LIMIT ?",
                                    limit));
    return ReadAll(std::move(row));
  }
  FIRN_TRY_ASSIGN(Cursor row,
                  database_.Query("SELECT id, identity, job, state, attempt, arguments, trigger, started_ns, "
                                  "completed_ns, heartbeat_ns, pid, pid_started, error_kind, error_message, "
                                  "error_hint, metrics, quality FROM runs WHERE job = ? ORDER BY number DESC LIMIT ?",
                                  job, limit));
  return ReadAll(std::move(row));
}

Result<std::vector<RunRecord>> RunRows::Unfinished() {
  FIRN_TRY_ASSIGN(Cursor row,
                  database_.Query("SELECT id, identity, job, state, attempt, arguments, trigger, started_ns, "
                                  "completed_ns, heartbeat_ns, pid, pid_started, error_kind, error_message, "
                                  "error_hint, metrics, quality FROM runs WHERE state IN "
                                  "('STARTING', 'RUNNING', 'STOPPING', 'WAITING') ORDER BY number"));
  return ReadAll(std::move(row));
}

Result<int64_t> RunRows::CountSucceeded(const JobName& job, std::string_view partition_date) {
  FIRN_TRY_ASSIGN(Cursor row, database_.Query("SELECT count(*) FROM runs WHERE job = ? AND partition_date = ? AND "
                                              "state = 'SUCCEEDED'",
                                              job, partition_date));
  FIRN_TRY(row.Next());
  return row.Integer(0);
}

Result<std::vector<RunRecord>> RunRows::ReadAll(Cursor row) {
  std::vector<RunRecord> runs;
  for (;;) {
    FIRN_TRY_ASSIGN(const bool more, row.Next());
    if (!more) return runs;
    FIRN_TRY_ASSIGN(RunRecord run, Read(row));
    runs.push_back(std::move(run));
  }
}

Result<RunRecord> RunRows::Read(const Cursor& row) {
  RunRecord run;
  run.id = RunId(row.Text(0));
  run.identity = row.Text(1);
  run.job = JobName(row.Text(2));
  const std::string what = fmt::format("the columns of run {}", run.id.str());
  const auto state = std::ranges::find(kStates, row.Text(3), [](RunState each) { return std::string(NameOf(each)); });
  if (state == kStates.end()) return database_.Corrupt(fmt::format("run {} has no state", run.id.str()));
  run.state = *state;
  run.attempt = static_cast<int>(row.Integer(4));
  FIRN_TRY_ASSIGN(run.arguments, LoadJson(database_, row.Text(5), what));
  run.trigger = row.Text(6);
  run.started_ns = row.Integer(7);
  run.completed_ns = row.Integer(8);
  run.heartbeat_ns = row.Integer(9);
  run.pid = row.Integer(10);
  run.pid_started = row.Integer(11);
  run.error_kind = row.Text(12);
  run.error_message = row.Text(13);
  run.error_hint = row.Text(14);
  FIRN_TRY_ASSIGN(run.metrics, LoadJson(database_, row.Text(15), what));
  FIRN_TRY_ASSIGN(run.quality, LoadJson(database_, row.Text(16), what));
  return run;
}

}  // namespace firn
