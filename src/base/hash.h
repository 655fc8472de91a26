#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace firn {

struct Hash128 {
  uint64_t low = 0;
  uint64_t high = 0;
  friend bool operator==(const Hash128&, const Hash128&) = default;
};

// XXH3, 128 bits. With a secret random seed two different keys meet with probability 2^-128 a pair, whoever chose them.
[[nodiscard]] Hash128 HashBytes(std::string_view bytes, uint64_t seed = 0);
[[nodiscard]] std::string ToHex(const Hash128& hash);  // 32 lower-case digits

// A checksum in parts: Update as often as needed, then Digest.
class RunningHash {
 public:
  RunningHash();
  RunningHash(const RunningHash&) = delete;
  RunningHash& operator=(const RunningHash&) = delete;
  ~RunningHash();
  void Update(std::string_view bytes);
  [[nodiscard]] Hash128 Digest() const;

 private:
  void* state_;
};

}  // namespace firn
