#include "schema/partition.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <rapidcheck.h>

namespace firn {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

const std::vector<std::string> kDay = {"year", "month", "day"};
constexpr auto kNull = "__HIVE_DEFAULT_PARTITION__";

ErrorKind KindOf(const auto& result) {
  return result ? ErrorKind::kInternal : result.error().kind;
}

TEST(PartitionName, IsKeyValueWhateverTheLayout) {
  EXPECT_EQ(PartitionName(kDay, {{"2025", "11", "03"}}), "year=2025/month=11/day=03");
  EXPECT_EQ(PartitionName({}, {}), "");
}

TEST(PartitionName, EncodesWhatHiveEncodes) {
  EXPECT_EQ(PartitionName({"k"}, {{"a/b=c%d:e"}}), "k=a%2Fb%3Dc%25d%3Ae");
  EXPECT_EQ(PartitionName({"k"}, {{std::string("\0\x1f\x7f", 3)}}), "k=%00%1F%7F");
  EXPECT_EQ(PartitionName({"a=b"}, {{"São Paulo"}}), "a%3Db=São Paulo");
}

TEST(PartitionName, NullAndEmptyAreHivesDefaultPartition) {
  EXPECT_EQ(PartitionName({"k"}, {{kNull}}), "k=__HIVE_DEFAULT_PARTITION__");
  EXPECT_EQ(PartitionName({"k"}, {{""}}), "k=__HIVE_DEFAULT_PARTITION__");
}

TEST(PartitionFolder, FollowsTheLayout) {
  const PartitionValues day{{"2025", "11", "03"}};
  EXPECT_EQ(PartitionFolder(PartitionLayout::kKeyValue, kDay, day), "year=2025/month=11/day=03");
  EXPECT_EQ(PartitionFolder(PartitionLayout::kDate, kDay, day), "2025/11/03");
  EXPECT_EQ(PartitionFolder(PartitionLayout::kPositional, {"a", "b"}, {{"x", "y"}}), "x/y");
  EXPECT_EQ(PartitionFolder(PartitionLayout::kDate, {}, {}), "");
}

TEST(PartitionFolder, NoValueLeavesTheTable) {
  EXPECT_EQ(PartitionFolder(PartitionLayout::kPositional, {"a", "b"}, {{"..", "."}}), "%2E%2E/%2E");
  EXPECT_EQ(PartitionFolder(PartitionLayout::kPositional, {"a"}, {{"../../etc"}}), "..%2F..%2Fetc");
  EXPECT_EQ(PartitionFolder(PartitionLayout::kKeyValue, {"a"}, {{".."}}), "a=..");
}

TEST(PartitionFolder, RefusesDatesThatTheLayoutCannotSpell) {
  for (const PartitionValues& values : {PartitionValues{{"2025", "1", "03"}}, PartitionValues{{"2025", "13", "03"}},
                                        PartitionValues{{"25", "11", "03"}}, PartitionValues{{"2025", "02", "30"}},
                                        PartitionValues{{"2025", "11", kNull}}, PartitionValues{{"..", "11", "03"}}})
    EXPECT_EQ(KindOf(PartitionFolder(PartitionLayout::kDate, kDay, values)), ErrorKind::kInvalidArgument);
  EXPECT_EQ(KindOf(PartitionFolder(PartitionLayout::kKeyValue, kDay, {{"2025"}})), ErrorKind::kInvalidArgument);
}

TEST(ParsePartitionFolder, ReadsEachLayout) {
  EXPECT_THAT(ParsePartitionFolder(PartitionLayout::kDate, kDay, "2025/11/03")->values,
              ElementsAre("2025", "11", "03"));
  EXPECT_THAT(ParsePartitionFolder(PartitionLayout::kKeyValue, kDay, "year=2025/month=11/day=3")->values,
              ElementsAre("2025", "11", "3"));
  EXPECT_THAT(ParsePartitionFolder(PartitionLayout::kPositional, {"a", "b"}, "x%2Fy/z")->values,
              ElementsAre("x/y", "z"));
  EXPECT_THAT(ParsePartitionFolder(PartitionLayout::kDate, {"year", "month", "day", "hour"}, "2025/11/03/23")->values,
              ElementsAre("2025", "11", "03", "23"));
}

TEST(ParsePartitionFolder, AnEmptyOrDefaultValueIsNull) {
  EXPECT_THAT(ParsePartitionFolder(PartitionLayout::kKeyValue, {"k"}, "k=")->values, ElementsAre(kNull));
  EXPECT_THAT(ParsePartitionFolder(PartitionLayout::kKeyValue, {"k"}, std::string("k=") + kNull)->values,
              ElementsAre(kNull));
}

TEST(ParsePartitionFolder, KeepsAPercentSignThatEncodesNothing) {
  EXPECT_THAT(ParsePartitionFolder(PartitionLayout::kKeyValue, {"k"}, "k=100%")->values, ElementsAre("100%"));
  EXPECT_THAT(ParsePartitionFolder(PartitionLayout::kKeyValue, {"k"}, "k=%zz=1")->values, ElementsAre("%zz=1"));
}

TEST(ParsePartitionFolder, RefusesFoldersThatDoNotFollowTheLayout) {
  for (const auto* folder :
       {"", "2025", "2025/11", "2025/11/03/00", "2025/11/3", "2025/1a/03", "2025/02/30", "-025/11/03", "2025//03",
        "../../..", "year=2025/month=11/day=03", "/2025/11/03", "2025/11/03/"}) {
    const auto parsed = ParsePartitionFolder(PartitionLayout::kDate, kDay, folder);
    ASSERT_EQ(KindOf(parsed), ErrorKind::kMismatch) << folder;
    EXPECT_THAT(parsed.error().message, HasSubstr("YYYY/MM/DD"));
  }
  for (const auto* folder : {"year=1/day=2/month=3", "year/month=1/day=2", "2025/11/03", "year=1/month=2"})
    EXPECT_EQ(KindOf(ParsePartitionFolder(PartitionLayout::kKeyValue, kDay, folder)), ErrorKind::kMismatch) << folder;
  for (const auto* folder : {"a", "a/", "/b", "a/..", "./b"})
    EXPECT_EQ(KindOf(ParsePartitionFolder(PartitionLayout::kPositional, {"x", "y"}, folder)), ErrorKind::kMismatch)
        << folder;
}

TEST(PartitionProperties, EveryValueComesBackFromItsFolder) {
  EXPECT_TRUE(rc::check([] {
    const auto text = rc::gen::nonEmpty(rc::gen::container<std::string>(rc::gen::arbitrary<char>()));
    const std::vector<std::string> keys = *rc::gen::container<std::vector<std::string>>(text);
    PartitionValues values;
    for (size_t i = 0; i < keys.size(); ++i) values.values.push_back(*text);
    for (const auto layout : {PartitionLayout::kKeyValue, PartitionLayout::kPositional}) {
      const auto folder = PartitionFolder(layout, keys, values);
      RC_ASSERT(folder.has_value());
      const auto parsed = ParsePartitionFolder(layout, keys, *folder);
      RC_ASSERT(parsed.has_value());
      RC_ASSERT(*parsed == values);
    }
  }));
}

TEST(PartitionProperties, NoFolderCrashesTheParser) {
  EXPECT_TRUE(rc::check([] {
    const auto folder = *rc::gen::container<std::string>(rc::gen::element('/', '=', '%', '2', 'F', '.', 'k', '0'));
    for (const auto layout : {PartitionLayout::kKeyValue, PartitionLayout::kDate, PartitionLayout::kPositional})
      (void)ParsePartitionFolder(layout, {"k", "k"}, folder);
  }));
}

}  // namespace
}  // namespace firn
