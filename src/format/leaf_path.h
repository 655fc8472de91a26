#pragma once

#include <parquet/schema.h>

#include <string>
#include <vector>

#include "schema/type.h"

namespace firn {

// The way from the root of a schema to one leaf, in a form that does not depend on how a writer spelled lists (two or
// three levels) and maps: a field is its name; "[]" is the repetition of a list, "{}" that of a map, followed by
// "element", "key" or "value".
struct LeafStep {
  std::string label;
  bool optional = false;
  bool repeated = false;
  [[nodiscard]] int DefLevels() const { return optional || repeated ? 1 : 0; }
};

struct LeafPath {
  std::vector<LeafStep> steps;
  Type type;       // of the leaf; never struct, list or map
  int column = 0;  // the leaf's index in its file
  [[nodiscard]] int MaxDef() const;
  [[nodiscard]] int MaxRep() const;
};

// The leaves of a Parquet file, in column order; `schema` is SchemaOf(descriptor).
std::vector<LeafPath> LeafPathsOf(const parquet::SchemaDescriptor& descriptor, const Schema& schema);

}  // namespace firn
