#pragma once

#include <vector>

#include "base/result.h"
#include "format/leaf_path.h"
#include "format/value_conversion.h"

namespace firn {

// Where one leaf of the output comes from in one file.
struct LeafMapping {
  int source = -1;  // column of the file; -1: the file has nothing of this leaf, every row is NULL
  bool has_values =
      true;  // false: `source` is a sibling that only lends its levels (the file's struct lacks this field)
  int source_max_def = 0;
  int source_max_rep = 0;
  int keep_rep = 0;          // entries of a lending sibling repeated deeper than this are dropped
  std::vector<int16_t> def;  // output level for each level of the file
  bool def_is_identity = true;
  ValueConversion conversion;
};

// One mapping for each leaf of the output. kMismatch names the column when the shapes do not fit.
Result<std::vector<LeafMapping>> MapLeaves(const parquet::SchemaDescriptor& file,
                                           const std::vector<LeafPath>& file_leaves,
                                           const parquet::SchemaDescriptor& output,
                                           const std::vector<LeafPath>& output_leaves);

}  // namespace firn
