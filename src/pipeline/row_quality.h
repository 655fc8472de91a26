#pragma once

#include <expected>

#include "pipeline/transfer.h"

namespace firn {

struct RowQuality {
  std::vector<RuleResult> rules;
  int64_t rejected = 0;
};

// Holds the rules of one `expect` step to the rows that the scan still keeps, reading only the columns that the rules name. Rows that break a `quarantine` rule are taken out
// of `keep` and written, with the rule, to <quarantine_prefix>/rejected-<n>.jsonl. kQuality when a `fail` rule is broken.
std::expected<RowQuality, TransferFailure> CheckRowQuality(const ExecuteContext& context, const ExpectStep& step, const ShapeRegistry& shapes, Scan& scan);

}  // namespace firn
