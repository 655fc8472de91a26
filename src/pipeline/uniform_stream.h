#pragma once

#include <memory>
#include <optional>

#include "pipeline/transfer.h"
#include "sql/sql_engine.h"

namespace firn {

// The rows that a scan keeps, as one stream of Arrow batches with one schema, whatever shapes the files have, for the
// SQL engine: `columns` (of the scan's schema), then
// __firn_file (index in scan.files) and __firn_row (number in the file), INT64. Files that the written table has
// already take part only `with_existing`. Memory is bounded by one batch. All given objects must outlive the stream.
struct UniformStream {
  ArrowStream stream;
  // What ended the stream, with the input that is to blame: the engine passes an error on as text only.
  std::shared_ptr<std::optional<TransferFailure>> failure;
};
Result<UniformStream> OpenUniformStream(const ExecuteContext& context, const Scan& scan, Schema columns,
                                        bool with_existing);

}  // namespace firn
