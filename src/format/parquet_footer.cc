#include "format/parquet_footer.h"

#include <fmt/format.h>
#include <parquet/metadata.h>

#include <algorithm>
#include <cstring>
#include <vector>

#include "format/chunk_source.h"
#include "format/parquet_guard.h"
#include "format/parquet_schema.h"
#include "format/thrift_cursor.h"

namespace firn {
namespace {

constexpr int64_t kTailBytes = 64 << 10;
constexpr int64_t kTrailerBytes = 8;  // footer length and "PAR1"
constexpr int64_t kSmallestFile = 12;
constexpr std::string_view kMagic = "PAR1";
constexpr std::string_view kEncryptedMagic = "PARE";
constexpr size_t kDeepestGroups = 256;  // 64 levels of three-level lists need 128

std::unexpected<Error> NotParquet(const ObjectInfo& object, std::string_view why) {
  return Fail(ErrorKind::kCorrupt, fmt::format("{}: {}", object.key, why),
              "The file is damaged or not Parquet: replace it, or set bad_files: quarantine");
}

std::unexpected<Error> Encrypted(const ObjectInfo& object, std::string_view what) {
  return Fail(ErrorKind::kUnsupported, fmt::format("{}: its {} encrypted", object.key, what),
              "Write it without encryption, or set bad_files: quarantine");
}

// The footer's bytes, of a file that ends as Parquet files do.
Result<std::string> FooterBytes(ObjectStore& store, const ObjectInfo& object) {
  if (object.size < kSmallestFile)
    return NotParquet(object,
                      fmt::format("it has {} bytes, a Parquet file has at least {}", object.size, kSmallestFile));
  const int64_t tail_bytes = std::min(kTailBytes, object.size);
  FIRN_TRY_ASSIGN(const Bytes tail, store.ReadRange(object, object.size - tail_bytes, tail_bytes));
  const std::string_view trailer = tail.view().substr(tail.size() - kTrailerBytes);
  if (trailer.substr(4) == kEncryptedMagic) return Encrypted(object, "footer is");
  const bool whole_object = tail_bytes == object.size;
  if (trailer.substr(4) != kMagic || (whole_object && !tail.view().starts_with(kMagic)))
    return NotParquet(object, "it does not begin and end with PAR1: truncated, or another format");
  uint32_t length = 0;
  std::memcpy(&length, trailer.data(), sizeof length);
  if (length == 0 || length > object.size - kTrailerBytes - static_cast<int64_t>(kMagic.size()))
    return NotParquet(object, fmt::format("its footer claims {} bytes in a file of {}", length, object.size));
  const int64_t needed = length + kTrailerBytes;
  if (needed <= tail_bytes) return std::string(tail.view().substr(static_cast<size_t>(tail_bytes - needed), length));
  FIRN_TRY_ASSIGN(const Bytes whole, store.ReadRange(object, object.size - needed, length));
  return std::string(whole.view());
}

// A schema element's num_children; the rest of it is passed over.
int64_t ChildrenOfElement(ThriftCursor& cursor) {
  int64_t children = 0;
  for (auto field = cursor.Field(0); field.type != ThriftCursor::kStop; field = cursor.Field(field.id)) {
    if (field.id == 5 && field.type == ThriftCursor::kInt32)
      children = cursor.Integer();
    else
      cursor.Skip(field.type);
  }
  return children;
}

// Refuses schemas so deep that Parquet's own recursion over them would exhaust the stack, and returns the bytes that
// spell the schema (field 2 of the footer): what equal schemas share.
std::string_view SchemaBytes(std::string_view footer) {
  ThriftCursor cursor(footer, "its footer");
  auto field = cursor.Field(0);
  for (; field.type != ThriftCursor::kStop && field.id != 2; field = cursor.Field(field.id)) cursor.Skip(field.type);
  if (field.type != ThriftCursor::kList) throw parquet::ParquetException("its footer has no schema");
  const size_t start = cursor.position();
  int type = 0;
  std::vector<int64_t> open_groups;  // children still to come, from the root inwards
  for (uint64_t left = cursor.List(type); left > 0; --left) {
    if (type != ThriftCursor::kStruct) throw parquet::ParquetException("its footer has no schema");
    const int64_t children = ChildrenOfElement(cursor);
    if (children > 0) {
      open_groups.push_back(children);
      if (open_groups.size() > kDeepestGroups)
        throw parquet::ParquetException(fmt::format("its schema is nested deeper than {} groups", kDeepestGroups));
      continue;
    }
    while (!open_groups.empty() && --open_groups.back() == 0) open_groups.pop_back();
  }
  return footer.substr(start, cursor.position() - start);
}

// A column chunk lies between the first magic and the footer, and a flat one has a value for each row.
void CheckChunk(const parquet::ColumnChunkMetaData& chunk, const parquet::ColumnDescriptor& column, int64_t rows,
                int64_t data_end) {
  const int64_t start = FirstPageOf(chunk);
  int64_t end = 0;
  const bool inside = start >= static_cast<int64_t>(kMagic.size()) && chunk.total_compressed_size() >= 0 &&
                      !__builtin_add_overflow(start, chunk.total_compressed_size(), &end) && end <= data_end;
  if (!inside)
    throw parquet::ParquetException(fmt::format("column {} claims {} bytes from byte {}, the data ends at byte {}",
                                                chunk.path_in_schema()->ToDotString(), chunk.total_compressed_size(),
                                                start, data_end));
  if (chunk.num_values() < 0 || (column.max_repetition_level() == 0 && chunk.num_values() != rows))
    throw parquet::ParquetException(fmt::format("column {} claims {} values in a row group of {} rows",
                                                chunk.path_in_schema()->ToDotString(), chunk.num_values(), rows));
}

// What would size memory must be possible before anything is sized by it.
void CheckCounts(const parquet::FileMetaData& metadata, int64_t data_end) {
  int64_t rows = 0;
  for (int g = 0; g < metadata.num_row_groups(); ++g) {
    const auto group = metadata.RowGroup(g);
    const int64_t group_rows = group->num_rows();
    if (group_rows < 0 || __builtin_add_overflow(rows, group_rows, &rows))
      throw parquet::ParquetException("a row group claims an impossible number of rows");
    if (group->num_columns() != metadata.num_columns())
      throw parquet::ParquetException(
          fmt::format("a row group has {} columns, the schema {}", group->num_columns(), metadata.num_columns()));
    for (int c = 0; c < group->num_columns(); ++c)
      CheckChunk(*group->ColumnChunk(c), *metadata.schema()->Column(c), group_rows, data_end);
  }
  if (rows != metadata.num_rows())
    throw parquet::ParquetException(
        fmt::format("the footer claims {} rows, its row groups {}", metadata.num_rows(), rows));
}

}  // namespace

Result<FileSummary> ReadParquetFooter(ObjectStore& store, const ObjectInfo& object) {
  FIRN_TRY_ASSIGN(const std::string bytes, FooterBytes(store, object));
  FileSummary summary;
  std::shared_ptr<parquet::FileMetaData> metadata;
  FIRN_TRY(GuardParquet(object.key, [&] {
    summary.fingerprint = HashBytes(SchemaBytes(bytes));
    const auto length = static_cast<int64_t>(bytes.size());
    metadata = parquet::FileMetaData::Make(bytes.data(), length);
    if (metadata->is_encryption_algorithm_set()) return;
    CheckCounts(*metadata, object.size - kTrailerBytes - length);
    summary.rows = metadata->num_rows();
    summary.row_groups = metadata->num_row_groups();
  }));
  if (metadata->is_encryption_algorithm_set()) return Encrypted(object, "columns are");
  auto schema = SchemaOf(*metadata->schema());
  if (!schema) return std::unexpected(std::move(schema.error()).Within(object.key));
  summary.schema = std::move(*schema);
  return summary;
}

}  // namespace firn
