#pragma once

#include <chrono>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "base/json.h"
#include "base/strong_id.h"
#include "schema/type.h"

namespace firn {

// A job as the project file declares it, with arguments already put in and every default applied: plain data, no names
// left to resolve but tables'.

enum class QualityAction { kFail, kWarn, kQuarantine };

// One rule of data quality (DQDL text, e.g. `ColumnValues "amount" >= 0`) and what breaking it does.
struct ExpectRule {
  std::string rule;
  QualityAction action = QualityAction::kFail;
};
// What started a run, as far as a job may ask: an object's arrival, and then the run takes that object only; or all
// else (a schedule, a person), and then it reads what `read` says.
enum class TriggerType { kScheduled, kS3Event };

struct ExpectStep {
  std::vector<ExpectRule> rules;
  std::optional<TriggerType> trigger_type = {};  // only in such runs
};

struct OrderColumn {
  std::string column;      // dotted for a field of a struct: "metrics.trip.mileage"
  bool descending = true;  // the greatest value is the latest
};
struct DedupeStep {
  std::vector<std::string> key;
  std::vector<OrderColumn> by;    // then object path, then row number, greatest last
  bool within_partition = false;  // each output partition by itself, as in a merge; else all rows of the run
};

// The steps that change values; each becomes one SELECT of the general path.
struct SelectStep {
  std::vector<std::string> expressions;  // SQL: "amount * 2 AS double_amount"
};
struct FilterStep {
  std::string predicate;  // SQL
};
struct FlattenStep {
  std::vector<std::string> columns;  // empty: every struct; nested struct -> a_b_c
};
struct RenameStep {
  std::vector<std::pair<std::string, std::string>> columns;  // from, to
};
struct CastStep {
  std::vector<std::pair<std::string, std::string>> columns;  // column, SQL or Hive type
};
struct SqlStep {
  std::string statement;  // over the table `input`
};

using Step = std::variant<ExpectStep, DedupeStep, SelectStep, FilterStep, FlattenStep, RenameStep, CastStep, SqlStep>;

enum class BadFiles { kFail, kQuarantine };
enum class BookmarkOption { kDisable, kEnable, kPause };

// A table of DynamoDB, read whole.
struct DynamoSource {
  std::string table;
  int segments = 4;              // of the parallel scan: TotalSegments
  bool consistent_read = false;  // ConsistentRead
  int64_t page_items = 0;        // items a request at most: Limit; 0: as many as there are in 1 MB
  Schema columns;                // declared; empty: inferred from all items
  // How long a scan that was cut off is good for: an older one begins anew.
  std::chrono::seconds resume_within = std::chrono::hours(24);
};

struct ReadSpec {
  TableName table;  // empty when it is `dynamodb`
  std::optional<DynamoSource> dynamodb;
  std::string date;  // ISO date: the one partition with this year, month, day (or single date-valued key); "" reads all
                     // partitions
  std::map<std::string, std::string> partition;  // further keys that must match exactly
  BadFiles bad_files = BadFiles::kFail;
};

enum class WriteMode { kOverwritePartitions, kAppend, kMerge };
// kText: CSV or JSON, as the content tells; kDynamoJson: lines of DynamoDB's export, {"Item":{...}}. Both are only
// read.
enum class FileFormat { kParquet, kCsv, kJson, kText, kDynamoJson };
enum class ParquetCodec { kSnappy, kGzip, kZstd, kLz4, kNone };
// part-00000-<commit>.csv; part-00000-20260115T043000Z-<commit>.csv, with the start of the run; or part-00000.csv
// (gives up the promise about folder listings).
enum class FileNames { kCommit, kTimed, kPlain };

struct CsvOptions {
  std::string delimiter = ",";  // one byte
  bool header = true;
  std::string quote = "\"";  // one byte
  std::string null_text;     // NULL; an empty string is then written quoted ("") so that both can be told apart
};

struct ParquetOptions {
  ParquetCodec codec = ParquetCodec::kSnappy;
  int64_t row_group_rows = 250'000;
};

struct WriteSpec {
  TableName table;
  WriteMode mode = WriteMode::kOverwritePartitions;
  int64_t files = 1;  // exactly this many a partition, unless there are fewer rows
  FileFormat format = FileFormat::kParquet;
  CsvOptions csv;
  ParquetOptions parquet;
  std::vector<OrderColumn> sort_by;
  FileNames names = FileNames::kCommit;
};

enum class EmptyEvent { kSend, kSkip };

struct PublishSpec {
  std::string event;  // consolidation_completed
  std::string topic;
  EmptyEvent when_empty = EmptyEvent::kSend;
};

// What a run may use, by the size of its input.
struct RunLimit {
  std::optional<int64_t> up_to_bytes;   // of the input; none: any
  std::optional<int> workers;           // threads
  std::optional<int64_t> memory_bytes;  // for rows that are held
};

struct JobDefinition {
  JobName name;
  ReadSpec read;
  std::vector<Step> steps;
  WriteSpec write;
  std::optional<PublishSpec> publish;
  BookmarkOption bookmark = BookmarkOption::kDisable;
  std::chrono::seconds timeout{0};  // 0: none
  std::vector<RunLimit> limits;     // the first that fits; empty: none
  bool dry_run = false;
  int executions_per_day = 1;       // of the schedule that names the job: total_executions of the event
  Json arguments = Json::object();  // as resolved, for the record
};

}  // namespace firn
