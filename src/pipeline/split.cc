#include "pipeline/split.h"

#include <algorithm>
#include <map>

namespace firn {
namespace {

// Deals rows out of a list of slices, front to back.
class SliceReader {
 public:
  explicit SliceReader(const std::vector<Slice>& slices) : slices_(slices) {}

  std::vector<Slice> Take(int64_t rows) {
    std::vector<Slice> taken;
    while (rows > 0) {
      const Slice& slice = slices_[at_];
      const int64_t count = std::min(rows, slice.count - used_);
      taken.push_back({slice.file, slice.group, slice.first + used_, count});
      rows -= count;
      used_ += count;
      if (used_ == slice.count) {
        ++at_;
        used_ = 0;
      }
    }
    return taken;
  }

 private:
  const std::vector<Slice>& slices_;
  size_t at_ = 0;
  int64_t used_ = 0;
};

// Where part i of n begins when `total` rows are dealt as evenly as can be.
int64_t Boundary(int64_t total, int64_t n, int64_t i) {
  return total / n * i + std::min(i, total % n);
}

}  // namespace

std::vector<std::vector<Slice>> CutSlices(const std::vector<Slice>& slices, int64_t total, int64_t rows) {
  std::vector<std::vector<Slice>> cuts;
  const int64_t n = (total + rows - 1) / rows;
  SliceReader reader(slices);
  for (int64_t i = 0; i < n; ++i) cuts.push_back(reader.Take(Boundary(total, n, i + 1) - Boundary(total, n, i)));
  return cuts;
}

std::vector<OutputPart> SplitSurvivors(const std::vector<ScannedFile>& files, int64_t parts) {
  struct Survivors {
    int64_t rows = 0;
    std::vector<Slice> slices;
  };
  std::map<PartitionValues, Survivors> partitions;
  for (size_t f = 0; f < files.size(); ++f) {
    if (files[f].bad()) continue;
    Survivors& partition = partitions[files[f].input.partition];
    for (size_t g = 0; g < files[f].group_kept.size(); ++g) {
      const int64_t kept = files[f].group_kept[g];
      if (kept == 0) continue;
      partition.slices.push_back({f, static_cast<int>(g), 0, kept});
      partition.rows += kept;
    }
  }
  std::vector<OutputPart> outputs;
  for (const auto& [values, survivors] : partitions) {
    const int64_t n = std::min(parts, survivors.rows);
    SliceReader reader(survivors.slices);
    for (int64_t i = 0; i < n; ++i) {
      const int64_t rows = Boundary(survivors.rows, n, i + 1) - Boundary(survivors.rows, n, i);
      outputs.push_back({values, static_cast<int>(i), rows, reader.Take(rows)});
    }
  }
  return outputs;
}

}  // namespace firn
