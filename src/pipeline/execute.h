#pragma once

#include <arrow/type_fwd.h>

#include <cstdint>
#include <functional>
#include <memory>
#include <stop_token>
#include <string>
#include <vector>

#include "base/json.h"
#include "base/result.h"
#include "format/csv_dialect.h"
#include "pipeline/job.h"
#include "schema/partition.h"
#include "schema/schema_change.h"
#include "schema/type.h"
#include "store/object_store.h"

namespace firn {

// Reads the inputs, runs the steps, writes the outputs under staged names. Knows nothing of catalogs, runs or commits.

struct RuleResult;

// Where the rows of an object come from that was made of others: those from `first_row` on are of `object`, where the
// first of them has the number `number`.
struct RowOrigin {
  int64_t first_row = 0;
  ObjectKey object;
  int64_t number = 0;
};

struct InputFile {
  ObjectInfo object;
  FileFormat format = FileFormat::kParquet;
  PartitionValues partition;
  bool existing = false;  // a row of the target (`merge`): older than any new row whose order columns are equal
  std::vector<RowOrigin> origins = {};  // by first_row; empty: the rows are the object's own
  ObjectStore* store = nullptr;         // where it is; nullptr: the request's
  // Its rows when they are in memory, in batches of one schema that ArrayDecoder reads: then there is no object, only
  // its key and its size.
  std::shared_ptr<const arrow::RecordBatchVector> rows = {};

  // Object and number of a row, for messages.
  [[nodiscard]] std::pair<ObjectKey, int64_t> PlaceOf(int64_t row) const;
};

class ScratchSpace;

// One output partition and the inputs that go into it are matched by PartitionValues.
struct ExecuteRequest {
  ObjectStore* store = nullptr;
  ScratchSpace* scratch = nullptr;  // for rows that only this execution reads; nullptr: one in temp_folder
  const JobDefinition* job = nullptr;
  std::vector<InputFile> inputs;            // any order; sorted by Execute: existing first, then by key
  std::vector<std::string> partition_keys;  // names for `partition` of the inputs
  // The rows are dealt to partitions by their columns of the names of `partition_keys`, which no file holds then. The
  // inputs' `partition` has the values of `input_keys`: columns of the rows, too.
  bool partition_by_rows = false;
  std::vector<std::string> input_keys = {};
  Schema table_schema;  // of the table that is read, as the catalog knows it; a column that no file has is written as
                        // NULLs
  Schema existing_schema;                              // of the table that is written: what `existing` text is read by
  SchemaChange schema_change = SchemaChange::kEvolve;  // of the table that is read
  CsvSettings csv = {};                                // of the table that is read
  CsvSettings existing_csv = {};                       // of the table that is written
  std::string staging_prefix;     // outputs go to <staging_prefix>/<PartitionName>/part-00000-<commit>.<ext>
  std::string commit_id;          // in file names
  std::string quarantine_prefix;  // rejected rows go to <quarantine_prefix>/...
  std::string temp_folder;        // local folder for spilling; "": in memory
  int64_t memory_bytes = 0;       // budget of the general path
  int threads = 1;
  int64_t now_ns = 0;  // what now() and DataFreshness mean
  // Told the results of each `expect` step, those of one that ends the run too; again when a try starts over. May be
  // empty.
  std::function<void(const std::vector<RuleResult>&)> on_rules = {};
  // With partition_by_rows, told all partitions that get rows, before anything is written. Gives the files that these
  // have already and that take part (`merge`).
  std::function<Result<std::vector<InputFile>>(const std::vector<PartitionValues>&)> on_partitions = {};
  // Told what the inputs hold as soon as that is known, for runs that fail later; again when a try starts over. May be
  // empty.
  std::function<void(int64_t records, int64_t bytes)> on_inputs = {};
};

struct OutputFile {
  PartitionValues partition;
  std::string name;   // part-00000-<commit>.parquet
  ObjectInfo object;  // at its staged key
  int64_t rows = 0;
  std::string checksum;
};

struct BadFile {
  ObjectKey key;
  std::string reason;
};

// The result of one rule: what `firn runs show` prints.
struct RuleResult {
  std::string rule;
  QualityAction action = QualityAction::kFail;
  bool passed = false;
  std::string observed;     // "2 of 5,000,000 rows are NULL", "RowCount was 0"
  int64_t failed_rows = 0;  // row rules; 0 for aggregates
};

struct ExecuteOutcome {
  int64_t records_read = 0;
  int64_t records_written = 0;
  int64_t duplicates_removed = 0;
  int64_t ties = 0;
  int64_t rows_rejected = 0;
  int64_t bytes_read = 0;
  int64_t bytes_written = 0;
  Schema output_schema;
  std::vector<OutputFile> outputs;
  std::vector<BadFile> bad_files;
  std::vector<RuleResult> rules;
  std::vector<std::string> warnings;  // sentences for the operator
};

// Called from several threads, cheap, at most every few milliseconds. phase: "checking", "keys", "writing".
using ProgressCallback = std::function<void(std::string_view phase, int64_t done, int64_t total)>;

// Errors: kQuality (a rule with `fail`; nothing is left behind), kCorrupt and kMismatch (bad input, named), kStopped,
// kNoSpace, kInvalidArgument (steps that do not fit the data).
Result<ExecuteOutcome> Execute(const ExecuteRequest& request, const ProgressCallback& progress, std::stop_token stop);

// What Execute would do, without reading more than footers: for `firn explain` and `--dry-run`.
Result<Json> Explain(const ExecuteRequest& request);

}  // namespace firn
