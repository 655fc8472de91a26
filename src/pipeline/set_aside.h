#pragma once

#include "pipeline/transfer.h"

namespace firn {

// After a try that ended: leaves the input that is to blame out of `request`, records it, and clears what the try
// staged; or gives the error back, when no input is to blame or the job says `bad_files: fail`.
Status SetAside(const ExecuteContext& context, ExecuteRequest& request, TransferFailure failure,
                std::vector<BadFile>& bad_files);

// What a scan found, in the outcome's terms: rows and bytes read, bad files. Steps may still find bad ones.
void CountInputs(const Scan& scan, ExecuteOutcome& outcome);
// The same for who waits for it, as soon as it is known.
void TellInputs(const ExecuteContext& context, const Scan& scan);

}  // namespace firn
