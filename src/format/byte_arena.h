#pragma once

#include <cstring>
#include <memory>
#include <string_view>
#include <vector>

namespace firn {

// Keeps copies of byte strings at addresses that stay valid until Clear. Not thread-safe.
class ByteArena {
 public:
  char* Allocate(size_t size) {
    if (size > left_) Grow(size);
    char* const here = next_;
    next_ += size;
    left_ -= size;
    return here;
  }

  std::string_view Keep(std::string_view bytes) {
    char* const here = Allocate(bytes.size());
    if (!bytes.empty()) std::memcpy(here, bytes.data(), bytes.size());
    return {here, bytes.size()};
  }

  // Forgets everything but the newest block.
  void Clear() {
    if (blocks_.empty()) return;
    blocks_.erase(blocks_.begin(), blocks_.end() - 1);
    next_ = blocks_.back().get();
    left_ = block_size_;
  }

 private:
  static constexpr size_t kBlock = size_t{64} * 1024;

  void Grow(size_t size) {
    block_size_ = size > kBlock ? size : kBlock;
    blocks_.push_back(std::make_unique_for_overwrite<char[]>(block_size_));
    next_ = blocks_.back().get();
    left_ = block_size_;
  }

  std::vector<std::unique_ptr<char[]>> blocks_;
  char* next_ = nullptr;
  size_t left_ = 0;
  size_t block_size_ = 0;
};

}  // namespace firn
