#pragma once

#include <span>
#include <string>
#include <vector>

#include "catalog/catalog.h"

namespace firn {

// What comes after a job's success: other jobs, and crawlers.

struct ChainLink {
  std::string name;            // of the job or crawler
  std::vector<JobName> after;  // all of them have to have succeeded
};

// What is due now that a job has succeeded.
struct ChainStart {
  std::string name;
  std::string identity;  // of the run: made of those before it, so that asking twice starts it once
};

// Whether the run counts for those that come after its job: it succeeded, and did something.
[[nodiscard]] bool CountsForChain(const RunRecord& run);

// The jobs of `links` that come after `job`, of which every job in `after` has succeeded since they last ran: as
// recorded in the catalog, in any process. In the order of `links`.
Result<std::vector<ChainStart>> JobsDueAfter(Catalog& catalog, std::span<const ChainLink> links, const JobName& job);
// The same for crawlers, whose own crawls do not count: crawling again does no harm.
Result<std::vector<std::string>> CrawlersDueAfter(Catalog& catalog, std::span<const ChainLink> links,
                                                  const JobName& job);

}  // namespace firn
