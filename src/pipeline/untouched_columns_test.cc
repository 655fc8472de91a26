#include "pipeline/untouched_columns.h"

#include <arrow/api.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace firn {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

// Columns a, b, Big and m, a struct of {x, in: {y}}, after the steps: "name=origin" each.
std::vector<std::string> After(const std::vector<Step>& steps) {
  const auto engine = SqlEngine::Open({}).value();
  const auto m = arrow::struct_(
      {arrow::field("x", arrow::int32()), arrow::field("in", arrow::struct_({arrow::field("y", arrow::utf8())}))});
  const arrow::Schema schema({arrow::field("a", arrow::int32()), arrow::field("b", arrow::int32()),
                              arrow::field("Big", arrow::int32()), arrow::field("m", m)});
  UntouchedColumns columns(schema.field_names());
  for (const Step& step : steps) columns.Follow(step, schema, *engine);
  std::vector<std::string> texts;
  for (const auto& [name, origin] : columns.by_name()) {
    texts.push_back(name + "=" + origin.column);
    for (const std::string& field : origin.fields) texts.back() += "." + field;
  }
  return texts;
}

TEST(UntouchedColumns, AreAllBeforeTheFirstStepAndAfterAFilter) {
  EXPECT_THAT(After({}), ElementsAre("Big=Big", "a=a", "b=b", "m=m"));
  EXPECT_THAT(After({FilterStep{"a > 1"}}), ElementsAre("Big=Big", "a=a", "b=b", "m=m"));
}

TEST(UntouchedColumns, AreFollowedThroughRenameAndFlatten) {
  EXPECT_THAT(After({RenameStep{{{"a", "b"}, {"b", "a"}}}}), ElementsAre("Big=Big", "a=b", "b=a", "m=m"));
  EXPECT_THAT(After({RenameStep{{{"big", "c"}}}}), ElementsAre("a=a", "b=b", "m=m"));
  EXPECT_THAT(After({FlattenStep{}}), ElementsAre("Big=Big", "a=a", "b=b", "m_in_y=m.in.y", "m_x=m.x"));
  EXPECT_THAT(After({FlattenStep{{"m"}}, RenameStep{{{"m_x", "x"}}}}),
              ElementsAre("Big=Big", "a=a", "b=b", "m_in_y=m.in.y", "x=m.x"));
}

TEST(UntouchedColumns, EndWithACastOrAStatement) {
  EXPECT_THAT(After({CastStep{{{"A", "bigint"}, {"m", "json"}}}}), ElementsAre("Big=Big", "b=b"));
  EXPECT_THAT(After({SqlStep{"SELECT * FROM input"}}), IsEmpty());
}

TEST(UntouchedColumns, OfASelectAreStarsAndNames) {
  const auto select = [](const std::vector<std::string>& items) { return After({SelectStep{items}}); };
  EXPECT_THAT(select({"*"}), ElementsAre("Big=Big", "a=a", "b=b", "m=m"));
  EXPECT_THAT(select({"* EXCLUDE (A, big)"}), ElementsAre("b=b", "m=m"));
  EXPECT_THAT(select({"* EXCLUDE a", "a + 1 AS a"}), ElementsAre("Big=Big", "b=b", "m=m"));
  EXPECT_THAT(select({"* REPLACE (a + 1 AS A)"}), ElementsAre("Big=Big", "b=b", "m=m"));
  EXPECT_THAT(select({"* RENAME (a AS z)"}), ElementsAre("Big=Big", "b=b", "m=m"));
  EXPECT_THAT(select({"b", "\"a\" AS c, Big"}), ElementsAre("Big=Big", "b=b", "c=a"));
  EXPECT_THAT(select({"coalesce(a, b) AS b", "m.x", "a::int AS c"}), IsEmpty());
  EXPECT_THAT(select({"a -- a remark", "b"}), ElementsAre("a=a", "b=b"));
}

TEST(UntouchedColumns, OfASelectAreNoDoubtfulOnes) {
  const auto select = [](const std::vector<std::string>& items) { return After({SelectStep{items}}); };
  EXPECT_THAT(select({"a AS b", "b AS c"}), ElementsAre("b=a")) << "b may be the item before";
  EXPECT_THAT(select({"COLUMNS('a|b')", "COLUMNS(*)"}), IsEmpty());
  EXPECT_THAT(select({"input.*"}), IsEmpty());
  EXPECT_THAT(select({"big AS c", "input.a AS d"}), IsEmpty());
  EXPECT_THAT(select({"not SQL"}), IsEmpty());
}

}  // namespace
}  // namespace firn
