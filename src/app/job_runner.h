#pragma once

#include <map>
#include <stop_token>
#include <string>
#include <vector>

#include "app/screen.h"
#include "app/wiring.h"

namespace firn {

// Seconds that a run may be told to wait for another writer.
inline constexpr int64_t kLongestWait = int64_t{7} * 24 * 3600;

// Runs jobs as verbs do: with progress on a terminal, events delivered afterwards, and, when asked for, all that comes
// after them.
class JobRunner {
 public:
  JobRunner(Wiring& wiring, const Screen& screen, std::stop_token stop)
      : wiring_(wiring), screen_(screen), stop_(std::move(stop)) {}

  // RunService::Run, under the wiring's limits. Says nothing.
  Result<RunRecord> Run(const JobDefinition& job, RunOptions options);

  // What came after a job.
  struct Chain {
    std::vector<RunRecord> runs;
    std::vector<Json> crawls;  // {"crawler": name, "tables": [...]}
    bool failed = false;       // a run of it did
  };
  // After a run of `job` has succeeded: starts the jobs that are due, those after them, and crawlers, and says what
  // each came to. A run that fails ends its branch.
  Status RunAfter(const JobName& job, Chain& chain);

 private:
  Status RunDue(const std::string& job, const std::string& identity, Chain& chain);
  Status CrawlAfter(const JobName& job, Chain& chain);

  Wiring& wiring_;
  const Screen& screen_;
  const std::stop_token stop_;
};

}  // namespace firn
