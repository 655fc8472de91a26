// The pure parts: names and places in the lake, file lists, the table after a run, holders of leases.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "run/commit_plan.h"
#include "run/lake_layout.h"
#include "run/lease_claim.h"

namespace firn {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

TEST(LakeLayout, NamesSayWhatIsData) {
  EXPECT_EQ(JudgeName("t/a.parquet", "t", FileFormat::kParquet), NameSays::kData);
  EXPECT_EQ(JudgeName("t/A.PARQUET", "t", FileFormat::kParquet), NameSays::kData);
  EXPECT_EQ(JudgeName("t/a.csv.gz", "t", FileFormat::kCsv), NameSays::kData);
  EXPECT_EQ(JudgeName("t/part-0", "t", FileFormat::kParquet), NameSays::kData);
  EXPECT_EQ(JudgeName("t/a.csv", "t", FileFormat::kParquet), NameSays::kOther);
  EXPECT_EQ(JudgeName("t/notes.txt", "t", FileFormat::kParquet), NameSays::kOther);
  EXPECT_EQ(JudgeName("t/_temporary/a.parquet", "t", FileFormat::kParquet), NameSays::kHidden);
  EXPECT_EQ(JudgeName("t/.a.parquet", "t", FileFormat::kParquet), NameSays::kHidden);
  EXPECT_EQ(JudgeName("_landing/a.parquet", "_landing/", FileFormat::kParquet), NameSays::kData);
}

TEST(LakeLayout, FoldersOverlapWhenOneHoldsTheOther) {
  EXPECT_TRUE(FoldersOverlap("a/b", "a/b/"));
  EXPECT_TRUE(FoldersOverlap("a/b/c", "a/b"));
  EXPECT_TRUE(FoldersOverlap("", "a"));
  EXPECT_FALSE(FoldersOverlap("a/b", "a/bc"));
}

TEST(LakeLayout, AnUnknownFormatSaysWhatToDo) {
  EXPECT_EQ(ParseFileFormat("", TableName("t")).error().kind, ErrorKind::kInvalidArgument);
  EXPECT_EQ(ParseFileFormat("orc", TableName("t")).error().kind, ErrorKind::kUnsupported);
}

TEST(LeaseHolder, IsFoundInTheConflictsMessage) {
  EXPECT_EQ(HolderIn("partition 'a' of table 'run x' is being written by run jr_00ff").str(), "jr_00ff");
  EXPECT_EQ(HolderIn("table 't' is being written by run recovery_12_34_ab; wait").str(), "recovery_12_34_ab");
  EXPECT_TRUE(HolderIn("database is locked").empty());
}

TEST(Liveness, ARecoveryIsNamedAfterItsProcess) {
  const Liveness liveness({12, 34}, [](const ProcessMark&) { return true; });
  const RunId id = liveness.RecoveryId("ab");
  EXPECT_EQ(Liveness::ProcessOfRecovery(id), (ProcessMark{12, 34}));
  EXPECT_FALSE(Liveness::ProcessOfRecovery(RunId("jr_1")).has_value());
  EXPECT_FALSE(Liveness::ProcessOfRecovery(RunId("recovery_x")).has_value());
}

TEST(Liveness, ThisProcessIsAliveAndItsRunsAreAtWorkOnlyWhileEntered) {
  Liveness liveness;
  EXPECT_TRUE(IsAlive(ThisProcess()));
  EXPECT_FALSE(liveness.AtWork(RunId("jr_1"), ThisProcess()));
  {
    const AtWorkScope scope(liveness, RunId("jr_1"));
    EXPECT_TRUE(liveness.AtWork(RunId("jr_1"), ThisProcess()));
  }
  EXPECT_FALSE(liveness.AtWork(RunId("jr_1"), ThisProcess()));
}

Schema SchemaOf(std::initializer_list<std::pair<const char*, TypeKind>> columns) {
  Schema schema;
  for (const auto& [name, kind] : columns) schema.fields.push_back({name, {.kind = kind}});
  return schema;
}

TEST(CommitPlan, ATableKeepsColumnsThatOtherPartitionsHave) {
  TableRecord table;
  table.schema = SchemaOf({{"id", TypeKind::kInt32}, {"old", TypeKind::kString}});
  JobDefinition job;
  const Schema output = SchemaOf({{"id", TypeKind::kInt64}, {"fresh", TypeKind::kString}});
  const auto after = TableAfter(table, job, output, false, 7);
  ASSERT_TRUE(after.has_value() && after->has_value());
  EXPECT_EQ((*after)->schema,
            SchemaOf({{"id", TypeKind::kInt64}, {"old", TypeKind::kString}, {"fresh", TypeKind::kString}}));
  EXPECT_EQ((*after)->format, "parquet");
  EXPECT_EQ((*TableAfter(table, job, output, true, 7))->schema, output);
  EXPECT_FALSE(TableAfter(**after, job, output, false, 9)->has_value()) << "nothing changes";
}

TEST(CommitPlan, ATypeThatDoesNotFitTheTableIsNamed) {
  TableRecord table;
  table.name = TableName("sales");
  table.schema = SchemaOf({{"id", TypeKind::kString}});
  const auto after = TableAfter(table, {}, SchemaOf({{"id", TypeKind::kInt64}}), false, 7);
  ASSERT_FALSE(after.has_value());
  EXPECT_EQ(after.error().kind, ErrorKind::kMismatch);
  EXPECT_THAT(after.error().message, HasSubstr("sales"));
}

TEST(CommitPlan, AReaderOfCsvLearnsItsOptionsFromTheTable) {
  JobDefinition job;
  job.write.format = FileFormat::kCsv;
  job.write.csv.delimiter = ";";
  const auto after = TableAfter({}, job, SchemaOf({{"id", TypeKind::kInt64}}), true, 7);
  EXPECT_EQ((*after)->options["csv"]["delimiter"], ";");
}

TEST(CommitPlan, ColumnsOfCsvWithoutAHeaderKeepTheirOrder) {
  JobDefinition job;
  job.write.format = FileFormat::kCsv;
  job.write.csv.header = false;
  TableRecord table;
  table.name = TableName("sales");
  const auto columns = [](const std::vector<std::string>& names) {
    Schema schema;
    for (const std::string& name : names) schema.fields.push_back({name, {.kind = TypeKind::kInt64}});
    return schema;
  };
  table.schema = columns({"a", "b"});
  EXPECT_TRUE(TableAfter(table, job, columns({"a", "b", "c"}), false, 7).has_value());
  EXPECT_TRUE(TableAfter(table, job, columns({"b", "a"}), true, 7).has_value());
  const auto after = TableAfter(table, job, columns({"b", "a"}), false, 7);
  ASSERT_FALSE(after.has_value());
  EXPECT_EQ(after.error().kind, ErrorKind::kMismatch);
  EXPECT_THAT(after.error().message, HasSubstr("column 1 is 'a'; this run's is 'b'"));
  job.write.csv.header = true;
  EXPECT_TRUE(TableAfter(table, job, columns({"b", "a"}), false, 7).has_value());
}

TEST(CommitPlan, TheMetricsSentenceIsTheOneThatTheSeedParses) {
  const Json metrics = {{"records_read", 10}, {"duplicates_removed", 2}, {"output_files", 1}, {"duration_ms", 1500}};
  EXPECT_EQ(MetricsSentence(metrics),
            "METRICS: records_processed=10, duplicates_removed=2, output_files=1, duration_seconds=1.500");
}

}  // namespace
}  // namespace firn
