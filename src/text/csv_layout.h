#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "format/csv_dialect.h"
#include "store/object_store.h"

namespace firn {

// How one CSV object is written, and which column each of its fields is.
struct CsvLayout {
  CsvDialect dialect;
  bool cr_lines = false;            // lines end in CR alone
  std::vector<std::string> names;   // of the columns, in the order of the fields
  std::vector<std::string> header;  // the fields of the header as they stand there; empty: there is none
  bool sure = false;                // there is a header, and not only because the table has columns of its names
  bool unsure = false;              // the first record may be a header, and is taken as data: all are texts
  bool enough = false;              // two records were seen, which is the least to tell a header by
  size_t first_record = 0;          // behind the header: offset and line
  int64_t first_line = 1;
};

// How many bytes of an object FindCsvLayout looks at, unless its first record is longer.
inline constexpr size_t kCsvHead = size_t{1} << 20;

// What `settings` leave open is told by the first records, `head` (`whole`: all of the object), by the rules of
// docs/formats.md: Glue's for CSV classifiers (delimiters , | TAB ; Ctrl-A; a header of texts above something else),
// and that the first record is a header when it names `known`, the columns of the table. `name` is the object's.
// kCorrupt for a header that names a column twice, or is no text.
[[nodiscard]] Result<CsvLayout> FindCsvLayout(std::string_view name, std::string_view head, bool whole,
                                              const CsvSettings& settings, std::span<const std::string> known);

// Whether the head of a text gives at least two fields a record, with one of the delimiters.
[[nodiscard]] bool LooksLikeCsv(std::string_view head, bool whole);

}  // namespace firn
