#include "pipeline/key_table.h"

#include <algorithm>
#include <bit>
#include <cstring>
#include <string_view>

namespace firn {
namespace {

std::string_view EncodedOrder(uint64_t address) {
  const char* at = std::bit_cast<const char*>(address);
  uint32_t length = 0;
  std::memcpy(&length, at, sizeof length);
  return {at + sizeof length, length};
}

// A slot of the open-addressing table of one partition: the best row of its key so far.
struct Slot {
  const KeyEntry* best = nullptr;
  bool tied = false;
};

}  // namespace

KeyTable::KeyTable(int workers, bool encoded_order)
    : encoded_order_(encoded_order), lanes_(static_cast<size_t>(workers)) {}

void KeyTable::Add(int worker, const KeyEntry& entry) {
  Lane& lane = lanes_[static_cast<size_t>(worker)][entry.key.high >> kPartitionShift];
  if (lane.used == kBlockEntries) {
    lane.blocks.push_back(std::make_unique_for_overwrite<Block>());
    lane.used = 0;
  }
  lane.blocks.back()->entries[lane.used++] = entry;
}

template <class F>
void KeyTable::ForEach(size_t partition, F&& visit) {
  for (auto& lanes : lanes_) {
    Lane& lane = lanes[partition];
    for (size_t b = 0; b < lane.blocks.size(); ++b) {
      const size_t count = b + 1 == lane.blocks.size() ? lane.used : kBlockEntries;
      for (size_t i = 0; i < count; ++i) visit(lane.blocks[b]->entries[i]);
    }
  }
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

DedupeCounts KeyTable::Reduce(size_t partition, std::span<std::vector<uint8_t>> keep,
                              const std::vector<uint8_t>& skip) {
  size_t entries = 0;
  for (const auto& lanes : lanes_)
    if (const Lane& lane = lanes[partition]; !lane.blocks.empty())
      entries += (lane.blocks.size() - 1) * kBlockEntries + lane.used;
  const size_t capacity = std::bit_ceil(std::max<size_t>(64, entries + entries / 2));
  std::vector<Slot> slots(capacity);
  DedupeCounts counts;
  ForEach(partition, [&](const KeyEntry& entry) {
    if (skip[entry.file()] != 0) return;
    size_t at = entry.key.low & (capacity - 1);
    while (slots[at].best != nullptr && slots[at].best->key != entry.key) at = (at + 1) & (capacity - 1);
    Slot& slot = slots[at];
    if (slot.best == nullptr) {
      slot.best = &entry;
      ++counts.survivors;
      return;
    }
    ++counts.duplicates;
    const int order = CompareOrder(entry, *slot.best);
    if (order == 0) slot.tied = true;
    if (order > 0) slot.tied = false;
    if (Later(entry, *slot.best)) slot.best = &entry;
  });
  for (const Slot& slot : slots) {
    if (slot.best == nullptr) continue;
    keep[slot.best->file()][slot.best->row()] = 1;
    counts.ties += slot.tied ? 1 : 0;
  }
  return counts;
}

void KeyTable::ReleasePartition(size_t partition) {
  for (auto& lanes : lanes_) lanes[partition] = Lane{};
}

}  // namespace firn
