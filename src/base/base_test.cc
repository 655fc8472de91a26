#include <gtest/gtest.h>

#include <set>

#include "base/error.h"
#include "base/hash.h"
#include "base/nearest.h"
#include "base/result.h"

namespace firn {
namespace {

TEST(ErrorTest, EveryKindHasItsOwnNameAndAnExitCodeOfTheContract) {
  std::set<std::string_view> names;
  for (int i = 0; i <= static_cast<int>(ErrorKind::kInternal); ++i) {
    const auto kind = static_cast<ErrorKind>(i);
    EXPECT_TRUE(names.insert(NameOf(kind)).second) << NameOf(kind);
    EXPECT_TRUE(ExitCodeOf(kind) == 1 || ExitCodeOf(kind) == 2);
  }
  EXPECT_EQ(NameOf(ErrorKind::kQuality), "Quality");
  EXPECT_EQ(NameOf(ErrorKind::kInternal), "Internal");
}

TEST(ErrorTest, TextJoinsMessageAndHint) {
  Error error{ErrorKind::kCorrupt, "it is empty", "Move it away."};
  EXPECT_EQ(std::move(error).Within("a.parquet").Text(), "a.parquet: it is empty. Move it away.");
  EXPECT_EQ((Error{.kind = ErrorKind::kCorrupt, .message = "It is empty.", .hint = "Move it away."}).Text(),
            "It is empty. Move it away.");
}

Result<int> Half(int n) {
  if (n % 2 != 0) return Fail(ErrorKind::kInvalidArgument, "odd");
  return n / 2;
}

Result<int> Quarter(int n) {
  FIRN_TRY_ASSIGN(const int half, Half(n));
  return Half(half);
}

TEST(ResultTest, TryReturnsTheFirstError) {
  EXPECT_EQ(Quarter(8).value(), 2);
  EXPECT_EQ(Quarter(7).error().message, "odd");
  EXPECT_EQ(Quarter(6).error().message, "odd");
}

TEST(NearestTest, SuggestsWhatATypistMeant) {
  EXPECT_EQ(Nearest("fromat", {"format", "files", "table"}), "format");
  EXPECT_EQ(Nearest("zzzzzzzz", {"format", "files"}), "");
  EXPECT_EQ(SuggestFrom("tabel", {"format", "table"}), "Did you mean 'table'?");
  EXPECT_EQ(SuggestFrom("zzzzzzzz", {"csv", "json"}), "One of: csv, json.");
}

TEST(HashTest, PartsGiveTheSameSumAsTheWhole) {
  RunningHash running;
  running.Update("snow, ");
  running.Update("firn, ice");
  EXPECT_EQ(running.Digest(), HashBytes("snow, firn, ice"));
  EXPECT_NE(HashBytes("a", 1), HashBytes("a", 2));
  EXPECT_EQ(ToHex({0x1, 0xff}), "00000000000000ff0000000000000001");
}

}  // namespace
}  // namespace firn
