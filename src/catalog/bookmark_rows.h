#pragma once

#include <cstdint>
#include <span>
#include <string_view>
#include <vector>

#include "catalog/database.h"
#include "catalog/records.h"

namespace firn {

// What jobs have read and what crawls have seen: two sets of object versions, asked by primary key. Every method runs
// inside the caller's transaction.
class BookmarkRows {
 public:
  explicit BookmarkRows(Database& database) : database_(database) {}

  // `run_number` is RunRows::Number(); an entry that is there keeps the run that read it first.
  Status Add(const JobName& job, int64_t run_number, std::span<const BookmarkEntry> entries);
  Result<std::vector<ObjectInfo>> NotIn(const JobName& job, std::span<const ObjectInfo> objects);
  Result<std::vector<BookmarkEntry>> Show(const JobName& job, int64_t limit);
  Result<int64_t> Count(const JobName& job);
  Status Reset(const JobName& job);
  Status Rewind(const JobName& job, int64_t run_number);

  Result<std::vector<ObjectInfo>> NotSeen(const TableName& table, std::span<const ObjectInfo> objects);
  Result<std::vector<ObjectInfo>> NotSkipped(const TableName& table, std::span<const ObjectInfo> objects);
  Status Remember(const TableName& table, std::span<const ObjectInfo> objects, bool skipped);
  Status Forget(const TableName& table, std::string_view prefix);

 private:
  Database& database_;
};

}  // namespace firn
