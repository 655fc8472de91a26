#pragma once

#include <string>
#include <vector>

#include "format/byte_arena.h"
#include "format/leaf_reader.h"
#include "format/parquet_output.h"
#include "pipeline/job.h"
#include "pipeline/key_table.h"

namespace firn {

// A column that a deduplication reads: a top-level column or a field of structs, not inside a list or map.
struct KeyColumn {
  std::string name;  // dotted
  Type type;
  Schema schema;  // just this leaf, with the structs around it
  ParquetLayout layout;
  bool descending = true;
};

// Finds dotted `name` in `schema`. kInvalidArgument with a suggestion when it is not there or not a single value.
Result<KeyColumn> FindKeyColumn(const Schema& schema, const std::string& name, std::string_view role);

// True when the order fits a 64-bit number: one column of at most eight bytes.
bool OrderFitsNumber(const std::vector<KeyColumn>& by);

// The keys and ranks of one run of rows, column by column. One a thread; reused. Equal values hash alike as SQL's GROUP
// BY has them: NULL is one key, 0.0 is -0.0, NaN is NaN.
class KeyEncoder {
 public:
  KeyEncoder(bool encoded_order, uint64_t hash_seed) : encoded_order_(encoded_order), seed_(hash_seed) {}

  void Begin(int64_t rows);
  // The next key column, in batches; then EndColumn.
  void AddKey(const KeyColumn& column, const LeafBatch& batch);
  void AddOrder(const KeyColumn& column, const LeafBatch& batch);
  void EndColumn() { row_ = 0; }

  [[nodiscard]] const Hash128& key(int64_t row) const { return keys_[static_cast<size_t>(row)]; }
  // Order and its presence. Encoded orders are copied to memory that lives as long as this encoder.
  [[nodiscard]] uint64_t order(int64_t row);
  [[nodiscard]] bool has_order(int64_t row) const {
    return encoded_order_ || order_set_[static_cast<size_t>(row)] != 0;
  }

 private:
  void Mix(size_t row, std::string_view value, bool is_null);

  bool encoded_order_;
  uint64_t seed_;
  size_t row_ = 0;
  std::vector<Hash128> keys_;
  std::vector<uint64_t> order_;
  std::vector<uint8_t> order_set_;
  std::vector<std::string> encoded_;
  ByteArena arena_;
};

}  // namespace firn
