#include "store/object_key.h"

#include <gtest/gtest.h>
#include <rapidcheck.h>

#include <filesystem>
#include <string>
#include <vector>

namespace firn {
namespace {

TEST(ValidateKey, TakesNamesOfALake) {
  for (const std::string& key :
       {std::string("a"), std::string("landing/chargebacks/2025/11/03/a.parquet"), std::string("year=2025/x y.csv"),
        std::string("a/..b"), std::string("a/.hidden"), std::string("a/..."), std::string("caf\xC3\xA9/~$#@:*?"),
        std::string(255, 's'), std::string(".firn/staging/x")}) {
    EXPECT_TRUE(ValidateKey(key)) << key;
  }
}

TEST(ValidateKey, TakesKeysUpTo1024Bytes) {
  std::string key;
  while (key.size() < 1'024) key += "abc/";
  key.back() = 'd';
  EXPECT_EQ(key.size(), 1'024U);
  EXPECT_TRUE(ValidateKey(key));
  EXPECT_FALSE(ValidateKey(key + "x"));
}

TEST(ValidateKey, RefusesWhatCouldLeaveTheLakeOrNameTwoThings) {
  const std::vector<std::string> bad = {
      "",    ".",     "..",    "/",    "/a",    "a/",  "a//b", "./a", "a/.",  "a/..",
      "../", "a/./b", "../..", "a\\b", "..\\a", "a\n", "\x7f", "\t",  "\x1b", std::string("a\0", 2)};
  for (const std::string& key : bad) {
    Status status = ValidateKey(key);
    ASSERT_FALSE(status) << key;
    EXPECT_EQ(status.error().kind, ErrorKind::kInvalidArgument);
  }
  EXPECT_FALSE(ValidateKey(std::string(256, 's')));
  EXPECT_FALSE(ValidateKey("a/" + std::string(256, 's') + "/b"));
}

TEST(ValidateKey, ShowsTheKeyWithoutDisturbingTheTerminal) {
  EXPECT_EQ(ValidateKey("a\x1b[31m").error().message, "'a\\x1b[31m' is no object key: it has a control character");
  EXPECT_LT(ValidateKey(std::string(5'000, 'k')).error().message.size(), 250U);
}

TEST(ValidateKey, AcceptedKeysStayBelowTheirFolder) {
  const bool held = rc::check("a valid key is its parent, a slash and its last segment", [] {
    const auto key = *rc::gen::container<std::string>(rc::gen::elementOf(std::string("ab./\\\n")));
    if (!ValidateKey(key)) return;
    RC_ASSERT(JoinKey(ParentOf(key), LastSegmentOf(key)) == key);
    RC_ASSERT(std::filesystem::path(key).lexically_normal().string() == key);
    RC_ASSERT(std::filesystem::path(key).is_relative());
  });
  EXPECT_TRUE(held);
}

TEST(ValidatePrefix, TakesTheWholeLakeToo) {
  EXPECT_TRUE(ValidatePrefix(""));
  EXPECT_TRUE(ValidatePrefix("a/b"));
  EXPECT_FALSE(ValidatePrefix("a/b/"));
}

TEST(IsAtOrBelow, GoesBySegments) {
  EXPECT_TRUE(IsAtOrBelow("a/b", ""));
  EXPECT_TRUE(IsAtOrBelow("a/b", "a/b"));
  EXPECT_TRUE(IsAtOrBelow("a/b/c", "a/b"));
  EXPECT_FALSE(IsAtOrBelow("a/bc", "a/b"));
  EXPECT_FALSE(IsAtOrBelow("a", "a/b"));
}

TEST(RangeWithin, NeverLeavesTheObject) {
  const bool held = rc::check([](int64_t offset) {
    const auto size = *rc::gen::inRange<int64_t>(0, 1'000);
    const auto length = *rc::gen::inRange<int64_t>(0, 2'000);
    auto range = RangeWithin("a", size, offset % 3'000, length);
    RC_ASSERT(range.has_value());
    RC_ASSERT(range->offset >= 0 && range->length >= 0 && range->offset + range->length <= size);
  });
  EXPECT_TRUE(held);
}

}  // namespace
}  // namespace firn
