#pragma once

#include <arrow/type_fwd.h>
#include <parquet/schema.h>

#include <cstdint>
#include <memory>

#include "format/leaf_reader.h"

namespace firn {

// Gathers one column, from the batches of its leaves, into one Arrow array: without the detour over a Parquet reader,
// and of any size, which is why its texts have offsets of 64 bits.
class ArrowColumn {
 public:
  // The type of the array for what Parquet's reader would give as `type`; nullptr when it is of lists or maps, or of
  // values that are rare (fixed binary, extensions).
  // Whatever TypeFor gave, it gives for itself.
  static std::shared_ptr<arrow::DataType> TypeFor(const std::shared_ptr<arrow::DataType>& type);

  // Of a column of a ParquetLayout. `type` is of TypeFor.
  ArrowColumn(const parquet::schema::Node& node, const std::shared_ptr<arrow::DataType>& type);
  ArrowColumn(ArrowColumn&&) noexcept;
  ~ArrowColumn();

  [[nodiscard]] int leaves() const;
  // Throw parquet::ParquetException when memory runs out. Leaves count from 0 in the column; distinct ones may be given
  // by several threads. `rows` and `bytes` (of texts, a guess) are those to come.
  void Reserve(int leaf, int64_t rows, int64_t bytes);
  void Add(int leaf, const LeafBatch& batch);
  [[nodiscard]] std::shared_ptr<arrow::Array> Finish();

 private:
  class Node;
  class Group;
  class Leaf;
  template <class Physical, class Value>
  class FixedLeaf;
  class TextLeaf;
  class DecimalLeaf;
  struct Maker;

  std::vector<Leaf*> leaves_;  // of root_, which fills it
  std::unique_ptr<Node> root_;
};

}  // namespace firn
