#include "dynamodb/scan_state.h"

#include <gtest/gtest.h>

namespace firn {
namespace {

Item Key(int64_t id) {
  return {{"id", AttributeValue::Number(id)}};
}

Selection Orders() {
  Selection selection;
  selection.table = "orders";
  selection.filter = "n > :n";
  selection.placeholders.values = {{":n", AttributeValue::Number(1)}};
  return selection;
}

TEST(ScanState, GoesOnWhereEachSegmentIs) {
  ScanState state(Orders(), 3);
  EXPECT_EQ(state.NextStart(0), Item());
  state.Advance(1, Key(7));
  state.Advance(2, {});
  const auto again = ScanState::Parse(Json::parse(state.ToJson().dump()), Orders(), 3);
  ASSERT_TRUE(again) << again.error().Text();
  EXPECT_EQ(again->NextStart(0), Item());
  EXPECT_EQ(again->NextStart(1), Key(7));
  EXPECT_EQ(again->NextStart(2), std::nullopt);
  EXPECT_EQ(again->ToJson(), state.ToJson());
  EXPECT_FALSE(again->done());
}

TEST(ScanState, IsDoneWhenAllSegmentsAre) {
  ScanState state(Orders(), 2);
  state.Advance(0, {});
  EXPECT_FALSE(state.done());
  state.Advance(1, {});
  EXPECT_TRUE(state.done());
  EXPECT_TRUE(ScanState::Parse(state.ToJson(), Orders(), 2)->done());
}

TEST(ScanState, RefusesThatOfAnotherScan) {
  const Json saved = ScanState(Orders(), 2).ToJson();
  const auto refusal = [&](auto change, int segments = 2) {
    Selection selection = Orders();
    change(selection);
    const auto state = ScanState::Parse(saved, selection, segments);
    return state ? "none" : std::string(NameOf(state.error().kind)) + ": " + state.error().message;
  };
  const auto none = [](Selection&) {};
  EXPECT_EQ(refusal(none), "none");
  EXPECT_EQ(refusal([](Selection& s) { s.consistent_read = true; }), "none");
  EXPECT_EQ(refusal(none, 4), "Mismatch: the saved state is of another scan: it has 2 segments, not 4");
  EXPECT_EQ(refusal([](Selection& s) { s.table = "people"; }),
            "Mismatch: the saved state is of another scan: of table 'orders', not 'people'");
  EXPECT_EQ(refusal([](Selection& s) { s.index = "by-day"; }),
            "Mismatch: the saved state is of another scan: of index '', not 'by-day'");
  const std::string other = "Mismatch: the saved state is of another scan: with another projection or filter";
  EXPECT_EQ(refusal([](Selection& s) { s.filter = ""; }), other);
  EXPECT_EQ(refusal([](Selection& s) { s.projection = "id"; }), other);
  EXPECT_EQ(refusal([](Selection& s) { s.placeholders.values[":n"] = AttributeValue::Number(2); }), other);
}

TEST(ScanState, RefusesWhatIsNone) {
  const Json good = ScanState(Orders(), 1).ToJson();
  for (const auto& [path, value] : {std::pair{"/version", Json(2)},
                                    {"/segments", Json(1)},
                                    {"/segments", Json::array()},
                                    {"/segments/0", Json(1)},
                                    {"/segments/0/next", Json({{"id", 1}})}}) {
    Json bad = good;
    bad[Json::json_pointer(path)] = value;
    const auto state = ScanState::Parse(bad, Orders(), 1);
    ASSERT_FALSE(state) << bad;
    EXPECT_EQ(state.error().kind, ErrorKind::kCorrupt) << bad;
  }
  EXPECT_FALSE(ScanState::Parse(Json("state"), Orders(), 1));
}

}  // namespace
}  // namespace firn
