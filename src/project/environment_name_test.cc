#include "project/environment_name.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "project/project.h"

namespace firn {
namespace {

using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::SizeIs;

constexpr const char* kPattern =
    "project: cat-${env}-platform\n"
    "lake: ./lake/${env}\n"
    "tags: {Stack: \"cat-${env}-${env}-stack\"}\n"
    "tables: {raw: {location: raw}, out: {location: \"${env}/out\"}}\n"
    "jobs:\n"
    "  cat-${env}-normalize: {arguments: {DAY: today}, read: {dynamodb: {table: \"cat-${env}-${DAY}\"}}, write: "
    "{table: out}}\n"
    "schedules:\n"
    "  daily-${env}: {job: \"cat-${env}-normalize\", executions_per_day: 1}\n";

TEST(EnvironmentName, StandsInNamesAndValues) {
  const auto project =
      ParseProject("/p", "prod", kPattern, "jobs: {\"cat-${env}-normalize\": {read: {dynamodb: {segments: 9}}}}\n");
  ASSERT_TRUE(project) << project.error().Text();
  EXPECT_EQ(project->name, "cat-prod-platform");
  EXPECT_EQ(project->lake, "./lake/prod");
  EXPECT_EQ(project->tags.at("Stack"), "cat-prod-prod-stack");
  EXPECT_EQ(project->FindTable(TableName("out"))->location, "prod/out");
  ASSERT_THAT(project->jobs, SizeIs(1));
  const auto job = ResolveJob(*project, JobName("cat-prod-normalize"), {{"DAY", "2026-01-15"}}, 0);
  ASSERT_TRUE(job) << job.error().Text();
  EXPECT_EQ(job->read.dynamodb->table, "cat-prod-2026-01-15");
  EXPECT_EQ(job->read.dynamodb->segments, 9);
}

TEST(EnvironmentName, CanBeMeantAsText) {
  const auto project = ParseProject("/p", "prod",
                                    "project: p\ntables: {a: {location: a}, b: {location: b}}\n"
                                    "jobs: {j: {read: {table: a}, steps: [{select: [\"'$${env} ${env}' AS x\"]}], "
                                    "write: {table: b}}}\n",
                                    "");
  ASSERT_TRUE(project) << project.error().Text();
  const auto job = ResolveJob(*project, JobName("j"), {}, 0);
  ASSERT_TRUE(job) << job.error().Text();
  EXPECT_EQ(std::get<SelectStep>(job->steps.at(0)).expressions.at(0), "'${env} prod' AS x");
}

TEST(EnvironmentName, IsMissedWhereItIsWanted) {
  const auto findings = ValidateProjectText("", kPattern, "");
  ASSERT_THAT(findings, SizeIs(1));
  EXPECT_THAT(findings[0].Text(), HasSubstr("firn.yaml:1:10: ${env} is the environment's name, and none was given"));
}

TEST(EnvironmentName, IsNoArgument) {
  const std::string base =
      "project: p\ntables: {a: {location: a}, b: {location: b}}\n"
      "jobs: {j: {arguments: {env: x}, read: {table: a}, write: {table: b}}}\n";
  const auto findings = ValidateProjectText("", base, "");
  ASSERT_THAT(findings, SizeIs(1));
  EXPECT_THAT(findings[0].Text(), HasSubstr("an argument cannot be called 'env'"));
  EXPECT_THAT(ValidateProjectText("test", "project: p\n", ""), IsEmpty());
}

}  // namespace
}  // namespace firn
