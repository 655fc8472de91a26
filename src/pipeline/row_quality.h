#pragma once

#include <expected>
#include <optional>
#include <string_view>
#include <utility>

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
// A line of that object. `place`: the row's object and number, when they are known.
[[nodiscard]] std::string RejectedLine(std::string_view rule, const std::optional<std::pair<ObjectKey, int64_t>>& place,
                                       std::string_view record);
[[nodiscard]] ObjectKey RejectedRowsKey(const ExecuteRequest& request, const ExpectStep& step);

}  // namespace firn
