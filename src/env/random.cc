#include "env/random.h"

#include <sys/random.h>

#include <cerrno>

#include "base/check.h"

namespace firn {

uint64_t SystemRandom::Next() {
  uint64_t number = 0;
  ssize_t got = 0;
  do {
    got = getrandom(&number, sizeof(number), 0);
  } while (got < 0 && errno == EINTR);
  // A guessable name or seed is worse than no process.
  Check(got == sizeof(number), "the kernel gives random numbers");
  return number;
}

uint64_t SeededRandom::Next() {
  uint64_t mixed = (state_ += 0x9E3779B97F4A7C15ULL);
  mixed = (mixed ^ (mixed >> 30)) * 0xBF58476D1CE4E5B9ULL;
  mixed = (mixed ^ (mixed >> 27)) * 0x94D049BB133111EBULL;
  return mixed ^ (mixed >> 31);
}

std::string RandomHex(Random& random, int digits) {
  constexpr int kDigitsPerNumber = 16;
  std::string text;
  uint64_t number = 0;
  for (int i = 0; i < digits; ++i) {
    if (i % kDigitsPerNumber == 0) number = random.Next();
    text.push_back("0123456789abcdef"[number & 15]);
    number >>= 4;
  }
  return text;
}

}  // namespace firn
