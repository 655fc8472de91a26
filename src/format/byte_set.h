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
    if (text.size() < kWord) return !text.empty() && InWord(LoadShort(text));
    for (size_t i = 0; i + kWord < text.size(); i += kWord)
      if (InWord(Load<uint64_t>(text.data() + i))) return true;
    return InWord(Load<uint64_t>(text.data() + text.size() - kWord));  // may overlap the word before
  }

 private:
  static constexpr size_t kWord = sizeof(uint64_t);
  static constexpr uint64_t kOnes = 0x0101010101010101U;
  static constexpr uint64_t kHighBits = 0x8080808080808080U;

  template <class Word>
  static Word Load(const char* from) {
    Word word = 0;
    std::memcpy(&word, from, sizeof word);
    return word;
  }
  // A word of the text's bytes and no others, some of them twice.
  static uint64_t LoadShort(std::string_view text) {
    const char* const end = text.data() + text.size();
    if (text.size() >= 4) return Load<uint32_t>(text.data()) | uint64_t{Load<uint32_t>(end - 4)} << 32;
    const auto first = static_cast<uint8_t>(text.front());
    const auto middle = static_cast<uint8_t>(text[text.size() / 2]);
    return (kOnes * first & ~uint64_t{0xffff}) | uint64_t{middle} << 8 | static_cast<uint8_t>(text.back());
  }
  // A byte above a hit may look like one: a hit is a hit.
  [[nodiscard]] bool InWord(uint64_t word) const {
    uint64_t hits = 0;
    for (const uint64_t byte : repeated_) {
      const uint64_t difference = word ^ byte;
      hits |= (difference - kOnes) & ~difference;
    }
    return (hits & kHighBits) != 0;
  }

  std::array<uint64_t, 4> repeated_{};
};

}  // namespace firn
