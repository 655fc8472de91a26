#pragma once

#include "catalog/catalog.h"
#include "run/input_selection.h"
#include "run/source_scan.h"

namespace firn {

// A source that is no table of the lake, as the run's inputs.

// The table that it stands for: not partitioned, in no catalog.
[[nodiscard]] TableRecord TableOf(const DynamoSource& source);

// By the run's record; a run that nobody knows is spent: its scan belongs to another catalog.
[[nodiscard]] Result<ScanHolder> ScanHolderIn(Catalog& catalog, const RunId& run);

// kInvalidArgument when the run is to take single objects, or to remember objects that were read: a scan reads all of a
// table.
[[nodiscard]] Status CheckReadsAll(const JobDefinition& job, BookmarkOption bookmark,
                                   const std::vector<ObjectKey>& objects);

// The pages as inputs of the one partition.
[[nodiscard]] SelectedInputs InputsOf(const SourceScan& scan);

// For the run's record: what was scanned. `items` may be of a scan that is not at its end.
[[nodiscard]] Json SourceJson(const DynamoSource& source, const SourceScan& scan, int64_t items);

// Whether an error of the run's work lies in what was scanned: another scan may give other items, this one would not.
[[nodiscard]] bool LiesInItems(ErrorKind kind);

}  // namespace firn
