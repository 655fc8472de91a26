#include "format/byte_set.h"

#include <gtest/gtest.h>
#include <rapidcheck.h>

#include <algorithm>
#include <string>

namespace firn {
namespace {

TEST(ByteSet, FindsWhatALoopFinds) {
  EXPECT_TRUE(rc::check([] {
    const auto bytes = *rc::gen::container<std::array<char, 4>>(rc::gen::arbitrary<char>());
    // Mostly of bytes near the wanted ones, so that borrows between bytes would show.
    const auto near = rc::gen::map(rc::gen::pair(rc::gen::elementOf(bytes), rc::gen::inRange(-1, 2)),
                                   [](const std::pair<char, int>& p) { return static_cast<char>(p.first + p.second); });
    const auto text = *rc::gen::container<std::string>(rc::gen::oneOf(rc::gen::arbitrary<char>(), near));
    const bool found = std::ranges::any_of(text, [&](char c) { return std::ranges::find(bytes, c) != bytes.end(); });
    RC_ASSERT(ByteSet(bytes).In(text) == found);
  }));
}

TEST(ByteSet, NoByteBesideTheTextCounts) {
  const std::string_view around = ",x,";
  EXPECT_FALSE(ByteSet({',', ',', ',', ','}).In(around.substr(1, 1)));
  EXPECT_FALSE(ByteSet({'\0', ',', ',', ','}).In("abc"));
  EXPECT_TRUE(ByteSet({'\0', ',', ',', ','}).In(std::string_view("ab\0", 3)));
  EXPECT_FALSE(ByteSet({',', '"', '\n', '\r'}).In(""));
}

}  // namespace
}  // namespace firn
