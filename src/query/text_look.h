#pragma once

#include "base/result.h"
#include "query/table_files.h"

namespace firn {

// Looks at the heads of a table's text files, which were brought, by the rules of runs (text/csv_layout.h,
// text/text_chunks.h); not at CSV that a run wrote. The errors of those, and the store's.
Status LookAtTexts(ObjectStore& store, LakeFiles& lake_files, const TableRecord& table, TableFiles& files);

}  // namespace firn
