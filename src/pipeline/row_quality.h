#pragma once

#include <expected>

#include "pipeline/transfer.h"

namespace firn {

struct RowQuality {
  std::vector<RuleResult> rules;
  int64_t rejected = 0;
};

// Holds the rules of one `expect` step to the rows that the scan still keeps, reading only the columns that the rules
// name. Rows that break a `quarantine` rule are taken out of `keep` and written, with the rule, to RejectedRowsKey().
// kQuality when a `fail` rule is broken.
std::expected<RowQuality, TransferFailure> CheckRowQuality(const ExecuteContext& context, const ExpectStep& step,
                                                           Scan& scan);

// Where the rows that a step rejects are written: rejected-rows-<commit>.jsonl, for the second step
// rejected-rows-<commit>-2.jsonl, and so on.
[[nodiscard]] ObjectKey RejectedRowsKey(const ExecuteRequest& request, const ExpectStep& step);

}  // namespace firn
