#pragma once

#include <cstdint>
#include <functional>
#include <string_view>

#include "query/query.h"

namespace firn {

enum class ResultFormat {
  kTable,  // for people: aligned, control characters shown as \n, long values cut
  kCsv,    // as Athena's: a header, every value in double quotes, NULL as nothing, an empty text as ""
  kJson,   // an array of objects; numbers with all their digits, NULL as null, nested values as they are; a second
           // column of one name is "name_1"
};

struct ResultWriteOptions {
  ResultFormat format = ResultFormat::kTable;
  int64_t table_rows = 1000;  // so many are shown; the rest is counted
  int table_cell_width = 60;
};

// Writes what is left of the result, piece by piece, in bounded memory (the table: of the rows shown). Answers how many
// rows there were. Errors are the result's and `out`'s.
Result<int64_t> WriteResult(QueryResult& result, const ResultWriteOptions& options,
                            const std::function<Status(std::string_view)>& out);

// "chargebacks  12 of 10,000 files, 1 of 4 partitions, 1.2 MB of 560.0 MB": a line a table.
[[nodiscard]] std::string DescribeScans(const std::vector<TableScan>& scans);

}  // namespace firn
