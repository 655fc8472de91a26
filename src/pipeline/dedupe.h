#pragma once

#include "pipeline/key_table.h"
#include "pipeline/scan.h"

namespace firn {

// Keeps, of all rows with one key, the latest: by the step's columns (NULL is the oldest), then existing before new,
// then object key, then row number. Reads only the key and order columns. Sets `keep` and `group_kept` of every file;
// rows that `keep` already rejects take no part. kInvalidArgument: a column is not in the data. kCorrupt: a file's
// pages are damaged, or as JudgeBadFile says: then it is marked bad and added to scan.bad_files.
Result<DedupeCounts> Deduplicate(const ExecuteContext& context, const DedupeStep& step, Scan& scan);

// Recounts what stays of each row group from `keep`.
void CountKept(ScannedFile& file);

}  // namespace firn
