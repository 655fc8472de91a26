#pragma once

#include <vector>

#include "pipeline/scan.h"
#include "text/typed_records.h"

namespace firn {

[[nodiscard]] bool IsTextInput(const InputFile& input);
[[nodiscard]] bool HasTextInputs(const ExecuteRequest& request);

// What reading text inputs came to, besides rows.
struct TextReading {
  std::vector<InputFile> inputs;  // the request's: those of text replaced by Parquet objects with their rows
  std::vector<BadRecord> bad;     // by object and line; a record may have several
  int64_t bad_records = 0;
  std::vector<BadFile> bad_files;  // objects that could not be read to their end: none of their rows are there
  std::vector<std::string> warnings;
  int64_t source_bytes = 0;  // of the text objects
  int64_t object_bytes = 0;  // of those that stand for them
};

// Reads the text inputs, JSON in any form and CSV, into Parquet objects in `request.scratch`, in their order: each
// holds the rows of some small objects or of a part of a large one. Columns are those of the table, and new ones by
// `request.schema_change`, with types that hold the values of all inputs. Objects and parts are read in parallel;
// memory is a few chunks a thread. kMismatch for a record or value that does not fit, naming object, line and column,
// unless the job says `bad_files: quarantine`; kCorrupt for damaged objects, likewise. Rows that the table has already
// must fit.
Result<TextReading> ReadTextInputs(const ExecuteContext& context);

// Writes `bad` below the quarantine: an object a line, {"object", "line", "column", "reason", "text"}.
Status WriteBadRecords(const ExecuteRequest& request, const std::vector<BadRecord>& bad);

}  // namespace firn
