#pragma once

#include <functional>
#include <stop_token>
#include <string>
#include <vector>

#include "base/result.h"
#include "catalog/catalog.h"
#include "env/clock.h"
#include "env/worker_pool.h"
#include "store/object_store.h"

namespace firn {

// What one crawl of one table does.
struct CrawlOptions {
  TableRecord table;  // name, location, format, partition keys and layout as declared
  // true: folders of partitions that the catalog knows are not listed again. false: everything is listed; what is new or changed is read; partitions whose folder is gone are removed.
  bool new_folders_only = true;
  // A file whose schema does not merge, or that is damaged: false ends the crawl, true reports it and goes on.
  bool skip_bad_files = false;
};

struct CrawlFinding {
  ObjectKey key;
  std::string problem;  // names the other file of a conflict
};

struct CrawlReport {
  TableName table;
  bool table_created = false;
  bool table_updated = false;
  int64_t partitions_added = 0;
  int64_t partitions_updated = 0;
  int64_t partitions_removed = 0;
  int64_t files_seen = 0;  // listed
  int64_t files_read = 0;  // new or changed: their footers were read
  std::vector<CrawlFinding> findings;
  Schema schema;
};

struct CrawlServices {
  ObjectStore& store;
  Catalog& catalog;
  WorkerPool& pool;
  Clock& clock;
};

using CrawlProgress = std::function<void(std::string_view phase, int64_t done, int64_t total)>;

// Brings the catalog up to what lies below the table's location: reads the footer of every new Parquet file (CSV and JSON tables keep the schema of the project file), merges the
// schemas by schema/merge.h, registers partitions. One table a target, whatever its folders look like. Errors: kMismatch, kCorrupt (unless skipped), kStopped, the store's, the catalog's.
// Nothing is written to the catalog before all footers are read. Safe to run again at any point.
Result<CrawlReport> Crawl(const CrawlServices& services, const CrawlOptions& options, const CrawlProgress& progress, std::stop_token stop);

}  // namespace firn
