#include "text/json_records.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <rapidcheck.h>

#include <deque>
#include <regex>
#include <set>

#include "base/json.h"

namespace firn {
namespace {

using ::testing::HasSubstr;

class JsonRecordsTest : public ::testing::Test {
 protected:
  bool Add(const std::string& record) {
    std::string& kept = kept_.emplace_back(record);
    kept.append(JsonRecords::kPadding, ' ');
    return parser_.Add(kept.data(), record.size(), row_++, root_, made_);
  }
  const TokenColumn& Column(const std::string& name) { return *root_.FindField(name); }

  JsonRecords parser_;
  TokenColumn root_;
  std::deque<std::string> kept_;
  uint32_t row_ = 0;
  int64_t made_ = 0;
};

TEST_F(JsonRecordsTest, TakesARecordApart) {
  ASSERT_TRUE(Add(R"( {"a": -1.5e3, "b": {"c": "x\ny", "d": null}, "e": [1, [2], {"f": true}], "\u0067": 12} )"))
      << parser_.problem();
  EXPECT_EQ(Column("a").tokens()[0].text(), "-1.5e3");
  EXPECT_EQ(Column("a").tokens()[0].kind, TokenKind::kNumber);
  EXPECT_EQ(Column("b").FindField("c")->tokens()[0].text(), "x\ny");
  EXPECT_EQ(Column("b").FindField("d")->tokens()[0].kind, TokenKind::kNull);
  EXPECT_EQ(JsonOf(Column("b"), Column("b").tokens()[0]), R"({"c":"x\ny","d":null})");
  EXPECT_EQ(Column("e").tokens()[0].size, 3U);
  EXPECT_EQ(JsonOf(Column("e"), Column("e").tokens()[0]), R"([1,[2],{"f":true}])");
  EXPECT_EQ(Column("g").tokens()[0].text(), "12");
}

TEST_F(JsonRecordsTest, ARecordThatIsNoneLeavesNothing) {
  ASSERT_TRUE(Add(R"({"a": 1, "l": [1, 2]})"));
  for (const char* record :
       {R"({"a": 2, "l": [3)", R"({"a": 2, "new": 7, "l": [3, {"x": 1, "x": 2}]})", R"({"l": [3, 4], "a": 01})"}) {
    EXPECT_FALSE(Add(record)) << record;
    --row_;
    EXPECT_EQ(Column("a").tokens().size(), 1U);
    EXPECT_EQ(Column("l").element()->tokens().size(), 2U);
  }
  EXPECT_TRUE(root_.FindField("new")->tokens().empty());
  ASSERT_TRUE(Add(R"({"l": [5]})"));
  EXPECT_EQ(Column("l").element()->tokens().back().slot, 2U);
}

TEST_F(JsonRecordsTest, SaysWhatIsWrong) {
  EXPECT_FALSE(Add(R"({"a": 1, "a": 2})"));
  EXPECT_EQ(parser_.problem(), "the key 'a' stands twice");
  EXPECT_FALSE(Add("[1]"));
  EXPECT_THAT(parser_.problem(), HasSubstr("must be an object"));
  EXPECT_FALSE(Add(R"({"a": 1} {"b": 2})"));
  EXPECT_FALSE(Add("{\"a\": \"\xff\"}"));
  EXPECT_THAT(parser_.problem(), HasSubstr("UTF-8"));
  std::string deep;
  for (int i = 0; i < 1000; ++i) deep += R"({"a":)";
  EXPECT_FALSE(Add(deep + "1" + std::string(1000, '}')));
  EXPECT_EQ(parser_.problem(), "it is nested deeper than 64");
  EXPECT_FALSE(Add(R"({"a":)" + std::string(1000, '[') + std::string(1000, ']') + "}"));
  EXPECT_EQ(parser_.problem(), "it is nested deeper than 64");
}

TEST_F(JsonRecordsTest, AMapKeepsItsKeysAsValues) {
  MakeMaps({{{"m",
              {.kind = TypeKind::kMap,
               .children = {{"key", {.kind = TypeKind::kString}}, {"value", {.kind = TypeKind::kInt64}}}}}}},
           root_);
  ASSERT_TRUE(Add(R"({"m": {"x": 1, "y": 2}})"));
  ASSERT_TRUE(Add(R"({"m": {"z": 3}})"));
  const TokenColumn& entries = *Column("m").element();
  EXPECT_TRUE(Column("m").fields().empty());
  EXPECT_EQ(entries.FindField("value")->tokens()[2].text(), "3");
  EXPECT_EQ(entries.FindField("key")->tokens()[2].slot, 2U);
  EXPECT_FALSE(Add(R"({"m": {"x": 1, "x": 2}})"));
}

// Whether another parser takes it, and no object has a key twice.
bool OtherTakes(const std::string& text) {
  bool twice = false;
  std::vector<std::set<std::string>> keys;
  const auto look = [&](int, Json::parse_event_t event, Json& parsed) {
    if (event == Json::parse_event_t::object_start) keys.emplace_back();
    if (event == Json::parse_event_t::object_end) keys.pop_back();
    if (event == Json::parse_event_t::key) twice |= !keys.back().insert(parsed.get<std::string>()).second;
    return true;
  };
  const Json parsed = Json::parse(text, look, false);
  return !parsed.is_discarded() && parsed.is_object() && !twice;
}

TEST_F(JsonRecordsTest, TakesWhatAnotherParserTakesAndNothingElse) {
  const std::vector<std::string> seeds = {
      R"({"a":1,"b":{"c":[1,2.5,{"d":"x\n"}],"e":null},"f":true})", R"({"":"","x":[[],{}],"y":-0.0e-1,"z":"\u00e9é"})",
      R"({"a":"\\\"","b":[false,true,null],"c":{"a":{"a":1}}})", R"({"n":123456789012345678901234567890,"m":1E5})"};
  const std::string pool = "{}[]\",:\\0123456789.eE+-truefalsn \t\n\x01\x7f\xc3\xa9\xff";
  rc::check("as nlohmann-json", [&] {
    std::string text = *rc::gen::elementOf(seeds);
    const int edits = *rc::gen::inRange(0, 4);
    for (int i = 0; i < edits && !text.empty(); ++i) {
      const size_t at = *rc::gen::inRange<size_t>(0, text.size());
      const int how = *rc::gen::inRange(0, 3);
      const char c = *rc::gen::elementOf(pool);
      if (how == 0) text[at] = c;
      if (how == 1) text.erase(at, 1);
      if (how == 2) text.insert(at, 1, c);
    }
    RC_CLASSIFY(OtherTakes(text));
    row_ = 0;
    root_ = TokenColumn();
    kept_.clear();
    const bool taken = Add(text);
    // The other one refuses what overflows a double; here its digits stay.
    if (std::regex_search(text, std::regex("[eE][+]?[0-9]{3}"))) return;
    if (taken != OtherTakes(text)) RC_FAIL(text + ": " + parser_.problem());
  });
}

}  // namespace
}  // namespace firn
