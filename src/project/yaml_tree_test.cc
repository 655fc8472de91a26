#include "project/yaml_tree.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "project/yaml_text.h"

namespace firn {
namespace {

using ::testing::HasSubstr;

struct Parsed {
  std::optional<YamlNode> root;
  Findings findings;
};

Parsed ParseText(const std::string& text, const YamlLimits& limits = {}) {
  Parsed parsed;
  parsed.root = ParseYaml("f.yaml", text, parsed.findings, limits);
  return parsed;
}

Finding OnlyFinding(const std::string& text, const YamlLimits& limits = {}) {
  const Parsed parsed = ParseText(text, limits);
  EXPECT_EQ(parsed.findings.size(), 1u) << text;
  if (parsed.findings.empty()) return {};
  EXPECT_FALSE(parsed.findings.list()[0].hint.empty());
  return parsed.findings.list()[0];
}

TEST(YamlTree, KnowsWhereEveryPartIsWritten) {
  const Parsed parsed = ParseText("a: 1\nb:\n  - x\n  - {c: 'y'}\n");
  ASSERT_TRUE(parsed.root);
  EXPECT_EQ(parsed.root->Find("a")->position, (SourcePosition{"f.yaml", 1, 4}));
  EXPECT_EQ(parsed.root->FindEntry("b")->position, (SourcePosition{"f.yaml", 2, 1}));
  const YamlNode& item = parsed.root->Find("b")->items[1];
  EXPECT_EQ(item.Find("c")->position, (SourcePosition{"f.yaml", 4, 9}));
  EXPECT_TRUE(item.Find("c")->quoted);
}

TEST(YamlTree, TellsScalarsApartByTheCoreSchema) {
  const Parsed list = ParseText("[1, -7, '1', true, 0.5, 1e3, 007, yes, 2025-11-03]");
  ASSERT_TRUE(list.root);
  std::vector<ScalarKind> kinds;
  for (const YamlNode& item : list.root->items) kinds.push_back(ScalarKindOf(item));
  EXPECT_EQ(kinds, (std::vector{ScalarKind::kInteger, ScalarKind::kInteger, ScalarKind::kText, ScalarKind::kBoolean,
                                ScalarKind::kNumber, ScalarKind::kNumber, ScalarKind::kText, ScalarKind::kText,
                                ScalarKind::kText}));
}

TEST(YamlTree, ReadsArgumentsAndCronWholeInsideFlowCollections) {
  const Parsed parsed = ParseText("{a: ${X}, b: [${Y_2}, x${Z}y], c: cron(0 0,6 * * ? *), d: '${Q}, {}'}");
  ASSERT_TRUE(parsed.root) << parsed.findings.list()[0].Text();
  EXPECT_EQ(parsed.root->Find("a")->text, "${X}");
  EXPECT_EQ(parsed.root->Find("b")->items[0].text, "${Y_2}");
  EXPECT_EQ(parsed.root->Find("b")->items[1].text, "x${Z}y");
  EXPECT_EQ(parsed.root->Find("c")->text, "cron(0 0,6 * * ? *)");
  EXPECT_EQ(parsed.root->Find("c")->position.column, 35);
  EXPECT_EQ(parsed.root->Find("d")->text, "${Q}, {}");
}

TEST(YamlTree, KeepsTheFirstOfADuplicateKeyAndReportsTheOther) {
  const Parsed parsed = ParseText("a: 1\nb: 2\na: 3\n");
  ASSERT_TRUE(parsed.root);
  EXPECT_EQ(parsed.root->Find("a")->text, "1");
  ASSERT_EQ(parsed.findings.size(), 1u);
  EXPECT_EQ(parsed.findings.list()[0].Text(), "f.yaml:3:1: key 'a' is repeated");
  EXPECT_THAT(parsed.findings.list()[0].hint, HasSubstr("line 1"));
}

TEST(YamlTree, ExpandsAliasesAndMergeKeys) {
  const Parsed parsed =
      ParseText("base: &b {x: 1, y: 2}\nmore: &m {y: 9, z: 3}\nuse: {<<: [*b, *m], x: 7}\ncopy: *b\n");
  ASSERT_TRUE(parsed.root);
  const YamlNode* use = parsed.root->Find("use");
  EXPECT_EQ(use->Find("x")->text, "7");
  EXPECT_EQ(use->Find("y")->text, "2");
  EXPECT_EQ(use->Find("z")->text, "3");
  EXPECT_EQ(parsed.root->Find("copy")->Find("y")->text, "2");
}

TEST(YamlTree, StopsAnAliasBomb) {
  std::string bomb = "a0: &a0 [x,x,x,x,x,x,x,x,x,x]\n";
  for (int i = 1; i < 12; ++i) {
    bomb += "a" + std::to_string(i) + ": &a" + std::to_string(i) + " [";
    for (int j = 0; j < 10; ++j) bomb += (j ? ",*a" : "*a") + std::to_string(i - 1);
    bomb += "]\n";
  }
  EXPECT_THAT(OnlyFinding(bomb).message, HasSubstr("more than 100000 values"));
}

TEST(YamlTree, StopsAMergeBombThatRefersToItself) {
  EXPECT_THAT(OnlyFinding("a: &a {b: *a}\n").message, HasSubstr("inside the value that it names"));
  EXPECT_THAT(OnlyFinding("a: {<<: 5}\n").message, HasSubstr("'<<' merges maps only"));
}

TEST(YamlTree, RefusesDeepNestingInLinesAndInAliases) {
  EXPECT_THAT(OnlyFinding(std::string(70, '[') + std::string(70, ']')).message, HasSubstr("deeper than 64"));
  EXPECT_FALSE(ParseText(std::string(100'000, '[')).root);
  EXPECT_FALSE(ParseText(std::string(100'000, '{')).root);
  std::string chain = "a0: &a0 [x]\n";
  for (int i = 1; i < 80; ++i)
    chain += "a" + std::to_string(i) + ": &a" + std::to_string(i) + " [*a" + std::to_string(i - 1) + "]\n";
  EXPECT_THAT(OnlyFinding(chain).message, HasSubstr("deeper than 64"));
}

TEST(YamlTree, RefusesAFileThatIsTooLargeOrHasTooManyValues) {
  EXPECT_THAT(OnlyFinding(std::string((1 << 20) + 1, '#')).message, HasSubstr("1048577 bytes"));
  EXPECT_THAT(OnlyFinding("[a, b, c, d]", {.nodes = 3}).message, HasSubstr("more than 3 values"));
}

TEST(YamlTree, RefusesBytesThatAreNotText) {
  EXPECT_EQ(OnlyFinding("a: 1\nb: \xff\n").Text(), "f.yaml:2:4: byte 0xff is not UTF-8");
  EXPECT_THAT(OnlyFinding("a: \xc0\x80").message, HasSubstr("not UTF-8"));          // overlong NUL
  EXPECT_THAT(OnlyFinding("a: \xed\xa0\x80").message, HasSubstr("not UTF-8"));      // surrogate
  EXPECT_THAT(OnlyFinding("a: \xf4\x90\x80\x80").message, HasSubstr("not UTF-8"));  // past U+10FFFF
  EXPECT_THAT(OnlyFinding("a: \xe2\x82").message, HasSubstr("not UTF-8"));          // cut off
  EXPECT_THAT(OnlyFinding(std::string("a: \0b", 5)).message, HasSubstr("control character 0x00"));
  EXPECT_THAT(OnlyFinding("a: \x04").message, HasSubstr("control character 0x04"));
  EXPECT_THAT(OnlyFinding("\xff\xfe"
                          "a")
                  .message,
              HasSubstr("not UTF-8"));  // UTF-16
  EXPECT_TRUE(ParseText("\xEF\xBB\xBF"
                        "a: ação 日本\n")
                  .root);
}

TEST(YamlTree, NamesTabsAsTheCause) {
  const Finding finding = OnlyFinding("tables:\n\traw: {location: x}\n\tb: 1\n");
  EXPECT_THAT(finding.hint, HasSubstr("tabs"));
}

TEST(YamlTree, ReportsBrokenYamlWithItsPlace) {
  const Finding finding = OnlyFinding("a: [1, 2\nb: 3\n");
  EXPECT_THAT(finding.message, HasSubstr("not YAML"));
  EXPECT_GE(finding.line, 1);
  EXPECT_THAT(OnlyFinding("a: *nothing\n").message, HasSubstr("not YAML"));
}

TEST(YamlTree, RefusesWhatAProjectFileHasNoUseFor) {
  EXPECT_THAT(OnlyFinding("a: 1\n---\nb: 2\n").message, HasSubstr("second document"));
  EXPECT_THAT(OnlyFinding("{[x]: 1}").message, HasSubstr("a key that is not a text"));
  EXPECT_THAT(OnlyFinding("? {x: 1}\n: 2\n").message, HasSubstr("a key that is not a text"));
  EXPECT_THAT(OnlyFinding("~: 2\n").message, HasSubstr("a key that is not a text"));
  EXPECT_THAT(OnlyFinding("a: !python/object x\n").message, HasSubstr("unknown tag"));
  EXPECT_TRUE(ParseText("a: !!str 5\n").root->Find("a")->quoted);
}

TEST(YamlTree, TakesAnEmptyDocumentAsNull) {
  for (const char* text : {"", "# only a comment\n", "---\n", "---\n...\n", "~"}) {
    const Parsed parsed = ParseText(text);
    ASSERT_TRUE(parsed.root) << text;
    EXPECT_EQ(parsed.root->kind, YamlKind::kNull) << text;
  }
}

TEST(YamlText, ProtectsWordsWithoutMovingAnything) {
  const std::string text = "a: ${X}, cron(1,2 ?) cron(no end, xcron(1,2) $${Y} ${} ${1}";
  EXPECT_EQ(ProtectWords(text).size(), text.size());
  EXPECT_EQ(RestoreWords(ProtectWords(text)), text);
}

}  // namespace
}  // namespace firn
