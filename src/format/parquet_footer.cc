#include "format/parquet_footer.h"

#include <fmt/format.h>
#include <parquet/metadata.h>

#include <algorithm>
#include <cstring>

#include "format/parquet_guard.h"
#include "format/parquet_schema.h"

namespace firn {
namespace {

constexpr int64_t kTailBytes = 64 << 10;
constexpr int64_t kTrailerBytes = 8;  // footer length and "PAR1"
constexpr int64_t kSmallestFile = 12;
constexpr std::string_view kMagic = "PAR1";
constexpr std::string_view kEncryptedMagic = "PARE";

std::unexpected<Error> NotParquet(const ObjectInfo& object, std::string_view why) {
  return Fail(ErrorKind::kCorrupt, fmt::format("{}: {}", object.key, why), "The file is damaged or not Parquet: replace it, or set bad_files: quarantine");
}

// The footer's bytes, of a file that ends as Parquet files do.
Result<std::string> FooterBytes(ObjectStore& store, const ObjectInfo& object) {
  if (object.size < kSmallestFile)
    return NotParquet(object, fmt::format("it has {} bytes, a Parquet file has at least {}", object.size, kSmallestFile));
  const int64_t tail_bytes = std::min(kTailBytes, object.size);
  FIRN_TRY_ASSIGN(const Bytes tail, store.ReadRange(object, object.size - tail_bytes, tail_bytes));
  const std::string_view trailer = tail.view().substr(tail.size() - kTrailerBytes);
  if (trailer.substr(4) == kEncryptedMagic) return Fail(ErrorKind::kUnsupported, object.key + ": its footer is encrypted", "Write it without encryption");
  if (trailer.substr(4) != kMagic) return NotParquet(object, "it does not end in PAR1: truncated, or another format");
  uint32_t length = 0;
  std::memcpy(&length, trailer.data(), sizeof length);
  if (length == 0 || length > object.size - kTrailerBytes - static_cast<int64_t>(kMagic.size()))
    return NotParquet(object, fmt::format("its footer claims {} bytes in a file of {}", length, object.size));
  const int64_t needed = length + kTrailerBytes;
  if (needed <= tail_bytes) return std::string(tail.view().substr(static_cast<size_t>(tail_bytes - needed), length));
  FIRN_TRY_ASSIGN(const Bytes whole, store.ReadRange(object, object.size - needed, length));
  return std::string(whole.view());
}

// What would size memory must be possible before anything is sized by it.
void CheckCounts(const parquet::FileMetaData& metadata) {
  int64_t rows = 0;
  for (int g = 0; g < metadata.num_row_groups(); ++g) {
    const int64_t group_rows = metadata.RowGroup(g)->num_rows();
    if (group_rows < 0 || __builtin_add_overflow(rows, group_rows, &rows)) throw parquet::ParquetException("a row group claims an impossible number of rows");
  }
  if (rows != metadata.num_rows())
    throw parquet::ParquetException(fmt::format("the footer claims {} rows, its row groups {}", metadata.num_rows(), rows));
}

}  // namespace

Result<FileSummary> ReadParquetFooter(ObjectStore& store, const ObjectInfo& object) {
  FIRN_TRY_ASSIGN(const std::string bytes, FooterBytes(store, object));
  FileSummary summary;
  std::shared_ptr<parquet::FileMetaData> metadata;
  FIRN_TRY(GuardParquet(object.key, [&] {
    auto length = static_cast<int64_t>(bytes.size());
    metadata = parquet::FileMetaData::Make(bytes.data(), &length);
    CheckCounts(*metadata);
    summary.rows = metadata->num_rows();
    summary.row_groups = metadata->num_row_groups();
    summary.fingerprint = HashBytes(metadata->schema()->ToString());
  }));
  auto schema = SchemaOf(*metadata->schema());
  if (!schema) return std::unexpected(std::move(schema.error()).Within(object.key));
  summary.schema = std::move(*schema);
  return summary;
}

}  // namespace firn
