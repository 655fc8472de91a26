#include "run/run_service.h"

#include <thread>

#include "run/run_fixture_test.h"
#include "store/store_call.h"

namespace firn {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::SizeIs;

RunOptions WithBookmark(BookmarkOption option) {
  RunOptions options;
  options.bookmark = option;
  return options;
}

TEST(RunService, ConsolidatesAPartitionAndTellsWhatItDid) {
  RunLake lake;
  lake.Land("03", "a.csv", "1\n2\n");
  lake.Land("03", "b.csv", "2\n3\n");
  const RunRecord run = lake.MustRun(RunLake::Job());
  EXPECT_THAT(lake.Listed(), ElementsAre("1", "2", "3"));
  EXPECT_EQ(lake.Catalogued(), lake.Listed());
  EXPECT_EQ(run.metrics["records_read"], 4);
  EXPECT_EQ(run.metrics["records_written"], 3);
  EXPECT_EQ(run.metrics["duplicates_removed"], 1);
  EXPECT_EQ(run.metrics["input_files"], 2);
  EXPECT_EQ(run.metrics["output_files"], 1);
  EXPECT_EQ(run.metrics["output_path"], lake.store->Describe() + "/consolidated/year=2025/month=11/day=03");
  EXPECT_EQ(run.metrics["nothing_to_do"], false);
  EXPECT_TRUE(run.id.str().starts_with("jr_"));
  EXPECT_THAT(run.id.str(), SizeIs(67));
  EXPECT_TRUE(lake.Logged("METRICS: records_processed=4, duplicates_removed=1, output_files=1, duration_seconds="));
  EXPECT_EQ(lake.catalog->GetRun(run.id)->state, RunState::kSucceeded);
  EXPECT_THAT(lake.Objects(".firn/staging"), IsEmpty());
  EXPECT_THAT(*lake.catalog->UnsettledSnapshots(), IsEmpty());
}

TEST(RunService, TheEventHasAllFieldsOfTheSeed) {
  RunLake lake;
  lake.Land("03", "a.csv", "1\n1\n");
  const RunRecord run = lake.MustRun(RunLake::Job());
  const auto events = lake.Events();
  ASSERT_THAT(events, SizeIs(1));
  EXPECT_EQ(events[0].topic, "chargeback-consolidation-events");
  EXPECT_EQ(events[0].key, "year=2025/month=11/day=03");
  const Json& payload = events[0].payload;
  EXPECT_EQ(payload["event_type"], "consolidation_completed");
  EXPECT_EQ(payload["partition_date"], "2025-11-03");
  EXPECT_EQ(payload["execution_sequence"], 1);
  EXPECT_EQ(payload["total_executions"], 4);
  EXPECT_EQ(payload["records_processed"], 2);
  EXPECT_EQ(payload["duplicates_removed"], 1);
  EXPECT_EQ(payload["output_files"], 1);
  EXPECT_EQ(payload["output_format"], "csv");
  EXPECT_EQ(payload["output_path"], lake.store->Describe() + "/consolidated/year=2025/month=11/day=03");
  EXPECT_EQ(payload["execution_time"], "2025-11-03T03:30:00");  // of São Paulo
  EXPECT_EQ(payload["completed_at"], "2025-11-03T06:30:00.000000+00:00");
  EXPECT_EQ(payload["job_name"], "consolidate");
  EXPECT_EQ(payload["run_id"], run.id.str());
  EXPECT_THAT(payload["snapshot_id"].get<std::string>(), SizeIs(16));
}

TEST(RunService, ExecutionsOfADateAreCounted) {
  RunLake lake;
  lake.Land("03", "a.csv", "1\n");
  lake.MustRun(RunLake::Job());
  RunOptions rehearsal;
  rehearsal.dry_run = true;
  lake.MustRun(RunLake::Job(), rehearsal);  // no execution
  EXPECT_EQ(lake.MustRun(RunLake::Job()).metrics["execution_sequence"], 2);
  EXPECT_EQ(lake.Events().back().payload["execution_sequence"], 2);
}

TEST(RunService, ADryRunCommitsNothing) {
  RunLake lake;
  lake.Land("03", "a.csv", "1\n1\n");
  RunOptions options;
  options.dry_run = true;
  const RunRecord run = lake.MustRun(RunLake::Job(), options);
  EXPECT_EQ(run.metrics["duplicates_removed"], 1);
  EXPECT_EQ(run.metrics["dry_run"], true);
  EXPECT_EQ(run.metrics["partition_date"], "2025-11-03");
  EXPECT_THAT(lake.Objects(""), SizeIs(1));  // what landed
  EXPECT_THAT(lake.Objects(".firn/staging"), IsEmpty());
  EXPECT_THAT(lake.Events(), IsEmpty());
  EXPECT_FALSE(lake.catalog->CurrentSnapshot(TableName("consolidated"))->has_value());
}

TEST(RunService, APartitionWithoutDataSucceedsWithTheSeedsWarningAndAnEventOfZeros) {
  RunLake lake;
  const RunRecord run = lake.MustRun(RunLake::Job());
  EXPECT_EQ(run.metrics["nothing_to_do"], true);
  EXPECT_THAT(run.metrics["warnings"][0].get<std::string>(),
              HasSubstr("No data found for partition year=2025/month=11/day=03"));
  EXPECT_TRUE(lake.Logged("No data found for partition"));
  ASSERT_THAT(lake.Events(), SizeIs(1));
  EXPECT_EQ(lake.Events()[0].payload["records_processed"], 0);
  EXPECT_EQ(lake.Events()[0].payload["output_files"], 0);
  EXPECT_EQ(lake.Events()[0].payload["partition_date"], "2025-11-03");
  EXPECT_EQ(lake.Events()[0].payload["snapshot_id"], "");
}

TEST(RunService, TheEventOfAnEmptyRunIsLeftOutWhenAskedFor) {
  RunLake lake;
  JobDefinition job = RunLake::Job();
  job.publish->when_empty = EmptyEvent::kSkip;
  lake.MustRun(job);
  EXPECT_THAT(lake.Events(), IsEmpty());
}

TEST(RunService, AnEmptyInputNeverDeletesData) {
  RunLake lake;
  lake.Land("03", "a.csv", "1\n");
  lake.MustRun(RunLake::Job());
  ASSERT_TRUE(lake.store->RemovePrefix("landing").has_value());
  EXPECT_EQ(lake.MustRun(RunLake::Job()).metrics["nothing_to_do"], true);
  lake.Land("03", "empty.csv", "");
  EXPECT_EQ(lake.MustRun(RunLake::Job()).metrics["nothing_to_do"], true);
  EXPECT_THAT(lake.Listed(), ElementsAre("1"));
}

TEST(RunService, APartitionOfWhichAllObjectsAreBadKeepsItsData) {
  RunLake lake;
  lake.Land("03", "a.csv", "1\n");
  lake.Land("04", "a.csv", "2\n");
  JobDefinition job = RunLake::Job(WriteMode::kOverwritePartitions, "");
  lake.MustRun(job);
  ASSERT_TRUE(lake.store->Remove("landing/2025/11/03/a.csv").has_value());
  lake.Land("03", "bad-a.csv", "?");
  const RunRecord run = lake.MustRun(job);
  EXPECT_THAT(lake.Listed(), ElementsAre("1", "2"));
  EXPECT_THAT(run.metrics["bad_files"], SizeIs(1));
  EXPECT_THAT(lake.Objects("quarantine/consolidate/" + run.id.str()), SizeIs(2));
}

TEST(RunService, BadFilesAreKeptInTheQuarantineAndNotReadAgain) {
  RunLake lake;
  lake.Land("03", "bad-a.csv", "?!");
  const auto with_bookmark = WithBookmark(BookmarkOption::kEnable);
  const RunRecord run = lake.MustRun(RunLake::Job(WriteMode::kMerge), with_bookmark);
  EXPECT_EQ(run.metrics["nothing_to_do"], true);
  EXPECT_THAT(run.metrics["warnings"][0].get<std::string>(),
              HasSubstr("the only file to read of table 'landing' is bad"));
  const std::string folder = "quarantine/consolidate/" + run.id.str();
  EXPECT_EQ(run.metrics["quarantine_path"], lake.store->Describe() + "/" + folder);
  const auto kept = lake.Objects(folder);
  ASSERT_THAT(kept, SizeIs(2));
  EXPECT_TRUE(kept[0].key.starts_with(folder + "/bad-files-"));
  const Json line = Json::parse(lake.store->Read(kept[0])->view());
  EXPECT_EQ(line["object"], "landing/2025/11/03/bad-a.csv");
  EXPECT_EQ(line["reason"], "it is bad");
  EXPECT_EQ(line["copy"], kept[1].key);
  EXPECT_EQ(lake.store->Read(kept[1])->view(), "?!");
  EXPECT_EQ(lake.MustRun(RunLake::Job(WriteMode::kMerge), with_bookmark).metrics["input_files"], 0);
}

TEST(RunService, AFailedRunKeepsWhatItKnew) {
  RunLake lake;
  lake.Land("03", "a.csv", "1\n");
  lake.executor.instead = [&](std::stop_token) -> Result<ExecuteOutcome> {
    lake.executor.requests.back().on_inputs(1, 2);
    lake.executor.requests.back().on_rules({{.rule = "RowCount > 1", .passed = false, .observed = "RowCount was 1"}});
    return Fail(ErrorKind::kQuality, "RowCount > 1 is broken");
  };
  const auto run = lake.Run(RunLake::Job());
  ASSERT_TRUE(run.has_value());
  EXPECT_EQ(run->state, RunState::kFailed);
  const RunRecord stored = lake.catalog->GetRun(run->id).value();
  ASSERT_THAT(stored.quality, SizeIs(1));
  EXPECT_EQ(stored.quality[0]["observed"], "RowCount was 1");
  EXPECT_EQ(stored.metrics["input_files"], 1);
  EXPECT_EQ(stored.metrics["records_read"], 1);
  EXPECT_EQ(stored.metrics["bytes_read"], 2);
  EXPECT_EQ(stored.metrics["partition_date"], "2025-11-03");
  EXPECT_GT(stored.metrics["peak_memory_bytes"], 0);
}

TEST(RunService, AppendSaysThatDuplicatesWereRemovedWithinTheRunOnly) {
  RunLake lake;
  lake.Land("03", "a.csv", "1\n1\n");
  JobDefinition job = RunLake::Job(WriteMode::kAppend);
  EXPECT_FALSE(lake.MustRun(job).metrics.contains("duplicates_within"));
  job.steps = {DedupeStep{{"record"}, {}}};
  EXPECT_EQ(lake.MustRun(job).metrics["duplicates_within"], "run");
  job.write.mode = WriteMode::kMerge;
  EXPECT_FALSE(lake.MustRun(job).metrics.contains("duplicates_within"));
}

TEST(RunService, NamesThatAreNoDataAndOtherFormatsAreNotRead) {
  RunLake lake;
  lake.Land("03", "a.csv", "1\n");
  lake.Land("03", "_SUCCESS", "2\n");
  lake.Land("03", ".a.csv.crc", "3\n");
  lake.Land("03", "notes.txt", "4\n");
  const RunRecord run = lake.MustRun(RunLake::Job());
  EXPECT_THAT(lake.Listed(), ElementsAre("1"));
  EXPECT_THAT(run.metrics["warnings"][0].get<std::string>(), HasSubstr("notes.txt"));
}

TEST(RunService, AppendKeepsWhatIsThereAndTakesEachObjectOnce) {
  RunLake lake;
  lake.Land("03", "a.csv", "1\n2\n");
  const JobDefinition job = RunLake::Job(WriteMode::kAppend);
  lake.MustRun(job, WithBookmark(BookmarkOption::kEnable));
  lake.Land("03", "b.csv", "3\n");
  const RunRecord second = lake.MustRun(job, WithBookmark(BookmarkOption::kEnable));
  EXPECT_EQ(second.metrics["input_files"], 1);
  EXPECT_THAT(lake.Listed(), ElementsAre("1", "2", "3"));
  EXPECT_EQ(lake.Catalogued(), lake.Listed());
  const RunRecord third = lake.MustRun(job, WithBookmark(BookmarkOption::kEnable));
  EXPECT_EQ(third.metrics["nothing_to_do"], true);
  EXPECT_EQ(third.metrics["records_read"], 0);
  EXPECT_THAT(lake.Listed(), ElementsAre("1", "2", "3"));
  EXPECT_EQ(lake.BookmarkSize(), 2);
}

TEST(RunService, APausedBookmarkReadsWhatIsNewAndDoesNotAdvance) {
  RunLake lake;
  lake.Land("03", "a.csv", "1\n");
  const JobDefinition job = RunLake::Job(WriteMode::kMerge);
  lake.MustRun(job, WithBookmark(BookmarkOption::kEnable));
  lake.Land("03", "b.csv", "2\n");
  for (int i = 0; i < 2; ++i)
    EXPECT_EQ(lake.MustRun(job, WithBookmark(BookmarkOption::kPause)).metrics["input_files"], 1);
  EXPECT_EQ(lake.BookmarkSize(), 1);
}

// What is new is a set of objects, and the order of runs is the catalog's: neither is told by times.
TEST(RunService, AClockThatJumpsLosesAndDoublesNothing) {
  FakeClock of_objects;
  RunLake lake(std::make_unique<MemoryStore>(of_objects));
  const int64_t now = lake.clock.NowNs();
  const JobDefinition job = RunLake::Job(WriteMode::kMerge);
  std::vector<std::string> rows;
  for (const auto hours : {0, -8'760, 87'600, -1, 2, -400'000}) {
    const int64_t jump = int64_t{hours} * 3'600'000'000'000;
    lake.clock.Set(now + jump);
    of_objects.Set(now - jump);
    rows.push_back(std::to_string(rows.size()));
    lake.Land("03", rows.back() + ".csv", rows.back() + "\n");
    const RunRecord run = lake.MustRun(job, WithBookmark(BookmarkOption::kEnable));
    EXPECT_EQ(run.metrics["input_files"], 1) << hours;
    EXPECT_GE(run.metrics["duration_ms"], 0) << hours;
    EXPECT_EQ(lake.Listed(), rows) << hours;
    EXPECT_TRUE(lake.MustRun(job, WithBookmark(BookmarkOption::kEnable)).metrics["nothing_to_do"]) << hours;
  }
}

TEST(RunService, MergeReadsWhatThePartitionHolds) {
  RunLake lake;
  lake.Land("03", "a.csv", "1\n2\n");
  const JobDefinition job = RunLake::Job(WriteMode::kMerge);
  lake.MustRun(job, WithBookmark(BookmarkOption::kEnable));
  lake.Land("03", "b.csv", "2\n3\n");
  lake.MustRun(job, WithBookmark(BookmarkOption::kEnable));
  const auto& inputs = lake.executor.requests.back().inputs;
  ASSERT_THAT(inputs, SizeIs(2));
  EXPECT_FALSE(inputs[0].existing);
  EXPECT_TRUE(inputs[1].existing);
  EXPECT_TRUE(inputs[1].object.key.starts_with("consolidated/"));
  EXPECT_THAT(lake.Listed(), ElementsAre("1", "2", "3"));
}

TEST(RunService, OverwriteWithABookmarkReadsWholePartitionsThatHaveSomethingNew) {
  RunLake lake;
  lake.Land("03", "a.csv", "1\n");
  lake.Land("04", "a.csv", "8\n");
  const JobDefinition job = RunLake::Job(WriteMode::kOverwritePartitions, "");
  lake.MustRun(job, WithBookmark(BookmarkOption::kEnable));
  lake.Land("04", "b.csv", "9\n");
  EXPECT_EQ(lake.MustRun(job, WithBookmark(BookmarkOption::kEnable)).metrics["input_files"], 2);
  EXPECT_THAT(lake.Listed(), ElementsAre("1", "8", "9"));
}

TEST(RunService, PlainNamesAreReplacedOneByOneAndAppendedWithFreeNumbers) {
  RunLake lake;
  lake.Land("03", "a.csv", "1\n");
  JobDefinition job = RunLake::Job();
  job.write.names = FileNames::kPlain;
  lake.MustRun(job);
  ASSERT_TRUE(lake.store->RemovePrefix("landing").has_value());
  lake.Land("03", "b.csv", "2\n");  // the same size under the same name
  lake.MustRun(job);
  EXPECT_THAT(lake.Listed(), ElementsAre("2"));
  job.write.mode = WriteMode::kAppend;
  lake.MustRun(job);
  const auto objects = lake.Objects("consolidated");
  ASSERT_THAT(objects, SizeIs(2));
  EXPECT_TRUE(objects[1].key.ends_with("/part-00001.csv"));
}

TEST(RunService, AnUnknownTableFailsTheRun) {
  RunLake lake;
  JobDefinition job = RunLake::Job();
  job.read.table = TableName("landin");
  const auto run = lake.Run(job);
  EXPECT_EQ(run->state, RunState::kFailed);
  EXPECT_EQ(run->error_kind, NameOf(ErrorKind::kNotFound));
}

TEST(RunService, AskingTwiceForOneIdentityStartsItOnce) {
  RunLake lake;
  lake.Land("03", "a.csv", "1\n");
  RunOptions options;
  options.identity = "consolidation@2025-11-03T06:30";
  const RunRecord first = lake.MustRun(RunLake::Job(), options);
  const auto second = lake.Run(RunLake::Job(), options);
  ASSERT_FALSE(second.has_value());
  EXPECT_EQ(second.error().kind, ErrorKind::kAlreadyExists);
  EXPECT_THAT(second.error().message, HasSubstr(first.id.str()));
  EXPECT_THAT(lake.Runs(), SizeIs(1));
}

// Its folders cannot be replaced, as if they were mounted for reading.
class LockedStore : public InterceptedStore {
 public:
  LockedStore(ObjectStore& inner, std::string folder) : InterceptedStore(inner), folder_(std::move(folder)) {}
  std::function<bool()> locked = [] { return true; };

 protected:
  Verdict Before(const StoreCall& call) override {
    const bool replaces =
        call.operation == StoreOperation::kCheckReplaceable || call.operation == StoreOperation::kExchangeFolders;
    if (!replaces || !call.key.starts_with(folder_) || !locked()) return {};
    return {Verdict::Deed::kNone,
            {ErrorKind::kPermission, call.key + ": Read-only file system", "mount it for writing"}};
  }

 private:
  const std::string folder_;
};

TEST(RunService, AFolderThatCannotBeReplacedFailsTheRunBeforeItsWork) {
  RunLake lake;
  lake.DeclareTable("other", PartitionLayout::kKeyValue);
  lake.Land("03", "a.csv", "1\n");
  LockedStore store(*lake.store, "consolidated");
  lake.Boot(&store);
  const auto run = lake.Run(RunLake::Job());
  EXPECT_EQ(run->state, RunState::kFailed);
  EXPECT_EQ(run->error_kind, NameOf(ErrorKind::kPermission));
  EXPECT_THAT(run->error_message, AllOf(HasSubstr("table 'consolidated'"), HasSubstr("Read-only")));
  EXPECT_THAT(lake.executor.requests, IsEmpty());
  EXPECT_THAT(lake.Events(), IsEmpty());
  EXPECT_FALSE(lake.catalog->CurrentSnapshot(TableName("consolidated"))->has_value());
  JobDefinition job = RunLake::Job();
  job.write.table = TableName("other");
  lake.MustRun(job);
}

TEST(RunService, AFolderThatIsLockedDuringTheWorkFailsTheRunBeforeItsCommit) {
  RunLake lake;
  lake.Land("03", "a.csv", "1\n");
  LockedStore store(*lake.store, "consolidated");
  bool working = false;
  store.locked = [&] { return working; };
  lake.executor.before_work = [&] { working = true; };
  lake.Boot(&store);
  EXPECT_EQ(lake.Run(RunLake::Job())->error_kind, NameOf(ErrorKind::kPermission));
  EXPECT_THAT(lake.Events(), IsEmpty());
  EXPECT_THAT(lake.Objects(".firn/staging"), IsEmpty());
}

TEST(RunService, ALocationWithATooLongNameFailsTheRunBeforeItsWork) {
  RunLake lake;
  lake.Land("03", "a.csv", "1\n");
  TableRecord table = lake.catalog->GetTable(TableName("consolidated")).value();
  table.location = std::string(300, 'x');
  ASSERT_TRUE(lake.catalog->PutTable(table).has_value());
  const auto run = lake.Run(RunLake::Job());
  EXPECT_EQ(run->error_kind, NameOf(ErrorKind::kInvalidArgument));
  EXPECT_THAT(run->error_message, HasSubstr("longer than 255 bytes"));
  EXPECT_THAT(lake.Events(), IsEmpty());
}

TEST(RunService, ALocationThatLeavesNoRoomForTheFileNamesFailsTheRunBeforeItsCommit) {
  RunLake lake;
  lake.Land("03", "a.csv", "1\n");
  TableRecord table = lake.catalog->GetTable(TableName("consolidated")).value();
  table.location = "x";
  while (table.location.size() < 980) table.location += "/xxx";
  ASSERT_TRUE(lake.catalog->PutTable(table).has_value());
  const auto run = lake.Run(RunLake::Job());
  EXPECT_EQ(run->error_kind, NameOf(ErrorKind::kInvalidArgument));
  EXPECT_THAT(run->error_message, HasSubstr("longer than 1,024 bytes"));
  EXPECT_THAT(lake.Events(), IsEmpty());
}

TEST(RunService, ASettlingThatFailsAfterTheCommitIsToldAndItsEventWaitsForTheNextRun) {
  RunLake lake;
  lake.DeclareTable("other", PartitionLayout::kKeyValue);
  lake.Land("03", "a.csv", "1\n");
  LockedStore store(*lake.store, "consolidated");
  bool committed = true;
  store.locked = [&] { return committed && !lake.catalog->UnsettledSnapshots()->empty(); };
  lake.Boot(&store);
  const RunRecord run = lake.MustRun(RunLake::Job());
  const RunRecord stored = lake.catalog->GetRun(run.id).value();
  for (const RunRecord* record : {&run, &stored})
    EXPECT_THAT(record->metrics["warnings"].back().get<std::string>(),
                AllOf(HasSubstr("settling it is left to the next run"), HasSubstr("Read-only")));
  EXPECT_THAT(lake.Listed(), IsEmpty());
  EXPECT_THAT(lake.Events(), SizeIs(1));
  EXPECT_THAT(lake.catalog->PendingEvents(10).value(), IsEmpty());

  lake.Boot(&store);
  JobDefinition other = RunLake::Job();
  other.write.table = TableName("other");
  lake.MustRun(other);  // not held up
  EXPECT_THAT(lake.Listed(), IsEmpty());
  EXPECT_TRUE(lake.Logged("recovery is not complete"));

  committed = false;  // mounted for writing again
  lake.Boot(&store);
  lake.MustRun(other);
  EXPECT_THAT(lake.Listed(), ElementsAre("1"));
  EXPECT_THAT(lake.catalog->PendingEvents(10).value(), SizeIs(3));
}

TEST(RunService, AnErrorOfTheWorkFailsTheRunAndLeavesNothing) {
  RunLake lake;
  lake.Land("03", "a.csv", "1\n");
  lake.executor.instead = [](std::stop_token) -> Result<ExecuteOutcome> {
    return Fail(ErrorKind::kQuality, "rule broken", "look at the data");
  };
  const auto run = lake.Run(RunLake::Job());
  ASSERT_TRUE(run.has_value());
  EXPECT_EQ(run->state, RunState::kFailed);
  EXPECT_EQ(run->error_kind, NameOf(ErrorKind::kQuality));
  EXPECT_EQ(run->error_hint, "look at the data");
  EXPECT_THAT(lake.Events(), IsEmpty());
  lake.executor.instead = nullptr;
  lake.MustRun(RunLake::Job());  // the leases are free
}

TEST(RunService, AStopEndsTheRunCleanly) {
  RunLake lake;
  lake.Land("03", "a.csv", "1\n");
  std::stop_source stop;
  lake.executor.before_work = [&] { stop.request_stop(); };
  RunOptions options;
  options.stopped_by = [] { return "SIGINT"; };
  const auto run = lake.Run(RunLake::Job(), options, stop.get_token());
  ASSERT_TRUE(run.has_value());
  EXPECT_EQ(run->state, RunState::kStopped);
  EXPECT_EQ(run->error_message, "the run was stopped by SIGINT");
  EXPECT_FALSE(run->error_hint.empty());
  EXPECT_EQ(lake.catalog->GetRun(run->id)->state, RunState::kStopped);
  EXPECT_THAT(lake.Objects(".firn/staging"), IsEmpty());
  EXPECT_THAT(lake.Listed(), IsEmpty());
  lake.executor.before_work = nullptr;
  lake.MustRun(RunLake::Job());
}

// The work ends only when it is told to, so the tests below need no sleep.
Result<ExecuteOutcome> WorkUntilStopped(std::stop_token stop) {
  std::mutex mutex;
  std::condition_variable_any wake;
  std::unique_lock lock(mutex);
  wake.wait(lock, stop, [] { return false; });
  return Fail(ErrorKind::kStopped, "stopped");
}

TEST(RunService, ARunPastItsTimeoutEndsAsTimeout) {
  RunLake lake;
  lake.Land("03", "a.csv", "1\n");
  lake.settings.heartbeat = std::chrono::milliseconds(1);
  lake.Boot();
  lake.executor.before_work = [&] { lake.clock.Advance(std::chrono::minutes(61)); };
  lake.executor.instead = WorkUntilStopped;
  JobDefinition job = RunLake::Job();
  job.timeout = std::chrono::minutes(60);
  const auto run = lake.Run(job);
  EXPECT_EQ(run->state, RunState::kTimeout);
  EXPECT_EQ(run->error_kind, NameOf(ErrorKind::kTimeout));
  EXPECT_FALSE(run->error_hint.empty());
}

TEST(RunService, AnotherProcessStopsARunThroughTheCatalog) {
  RunLake lake;
  lake.Land("03", "a.csv", "1\n");
  lake.settings.heartbeat = std::chrono::milliseconds(1);
  lake.Boot();
  lake.executor.before_work = [&] {
    for (RunRecord run = lake.Runs().front(); run.state != RunState::kStopping; run = lake.Runs().front()) {
      run.state = RunState::kStopping;  // again, when a heartbeat wrote at the same moment
      ASSERT_TRUE(lake.catalog->UpdateRun(run).has_value());
    }
  };
  lake.executor.instead = WorkUntilStopped;
  EXPECT_EQ(lake.Run(RunLake::Job())->state, RunState::kStopped);
}

TEST(RunService, ASecondWriterOfAPartitionIsRefusedWithTheNameOfTheFirst) {
  RunLake lake;
  lake.Land("03", "a.csv", "1\n");
  std::optional<Result<RunRecord>> second;
  lake.executor.before_work = [&] {
    if (!second) second = lake.Run(RunLake::Job());
  };
  const RunRecord first = lake.MustRun(RunLake::Job());
  ASSERT_TRUE(second && second->has_value());
  EXPECT_EQ((*second)->state, RunState::kFailed);
  EXPECT_EQ((*second)->error_kind, NameOf(ErrorKind::kConflict));
  EXPECT_THAT((*second)->error_message, HasSubstr(first.id.str()));
  EXPECT_THAT(lake.Listed(), ElementsAre("1"));
}

TEST(RunService, WritersOfDifferentPartitionsDoNotDisturbOneAnother) {
  RunLake lake;
  lake.Land("03", "a.csv", "1\n");
  lake.Land("04", "a.csv", "2\n");
  bool once = false;
  lake.executor.before_work = [&] {
    if (!std::exchange(once, true)) lake.MustRun(RunLake::Job(WriteMode::kOverwritePartitions, "2025-11-04"));
  };
  lake.MustRun(RunLake::Job());
  EXPECT_THAT(lake.Listed(), ElementsAre("1", "2"));
  EXPECT_EQ(lake.Catalogued(), lake.Listed());
}

TEST(RunService, ASecondWriterThatMayWaitTakesItsTurn) {
  RunLake lake;
  lake.Land("03", "a.csv", "1\n");
  std::thread second;
  std::atomic<bool> once = false;
  lake.executor.before_work = [&] {
    if (once.exchange(true)) return;
    RunOptions patient;
    patient.wait = std::chrono::minutes(5);
    second = std::thread([&lake, patient] { lake.MustRun(RunLake::Job(), patient); });
    while (std::ranges::none_of(lake.Runs(), [](const RunRecord& run) { return run.state == RunState::kWaiting; }))
      std::this_thread::yield();
  };
  lake.MustRun(RunLake::Job());
  second.join();
  EXPECT_THAT(lake.Listed(), ElementsAre("1"));
  EXPECT_THAT(lake.Runs(), SizeIs(2));
}

TEST(RunService, TheLeasesOfADeadProcessAreTaken) {
  RunLake lake;
  lake.Land("03", "a.csv", "1\n");
  RunRecord dead;
  dead.id = RunId("jr_dead");
  dead.job = JobName("consolidate");
  dead.state = RunState::kRunning;
  dead.pid = 1;
  ASSERT_TRUE(lake.catalog->CreateRun(dead).has_value());
  const Lease lease{TableName("consolidated"), "year=2025/month=11/day=03", dead.id};
  ASSERT_TRUE(lake.catalog->AcquireLeases({&lease, 1}).has_value());
  lake.MustRun(RunLake::Job());
  const RunRecord after = *lake.catalog->GetRun(dead.id);
  EXPECT_EQ(after.state, RunState::kFailed);
  EXPECT_THAT(after.error_message, HasSubstr("the process ended without a word"));
  EXPECT_FALSE(after.error_hint.empty());
}

TEST(RunService, TheRunOfALivingProcessIsLeftAlone) {
  RunLake lake;
  RunRecord other;
  other.id = RunId("jr_0ther");
  other.job = JobName("consolidate");
  other.state = RunState::kRunning;
  other.pid = 77;
  lake.living.insert(77);
  ASSERT_TRUE(lake.catalog->CreateRun(other).has_value());
  PutObject(*lake.store, ".firn/staging/jr_0ther/out/x.csv", "1\n");
  ASSERT_TRUE(lake.service->Recover().has_value());
  EXPECT_EQ(lake.catalog->GetRun(other.id)->state, RunState::kRunning);
  EXPECT_THAT(lake.Objects(".firn/staging"), SizeIs(1));
}

}  // namespace
}  // namespace firn
