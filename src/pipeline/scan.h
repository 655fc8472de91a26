#pragma once

#include <optional>
#include <stop_token>
#include <vector>

#include "env/worker_pool.h"
#include "format/chunk_source.h"
#include "pipeline/execute.h"
#include "pipeline/file_shape.h"

namespace firn {

// One input file as the scan found it. `keep` has one byte a row once rows were rejected or deduplicated; empty: all
// rows stay.
struct ScannedFile {
  InputFile input;
  const FileShape* shape = nullptr;  // nullptr: a bad file, which takes no part
  std::vector<int64_t> group_rows;   // of each row group
  std::vector<ChunkPlace> chunks;    // of each row group, of each column
  int64_t rows = 0;
  std::vector<uint8_t> keep;
  std::vector<int64_t> group_kept;  // rows that stay, of each row group

  [[nodiscard]] bool bad() const { return shape == nullptr; }
  // `source` is of the input's object, or nullptr when its rows are in memory.
  [[nodiscard]] RowGroupSource Group(const ChunkSource* source, int group) const {
    if (input.rows != nullptr)
      return {.schema = *shape->descriptor, .rows = (*input.rows)[static_cast<size_t>(group)].get()};
    const auto columns = static_cast<size_t>(shape->descriptor->num_columns());
    return {.schema = *shape->descriptor,
            .source = source,
            .chunks = std::span(chunks).subspan(static_cast<size_t>(group) * columns, columns)};
  }
};

// What every phase of an execution needs: given once, owned elsewhere.
struct ExecuteContext {
  const ExecuteRequest& request;
  WorkerPool& pool;
  const ProgressCallback& progress;
  std::stop_token stop;

  [[nodiscard]] ObjectStore& StoreOf(const InputFile& input) const {
    return input.store == nullptr ? *request.store : *input.store;
  }
};

struct Scan {
  std::vector<ScannedFile>
      files;      // sorted: existing rows first, then by key: the order of rows in the output and of ties
  Schema schema;  // of all files and of the catalog's table, merged by schema/merge.h
  std::vector<BadFile> bad_files;
};

// Opens every file, checks what its footer claims, and merges the schemas. A bad file ends the scan, or is listed
// (`bad_files: quarantine`); one whose columns do not merge with those of the table and of the files before it is bad
// too: kMismatch names both files. A bad `existing` file always ends the scan.
Result<Scan> ScanFiles(const ExecuteContext& context, ShapeRegistry& shapes);

// Bad files by the job's rule: the error itself, or its record.
Result<BadFile> JudgeBadFile(const ExecuteContext& context, const InputFile& input, Error error);

}  // namespace firn
