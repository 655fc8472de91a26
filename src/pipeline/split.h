#pragma once

#include <cstdint>
#include <vector>

#include "pipeline/scan.h"

namespace firn {

// Surviving rows `first` .. `first + count` of one row group of one file.
struct Slice {
  size_t file = 0;
  int group = 0;
  int64_t first = 0;
  int64_t count = 0;
};

// What one output file holds, in order.
struct OutputPart {
  PartitionValues partition;
  int number = 0;  // within its partition
  int64_t rows = 0;
  std::vector<Slice> slices;
};

// Splits each partition's survivors into exactly `files` parts whose row counts differ by at most one, or into as many
// as there are rows when those are fewer. Partitions without survivors have no part. Sorted by partition.
std::vector<OutputPart> SplitSurvivors(const std::vector<ScannedFile>& files, int64_t parts);

// Cuts slices so that each run of the result holds at most `rows` rows; runs differ by at most one row.
std::vector<std::vector<Slice>> CutSlices(const std::vector<Slice>& slices, int64_t total, int64_t rows);

}  // namespace firn
