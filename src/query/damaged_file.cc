#include "query/damaged_file.h"

#include <algorithm>
#include <string>
#include <utility>

#include "query/table_view.h"

namespace firn {
namespace {

bool NamesAFileOf(const TableFiles& files, const Error& error) {
  return std::ranges::any_of(files.partitions, [&](const TableFiles::Partition& partition) {
    return std::ranges::any_of(partition.paths, [&](const std::string& path) { return error.message.contains(path); });
  });
}

// Reads every row of one file, as the table's view does.
Status ReadThrough(SqlEngine& engine, TableRecord table, const TableFiles& one) {
  table.name = TableName("firn one file");  // no table's name
  FIRN_TRY(CreateTableView(engine, table, one));
  const std::string view = QuoteIdentifier(table.name.str());
  const Status read = engine.Execute("SELECT * FROM " + view);
  FIRN_TRY(engine.Execute("DROP VIEW " + view));
  return read;
}

}  // namespace

Error NameDamagedFile(SqlEngine& engine, const std::vector<ReadTable>& tables, Error error) {
  if (error.kind != ErrorKind::kCorrupt) return error;
  for (const ReadTable& read : tables)
    if (NamesAFileOf(read.files, error)) return error;
  for (const ReadTable& read : tables)
    for (const TableFiles::Partition& partition : read.files.partitions)
      for (const std::string& path : partition.paths) {
        const TableFiles one{.scan = read.files.scan,
                             .partitions = {{.values = partition.values, .paths = {path}}},
                             .looks = read.files.looks};
        Status status = ReadThrough(engine, read.table, one);
        if (status.has_value()) continue;
        if (status.error().kind == ErrorKind::kStopped) return std::move(status.error());
        if (status.error().kind != ErrorKind::kCorrupt) continue;
        return NamesAFileOf(one, status.error()) ? std::move(status.error()) : std::move(status.error()).Within(path);
      }
  return error;
}

}  // namespace firn
