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
  // Name, location, format, keys and layout as declared. No keys: they are inferred from the folders, once. Columns
  // count for texts; those of Parquet come from the files.
  TableRecord table;
  // true: folders of partitions that the catalog knows are not listed again, so that later objects in them wait for a
  // crawl of everything (Glue's rule; a run lists the partitions that it reads itself). A table without partition keys
  // is always listed. false: everything is listed, what is new or changed is read, partitions whose objects are gone
  // are removed.
  bool new_folders_only = true;
  // What a damaged file, one whose schema does not merge, or one in the wrong folder does. false: it ends the crawl,
  // and the catalog stays as it was. true: it is reported, left out (of queries, too), and looked at again by the next
  // crawl that lists it. A store that fails ends the crawl either way.
  bool skip_bad_files = false;
};

struct CrawlFinding {
  ObjectKey key;        // of the file or folder
  std::string problem;  // names the other file of a conflict
  enum class Kind {
    kBad,       // not readable as what it should be
    kConflict,  // its schema does not merge with another file's
    kMisplaced  // it does not follow the table's partition keys and layout
  } kind = Kind::kBad;
  ObjectKey other;  // of a conflict: the file that came first; "" when that is the catalog's own schema
};

struct CrawlReport {
  TableName table;
  bool table_created = false;
  bool table_updated = false;
  bool nothing_there = false;  // no partition's folder, or no file of a table without partition keys
  int64_t partitions_added = 0;
  int64_t partitions_updated = 0;
  int64_t partitions_removed = 0;
  int64_t files_seen = 0;  // listed
  int64_t files_read = 0;  // new or changed, or in a partition that must be counted anew: their footers were read
  std::vector<CrawlFinding> findings;  // in the order of the listing
  std::vector<std::string> remarks;    // sentences for people: what the files leave open
  Schema schema_before;
  Schema schema;
  int64_t duration_ms = 0;
};

struct CrawlServices {
  ObjectStore& store;
  Catalog& catalog;
  WorkerPool& pool;
  Clock& clock;
};

// Called by several threads at once, about a hundred times a phase ("listing", "footers", "records"). May be empty.
using CrawlProgress = std::function<void(std::string_view phase, int64_t done, int64_t total)>;

// Brings the catalog up to what lies below the table's location: reads the footer of every new Parquet file, merges the
// schemas by schema/merge.h, registers partitions with their files, bytes and rows. Of CSV and JSON, it reads all
// records (text_survey.h). A format that is not declared is guessed from the files (text/format_guess.h). One table a
// target, whatever its folders look like. Columns named as a partition key are the folder's to say and left out of the
// schema. A table whose location, layout or number of keys was changed is crawled from the start. Errors: kMismatch,
// kCorrupt, kUnsupported (unless skipped), kConflict (partitions that a snapshot holds cannot be removed), kStopped,
// the store's, the catalog's. Nothing is written to the catalog before all footers are read. Safe to run again after
// any interruption.
Result<CrawlReport> Crawl(const CrawlServices& services, const CrawlOptions& options, const CrawlProgress& progress,
                          std::stop_token stop);

}  // namespace firn
