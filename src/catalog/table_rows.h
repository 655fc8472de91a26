#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "catalog/database.h"
#include "catalog/records.h"

namespace firn {

// Tables and their versions. Every method runs inside the caller's transaction.
class TableRows {
 public:
  explicit TableRows(Database& database) : database_(database) {}

  struct Found {
    int64_t id = 0;
    TableRecord record;
  };

  Status Put(const TableRecord& table);
  Status Check(const TableRecord& table);    // what Put would refuse
  Result<Found> Get(const TableName& name);  // kNotFound, with the nearest name
  Result<std::vector<TableRecord>> List();
  Result<std::vector<TableRecord>> Versions(const TableName& name);
  Status Drop(const TableName& name);

 private:
  Result<std::optional<Found>> Find(const TableName& name);
  Status Create(const TableRecord& table);
  Status Change(const Found& now, const TableRecord& table);
  Status AddVersion(int64_t id, int64_t version, const TableRecord& table);
  Status CheckKeyChange(const Found& now, const TableRecord& table);
  Status CheckMove(const Found& now, const TableRecord& table);
  Status RenameLists(int64_t id, const TableRecord& table);
  Result<TableRecord> Read(const Cursor& row);

  Database& database_;
};

}  // namespace firn
