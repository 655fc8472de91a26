#include "pipeline/set_aside.h"

#include <algorithm>

namespace firn {

Status SetAside(const ExecuteContext& context, ExecuteRequest& request, TransferFailure failure,
                std::vector<BadFile>& bad_files) {
  const auto input =
      std::ranges::find_if(request.inputs, [&](const InputFile& one) { return one.object.key == failure.input; });
  if (input == request.inputs.end()) return std::unexpected(std::move(failure.error));
  FIRN_TRY_ASSIGN(BadFile bad, JudgeBadFile(context, *input, std::move(failure.error)));
  FIRN_TRY(request.store->RemovePrefix(request.staging_prefix));
  FIRN_TRY(request.store->RemovePrefix(request.quarantine_prefix));
  bad_files.push_back(std::move(bad));
  request.inputs.erase(input);
  return {};
}

void CountInputs(const Scan& scan, ExecuteOutcome& outcome) {
  outcome.bad_files = scan.bad_files;
  for (const ScannedFile& file : scan.files) {
    if (file.bad()) continue;
    outcome.records_read += file.input.existing ? 0 : file.rows;
    outcome.bytes_read += file.input.object.size;
  }
}

void TellInputs(const ExecuteContext& context, const Scan& scan) {
  if (!context.request.on_inputs) return;
  ExecuteOutcome so_far;
  CountInputs(scan, so_far);
  context.request.on_inputs(so_far.records_read, so_far.bytes_read);
}

}  // namespace firn
