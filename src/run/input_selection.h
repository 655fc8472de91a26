#pragma once

#include <map>
#include <stop_token>
#include <string>
#include <vector>

#include "catalog/catalog.h"
#include "env/worker_pool.h"
#include "pipeline/execute.h"

namespace firn {

// Which objects a run reads, decided once: files that arrive later belong to the next run.

// The partitions that a ReadSpec names, as the catalog knows them.
struct InputPartitions {
  std::vector<PartitionRecord> found;
  std::vector<PartitionPredicate> where;  // what they fulfil
};

// kInvalidArgument when the date or a key does not fit the table.
Result<InputPartitions> FindInputPartitions(Catalog& catalog, const TableRecord& table, const ReadSpec& read);

// The sentence of a run that asked for partitions without data.
[[nodiscard]] std::string NoDataSentence(const TableRecord& table, const ReadSpec& read,
                                         const std::vector<PartitionPredicate>& where);

// Whether the written table has keys that the read one lacks: rows say then, in columns of those names, to which
// partition they go.
[[nodiscard]] bool RowsSayPartitions(const TableRecord& from, const TableRecord& to);

// Tells an execution all that it has to know of the tables that are read and written.
void TellTables(const TableRecord& from, const TableRecord& to, ExecuteRequest& request);

// Input partition -> the partition of the written table that its rows go to, by the names of the keys. kInvalidArgument
// when the written table has a key that the read one lacks.
Result<std::vector<PartitionValues>> MapToTarget(const TableRecord& from,
                                                 const std::vector<PartitionRecord>& partitions, const TableRecord& to);

struct SelectedInputs {
  std::vector<InputFile> files;    // `partition` is that of the written table; by key
  std::vector<ObjectInfo> unread;  // those that the bookmark did not hold; empty when it is disabled
  std::vector<std::string> warnings;
  int64_t listed = 0;  // how many there were to choose from
  std::string hash;    // over path, size and etag of all files
};

struct SelectionRequest {
  const TableRecord* table = nullptr;
  const std::vector<PartitionRecord>* partitions = nullptr;
  const std::vector<PartitionValues>* targets = nullptr;  // of each partition
  const JobDefinition* job = nullptr;
  BookmarkOption bookmark = BookmarkOption::kDisable;
  const std::vector<ObjectKey>* objects = nullptr;  // only these, of the partitions; nothing is listed
};

// Lists the partitions in parallel and leaves out what the bookmark holds. With `overwrite_partitions`, the bookmark
// says which partitions have something new, and those are read whole: replacing a partition by its new objects alone
// would lose the others. Of single objects, each has to be there and to be data by its name: kNotFound,
// kInvalidArgument.
Result<SelectedInputs> SelectInputs(ObjectStore& store, Catalog& catalog, WorkerPool& pool,
                                    const SelectionRequest& request, std::stop_token stop);

}  // namespace firn
