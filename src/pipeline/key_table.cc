#include "pipeline/key_table.h"

#include <algorithm>
#include <bit>
#include <cstring>
#include <string_view>
#include <utility>

namespace firn {
namespace {

std::string_view EncodedOrder(uint64_t address) {
  const char* at = std::bit_cast<const char*>(address);
  uint32_t length = 0;
  std::memcpy(&length, at, sizeof length);
  return {at + sizeof length, length};
}

}  // namespace

KeyTable::KeyTable(int workers, bool encoded_order)
    : encoded_order_(encoded_order), lanes_(static_cast<size_t>(workers)) {}

void KeyTable::Add(int worker, const KeyEntry& entry) {
  Lane& lane = lanes_[static_cast<size_t>(worker)][entry.key.high >> kPartitionShift];
  if (lane.used == kBlockEntries) {
    lane.blocks.push_back(std::make_unique<Block>());
    lane.used = 0;
  }
  lane.blocks.back()->entries[lane.used++] = entry;
}

int KeyTable::CompareOrder(const KeyEntry& a, const KeyEntry& b) const {
  const bool a_set = (a.location & KeyEntry::kHasOrder) != 0;
  const bool b_set = (b.location & KeyEntry::kHasOrder) != 0;
  if (a_set != b_set) return a_set ? 1 : -1;
  if (a.order == b.order || !a_set) return 0;
  if (!encoded_order_) return a.order < b.order ? -1 : 1;
  return EncodedOrder(a.order).compare(EncodedOrder(b.order));
}

bool KeyTable::Later(const KeyEntry& a, const KeyEntry& b) const {
  const int order = CompareOrder(a, b);
  return order != 0 ? order > 0 : a.location > b.location;
}

// One partition's open-addressing table. Losers are struck out rather than winners marked: they are few, and every
// mark is a cache miss.
class KeyTable::Reduction {
 public:
  Reduction(const KeyTable& table, size_t entries, std::span<std::vector<uint8_t>> keep,
            const std::vector<uint8_t>& skip)
      : table_(table), keep_(keep), skip_(skip), slots_(std::bit_ceil(std::max<size_t>(64, entries + entries / 2))) {}

  void Add(std::span<const KeyEntry> entries) {
    for (size_t i = 0; i < entries.size(); ++i) {
      // With many rows the slots are in no cache: they are sent for ahead of time.
      if (i + kAhead < entries.size()) __builtin_prefetch(&slots_[entries[i + kAhead].key.low & Mask()], 1);
      if (skip_[entries[i].file()] == 0) Add(entries[i]);
    }
  }
  [[nodiscard]] const DedupeCounts& counts() const { return counts_; }

 private:
  static constexpr size_t kAhead = 16;
  struct Slot {
    const KeyEntry* best = nullptr;  // of the rows of its key so far
    uint32_t tag = 0;                // of the key: most other keys are told apart without a look at their rows
    bool tied = false;
  };

  [[nodiscard]] size_t Mask() const { return slots_.size() - 1; }

  void Add(const KeyEntry& entry) {
    const auto tag = static_cast<uint32_t>(entry.key.high);
    size_t at = entry.key.low & Mask();
    while (slots_[at].best != nullptr && (slots_[at].tag != tag || slots_[at].best->key != entry.key))
      at = (at + 1) & Mask();
    Slot& slot = slots_[at];
    if (slot.best == nullptr) {
      slot.best = &entry;
      slot.tag = tag;
      ++counts_.survivors;
      return;
    }
    ++counts_.duplicates;
    const int order = table_.CompareOrder(entry, *slot.best);
    if (order >= 0) Tie(slot, order == 0);
    const KeyEntry* loser = &entry;
    if (table_.Later(entry, *slot.best)) std::swap(loser, slot.best);
    keep_[loser->file()][loser->row()] = 0;
  }

  void Tie(Slot& slot, bool tied) {
    counts_.ties += static_cast<int>(tied) - static_cast<int>(slot.tied);
    slot.tied = tied;
  }

  const KeyTable& table_;
  std::span<std::vector<uint8_t>> keep_;
  const std::vector<uint8_t>& skip_;
  std::vector<Slot> slots_;
  DedupeCounts counts_;
};

DedupeCounts KeyTable::Reduce(size_t partition, std::span<std::vector<uint8_t>> keep,
                              const std::vector<uint8_t>& skip) {
  const auto used = [](const Lane& lane, size_t block) {
    return block + 1 == lane.blocks.size() ? lane.used : kBlockEntries;
  };
  size_t entries = 0;
  for (const auto& lanes : lanes_)
    for (size_t b = 0; b < lanes[partition].blocks.size(); ++b) entries += used(lanes[partition], b);
  Reduction reduction(*this, entries, keep, skip);
  for (const auto& lanes : lanes_) {
    const Lane& lane = lanes[partition];
    for (size_t b = 0; b < lane.blocks.size(); ++b)
      reduction.Add(std::span<const KeyEntry>(lane.blocks[b]->entries).first(used(lane, b)));
  }
  return reduction.counts();
}

void KeyTable::ReleasePartition(size_t partition) {
  for (auto& lanes : lanes_) lanes[partition] = Lane{};
}

}  // namespace firn
