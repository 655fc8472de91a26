#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <stop_token>
#include <string>
#include <vector>

#include "base/result.h"
#include "base/strong_id.h"
#include "pipeline/execute.h"
#include "pipeline/job.h"
#include "store/object_store.h"

namespace firn {

// What a job reads that is no table of the lake is scanned first, into pages on this machine, and those are the run's
// inputs. This is how a run sees that; who scans is given to it (app/dynamo_scanner.h).

// What has become of the run that scanned.
enum class ScanHolder {
  kAtWork,  // or not ended yet: the scan is its own
  kCutOff,  // without a commit: another run may go on
  kSpent,   // it has committed what it scanned, or nobody knows it
};
using ScanHolderOf = std::function<Result<ScanHolder>(const RunId&)>;

struct SourceScanRequest {
  const JobDefinition* job = nullptr;
  RunId run;
  bool dry_run = false;  // goes on with scans of dry runs only
  bool anew = false;     // goes on with none
  int64_t now_ns = 0;
  ScanHolderOf holder_of;
};

struct SourceScan {
  ObjectStore* store = nullptr;  // where the pages are
  std::vector<ObjectInfo> pages;
  std::string source;  // "table 'orders' of DynamoDB in us-east-1", for messages
  int64_t items = 0;
  int64_t resumed_items = 0;       // of which a run before had so many
  int64_t begun_ns = 0;            // since the epoch
  std::vector<std::string> notes;  // what the log should say
};

// "24h", "90m", "45s": a duration as the project file has it.
[[nodiscard]] std::string DurationText(std::chrono::seconds duration);

class SourceScanner {
 public:
  virtual ~SourceScanner() = default;

  // Scans the job's source to its end, going on where a run of the same job, arguments and source was cut off. What was
  // scanned before an error is kept for the next one. Errors: kNotFound, kPermission, kUnavailable, kInvalidArgument of
  // the source; kNoSpace, kIo of this machine; kStopped.
  virtual Result<SourceScan> Scan(const SourceScanRequest& request, const ProgressCallback& progress,
                                  std::stop_token stop) = 0;
  // Removes what the run scanned or went on with: it is committed, or of no use.
  virtual Status Forget(const RunId& run) = 0;
  // Removes what is spent, and what was cut off too long ago.
  virtual Status Sweep(const ScanHolderOf& holder_of, int64_t now_ns) = 0;
};

}  // namespace firn
