#pragma once

#include <chrono>
#include <functional>
#include <mutex>
#include <optional>
#include <stop_token>
#include <string>

#include "catalog/catalog.h"
#include "env/clock.h"
#include "env/log.h"
#include "env/random.h"
#include "env/worker_pool.h"
#include "pipeline/execute.h"
#include "run/liveness.h"
#include "run/source_scan.h"
#include "store/object_store.h"

namespace firn {

using ExecuteFunction =
    std::function<Result<ExecuteOutcome>(const ExecuteRequest&, const ProgressCallback&, std::stop_token)>;

// What the service is given; it owns none of it.
struct RunServices {
  ObjectStore& store;
  Catalog& catalog;
  const Clock& clock;
  Random& random;
  Log& log;
  WorkerPool& pool;  // for listing and settling
  ExecuteFunction execute;
  SourceScanner* sources = nullptr;  // for jobs that read no table of the lake; nullptr: there are none
};

struct RunSettings {
  std::string time_zone = "UTC";  // the project's: execution_time of events
  // Local folder for spilling: a run uses <temp_root>/<run>/temp. For a local lake its .firn/staging, so that the
  // removal of a run's staging folder takes this along.
  std::string temp_root;
  std::chrono::milliseconds heartbeat = std::chrono::seconds(5);
  std::chrono::milliseconds lease_poll = std::chrono::milliseconds(200);
  std::string source_bucket;  // of a lake on S3, and the lake's prefix in it: for logs and records of events' runs
  std::string source_prefix;
  std::chrono::milliseconds readers_grace = std::chrono::milliseconds(30);  // see readers_grace.h
};

struct RunOptions {
  std::string trigger_type = "manual";  // manual, scheduled, s3_event
  // Keys in the lake of the objects that the run takes: then it is an event's run, whoever asked for it. Empty: what
  // the job's `read` says.
  std::vector<ObjectKey> objects = {};
  std::string identity;  // asking twice for one identity starts it once
  int attempt = 0;
  int64_t scheduled_ns = 0;                // when the schedule wanted it; 0: now
  bool dry_run = false;                    // or the job's own dry_run
  std::optional<BookmarkOption> bookmark;  // instead of the job's
  bool rescan = false;                     // a scan that was cut off is not gone on with
  std::chrono::seconds wait{0};            // for another writer of the same partitions; 0: be refused at once
  int64_t memory_bytes = 0;
  int threads = 1;
  std::function<std::string()> stopped_by = {};  // who asked for the stop ("SIGINT"), for the message; may be empty
};

// The job without the rules that are for runs of another trigger type.
[[nodiscard]] JobDefinition ForTrigger(JobDefinition job, TriggerType trigger);

// The bookmark's part in a run: what the run was told, else what its job says. Single objects are remembered in any
// case, so that an event that comes twice is read once.
[[nodiscard]] BookmarkOption BookmarkFor(const JobDefinition& job, const RunOptions& options);

// Runs jobs from claim to settled commit . Thread-safe; one for each process and catalog. Events are
// left in the catalog's outbox: OutboxDrain (event/) delivers them.
class RunService {
 public:
  RunService(RunServices services, RunSettings settings, ProcessMark self = ThisProcess(),
             Liveness::Probe alive = IsAlive);

  // The run as the catalog has it in the end, SUCCEEDED, FAILED, STOPPED or TIMEOUT: what went wrong is in its error_*.
  // metrics.nothing_to_do says that there was no (new) input. An error only when the run could not be recorded:
  // kAlreadyExists when its identity was asked for before (the message names that run), kUnknownOutcome when the
  // catalog failed in the commit (Recover, at the next start, finds out), and the catalog's own errors.
  //
  // A run of single objects remembers them in the job's bookmark and leaves out those that it holds, unless told
  // otherwise: so an event that comes twice is read once. Rules for another trigger type are left out.
  Result<RunRecord> Run(const JobDefinition& job, const RunOptions& options, const ProgressCallback& progress,
                        std::stop_token stop);

  // Lets what the job would read now, or these objects, count as read (bookmark_set.h).
  Result<RunRecord> SetBookmark(const JobDefinition& job, const std::vector<ObjectKey>& objects, std::stop_token stop);

  // Ends what dead processes left: runs without a process become FAILED and give their leases back, committed snapshots
  // are settled, orphans in the staging area are removed. Before each run, which goes on when it fails: what cannot be
  // mended in one table must not hold up the others. Does all it can; returns the first error.
  Status Recover();

 private:
  [[nodiscard]] std::string Hex(int digits);
  Status SweepScans();

  const RunServices services_;
  const RunSettings settings_;
  Liveness liveness_;
  std::mutex random_mutex_;
};

}  // namespace firn
