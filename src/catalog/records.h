#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/json.h"
#include "base/strong_id.h"
#include "format/csv_dialect.h"
#include "schema/partition.h"
#include "schema/schema_change.h"
#include "schema/type.h"
#include "store/object_store.h"

namespace firn {

// What the catalog remembers, as plain values. Times are nanoseconds since the epoch (0: not yet); all JSON is as the
// project file wrote it.

struct TableRecord {
  TableName name;
  std::string location;  // prefix in the lake
  std::string format;    // parquet | csv | json | text (CSV and JSON, each object told by its content); "" until known
  std::vector<std::string> partition_keys;
  PartitionLayout layout = PartitionLayout::kKeyValue;
  Schema schema;  // without the partition keys
  int64_t version =
      0;  // 1 for the first; every change of schema, format, location or keys makes a new one, and old ones are kept
  Json options = Json::object();  // format options, tags, rules: names and values of the project file
  int64_t created_ns = 0;
  int64_t updated_ns = 0;
  friend bool operator==(const TableRecord&, const TableRecord&) = default;
};

struct PartitionRecord {
  PartitionValues values;
  std::string location;  // prefix in the lake
  int64_t files = 0;
  int64_t bytes = 0;
  int64_t rows = 0;
  int64_t folder_modified_ns = 0;  // of the crawled folder; 0 when a job wrote it
  friend bool operator==(const PartitionRecord&, const PartitionRecord&) = default;
};

// The table's option "schema_change"; kEvolve without one.
[[nodiscard]] SchemaChange SchemaChangeOf(const TableRecord& table);

// How the table's CSV files are written: as the run that wrote them recorded it (option "csv"), else as its options
// say: `delimiter` and `header` may be "auto".
[[nodiscard]] CsvSettings CsvSettingsOf(const TableRecord& table);

// One file of a snapshot.
struct FileRecord {
  std::string partition;  // PartitionName()
  ObjectKey key;          // final key
  ObjectKey
      staged_key;  // where the bytes are until the snapshot is settled; "" for a file that an earlier snapshot wrote
  int64_t size = 0;
  int64_t rows = 0;
  std::string checksum;  // XXH3-128 of the bytes, hex
  friend bool operator==(const FileRecord&, const FileRecord&) = default;
};

// The whole content of a table at one commit. A new snapshot replaces the file lists of `replaced` partitions; the
// files of all others carry over.
struct SnapshotRecord {
  SnapshotId id;
  TableName table;
  RunId run;
  int64_t sequence = 0;  // 1, 2, ... within the table
  int64_t created_ns = 0;
  bool settled = false;
  int64_t files = 0;  // totals of the whole table
  int64_t bytes = 0;
  int64_t rows = 0;
};

enum class RunState { kStarting, kRunning, kStopping, kStopped, kSucceeded, kFailed, kTimeout, kError, kWaiting };
[[nodiscard]] std::string_view NameOf(RunState state);  // "SUCCEEDED", Glue's words

struct RunRecord {
  RunId id;
  std::string identity;  // what was asked for: asking twice for one identity starts it once; "" when by hand
  JobName job;
  RunState state = RunState::kStarting;
  int attempt = 0;  // 0 for the first
  Json arguments = Json::object();
  std::string trigger;  // "manual", "scheduled", "s3_event"
  int64_t started_ns = 0;
  int64_t completed_ns = 0;
  int64_t heartbeat_ns = 0;
  int64_t pid = 0;  // of the process that runs it, and when that process started: together they tell a dead run
  int64_t pid_started = 0;
  std::string error_kind;  // NameOf(ErrorKind), "" when none
  std::string error_message;
  std::string error_hint;
  Json metrics = Json::object();  // records_read, ...: the stable names of `firn run --output json`
  Json quality = Json::array();   // results of rules
};

enum class EventState { kPending, kDelivered, kFailed };
[[nodiscard]] std::string_view NameOf(EventState state);

struct EventRecord {
  int64_t id = 0;  // rises; delivery order
  RunId run;
  std::string type;  // consolidation_completed
  std::string topic;
  std::string key;  // ordering key: the partition
  Json payload;
  int64_t created_ns = 0;
  EventState state = EventState::kPending;
  int attempts = 0;
  std::string last_error;
  int64_t delivered_ns = 0;
};

// An object that a job has read: a bookmark is the set of these.
struct BookmarkEntry {
  ObjectKey key;
  int64_t size = 0;
  std::string etag;
  RunId run;
  friend bool operator==(const BookmarkEntry&, const BookmarkEntry&) = default;
};

// A lease on (table, partition): who replaces it now.
struct Lease {
  TableName table;
  std::string partition;
  RunId run;
};

}  // namespace firn
