#include "env/random.h"

#include <gtest/gtest.h>

#include <set>

namespace firn {
namespace {

TEST(SeededRandom, GivesTheSameNumbersForTheSameSeed) {
  SeededRandom a(42);
  SeededRandom b(42);
  SeededRandom other(43);
  for (int i = 0; i < 100; ++i) {
    uint64_t number = a.Next();
    EXPECT_EQ(number, b.Next());
    EXPECT_NE(number, other.Next());
  }
}

TEST(SeededRandom, FollowsThePublishedSequenceOfSplitmix64) {
  SeededRandom random(1234567);  // the test vector of Rosetta Code and of Vigna's own page
  EXPECT_EQ(random.Next(), 6457827717110365317ULL);
  EXPECT_EQ(random.Next(), 3203168211198807973ULL);
  EXPECT_EQ(random.Next(), 9817491932198370423ULL);
}

TEST(SystemRandom, DoesNotRepeat) {
  SystemRandom random;
  std::set<uint64_t> seen;
  for (int i = 0; i < 1'000; ++i) seen.insert(random.Next());
  EXPECT_EQ(seen.size(), 1'000U);
}

TEST(RandomHex, GivesAsManyDigitsAsAsked) {
  SeededRandom random(1);
  for (int digits : {0, 1, 15, 16, 17, 64}) {
    std::string text = RandomHex(random, digits);
    EXPECT_EQ(text.size(), static_cast<size_t>(digits));
    EXPECT_EQ(text.find_first_not_of("0123456789abcdef"), std::string::npos) << text;
  }
}

TEST(RandomHex, TakesANewNumberForEverySixteenDigits) {
  SeededRandom random(1);
  std::string text = RandomHex(random, 32);
  EXPECT_NE(text.substr(0, 16), text.substr(16));
}

}  // namespace
}  // namespace firn
