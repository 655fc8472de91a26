#include "project/desired_state.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "project/parsed_project_test.h"
#include "project/sample_project_test.h"

namespace firn {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

Json State(const std::string& base) {
  return DesiredState(ParsedProject(base));
}

TEST(DesiredState, NamesEveryResource) {
  std::vector<std::string> names;
  const Json whole = State(kSketch);
  for (const auto& [name, value] : whole.items()) names.push_back(name);
  EXPECT_THAT(names, ElementsAre("project", "table/chargebacks_consolidated", "table/landing_chargebacks",
                                 "crawler/chargebacks-landing-crawler", "job/chargebacks-consolidation",
                                 "schedule/consolidation", "updater/consolidation-updater", "retention/landing",
                                 "retention/consolidated", "retention/temp", "alarm/JobFailures", "alarm/JobDuration",
                                 "alarm/DailySuccessRate"));
}

TEST(DesiredState, KeepsArgumentsUnresolved) {
  EXPECT_EQ(State(kSketch)["job/chargebacks-consolidation"]["write"]["files"], "${OUTPUT_FILE_COUNT}");
}

TEST(DesiredState, IsTheSameForTheSameProjectWrittenOtherwise) {
  const std::string one =
      "project: x\ntags: {a: 1, b: 2}\ntables: {t: {location: l}, u: {location: m, layout: key=value}}\nalarms: "
      "[{metric: m, above: 1}, {metric: m, below: 0}]\n";
  const std::string two =
      "alarms: [{above: 1, metric: m}, {below: 0, metric: m}]\ntables: {u: {location: m/}, t: {layout: key=value, "
      "location: l}}\ntags: {b: '2', a: 1}\nlake: ./lake\nproject: x\n";
  EXPECT_EQ(State(one).dump(), State(two).dump());
  EXPECT_TRUE(State(one).contains("alarm/m#2"));
}

TEST(DesiredState, SeesTheOrderOfColumns) {
  const auto with = [](const std::string& columns) {
    return State("project: x\ntables: {t: {location: l, columns: " + columns + "}}\n").dump();
  };
  EXPECT_NE(with("{a: int, b: int}"), with("{b: int, a: int}"));
}

TEST(PlanDiff, OfEqualStatesIsEmpty) {
  EXPECT_THAT(PlanDiff(State(kSketch), State(kSketch)), IsEmpty());
  EXPECT_THAT(RenderPlan({}), HasSubstr("No changes"));
}

TEST(PlanDiff, CreatesEverythingOnAnEmptyLake) {
  const auto changes = PlanDiff(State(kSketch), Json::object());
  EXPECT_EQ(changes.size(), 13u);
  for (const PlanChange& change : changes) EXPECT_EQ(change.action, PlanAction::kCreate);
  EXPECT_THAT(RenderPlan(changes),
              HasSubstr("  + table/landing_chargebacks\n      location: \"landing/chargebacks\"\n"));
  EXPECT_THAT(RenderPlan(changes), HasSubstr("Plan: 13 to create, 0 to update, 0 to delete.\n"));
}

TEST(PlanDiff, TellsOldAndNewOfEachChangedKey) {
  const Json before = State(SmallProject("{table: raw}", "[{dedupe: {key: [a]}}]", "{table: clean, files: 1}"));
  const Json after =
      State(SmallProject("{table: raw, date: today}", "[{dedupe: {key: [a, b]}}]", "{table: clean, files: 2}"));
  const auto changes = PlanDiff(after, before);
  ASSERT_EQ(changes.size(), 1u);
  EXPECT_EQ(changes[0].action, PlanAction::kUpdate);
  EXPECT_EQ(changes[0].resource, "job/tidy");
  EXPECT_EQ(RenderPlan(changes),
            "  ~ job/tidy\n"
            "      read.date: (none) -> \"today\"\n"
            "      steps[0].dedupe.key: [\"a\"] -> [\"a\",\"b\"]\n"
            "      write.files: 1 -> 2\n"
            "\nPlan: 0 to create, 1 to update, 0 to delete.\n");
  EXPECT_EQ(PlanToJson(changes)[0]["changes"][2].dump(), R"({"key":"write.files","before":1,"after":2})");
}

TEST(PlanDiff, DeletesWhatIsNoLongerDeclared) {
  const auto changes = PlanDiff(State("project: x\n"), State("project: x\ntables: {t: {location: l}}\n"));
  ASSERT_EQ(changes.size(), 1u);
  EXPECT_EQ(changes[0].action, PlanAction::kDelete);
  EXPECT_THAT(RenderPlan(changes), HasSubstr("  - table/t\n      location: \"l\"\n"));
}

TEST(PlanDiff, TakesAnyDeployedJson) {
  EXPECT_EQ(PlanDiff(State("project: x\n"), Json()).size(), 1u);
  EXPECT_EQ(PlanDiff(State("project: x\n"), Json{{"project", 7}})[0].action, PlanAction::kUpdate);
}

TEST(PlanNotes, NameWhatIsOnlyRecorded) {
  EXPECT_THAT(PlanNotes(ParsedProject(kSketch)),
              ElementsAre(HasSubstr("schedules: recorded, but not yet executed"), HasSubstr("crawlers' schedules"),
                          HasSubstr("updaters"), HasSubstr("retention"), HasSubstr("alarms")));
  EXPECT_THAT(PlanNotes(ParsedProject("project: x\n")), IsEmpty());
}

TEST(Outputs, SayWhereThingsAreAndHowToUseThem) {
  const Json outputs = Outputs(ParsedProject(kSketch));
  EXPECT_EQ(outputs["lake"], "/work/here/lake");
  EXPECT_EQ(outputs["tables"]["landing_chargebacks"]["location"], "/work/here/lake/landing/chargebacks");
  EXPECT_EQ(outputs["tables"]["chargebacks_consolidated"]["format"], Json());
  EXPECT_THAT(outputs["commands"].dump(),
              HasSubstr("firn -C /work/here run chargebacks-consolidation --arg PARTITION_DATE=2025-11-03"));
  EXPECT_EQ(
      Outputs(ParsedProject("project: x\nlake: s3://b/p\ntables: {t: {location: l}}\n"))["tables"]["t"]["location"],
      "s3://b/p/l");
}

}  // namespace
}  // namespace firn
