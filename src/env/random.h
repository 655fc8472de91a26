#pragma once

#include <cstdint>
#include <string>

namespace firn {

// Where names, seeds and jitter come from: a simulation passes a seeded one and gets the same run again.
class Random {
 public:
  virtual ~Random() = default;
  virtual uint64_t Next() = 0;
};

// The kernel's generator: cannot be guessed. Thread-safe.
class SystemRandom : public Random {
 public:
  uint64_t Next() override;
};

// splitmix64: the same seed gives the same numbers on every machine. Not thread-safe, not secret.
class SeededRandom : public Random {
 public:
  explicit SeededRandom(uint64_t seed) : state_(seed) {}
  uint64_t Next() override;

 private:
  uint64_t state_;
};

// `digits` lower-case hex digits.
[[nodiscard]] std::string RandomHex(Random& random, int digits);

}  // namespace firn
