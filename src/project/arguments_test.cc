#include "project/arguments.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "project/parsed_project_test.h"

namespace firn {
namespace {

using ::testing::HasSubstr;

constexpr const char* kZone = "America/Sao_Paulo";

YamlNode Node(const std::string& text) {
  Findings findings;
  return ParseYaml("f.yaml", text, findings).value_or(YamlNode{});
}

std::vector<ArgumentDeclaration> Declare(const std::string& text) {
  Findings findings;
  const YamlNode node = Node(text);
  std::vector<ArgumentDeclaration> declared = DeclareArguments(&node, findings);
  EXPECT_TRUE(findings.empty()) << findings.list()[0].Text();
  return declared;
}

TEST(Arguments, TakeTheirTypeFromTheDefault) {
  const auto declared = Declare(
      "{A: yesterday, B: 2025-11-03, C: '2025-11-03', D: 10, E: true, F: csv, G: '10', H: 007, I: 0.5, J: {type: "
      "integer}}");
  std::vector<std::string> types;
  for (const ArgumentDeclaration& each : declared) types.emplace_back(NameOf(each.type));
  EXPECT_THAT(types, testing::ElementsAre("date", "date", "date", "integer", "boolean", "string", "string", "string",
                                          "string", "integer"));
  EXPECT_FALSE(declared.back().default_text);
}

TEST(Arguments, ResolveDatesInTheProjectsZone) {
  const auto values = ResolveArguments(Declare("{A: yesterday, B: today, C: 2024-02-29}"), {}, kZone, kNow);
  ASSERT_TRUE(values.has_value());
  EXPECT_EQ(values->at("A").text, "2025-11-01");
  EXPECT_EQ(values->at("B").text, "2025-11-02");
  EXPECT_EQ(values->at("C").text, "2024-02-29");
  EXPECT_EQ(ResolveArguments(Declare("{B: today}"), {}, "UTC", kNow)->at("B").text, "2025-11-03");
  EXPECT_EQ(ResolveArguments(Declare("{B: today}"), {{"B", "yesterday"}}, kZone, kNow)->at("B").text, "2025-11-01");
}

TEST(Arguments, TakeOverridesOfTheirTypeOnly) {
  const auto declared =
      Declare("{DAY: today, N: 1, DRY: false, F: {type: string, default: csv, allowed: [csv, json]}}");
  const auto values = ResolveArguments(declared, {{"N", "+07"}, {"DRY", "TRUE"}, {"F", "json"}}, kZone, kNow);
  ASSERT_TRUE(values.has_value()) << values.error().Text();
  EXPECT_EQ(values->at("N").ToJson(), Json(7));
  EXPECT_EQ(values->at("DRY").ToJson(), Json(true));
  EXPECT_EQ(values->at("F").ToJson(), Json("json"));
  const auto error = [&](const std::string& name, const std::string& text) {
    const auto result = ResolveArguments(declared, {{name, text}}, kZone, kNow);
    EXPECT_FALSE(result.has_value()) << text;
    return result.has_value() ? Error{} : result.error();
  };
  EXPECT_EQ(error("N", "ten").kind, ErrorKind::kInvalidArgument);
  EXPECT_EQ(error("N", "ten").message, "argument 'N': 'ten' is not an integer");
  EXPECT_EQ(error("DAY", "2025-13-01").message, "argument 'DAY': '2025-13-01' is not a date");
  EXPECT_EQ(error("DRY", "yes").message, "argument 'DRY': 'yes' is not a boolean");
  EXPECT_THAT(error("F", "xml").hint, HasSubstr("csv, json"));
  EXPECT_THAT(error("F", "\xff").message, HasSubstr("not UTF-8"));
  EXPECT_EQ(error("DAYS", "today").message, "no argument 'DAYS'");
  EXPECT_THAT(error("DAYS", "today").hint, HasSubstr("Did you mean 'DAY'?"));
}

TEST(Arguments, WithoutADefaultNeedAValue) {
  const auto result = ResolveArguments(Declare("{N: {type: integer}}"), {}, kZone, kNow);
  ASSERT_FALSE(result.has_value());
  EXPECT_EQ(result.error().kind, ErrorKind::kInvalidArgument);
  EXPECT_THAT(result.error().hint, HasSubstr("--arg N=VALUE (integer)"));
}

TEST(Arguments, ReplaceWholeScalarsWithTheirTypeAndPartsWithTheirText) {
  const auto declared = Declare("{N: 7, S: '7', D: 2025-11-03, B: true, LATER: {type: string}}");
  const ArgumentValues values = SampleValues(declared);
  Findings findings;
  const YamlNode node = Substitute(Node("{n: ${N}, s: '${S}', d: ${D}, b: ${B}, part: 'x-${N}/${D}', escaped: '$${N} "
                                        "$${N}${N}', left: '${LATER} ${', list: [{a: ${N}}]}"),
                                   declared, values, findings);
  EXPECT_TRUE(findings.empty());
  EXPECT_EQ(ScalarKindOf(*node.Find("n")), ScalarKind::kInteger);
  EXPECT_EQ(ScalarKindOf(*node.Find("s")), ScalarKind::kText);
  EXPECT_EQ(ScalarKindOf(*node.Find("b")), ScalarKind::kBoolean);
  EXPECT_EQ(node.Find("d")->text, "2025-11-03");
  EXPECT_EQ(node.Find("part")->text, "x-7/2025-11-03");
  EXPECT_EQ(node.Find("escaped")->text, "${N} ${N}7");
  EXPECT_EQ(node.Find("left")->text, "${LATER} ${");
  EXPECT_EQ(node.Find("list")->items[0].Find("a")->argument, "N");
}

TEST(Arguments, AreNotPutInTwice) {
  const auto declared = Declare("{A: x, B: y}");
  Findings findings;
  const YamlNode node =
      Substitute(Node("{v: '${A}'}"), declared,
                 {{"A", {ArgumentType::kString, "${B}"}}, {"B", {ArgumentType::kString, "y"}}}, findings);
  EXPECT_EQ(node.Find("v")->text, "${B}");
}

}  // namespace
}  // namespace firn
