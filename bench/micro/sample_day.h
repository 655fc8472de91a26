#pragma once

#include <memory>

#include "pipeline/dedupe.h"
#include "pipeline/slice_source.h"
#include "store/memory_store.h"

namespace firn::bench {

// 200 files of 500 rows of the chargeback example, in memory, scanned: what a phase of a run begins with.
class SampleDay {
 public:
  static constexpr int kFiles = 200;
  static constexpr int kRowsPerFile = 500;
  static constexpr int64_t kRows = int64_t{kFiles} * kRowsPerFile;

  SampleDay();
  SampleDay(const SampleDay&) = delete;
  SampleDay& operator=(const SampleDay&) = delete;

  [[nodiscard]] const ExecuteContext& context() const { return context_; }
  [[nodiscard]] Scan ScanAgain() const;  // aborts when it fails: the sample is sound
  [[nodiscard]] const Scan& scan() const { return scan_; }
  [[nodiscard]] const ParquetLayout& layout() const { return layout_; }
  [[nodiscard]] const ShapeMappings& mappings() const { return *mappings_; }
  [[nodiscard]] MemoryStore& store() { return store_; }
  // Every row group of the sample, open.
  [[nodiscard]] std::vector<OpenSlice> OpenAll();
  static DedupeStep Dedupe() { return {.key = {"chargeback_id"}, .by = {{"updated_at", true}}}; }

 private:
  MemoryStore store_;
  JobDefinition job_;
  ExecuteRequest request_;
  WorkerPool pool_{1};
  ProgressCallback progress_ = [](std::string_view, int64_t, int64_t) {};
  ExecuteContext context_{request_, pool_, progress_, {}};
  mutable ShapeRegistry shapes_;
  Scan scan_;
  ParquetLayout layout_;
  std::unique_ptr<ShapeMappings> mappings_;
};

}  // namespace firn::bench
