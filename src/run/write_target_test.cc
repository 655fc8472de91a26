#include "run/write_target.h"

#include "run/run_fixture_test.h"

// What a run finds in the folders that it is to replace.
namespace firn {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

TEST(WriteTarget, TheFirstSnapshotKeepsWhatOthersWroteInOtherPartitions) {
  RunLake lake;
  lake.Land("03", "a.csv", "1\n");
  PutObject(*lake.store, "consolidated/old/x.csv", "0\n");
  const PartitionRecord old{.values = {{"2025", "11", "01"}}, .location = "consolidated/old"};
  ASSERT_TRUE(lake.catalog->PutPartitions(TableName("consolidated"), {&old, 1}).has_value());
  const RunRecord run = lake.MustRun(RunLake::Job());
  EXPECT_THAT(lake.Catalogued(), ElementsAre("0", "1"));
  EXPECT_THAT(run.metrics["warnings"][0].get<std::string>(), HasSubstr("did not write"));
}

TEST(WriteTarget, AppendDoesNotMixFormats) {
  RunLake lake;
  lake.Land("03", "a.csv", "1\n");
  PutObject(*lake.store, "consolidated/year=2025/month=11/day=03/x.parquet", "PAR1");
  const auto run = lake.Run(RunLake::Job(WriteMode::kAppend));
  EXPECT_EQ(run->state, RunState::kFailed);
  EXPECT_EQ(run->error_kind, NameOf(ErrorKind::kMismatch));
  EXPECT_THAT(run->error_message, HasSubstr("x.parquet"));
}

TEST(WriteTarget, ATableHasOneFormat) {
  RunLake lake;
  lake.Land("03", "a.csv", "1\n");
  lake.Land("04", "a.csv", "2\n");
  const auto refused = [&](const JobDefinition& job) {
    const auto run = lake.Run(job);
    EXPECT_EQ(run->state, RunState::kFailed);
    EXPECT_EQ(run->error_kind, NameOf(ErrorKind::kMismatch));
    return run->error_message;
  };
  JobDefinition third = RunLake::Job();
  JobDefinition fourth = RunLake::Job(WriteMode::kOverwritePartitions, "2025-11-04");
  lake.MustRun(third);
  fourth.write.format = FileFormat::kJson;
  EXPECT_THAT(refused(fourth), HasSubstr("holds csv files (in consolidated/year=2025/month=11/day=03)"));
  fourth.write.format = FileFormat::kCsv;
  fourth.write.csv.delimiter = ";";
  EXPECT_THAT(refused(fourth), HasSubstr("other `csv` settings"));
  third.write.csv.delimiter = ";";
  lake.MustRun(third);  // nothing stays that was written otherwise
  lake.MustRun(fourth);
  third.write.csv.delimiter = ",";
  third.write.mode = WriteMode::kAppend;
  EXPECT_THAT(refused(third), HasSubstr("other `csv` settings"));
}

TEST(WriteTarget, AppendAndMergeLoseNoFileOfOthers) {
  RunLake lake;
  lake.Land("03", "a.csv", "1\n");
  const std::string notes = "consolidated/year=2025/month=11/day=03/notes.txt";
  PutObject(*lake.store, notes, "keep me");
  for (const WriteMode mode : {WriteMode::kAppend, WriteMode::kMerge}) {
    const auto run = lake.Run(RunLake::Job(mode));
    EXPECT_EQ(run->state, RunState::kFailed);
    EXPECT_EQ(run->error_kind, NameOf(ErrorKind::kMismatch));
    EXPECT_THAT(run->error_message, HasSubstr("notes.txt"));
    EXPECT_TRUE(lake.store->Stat(notes).has_value());
  }
}

TEST(WriteTarget, AFileThatIsMissingFromTheTableIsNamed) {
  RunLake lake;
  lake.Land("03", "a.csv", "1\n");
  lake.MustRun(RunLake::Job());
  ASSERT_TRUE(lake.store->RemovePrefix("consolidated").has_value());
  const auto run = lake.Run(RunLake::Job(WriteMode::kMerge));
  EXPECT_EQ(run->error_kind, NameOf(ErrorKind::kCorrupt));
  EXPECT_THAT(run->error_message, HasSubstr("part-00000"));
  EXPECT_FALSE(run->error_hint.empty());
}

TEST(WriteTarget, ATableThatSharesItsFolderIsNotWritten) {
  RunLake lake;
  lake.Land("03", "a.csv", "1\n");
  TableRecord inside;
  inside.name = TableName("inside");
  inside.location = "consolidated/inside";
  ASSERT_TRUE(lake.catalog->PutTable(inside).has_value());
  EXPECT_EQ(lake.Run(RunLake::Job())->error_kind, NameOf(ErrorKind::kInvalidArgument));
}

}  // namespace
}  // namespace firn
