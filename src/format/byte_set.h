#pragma once

#include <array>
#include <cstdint>
#include <cstring>
#include <string_view>

namespace firn {

// Four bytes to look for in short texts, eight at a time.
class ByteSet {
 public:
  explicit ByteSet(const std::array<char, 4>& bytes) {
    for (size_t i = 0; i < bytes.size(); ++i) repeated_[i] = kOnes * static_cast<uint8_t>(bytes[i]);
  }

  // Whether one of them is in the text.
  [[nodiscard]] bool In(std::string_view text) const {
    for (; text.size() >= sizeof(uint64_t); text.remove_prefix(sizeof(uint64_t)))
      if (InWord(Load(text, sizeof(uint64_t)), kHighBits)) return true;
    // The rest, with zeros behind it that do not count.
    return !text.empty() && InWord(Load(text, text.size()), kHighBits >> (8 * (sizeof(uint64_t) - text.size())));
  }

 private:
  static constexpr uint64_t kOnes = 0x0101010101010101U;
  static constexpr uint64_t kHighBits = 0x8080808080808080U;

  static uint64_t Load(std::string_view text, size_t size) {
    uint64_t word = 0;
    std::memcpy(&word, text.data(), size);
    return word;
  }
  // Exact in every byte below the first hit, which is all that matters: a hit is a hit.
  [[nodiscard]] bool InWord(uint64_t word, uint64_t wanted) const {
    uint64_t hits = 0;
    for (const uint64_t byte : repeated_) {
      const uint64_t difference = word ^ byte;
      hits |= (difference - kOnes) & ~difference & kHighBits;
    }
    return (hits & wanted) != 0;
  }

  std::array<uint64_t, 4> repeated_{};
};

}  // namespace firn
