#pragma once

#include <vector>

#include "base/error.h"
#include "catalog/records.h"
#include "query/table_files.h"
#include "sql/sql_engine.h"

namespace firn {

struct ReadTable {
  const TableRecord& table;
  const TableFiles& files;
};

// A kCorrupt error with its file in the message. The engine does not name the file of each kind of damage: then the
// files are read again, one by one, until one fails. Other errors, and those that name a file, stay as they are.
// kStopped when the engine was stopped meanwhile.
[[nodiscard]] Error NameDamagedFile(SqlEngine& engine, const std::vector<ReadTable>& tables, Error error);

}  // namespace firn
