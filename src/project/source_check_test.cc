#include "project/source_check.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "project/parsed_project_test.h"
#include "project/project.h"
#include "project/sample_project_test.h"

namespace firn {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::SizeIs;

std::vector<std::string> SourceFindings(const std::string& base) {
  std::vector<std::string> texts;
  for (const Finding& finding : ValidateProjectText("", base, "")) texts.push_back(finding.Text());
  return texts;
}

TEST(SourceCheck, AJobReadsATableOfDynamoDb) {
  const std::string base = SmallProject(
      "{dynamodb: {table: orders, segments: 8, consistent_read: true, page_items: 50, resume_within: 90m,\n"
      "            columns: {id: string, total: 'decimal(38,10)'}}}",
      "[]", "{table: clean, names: timed}",
      "dynamodb: {endpoint: 'http://127.0.0.1:8000', region: eu-west-1, profile: p}\n");
  const Project project = ParsedProject(base);
  EXPECT_EQ(project.dynamodb.endpoint, "http://127.0.0.1:8000");
  EXPECT_EQ(project.dynamodb.region, "eu-west-1");
  EXPECT_EQ(project.dynamodb.profile, "p");
  const auto job = ResolveJob(project, JobName("tidy"), {}, kNow);
  ASSERT_TRUE(job) << job.error().Text();
  ASSERT_TRUE(job->read.dynamodb);
  const DynamoSource& source = *job->read.dynamodb;
  EXPECT_EQ(source.table, "orders");
  EXPECT_EQ(source.segments, 8);
  EXPECT_TRUE(source.consistent_read);
  EXPECT_EQ(source.page_items, 50);
  EXPECT_EQ(source.resume_within, std::chrono::minutes(90));
  ASSERT_THAT(source.columns.fields, SizeIs(2));
  EXPECT_EQ(source.columns.fields[1].type.scale, 10);
  EXPECT_EQ(job->write.names, FileNames::kTimed);
}

TEST(SourceCheck, WhatIsNotSaidHasItsDefault) {
  const auto job = ResolveJob(ParsedProject(SmallProject("{dynamodb: {table: orders}}")), JobName("tidy"), {}, kNow);
  ASSERT_TRUE(job) << job.error().Text();
  EXPECT_EQ(job->read.dynamodb->segments, 4);
  EXPECT_EQ(job->read.dynamodb->page_items, 0);
  EXPECT_EQ(job->read.dynamodb->resume_within, std::chrono::hours(24));
  EXPECT_TRUE(job->read.dynamodb->columns.fields.empty());
}

TEST(SourceCheck, OneSourceAndNoOther) {
  EXPECT_THAT(SourceFindings(SmallProject("{table: raw, dynamodb: {table: orders}}")),
              ElementsAre(HasSubstr("job 'tidy' reads both a `table` and `dynamodb`")));
  EXPECT_THAT(SourceFindings(SmallProject("{bad_files: fail}")),
              ElementsAre(HasSubstr("job 'tidy' does not say what it reads")));
  EXPECT_THAT(SourceFindings(SmallProject("{dynamodb: {table: orders, segments: 0}}")), SizeIs(1));
  EXPECT_THAT(SourceFindings(SmallProject("{dynamodb: {segments: 4}}")), SizeIs(1));
}

TEST(SourceCheck, ATableOfDynamoDbIsReadWhole) {
  EXPECT_THAT(SourceFindings(SmallProject("{dynamodb: {table: orders}, date: yesterday}")),
              ElementsAre(HasSubstr("`date` chooses partitions, and a table of DynamoDB has none")));
  EXPECT_THAT(SourceFindings(SmallProject("{dynamodb: {table: orders}, partition: {year: 2025}}")),
              ElementsAre(HasSubstr("`partition` chooses partitions")));
  for (const char* bookmark : {"enable", "pause"})
    EXPECT_THAT(SourceFindings(SmallProject("{dynamodb: {table: orders}}", "[]",
                                            std::string("{table: clean}\n    bookmark: ") + bookmark)),
                ElementsAre(HasSubstr("scans DynamoDB, and a bookmark remembers files")));
  EXPECT_TRUE(SourceFindings(SmallProject("{dynamodb: {table: orders}}", "[]", "{table: clean}\n    bookmark: disable"))
                  .empty());
}

TEST(SourceCheck, TriggersGiveItNothing) {
  EXPECT_THAT(SourceFindings(SmallProject("{dynamodb: {table: orders}}", "[]", "{table: clean, mode: append}",
                                          "triggers: {landed: {job: tidy, prefix: raw/}}\n")),
              ElementsAre(HasSubstr("trigger 'landed' gives objects of the lake to a job that scans DynamoDB")));
}

TEST(SourceCheck, AnExportIsOnlyRead) {
  std::string base = SmallProject();
  base.replace(base.find("location: clean"), 15, "format: dynamodb_json, location: clean");
  EXPECT_THAT(SourceFindings(base),
              ElementsAre(HasSubstr("table 'clean' has the format dynamodb_json, which is only read")));
}

}  // namespace
}  // namespace firn
