#pragma once

#include <optional>
#include <stop_token>
#include <string>

#include "crawl/crawler.h"
#include "schedule/trigger_rule.h"

namespace firn {

// Holds an object against what a trigger accepts, before the job starts. Why it is rejected: it is gone, too small, too
// large, cannot be read, or lacks columns; nothing when it is accepted. For `columns` the object is read whole, as a
// file of `table`, which the job reads. The store's errors.
Result<std::optional<std::string>> WhyRejected(const CrawlServices& services, const TriggerRule& rule,
                                               const TableRecord& table, const ObjectKey& key, std::stop_token stop);

}  // namespace firn
