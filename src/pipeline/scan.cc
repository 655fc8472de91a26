#include "pipeline/scan.h"

#include <arrow/record_batch.h>
#include <fmt/format.h>

#include <algorithm>
#include <mutex>

#include "base/check.h"
#include "format/parquet_guard.h"
#include "pipeline/key_table.h"
#include "schema/schema_change.h"

namespace firn {
namespace {

std::vector<ScannedFile> SortedInputs(const ExecuteRequest& request) {
  std::vector<ScannedFile> files;
  files.reserve(request.inputs.size());
  for (const InputFile& input : request.inputs)
    files.push_back({.input = input, .shape = nullptr, .group_rows = {}, .chunks = {}, .keep = {}, .group_kept = {}});
  std::ranges::sort(files, [](const ScannedFile& a, const ScannedFile& b) {
    if (a.input.existing != b.input.existing) return a.input.existing;
    return a.input.object.key < b.input.object.key;
  });
  return files;
}

// What a footer claims, checked before anything is sized by it.
Status ReadPlaces(const ParquetFile& parquet, ScannedFile& file) {
  return GuardParquet(parquet.object.key, [&] {
    const parquet::FileMetaData& metadata = parquet.metadata();
    for (int g = 0; g < metadata.num_row_groups(); ++g) {
      const int64_t rows = metadata.RowGroup(g)->num_rows();
      if (rows < 0 || rows > int64_t{1} << KeyEntry::kRowBits)
        throw parquet::ParquetException(fmt::format("a row group claims {} rows", rows));
      file.group_rows.push_back(rows);
      file.rows += rows;
    }
    if (file.rows != metadata.num_rows())
      throw parquet::ParquetException(
          fmt::format("the footer claims {} rows, its row groups {}", metadata.num_rows(), file.rows));
    file.chunks = ChunksOf(metadata, parquet.object.size);
  });
}

Status ScanRows(ShapeRegistry& shapes, ScannedFile& file) {
  for (const auto& batch : *file.input.rows) {
    file.group_rows.push_back(batch->num_rows());
    file.rows += batch->num_rows();
  }
  file.group_kept = file.group_rows;
  FIRN_TRY_ASSIGN(file.shape, shapes.ShapeOf(file.input.object.key, *file.input.rows->front()->schema()));
  return {};
}

Status ScanOne(const ExecuteContext& context, ShapeRegistry& shapes, ScannedFile& file) {
  if (file.input.rows != nullptr) return ScanRows(shapes, file);
  Check(file.input.format == FileFormat::kParquet, "an input of text was not read before the scan");
  FIRN_TRY_ASSIGN(const ParquetFile parquet, OpenParquet(context.StoreOf(file.input), file.input.object));
  FIRN_TRY(ReadPlaces(parquet, file));
  file.group_kept = file.group_rows;
  FIRN_TRY_ASSIGN(file.shape, shapes.ShapeOf(parquet));
  return {};
}

// Merges shape after shape into the table's schema, in the order in which the files stand, so that the result does not
// depend on threads. A file whose columns do not fit what was merged before it is a bad file.
class SchemaMerge {
 public:
  SchemaMerge(const ExecuteContext& context, Scan& scan) : context_(context), scan_(scan) {
    scan_.schema = context.request.table_schema;
  }

  Status Run() {
    for (ScannedFile& file : scan_.files) {
      if (file.bad() || std::ranges::find(merged_, file.shape) != merged_.end()) continue;
      if (Status fits = Merge(file); !fits) FIRN_TRY(LeaveOut(file, std::move(fits.error())));
    }
    return {};
  }

 private:
  Status Merge(const ScannedFile& file) {
    const bool first = scan_.schema.fields.empty() && merged_.empty();
    const SchemaChange change = file.input.existing ? SchemaChange::kEvolve : context_.request.schema_change;
    auto wider = first ? Result<Schema>(file.shape->schema) : ChangeSchema(scan_.schema, file.shape->schema, change);
    if (!wider)
      return std::unexpected(
          std::move(wider.error()).Within(fmt::format("{} does not fit {}", file.input.object.key, before_)));
    scan_.schema = std::move(*wider);
    merged_.push_back(file.shape);
    before_ = file.input.object.key;
    return {};
  }

  Status LeaveOut(ScannedFile& file, Error error) {
    FIRN_TRY_ASSIGN(BadFile bad, JudgeBadFile(context_, file.input, std::move(error)));
    scan_.bad_files.push_back(std::move(bad));
    file.shape = nullptr;
    return {};
  }

  const ExecuteContext& context_;
  Scan& scan_;
  std::vector<const FileShape*> merged_;
  std::string before_ = "the catalog's table";
};

}  // namespace

Result<BadFile> JudgeBadFile(const ExecuteContext& context, const InputFile& input, Error error) {
  const bool is_bad = error.kind == ErrorKind::kCorrupt || error.kind == ErrorKind::kMismatch;
  if (!is_bad || input.existing || context.request.job->read.bad_files == BadFiles::kFail)
    return std::unexpected(std::move(error));
  return BadFile{input.object.key, std::move(error.message)};
}

Result<Scan> ScanFiles(const ExecuteContext& context, ShapeRegistry& shapes) {
  Scan scan{.files = SortedInputs(context.request), .schema = {}, .bad_files = {}};
  if (scan.files.size() >= size_t{1} << KeyEntry::kFileBits)
    return Fail(ErrorKind::kUnsupported, fmt::format("{} input files are more than one run takes", scan.files.size()),
                "Read fewer partitions in one run");
  std::vector<std::optional<BadFile>> bad(scan.files.size());
  FIRN_TRY(context.pool.ParallelFor(
      static_cast<int64_t>(scan.files.size()),
      [&](int64_t i, int) -> Status {
        ScannedFile& file = scan.files[static_cast<size_t>(i)];
        Status scanned = ScanOne(context, shapes, file);
        context.progress("opening", i + 1, static_cast<int64_t>(scan.files.size()));
        if (scanned) return {};
        FIRN_TRY_ASSIGN(bad[static_cast<size_t>(i)], JudgeBadFile(context, file.input, std::move(scanned.error())));
        file.shape = nullptr;
        return {};
      },
      context.stop));
  for (auto& one : bad)
    if (one) scan.bad_files.push_back(std::move(*one));
  FIRN_TRY(SchemaMerge(context, scan).Run());
  std::ranges::sort(scan.bad_files, {}, &BadFile::key);
  return scan;
}

}  // namespace firn
