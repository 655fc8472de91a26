#include "catalog/catalog_test.h"
#include "catalog/integrity.h"

namespace firn {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

class SnapshotsTest : public CatalogTest {
 protected:
  void SetUp() override { ASSERT_EQ(Problem(Lake().PutTable(Sales())), ""); }

  Catalog::SnapshotFiles Current() { return Must(Lake().CurrentFiles(TableName("sales"), std::nullopt)); }
  std::vector<std::string> ReplacedBy(const std::string& snapshot) {
    std::vector<std::string> lines;
    for (const auto& [partition, files] : Must(Lake().ReplacedPartitions(SnapshotId(snapshot)))) {
      std::string line = partition.values.values[2] + ":";
      for (const std::string& key : Keys(files)) line += " " + key;
      lines.push_back(line);
    }
    return lines;
  }
};

TEST_F(SnapshotsTest, ATableWithoutACommitHasNoSnapshotAndNoFiles) {
  EXPECT_FALSE(Must(Lake().CurrentSnapshot(TableName("sales"))).has_value());
  EXPECT_TRUE(Current().snapshot.id.empty());
  EXPECT_THAT(Current().files, IsEmpty());
}

TEST_F(SnapshotsTest, ACommitReplacesItsPartitionsAndCarriesTheOthersOver) {
  Write("s1", {"03", "04"}, {File("03", "a", 10), File("04", "c", 5), File("03", "b", 20)});
  Write("s2", {"03"}, {File("03", "d", 7)});
  const auto current = Current();
  EXPECT_EQ(current.snapshot.id, SnapshotId("s2"));
  EXPECT_EQ(current.snapshot.sequence, 2);
  EXPECT_EQ(current.snapshot.run, RunId("jr_s2"));
  EXPECT_THAT(Keys(current.files), ElementsAre("d", "c"));
  EXPECT_EQ(current.snapshot.files, 2);
  EXPECT_EQ(current.snapshot.rows, 12);
  EXPECT_EQ(current.snapshot.bytes, 1200);
  EXPECT_EQ(current.files[0], File("03", "d", 7));
  const auto partitions = Must(Lake().FindPartitions(TableName("sales"), {}, -1));
  ASSERT_EQ(partitions.size(), 2);
  EXPECT_EQ(partitions[0].rows, 7);
  EXPECT_EQ(partitions[0].files, 1);
  const auto snapshots = Must(Lake().ListSnapshots(TableName("sales")));
  ASSERT_EQ(snapshots.size(), 2);
  EXPECT_EQ(snapshots[1].rows, 35);
  EXPECT_THAT(Must(Lake().CheckIntegrity()), IsEmpty());
}

TEST_F(SnapshotsTest, FilesOfNamedPartitionsOnly) {
  Write("s1", {"03", "04", "05"}, {File("03", "a"), File("04", "b"), File("05", "c")});
  const std::vector<std::string> names = {NameOfDay("05"), NameOfDay("03"), NameOfDay("05"), "year=1/month=1/day=1"};
  EXPECT_THAT(Keys(Must(Lake().CurrentFiles(TableName("sales"), names)).files), ElementsAre("a", "c"));
  EXPECT_THAT(Must(Lake().CurrentFiles(TableName("sales"), std::vector<std::string>{})).files, IsEmpty());
}

TEST_F(SnapshotsTest, APartitionWithoutFilesIsRemoved) {
  Write("s1", {"03", "04"}, {File("03", "a"), File("04", "b")});
  Write("s2", {"03"}, {});
  EXPECT_THAT(Keys(Current().files), ElementsAre("b"));
  EXPECT_EQ(Must(Lake().CountPartitions(TableName("sales"))), 1);
  EXPECT_THAT(ReplacedBy("s2"), ElementsAre("03:"));
  EXPECT_THAT(Must(Lake().CheckIntegrity()), IsEmpty());
}

TEST_F(SnapshotsTest, ATableWithoutPartitionKeysIsOnePartition) {
  TableRecord plain = Sales("plain");
  plain.partition_keys.clear();
  ASSERT_EQ(Problem(Lake().PutTable(plain)), "");
  const RunRecord run = Run("jr_p");
  ASSERT_EQ(Problem(Lake().CreateRun(run)), "");
  Commit commit = CommitOf(run, "p1", {}, {{"", "consolidated/plain/a", "", 5, 1, "c"}});
  commit.snapshot.table = TableName("plain");
  commit.partitions = {{.values = {}, .location = "consolidated/plain"}};
  ASSERT_EQ(Problem(Lake().Apply(commit)), "");
  const std::vector<std::string> whole = {""};
  EXPECT_EQ(Must(Lake().CurrentFiles(TableName("plain"), whole)).files.size(), 1);
}

TEST_F(SnapshotsTest, StagedKeysLastUntilTheSnapshotIsSettled) {
  Write("s1", {"03"}, {File("03", "a")});
  EXPECT_EQ(Current().files[0].staged_key, ".staging/a");
  ASSERT_EQ(Must(Lake().UnsettledSnapshots()).size(), 1);
  EXPECT_THAT(ReplacedBy("s1"), ElementsAre("03: a"));
  ASSERT_EQ(Problem(Lake().MarkSettled(SnapshotId("s1"))), "");
  ASSERT_EQ(Problem(Lake().MarkSettled(SnapshotId("s1"))), "");
  EXPECT_EQ(Current().files[0].staged_key, "");
  EXPECT_TRUE(Current().snapshot.settled);
  EXPECT_THAT(Must(Lake().UnsettledSnapshots()), IsEmpty());
}

TEST_F(SnapshotsTest, FilesThatALaterSnapshotKeptAreSettledForItToo) {
  Write("s1", {"03"}, {File("03", "a")});
  Write("s2", {"03"}, {File("03", "a"), File("03", "b")});
  ASSERT_EQ(Problem(Lake().MarkSettled(SnapshotId("s1"))), "");
  EXPECT_EQ(Current().files[0].staged_key, "");
  EXPECT_EQ(Current().files[1].staged_key, ".staging/b");
}

TEST_F(SnapshotsTest, SettlingInOrderBringsAboutEachList) {
  Write("s1", {"03", "04"}, {File("03", "a"), File("04", "x")});
  Write("s2", {"03"}, {File("03", "b")});
  EXPECT_EQ(Must(Lake().UnsettledSnapshots())[0].id, SnapshotId("s1"));
  EXPECT_THAT(ReplacedBy("s1"), ElementsAre("03: a", "04: x"));
  EXPECT_THAT(ReplacedBy("s2"), ElementsAre("03: b"));
}

TEST_F(SnapshotsTest, APartitionThatALaterSettledSnapshotReplacedDoesNotGoBack) {
  Write("s1", {"03", "04"}, {File("03", "a"), File("04", "x")});
  Write("s2", {"03"}, {File("03", "b")});
  ASSERT_EQ(Problem(Lake().MarkSettled(SnapshotId("s2"))), "");
  EXPECT_THAT(ReplacedBy("s1"), ElementsAre("04: x"));
}

TEST_F(SnapshotsTest, AnUnknownSnapshotIsNotFound) {
  EXPECT_EQ(Lake().ReplacedPartitions(SnapshotId("x")).error().kind, ErrorKind::kNotFound);
  EXPECT_EQ(Lake().MarkSettled(SnapshotId("x")).error().kind, ErrorKind::kNotFound);
}

TEST_F(SnapshotsTest, ACommitCostsItsPartitionsAndNotTheTable) {
  std::vector<std::string> days;
  std::vector<FileRecord> files;
  for (int i = 0; i < 2000; ++i) {
    days.push_back(std::to_string(i));
    files.push_back(File(days.back(), "a"));
  }
  Write("s1", days, files);
  int statements = 0;
  const RunRecord run = Run("jr_s2");
  ASSERT_EQ(Problem(Lake().CreateRun(run)), "");
  Lake().database().SetStatementHook([&](std::string_view) -> Status {
    ++statements;
    return {};
  });
  const int64_t rows_before = Lake().database().rows_read();
  ASSERT_EQ(Problem(Lake().Apply(CommitOf(run, "s2", {"7"}, {File("7", "b")}))), "");
  EXPECT_LT(statements, 30);
  EXPECT_LT(Lake().database().rows_read() - rows_before, 30);
}

TEST_F(SnapshotsTest, EverythingOfACommitIsThereAfterwards) {
  const RunRecord run = Run("jr_1");
  ASSERT_EQ(Problem(Lake().CreateRun(run)), "");
  const std::vector<Lease> leases = {{TableName("sales"), NameOfDay("03"), run.id}};
  ASSERT_EQ(Problem(Lake().AcquireLeases(leases)), "");
  Commit commit = CommitOf(run, "s1", {"03"}, {File("03", "a")});
  commit.table = Sales();
  commit.table->schema.fields.push_back({"late", {.kind = TypeKind::kDate}});
  commit.bookmark = {{"landing/a", 5, "e1", run.id}};
  commit.run.metrics = {{"partition_date", "2025-11-03"}, {"records_read", 10}};
  commit.events = {{.run = run.id, .type = "done", .topic = "t", .key = "k", .payload = {{"n", 1}}, .created_ns = 9}};
  commit.release = leases;
  ASSERT_EQ(Problem(Lake().Apply(commit)), "");
  EXPECT_EQ(Must(Lake().GetTable(TableName("sales"))).version, 2);
  EXPECT_EQ(Must(Lake().CountBookmark(run.job)), 1);
  EXPECT_EQ(Must(Lake().GetRun(run.id)).state, RunState::kSucceeded);
  EXPECT_EQ(Must(Lake().CountSucceeded(run.job, "2025-11-03")), 1);
  EXPECT_EQ(Must(Lake().ListEvents(0, 10)).size(), 1);
  const std::vector<Lease> others = {{TableName("sales"), NameOfDay("03"), RunId("jr_2")}};
  EXPECT_EQ(Problem(Lake().AcquireLeases(others)), "");
}

TEST_F(SnapshotsTest, AnEventWaitsForTheSettlingOfItsSnapshotAndHoldsUpItsKeyOnly) {
  const auto publish = [&](const std::string& snapshot, const std::string& day) {
    const RunRecord run = Run("jr_" + snapshot);
    ASSERT_EQ(Problem(Lake().CreateRun(run)), "");
    Commit commit = CommitOf(run, snapshot, {day}, {File(day, snapshot)});
    commit.events = {{.run = run.id, .type = snapshot, .topic = "t", .key = day}};
    ASSERT_EQ(Problem(Lake().Apply(commit)), "");
  };
  const auto pending = [&] {
    std::string types;
    for (const EventRecord& event : Must(Lake().PendingEvents(10))) types += event.type + " ";
    return types;
  };
  publish("s1", "03");
  publish("s2", "04");
  publish("s3", "03");
  EXPECT_EQ(pending(), "");
  ASSERT_EQ(Problem(Lake().MarkSettled(SnapshotId("s2"))), "");
  EXPECT_EQ(pending(), "s2 ");
  ASSERT_EQ(Problem(Lake().MarkSettled(SnapshotId("s3"))), "");
  EXPECT_EQ(pending(), "s2 ");
  ASSERT_EQ(Problem(Lake().MarkSettled(SnapshotId("s1"))), "");
  EXPECT_EQ(pending(), "s1 s2 s3 ");
}

TEST_F(SnapshotsTest, ACommitWithoutASnapshotChangesNoTable) {
  const RunRecord run = Run("jr_1");
  ASSERT_EQ(Problem(Lake().CreateRun(run)), "");
  Commit commit;
  commit.run = Ended(run, RunState::kSucceeded);
  commit.events = {{.run = run.id, .type = "done", .payload = {{"records", 0}}}};
  ASSERT_EQ(Problem(Lake().Apply(commit)), "");
  EXPECT_FALSE(Must(Lake().CurrentSnapshot(TableName("sales"))).has_value());
  EXPECT_EQ(Must(Lake().PendingEvents(10)).size(), 1);
  EXPECT_EQ(Must(Lake().GetRun(run.id)).state, RunState::kSucceeded);
}

TEST_F(SnapshotsTest, ALostLeaseIsAConflictAndNothingIsCommitted) {
  const RunRecord run = Run("jr_1");
  ASSERT_EQ(Problem(Lake().CreateRun(run)), "");
  Commit commit = CommitOf(run, "s1", {"03"}, {File("03", "a")});
  commit.release = {{TableName("sales"), NameOfDay("03"), run.id}};
  EXPECT_THAT(Problem(Lake().Apply(commit)), HasSubstr("Conflict: run jr_1 no longer holds partition"));
  const std::vector<Lease> others = {{TableName("sales"), NameOfDay("03"), RunId("jr_2")}};
  ASSERT_EQ(Problem(Lake().AcquireLeases(others)), "");
  EXPECT_THAT(Problem(Lake().Apply(commit)), HasSubstr("is being written by run jr_2"));
  commit.release.clear();
  EXPECT_THAT(Problem(Lake().Apply(commit)), HasSubstr("is being written by run jr_2"));
  EXPECT_FALSE(Must(Lake().CurrentSnapshot(TableName("sales"))).has_value());
}

TEST_F(SnapshotsTest, ARunCommitsOnce) {
  const RunRecord run = Run("jr_1");
  ASSERT_EQ(Problem(Lake().CreateRun(run)), "");
  ASSERT_EQ(Problem(Lake().Apply(CommitOf(run, "s1", {"03"}, {File("03", "a")}))), "");
  EXPECT_EQ(Lake().Apply(CommitOf(run, "s2", {"03"}, {File("03", "a")})).error().kind, ErrorKind::kConflict);
  const RunRecord next = Run("jr_2");
  ASSERT_EQ(Problem(Lake().CreateRun(next)), "");
  EXPECT_EQ(Lake().Apply(CommitOf(next, "s1", {"03"}, {})).error().kind, ErrorKind::kAlreadyExists);
}

TEST_F(SnapshotsTest, CommitsThatContradictThemselvesAreRefused) {
  const RunRecord run = Run("jr_1");
  ASSERT_EQ(Problem(Lake().CreateRun(run)), "");
  const auto kind = [&](const Commit& commit) { return Lake().Apply(commit).error().kind; };
  EXPECT_EQ(kind(CommitOf(run, "s1", {"03", "03"}, {})), ErrorKind::kInvalidArgument);
  EXPECT_EQ(kind(CommitOf(run, "s1", {"03"}, {File("04", "a")})), ErrorKind::kInvalidArgument);
  EXPECT_EQ(kind(CommitOf(run, "s1", {"03"}, {File("03", "a"), File("03", "a")})), ErrorKind::kInvalidArgument);
  EXPECT_EQ(kind(CommitOf(run, "", {"03"}, {})), ErrorKind::kInvalidArgument);
  Commit commit = CommitOf(run, "s1", {"03"}, {});
  commit.snapshot.run = RunId("jr_9");
  EXPECT_EQ(kind(commit), ErrorKind::kInvalidArgument);
  commit = CommitOf(run, "s1", {"03"}, {});
  commit.release = {{TableName("sales"), "x", RunId("jr_9")}};
  EXPECT_EQ(kind(commit), ErrorKind::kInvalidArgument);
  EXPECT_EQ(kind(CommitOf(Run("jr_unknown"), "s1", {"03"}, {})), ErrorKind::kNotFound);
}

TEST_F(SnapshotsTest, IntegrityFindsWhatDoesNotAgree) {
  Write("s1", {"03", "04"}, {File("03", "a"), File("04", "b")});
  Write("s2", {"03"}, {File("03", "c")});
  ASSERT_EQ(Problem(Lake().MarkSettled(SnapshotId("s2"))), "");
  EXPECT_THAT(Must(Lake().CheckIntegrity()), ElementsAre(HasSubstr("snapshot s1 of table 'sales' is not settled")));
  ASSERT_EQ(Problem(Lake().MarkSettled(SnapshotId("s1"))), "");
  EXPECT_THAT(Must(Lake().CheckIntegrity()), IsEmpty());

  const auto finds = [&](const std::string& damage, const std::string& finding) {
    ASSERT_EQ(Problem(Lake().database().RunScript("BEGIN; " + damage)), "");
    Lake().database().SetStatementHook(nullptr);
    const auto findings = CheckCatalog(Lake().database());
    EXPECT_THAT(Must(findings), ::testing::Contains(HasSubstr(finding))) << damage;
    ASSERT_EQ(Problem(Lake().database().RunScript("ROLLBACK")), "");
  };
  finds("DELETE FROM partitions", "has files in partition 'year=2025/month=11/day=03', which is not registered");
  finds("DELETE FROM files", "should have 1 files, 1000 bytes, 10 rows; its list has 0, 0, 0");
  finds("UPDATE snapshots SET rows = 99", "should have 2 files, 2000 bytes, 99 rows; its partitions have 2, 2000, 20");
  finds("DELETE FROM table_versions", "table 'sales' has no version 1");
  finds("PRAGMA defer_foreign_keys = ON; DELETE FROM snapshots WHERE id = 's1'", "a row of file_lists refers");
  finds("INSERT INTO leases VALUES ('sales', 'p', 'jr_s1')", "run jr_s1 has ended and still holds partition 'p'");
}

}  // namespace
}  // namespace firn
