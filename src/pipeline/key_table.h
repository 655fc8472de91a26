#pragma once

#include <array>
#include <cstdint>
#include <memory>
#include <span>
#include <vector>

#include "base/hash.h"

namespace firn {

// Where a row is, and how it ranks among rows of its key: (has an order value, order value, file, row), all compared as
// numbers. 32 bytes a row: what the memory of a deduplication grows with.
struct KeyEntry {
  Hash128 key;
  uint64_t order = 0;     // order-preserving; or the address of encoded bytes, see KeyTable
  uint64_t location = 0;  // 1 bit: order is not NULL; 24 bits: file; 39 bits: row in the file

  static constexpr int kRowBits = 39;
  static constexpr int kFileBits = 24;
  static constexpr uint64_t kHasOrder = uint64_t{1} << 63;
  static uint64_t Location(bool has_order, uint64_t file, uint64_t row) {
    return (has_order ? kHasOrder : 0) | file << kRowBits | row;
  }
  [[nodiscard]] size_t file() const { return (location & ~kHasOrder) >> kRowBits; }
  [[nodiscard]] size_t row() const { return location & ((uint64_t{1} << kRowBits) - 1); }
};
static_assert(sizeof(KeyEntry) == 32);

struct DedupeCounts {
  int64_t survivors = 0;
  int64_t duplicates = 0;
  int64_t ties = 0;  // keys whose two best rows differ in file and row only
};

// All rows' keys, spread over partitions by hash, so that each partition is reduced on its own, in any order, by any
// thread, with the same result. Add is for one thread a worker index; Reduce for distinct partitions at once, after all
// Adds.
class KeyTable {
 public:
  // So many that what one of ten million rows needs stays in a core's second-level cache.
  static constexpr int kPartitionBits = 8;
  static constexpr size_t kPartitions = size_t{1} << kPartitionBits;

  // encoded_order: `order` is the address of [uint32 length][bytes], compared bytewise, instead of a number.
  KeyTable(int workers, bool encoded_order);
  void Add(int worker, const KeyEntry& entry);

  // Sets keep[file][row] = 0 for every row of the partition that is not the latest of its key. Files with `skip[file]`
  // do not take part.
  DedupeCounts Reduce(size_t partition, std::span<std::vector<uint8_t>> keep, const std::vector<uint8_t>& skip);
  void ReleasePartition(size_t partition);

 private:
  static constexpr int kPartitionShift = 64 - kPartitionBits;
  static constexpr size_t kBlockEntries = 256;
  struct Block {
    std::array<KeyEntry, kBlockEntries> entries;
  };
  // Blocks are never moved, so growing costs no second copy.
  struct Lane {
    std::vector<std::unique_ptr<Block>> blocks;
    size_t used = kBlockEntries;  // of the last block
  };

  class Reduction;
  [[nodiscard]] int CompareOrder(const KeyEntry& a, const KeyEntry& b) const;
  [[nodiscard]] bool Later(const KeyEntry& a, const KeyEntry& b) const;

  bool encoded_order_;
  std::vector<std::array<Lane, kPartitions>> lanes_;  // by worker
};

}  // namespace firn
