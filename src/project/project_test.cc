#include "project/project.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>

#include "project/parsed_project_test.h"
#include "project/sample_project_test.h"

namespace firn {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

class ProjectFolder : public testing::Test {
 protected:
  void SetUp() override {
    folder_ = std::filesystem::temp_directory_path() /
              ("firn_project_test_" + std::string(testing::UnitTest::GetInstance()->current_test_info()->name()));
    std::filesystem::remove_all(folder_);
    std::filesystem::create_directories(folder_);
  }
  void TearDown() override { std::filesystem::remove_all(folder_); }
  void Put(const std::string& name, const std::string& bytes) const {
    std::ofstream(folder_ / name, std::ios::binary) << bytes;
  }
  [[nodiscard]] std::string dir() const { return folder_.string(); }

 private:
  std::filesystem::path folder_;
};

using ProjectFile = ProjectFolder;

TEST(Project, HoldsWhatTheSketchSays) {
  const Project project = ParsedProject(kSketch);
  EXPECT_EQ(project.name, "poc-chargeback");
  EXPECT_EQ(project.time_zone, "America/Sao_Paulo");
  EXPECT_EQ(project.tags.at("ManagedBy"), "firn");
  EXPECT_EQ(project.LakeFolder(), "/work/here/lake");
  EXPECT_FALSE(project.LakeIsS3());

  const TableDefinition* landing = project.FindTable(TableName("landing_chargebacks"));
  ASSERT_NE(landing, nullptr);
  EXPECT_EQ(landing->location, "landing/chargebacks");
  EXPECT_EQ(landing->layout, PartitionLayout::kDate);
  EXPECT_THAT(landing->partition_by, ElementsAre("year", "month", "day"));
  EXPECT_EQ(project.FindTable(TableName("chargebacks_consolidated"))->layout, PartitionLayout::kKeyValue);

  const CrawlerDefinition* crawler = project.FindCrawler("chargebacks-landing-crawler");
  ASSERT_NE(crawler, nullptr);
  EXPECT_EQ(crawler->schedule, "cron(0 0,6,12,18 * * ? *)");
  EXPECT_EQ(crawler->recrawl, CrawlerDefinition::Recrawl::kNewFoldersOnly);

  ASSERT_EQ(project.schedules.size(), 1u);
  EXPECT_EQ(project.schedules[0].first, std::chrono::minutes(30));
  EXPECT_EQ(project.schedules[0].retries, 2);
  EXPECT_EQ(project.schedules[0].max_event_age, std::chrono::hours(1));
  ASSERT_EQ(project.updaters.size(), 1u);
  EXPECT_EQ(project.updaters[0].on_failure, "chargeback-dlq");
  ASSERT_EQ(project.retention.size(), 3u);
  EXPECT_EQ(project.retention[0].delete_after, std::chrono::hours(7 * 24));
  EXPECT_FALSE(project.retention[0].enabled);
  EXPECT_FALSE(project.retention[1].delete_after);
  ASSERT_EQ(project.alarms.size(), 3u);
  EXPECT_EQ(project.alarms[2].threshold, "75%");
  EXPECT_FALSE(project.alarms[2].above);
}

TEST(Project, MakesCatalogRecordsOfTables) {
  const Project project = ParsedProject(
      "project: x\ntables:\n  t: {location: a/b/, format: csv, partition_by: [day], layout: positional,\n"
      "      columns: {z: bigint, a: 'array<string>'}, options: {header: false, delimiter: ';', null_text: 007}}\n");
  const TableRecord record = ToRecord(project.tables.at(0));
  EXPECT_EQ(record.name.str(), "t");
  EXPECT_EQ(record.location, "a/b");
  EXPECT_EQ(record.format, "csv");
  EXPECT_EQ(record.layout, PartitionLayout::kPositional);
  EXPECT_THAT(record.partition_keys, ElementsAre("day"));
  ASSERT_EQ(record.schema.fields.size(), 2u);
  EXPECT_EQ(record.schema.fields[0].name, "z");  // the order written, not the alphabet's
  EXPECT_EQ(record.schema.fields[1].type.kind, TypeKind::kList);
  EXPECT_EQ(record.options.at("header"), false);
  EXPECT_EQ(record.options.at("null_text"), "007");
}

TEST(Project, KnowsWhereALakeOnS3KeepsItsState) {
  const Project whole = ParsedProject("project: x\nlake: s3://acme-lake\n");
  EXPECT_TRUE(whole.LakeIsS3());
  EXPECT_EQ(whole.StateFolder(), "/work/here/.firn/acme-lake");
  EXPECT_EQ(ParsedProject("project: x\nlake: s3://acme/a/b/\nstate: ../kept\n").StateFolder(), "/work/kept/acme/a/b");
  EXPECT_EQ(ParsedProject("project: x\nlake: s3://acme/a\nstate: /var/firn\n").StateFolder(), "/var/firn/acme/a");
  const Project folder = ParsedProject("project: x\nlake: /data/lake/\nstate: /var/firn\n");
  EXPECT_EQ(folder.LakeFolder(), "/data/lake");
  EXPECT_EQ(folder.StateFolder(), "/data/lake/.firn");
}

TEST(Project, ReadsHowS3IsReached) {
  const Project project = ParsedProject(
      "project: x\nlake: s3://acme/a/b\n"
      "s3: {endpoint: 'http://host:9000', region: eu-west-1, profile: lake, path_style: false, ca_file: ca.pem}\n");
  EXPECT_EQ(ReadS3Url(project.lake).bucket, "acme");
  EXPECT_EQ(ReadS3Url(project.lake).prefix, "a/b");
  EXPECT_EQ(project.s3.endpoint, "http://host:9000");
  EXPECT_EQ(project.s3.region, "eu-west-1");
  EXPECT_EQ(project.s3.profile, "lake");
  EXPECT_EQ(project.s3.path_style, false);
  EXPECT_EQ(project.s3.ca_file, "/work/here/ca.pem");
  EXPECT_EQ(ParsedProject("project: x\nlake: s3://acme\n").s3.path_style, std::nullopt);
}

TEST(Project, NamesTheNearestJob) {
  const auto job = ParsedProject(kSketch).GetJob(JobName("chargeback-consolidation"));
  ASSERT_FALSE(job.has_value());
  EXPECT_EQ(job.error().kind, ErrorKind::kNotFound);
  EXPECT_THAT(job.error().hint, HasSubstr("'chargebacks-consolidation'"));
}

TEST(Overlay, MergesMapsDeepAndReplacesListsAndScalars) {
  const Project project = ParsedProject(kSketch,
                                        "lake: s3://acme\n"
                                        "tags: {Env: prod}\n"
                                        "tables: {chargebacks_consolidated: {format: parquet}}\n"
                                        "retention: [{zone: temp, delete_after: 2d}]\n"
                                        "updaters: null\n");
  EXPECT_EQ(project.environment, "prod");
  EXPECT_EQ(project.lake, "s3://acme");
  EXPECT_EQ(project.tags.size(), 3u);
  EXPECT_EQ(project.FindTable(TableName("chargebacks_consolidated"))->format, "parquet");
  EXPECT_EQ(project.FindTable(TableName("chargebacks_consolidated"))->location, "consolidated/chargebacks");
  EXPECT_EQ(project.retention.size(), 1u);
  EXPECT_TRUE(project.updaters.empty());
}

TEST(Overlay, ReportsMistakesAtTheirOwnPlace) {
  const auto findings = ValidateProjectText("prod", kSketch,
                                            "tabels: {}\n"
                                            "tables:\n"
                                            "  landing_chargebacks: {format: xml}\n"
                                            "crawlers: {chargebacks-landing-crawle: null}\n"
                                            "jobs: {chargebacks-consolidation: {arguments: {OUTPUT_FILE_COUNT: 0}}}\n");
  std::vector<std::string> texts;
  for (const Finding& finding : findings) texts.push_back(finding.Text());
  EXPECT_THAT(texts,
              ElementsAre(HasSubstr("firn.yaml:20:82: argument 'OUTPUT_FILE_COUNT' does not fit"),
                          HasSubstr("firn.prod.yaml:1:1: unknown key 'tabels'"),
                          HasSubstr("firn.prod.yaml:3:33: 'tables.landing_chargebacks.format': 'xml' is not one of"),
                          HasSubstr("firn.prod.yaml:4:12: 'chargebacks-landing-crawle' is removed here")));
}

TEST(Overlay, MayBeEmptyAndMustBeAMap) {
  EXPECT_TRUE(ValidateProjectText("prod", kSketch, "").empty());
  EXPECT_TRUE(ValidateProjectText("prod", kSketch, "# nothing differs\n").empty());
  const auto findings = ValidateProjectText("prod", kSketch, "- a\n");
  ASSERT_EQ(findings.size(), 1u);
  EXPECT_THAT(findings[0].Text(), HasSubstr("firn.prod.yaml:1:1: the overlay is not a map"));
}

TEST(Overlay, FindsMistakesInBothFilesAtOnce) {
  const auto findings = ValidateProjectText("prod", "project: x\nbad: 1\n", "worse: 1\nlake: [\n");
  EXPECT_EQ(findings.size(), 1u);  // a file that is not YAML hides what it says
  EXPECT_EQ(ValidateProjectText("prod", "project: x\nbad: 1\n", "worse: 1\n").size(), 2u);
}

TEST_F(ProjectFile, IsLoadedWithItsOverlay) {
  Put("firn.yaml", kSketch);
  Put("firn.prod.yaml", "lake: ./elsewhere\n");
  EXPECT_EQ(LoadProject(dir(), "")->lake, "./lake");
  EXPECT_EQ(LoadProject(dir(), "prod")->LakeFolder(), dir() + "/elsewhere");
  EXPECT_TRUE(ValidateProject(dir(), "prod").empty());
}

TEST_F(ProjectFile, ThatIsAbsentIsNotFound) {
  const auto project = LoadProject(dir(), "");
  ASSERT_FALSE(project.has_value());
  EXPECT_EQ(project.error().kind, ErrorKind::kNotFound);
  EXPECT_THAT(project.error().message, HasSubstr("firn.yaml"));
  EXPECT_THAT(project.error().hint, HasSubstr("firn -C"));
  ASSERT_EQ(ValidateProject(dir(), "").size(), 1u);
}

TEST_F(ProjectFile, WithoutTheEnvironmentsOverlayNamesTheNearest) {
  Put("firn.yaml", kSketch);
  Put("firn.prod.yaml", "");
  const auto project = LoadProject(dir(), "prd");
  ASSERT_FALSE(project.has_value());
  EXPECT_EQ(project.error().kind, ErrorKind::kNotFound);
  EXPECT_THAT(project.error().hint, HasSubstr("'prod'"));
  EXPECT_EQ(ValidateProject(dir(), "prd").at(0).file, "firn.prd.yaml");
  EXPECT_EQ(LoadProject(dir(), "../x").error().kind, ErrorKind::kInvalidArgument);
}

TEST_F(ProjectFile, WithMistakesTellsTheFirstAndHowManyMore) {
  Put("firn.yaml", "project: x\nfoo: 1\nbar: 2\n");
  const auto project = LoadProject(dir(), "");
  ASSERT_FALSE(project.has_value());
  EXPECT_EQ(project.error().kind, ErrorKind::kInvalidArgument);
  EXPECT_EQ(project.error().message, "firn.yaml:2:1: unknown key 'foo' (and 1 more: firn validate)");
}

TEST_F(ProjectFile, ThatIsHugeOrAFolderIsRefused) {
  Put("firn.yaml", std::string(3 << 20, '#'));
  EXPECT_THAT(LoadProject(dir(), "").error().message, HasSubstr("more than 1048576"));
  std::filesystem::remove(dir() + "/firn.yaml");
  std::filesystem::create_directory(dir() + "/firn.yaml");
  EXPECT_EQ(LoadProject(dir(), "").error().kind, ErrorKind::kInvalidArgument);
}

}  // namespace
}  // namespace firn
