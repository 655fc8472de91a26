#pragma once

#include "catalog/bookmark_rows.h"
#include "catalog/database.h"
#include "catalog/event_rows.h"
#include "catalog/partition_rows.h"
#include "catalog/run_rows.h"
#include "catalog/snapshot_rows.h"
#include "catalog/table_rows.h"

namespace firn {

// Every kind of row of one catalog.
struct CatalogRows {
  explicit CatalogRows(Database& database)
      : tables(database),
        partitions(database),
        snapshots(database),
        runs(database),
        bookmarks(database),
        events(database) {}

  TableRows tables;
  PartitionRows partitions;
  SnapshotRows snapshots;
  RunRows runs;
  BookmarkRows bookmarks;
  EventRows events;
};

}  // namespace firn
