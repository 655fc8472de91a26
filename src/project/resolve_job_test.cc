#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "project/parsed_project_test.h"
#include "project/project.h"
#include "project/sample_project_test.h"

namespace firn {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

const JobName kJob("chargebacks-consolidation");

JobDefinition Resolve(const std::string& base, const std::string& name = "tidy",
                      const std::map<std::string, std::string>& overrides = {}) {
  Result<JobDefinition> job = ResolveJob(ParsedProject(base), JobName(name), overrides, kNow);
  EXPECT_TRUE(job.has_value()) << job.error().Text();
  return job.value_or(JobDefinition{});
}

TEST(ResolveJob, MakesTheSketchsJob) {
  const JobDefinition job = Resolve(kSketch, kJob.str());
  EXPECT_EQ(job.name, kJob);
  EXPECT_EQ(job.read.table.str(), "landing_chargebacks");
  EXPECT_EQ(job.read.date, "2025-11-01");  // yesterday, in Sao Paulo
  ASSERT_EQ(job.steps.size(), 2u);
  const auto& expect = std::get<ExpectStep>(job.steps[0]);
  ASSERT_EQ(expect.rules.size(), 3u);
  EXPECT_EQ(expect.rules[1].rule, "ColumnValues \"amount\" >= 0");
  EXPECT_EQ(expect.rules[1].action, QualityAction::kFail);
  const auto& dedupe = std::get<DedupeStep>(job.steps[1]);
  EXPECT_THAT(dedupe.key, ElementsAre("chargeback_id"));
  EXPECT_EQ(dedupe.by.at(0).column, "updated_at");
  EXPECT_TRUE(dedupe.by.at(0).descending);
  EXPECT_EQ(job.write.table.str(), "chargebacks_consolidated");
  EXPECT_EQ(job.write.files, 1);
  EXPECT_EQ(job.write.format, FileFormat::kCsv);
  EXPECT_EQ(job.write.csv.delimiter, ",");
  EXPECT_EQ(job.write.parquet.codec, ParquetCodec::kSnappy);
  EXPECT_EQ(job.write.names, FileNames::kCommit);
  ASSERT_TRUE(job.publish);
  EXPECT_EQ(job.publish->event, "consolidation_completed");
  EXPECT_EQ(job.publish->when_empty, EmptyEvent::kSend);
  EXPECT_EQ(job.timeout, std::chrono::minutes(60));
  EXPECT_FALSE(job.dry_run);
  EXPECT_EQ(job.executions_per_day, 4);
  EXPECT_EQ(job.arguments.dump(),
            R"({"DRY_RUN":false,"OUTPUT_FILE_COUNT":1,"OUTPUT_FORMAT":"csv","PARTITION_DATE":"2025-11-01"})");
}

TEST(ResolveJob, TakesTheRunsArguments) {
  const JobDefinition job = Resolve(kSketch, kJob.str(),
                                    {{"PARTITION_DATE", "2025-10-31"},
                                     {"OUTPUT_FILE_COUNT", "10"},
                                     {"OUTPUT_FORMAT", "parquet"},
                                     {"DRY_RUN", "true"}});
  EXPECT_EQ(job.read.date, "2025-10-31");
  EXPECT_EQ(job.write.files, 10);
  EXPECT_EQ(job.write.format, FileFormat::kParquet);
  EXPECT_TRUE(job.dry_run);
}

TEST(ResolveJob, RefusesArgumentsThatDoNotFit) {
  const Project project = ParsedProject(kSketch);
  const auto error = [&](const std::string& name, const std::string& value) {
    const auto job = ResolveJob(project, kJob, {{name, value}}, kNow);
    EXPECT_FALSE(job.has_value()) << name << "=" << value;
    const Error none;
    const Error found = job.has_value() ? none : job.error();
    EXPECT_EQ(found.kind, ErrorKind::kInvalidArgument);
    EXPECT_FALSE(found.hint.empty());
    return found.message;
  };
  EXPECT_THAT(error("OUTPUT_FILE_COUNT", "0"),
              HasSubstr("argument 'OUTPUT_FILE_COUNT' does not fit 'jobs.chargebacks-consolidation.write.files': "
                        "must be at least 1, not 0"));
  EXPECT_THAT(error("OUTPUT_FILE_COUNT", "-1"), HasSubstr("must be at least 1, not -1"));
  EXPECT_THAT(error("OUTPUT_FILE_COUNT", "many"),
              HasSubstr("job 'chargebacks-consolidation': argument 'OUTPUT_FILE_COUNT': 'many' is not an integer"));
  EXPECT_THAT(error("OUTPUT_FORMAT", "xml"), HasSubstr("'xml' is not one of: parquet, csv, json"));
  EXPECT_THAT(error("PARTITION_DATE", "03/11/2025"), HasSubstr("is not a date"));
  EXPECT_THAT(error("OUTPUT_FILES", "1"), HasSubstr("no argument 'OUTPUT_FILES'"));
}

TEST(ResolveJob, OfAnUnknownNameIsNotFound) {
  const auto job = ResolveJob(ParsedProject(kSketch), JobName("chargebacks"), {}, kNow);
  ASSERT_FALSE(job.has_value());
  EXPECT_EQ(job.error().kind, ErrorKind::kNotFound);
}

TEST(ResolveJob, ReadsEveryKindOfStep) {
  const JobDefinition job = Resolve(SmallProject(
      "{table: raw, date: today, partition: {month: 03, day: 7}, bad_files: quarantine}",
      "\n"
      "      - expect: {rules: [RowCount > 0, {rule: IsUnique \"id\", action: fail}], action: warn}\n"
      "      - expect: [{rule: IsComplete \"id\", action: quarantine}, RowCount > 1, {rule: RowCount > 2}]\n"
      "      - dedupe: {key: [id, region], by: [updated_at, version asc]}\n"
      "      - select: [id, 'amount * 2 AS double_amount']\n"
      "      - filter: amount > 0\n"
      "      - flatten: all\n"
      "      - flatten: [metrics]\n"
      "      - rename: {z: a, b: c}\n"
      "      - cast: {amount: 'decimal(18,2)'}\n"
      "      - sql: |\n"
      "          SELECT *\n"
      "          FROM input\n",
      "{table: clean, mode: merge, files: 3, format: json, sort_by: [id, 'x desc'], names: plain,\n"
      "            csv: {delimiter: \"\\t\", header: false, quote: \"'\", null_text: \\N}, parquet: {codec: zstd, "
      "row_group_rows: 5}}",
      "    bookmark: enable\n    timeout: 1h30m\n    publish: {topic: t, when_empty: skip}\n"));
  EXPECT_EQ(job.read.date, "2025-11-03");
  EXPECT_EQ(job.read.partition.at("month"), "03");  // as the folder spells it
  EXPECT_EQ(job.read.bad_files, BadFiles::kQuarantine);
  ASSERT_EQ(job.steps.size(), 10u);
  EXPECT_EQ(std::get<ExpectStep>(job.steps[0]).rules[0].action, QualityAction::kWarn);
  EXPECT_EQ(std::get<ExpectStep>(job.steps[0]).rules[1].action, QualityAction::kFail);
  EXPECT_EQ(std::get<ExpectStep>(job.steps[1]).rules[0].action, QualityAction::kQuarantine);
  EXPECT_EQ(std::get<ExpectStep>(job.steps[1]).rules[2].action, QualityAction::kFail);
  EXPECT_FALSE(std::get<DedupeStep>(job.steps[2]).by.at(1).descending);
  EXPECT_THAT(std::get<SelectStep>(job.steps[3]).expressions, ElementsAre("id", "amount * 2 AS double_amount"));
  EXPECT_EQ(std::get<FilterStep>(job.steps[4]).predicate, "amount > 0");
  EXPECT_TRUE(std::get<FlattenStep>(job.steps[5]).columns.empty());
  EXPECT_THAT(std::get<FlattenStep>(job.steps[6]).columns, ElementsAre("metrics"));
  EXPECT_THAT(std::get<RenameStep>(job.steps[7]).columns,
              ElementsAre(testing::Pair("z", "a"), testing::Pair("b", "c")));
  EXPECT_THAT(std::get<CastStep>(job.steps[8]).columns, ElementsAre(testing::Pair("amount", "decimal(18,2)")));
  EXPECT_EQ(std::get<SqlStep>(job.steps[9]).statement, "SELECT *\nFROM input\n");
  EXPECT_EQ(job.write.mode, WriteMode::kMerge);
  EXPECT_EQ(job.write.files, 3);
  EXPECT_EQ(job.write.format, FileFormat::kJson);
  EXPECT_FALSE(job.write.sort_by.at(0).descending);
  EXPECT_TRUE(job.write.sort_by.at(1).descending);
  EXPECT_EQ(job.write.csv.delimiter, "\t");
  EXPECT_FALSE(job.write.csv.header);
  EXPECT_EQ(job.write.csv.quote, "'");
  EXPECT_EQ(job.write.csv.null_text, "\\N");
  EXPECT_EQ(job.write.parquet.codec, ParquetCodec::kZstd);
  EXPECT_EQ(job.write.parquet.row_group_rows, 5);
  EXPECT_EQ(job.write.names, FileNames::kPlain);
  EXPECT_EQ(job.bookmark, BookmarkOption::kEnable);
  EXPECT_EQ(job.timeout, std::chrono::minutes(90));
  EXPECT_EQ(job.publish->when_empty, EmptyEvent::kSkip);
}

TEST(ResolveJob, TakesTheFormatOfTheTableWhenItSaysNone) {
  EXPECT_EQ(Resolve(SmallProject()).write.format, FileFormat::kParquet);
  EXPECT_EQ(Resolve("project: x\ntables: {a: {location: a}, b: {location: b, format: csv}}\njobs: {tidy: {read: "
                    "{table: a}, write: {table: b}}}\n")
                .write.format,
            FileFormat::kCsv);
}

TEST(ResolveJob, AddsUpTheSchedulesThatNameIt) {
  EXPECT_EQ(Resolve(SmallProject()).executions_per_day, 1);
  EXPECT_EQ(
      Resolve(SmallProject() +
              "schedules: {a: {job: tidy, schedule: 'cron(0 0,12 * * ? *)'}, b: {job: tidy, executions_per_day: 3}}\n")
          .executions_per_day,
      5);
}

TEST(ResolveJob, ChecksTablesThatArgumentsName) {
  const Project project =
      ParsedProject(SmallProject("{table: '${FROM}'}", "[]", "{table: clean}", "    arguments: {FROM: raw}\n"));
  EXPECT_TRUE(ResolveJob(project, JobName("tidy"), {}, kNow).has_value());
  const auto job = ResolveJob(project, JobName("tidy"), {{"FROM", "rav"}}, kNow);
  ASSERT_FALSE(job.has_value());
  EXPECT_THAT(job.error().message, HasSubstr("no table 'rav'"));
  EXPECT_THAT(job.error().hint, HasSubstr("'raw'"));
}

TEST(ResolveJob, KeepsTextsThatLookLikeOtherTypes) {
  const JobDefinition job =
      Resolve(SmallProject("{table: raw}", "[{filter: 'true'}, {sql: '${WHAT}'}]",
                           "{table: clean, csv: {null_text: 0}}", "    arguments: {WHAT: SELECT 1}\n"));
  EXPECT_EQ(std::get<FilterStep>(job.steps[0]).predicate, "true");
  EXPECT_EQ(std::get<SqlStep>(job.steps[1]).statement, "SELECT 1");
  EXPECT_EQ(job.write.csv.null_text, "0");
}

}  // namespace
}  // namespace firn
