#pragma once

#include <parquet/file_writer.h>

#include <memory>
#include <set>
#include <string>

#include "base/result.h"
#include "format/leaf_reader.h"
#include "store/object_store.h"

namespace firn {

struct ParquetOutputOptions {
  std::string codec = "snappy";  // snappy | gzip | zstd | lz4 | none
  std::set<std::string>
      plain_columns;  // dotted paths of nearly distinct columns: trying a dictionary first would be work thrown away
};

struct FinishedObject {
  ObjectInfo object;
  int64_t rows = 0;
  std::string checksum;  // XXH3-128 of the bytes, hex
};

// Writes one Parquet object, row group by row group, column by column. Statistics and page indexes are always written.
// The columns of the open row group may be written by several threads, one thread a column; everything else is one
// thread's.
class ParquetOutput {
 public:
  // kUnsupported for a codec that this build lacks.
  static Result<std::unique_ptr<ParquetOutput>> Create(std::unique_ptr<ObjectWriter> writer, const Schema& schema,
                                                       const ParquetOutputOptions& options);
  ParquetOutput(const ParquetOutput&) = delete;
  ParquetOutput& operator=(const ParquetOutput&) = delete;
  ~ParquetOutput();

  Status BeginRowGroup(int64_t rows);
  // Throws parquet::ParquetException. Thread-safe for distinct columns.
  void Write(int column, const LeafBatch& batch);
  // After the last Write of a column in a row group: does, on the caller's thread, what EndRowGroup would else do for
  // it.
  void EndColumn(int column);
  Status EndRowGroup();
  Result<FinishedObject> Finish();

  [[nodiscard]] const parquet::SchemaDescriptor& descriptor() const;
  [[nodiscard]] const std::vector<LeafPath>& leaves() const;

 private:
  class Impl;
  explicit ParquetOutput(std::unique_ptr<Impl> impl);
  std::unique_ptr<Impl> impl_;
};

// The Parquet form of an output's schema: what files are mapped onto, before any output is open.
class ParquetLayout {
 public:
  static Result<ParquetLayout> Of(const Schema& schema);
  [[nodiscard]] const parquet::SchemaDescriptor& descriptor() const { return *descriptor_; }
  [[nodiscard]] const std::vector<LeafPath>& leaves() const { return leaves_; }
  [[nodiscard]] const std::shared_ptr<parquet::schema::GroupNode>& root() const { return root_; }

 private:
  std::shared_ptr<parquet::schema::GroupNode> root_;
  std::unique_ptr<parquet::SchemaDescriptor> descriptor_;
  std::vector<LeafPath> leaves_;
};

}  // namespace firn
