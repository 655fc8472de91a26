#include "run/run_fixture_test.h"

// Runs of single objects, as events start them.
namespace firn {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::SizeIs;

constexpr const char* kFirst = "landing/2025/11/03/a.csv";

JobDefinition EventJob(WriteMode mode = WriteMode::kAppend) {
  JobDefinition job = RunLake::Job(mode);
  job.read.date = "2025-11-02";  // the objects say what is read
  return job;
}

RunOptions For(std::vector<ObjectKey> objects) {
  RunOptions options;
  options.objects = std::move(objects);
  return options;
}

TEST(ObjectRuns, TakeTheirObjectOnlyOfAPartitionThatNobodyHasCrawled) {
  RunLake lake;
  PutObject(*lake.store, kFirst, "1\n2\n");
  PutObject(*lake.store, "landing/2025/11/03/b.csv", "3\n");
  const RunRecord run = lake.MustRun(EventJob(), For({kFirst}));
  EXPECT_THAT(lake.Listed(), ElementsAre("1", "2"));
  EXPECT_EQ(run.trigger, "s3_event");
  EXPECT_EQ(run.metrics["source_objects"], Json::array({kFirst}));
  EXPECT_EQ(run.metrics["partition_date"], "2025-11-03");
  const Json payload = lake.Events().at(0).payload;
  EXPECT_EQ(payload["trigger_type"], "s3_event");
  EXPECT_EQ(payload["source_object_keys"], Json::array({kFirst}));
}

TEST(ObjectRuns, EveryLineOfTheLogNamesTheObject) {
  RunLake lake;
  lake.settings.source_bucket = "acme";
  lake.settings.source_prefix = "lake";
  lake.Boot();
  PutObject(*lake.store, kFirst, "1\n");
  const RunRecord run = lake.MustRun(EventJob(), For({kFirst}));
  int lines = 0;
  for (const MemoryLog::Line& line : lake.log.Lines()) {
    ++lines;
    EXPECT_EQ(line.fields.value("trigger_type", ""), "s3_event") << line.message;
    EXPECT_EQ(line.fields.value("source_object_key", ""), std::string("lake/") + kFirst) << line.message;
    EXPECT_EQ(line.fields.value("source_bucket", ""), "acme") << line.message;
    EXPECT_EQ(line.fields.value("job_name", ""), "consolidate") << line.message;
    EXPECT_EQ(line.fields.value("job_run_id", ""), run.id.str()) << line.message;
  }
  EXPECT_GE(lines, 3);
}

TEST(ObjectRuns, AnEventThatComesTwiceIsReadOnce) {
  RunLake lake;
  PutObject(*lake.store, kFirst, "1\n");
  lake.MustRun(EventJob(), For({kFirst}));
  const RunRecord again = lake.MustRun(EventJob(), For({kFirst, kFirst}));
  EXPECT_EQ(again.metrics["nothing_to_do"], true);
  EXPECT_THAT(lake.Listed(), ElementsAre("1"));
  // Unless somebody insists.
  RunOptions insisting = For({kFirst});
  insisting.bookmark = BookmarkOption::kDisable;
  lake.MustRun(EventJob(), insisting);
  EXPECT_THAT(lake.Listed(), ElementsAre("1", "1"));
}

TEST(ObjectRuns, EventsOutOfOrderReadTheObjectAsItIs) {
  RunLake lake;
  PutObject(*lake.store, kFirst, "1\n");
  ASSERT_TRUE(lake.store->Remove(kFirst).has_value());
  PutObject(*lake.store, kFirst, "1\n2\n");
  lake.MustRun(EventJob(), For({kFirst}));  // the later event
  const RunRecord late = lake.MustRun(EventJob(), For({kFirst}));
  EXPECT_EQ(late.metrics["nothing_to_do"], true);
  EXPECT_THAT(lake.Listed(), ElementsAre("1", "2"));
}

TEST(ObjectRuns, ARewrittenObjectIsReadAgain) {
  RunLake lake;
  PutObject(*lake.store, kFirst, "1\n");
  lake.MustRun(EventJob(), For({kFirst}));
  ASSERT_TRUE(lake.store->Remove(kFirst).has_value());
  PutObject(*lake.store, kFirst, "5\n");
  lake.MustRun(EventJob(), For({kFirst}));
  EXPECT_THAT(lake.Listed(), ElementsAre("1", "5"));
}

TEST(ObjectRuns, AScheduledRunWithABookmarkLeavesOutWhatEventsBrought) {
  RunLake lake;
  lake.Land("03", "a.csv", "1\n");
  lake.Land("03", "b.csv", "2\n");
  lake.MustRun(EventJob(), For({kFirst}));
  JobDefinition scheduled = RunLake::Job(WriteMode::kAppend);
  scheduled.bookmark = BookmarkOption::kEnable;
  EXPECT_EQ(lake.MustRun(scheduled).metrics["input_files"], 1);
  EXPECT_THAT(lake.Listed(), ElementsAre("1", "2"));
}

TEST(ObjectRuns, AFailedRunLeavesTheEventToTheNext) {
  RunLake lake;
  PutObject(*lake.store, kFirst, "1\n");
  lake.executor.instead = [](std::stop_token) -> Result<ExecuteOutcome> { return Fail(ErrorKind::kIo, "no"); };
  EXPECT_EQ(lake.Run(EventJob(), For({kFirst}))->state, RunState::kFailed);
  lake.executor.instead = nullptr;
  lake.MustRun(EventJob(), For({kFirst}));
  EXPECT_THAT(lake.Listed(), ElementsAre("1"));
}

TEST(ObjectRuns, ABatchIsOneRun) {
  RunLake lake;
  PutObject(*lake.store, kFirst, "1\n");
  PutObject(*lake.store, "landing/2025/11/04/b.csv", "2\n");
  const RunRecord run = lake.MustRun(EventJob(), For({kFirst, "landing/2025/11/04/b.csv"}));
  EXPECT_EQ(run.metrics["input_files"], 2);
  EXPECT_THAT(lake.Listed(), ElementsAre("1", "2"));
  const auto lines = lake.log.Lines();
  EXPECT_EQ(lines.back().fields["source_objects"], Json::array({kFirst, "landing/2025/11/04/b.csv"}));
}

struct Refusal {
  std::string object;
  std::string message;
};

TEST(ObjectRuns, SayWhatIsWrongWithAnObject) {
  RunLake lake;
  PutObject(*lake.store, "landing/2025/11/03/_SUCCESS", "");
  PutObject(*lake.store, "landing/2025/11/03/a.parquet", "");
  PutObject(*lake.store, "landing/2025/11/a.csv", "");
  PutObject(*lake.store, "elsewhere/a.csv", "");
  const std::vector<Refusal> refusals = {
      {"landing/2025/11/03/gone.csv", "there is no object 'landing/2025/11/03/gone.csv' (any more)"},
      {"elsewhere/a.csv", "is not in table 'landing', whose location is landing"},
      {"landing/2025/11/a.csv", "lies in no partition of table 'landing'"},
      {"landing/2025/11/03/_SUCCESS", "is no data"},
      {"landing/2025/11/03/a.parquet", "is not csv by its name"},
      {"../etc/passwd", "'..'"},
  };
  for (const Refusal& refusal : refusals) {
    const auto run = lake.Run(EventJob(), For({refusal.object}));
    ASSERT_TRUE(run.has_value()) << run.error().Text();
    EXPECT_EQ(run->state, RunState::kFailed) << refusal.object;
    EXPECT_THAT(run->error_message, HasSubstr(refusal.message));
  }
  EXPECT_THAT(lake.Listed(), IsEmpty());
}

TEST(ObjectRuns, ReplaceNoPartitionByOneObject) {
  RunLake lake;
  lake.Land("03", "a.csv", "1\n");
  lake.Land("03", "b.csv", "2\n");
  lake.MustRun(RunLake::Job());
  const auto run = lake.Run(EventJob(WriteMode::kOverwritePartitions), For({kFirst}));
  EXPECT_EQ(run->state, RunState::kFailed);
  EXPECT_THAT(run->error_message, HasSubstr("would replace partitions of table 'consolidated'"));
  EXPECT_THAT(lake.Listed(), ElementsAre("1", "2"));
}

TEST(ObjectRuns, AFilterOfTheJobHolds) {
  RunLake lake;
  PutObject(*lake.store, kFirst, "1\n");
  JobDefinition job = EventJob();
  job.read.partition = {{"day", "04"}};
  const auto run = lake.Run(job, For({kFirst}));
  EXPECT_THAT(run->error_message, HasSubstr("it reads day=04"));
}

TEST(ObjectRuns, RulesOfAnotherTriggerTypeAreLeftOut) {
  JobDefinition job = EventJob();
  job.steps = {ExpectStep{{{"RowCount > 0"}}}, ExpectStep{{{"RowCount < 9"}}, TriggerType::kS3Event},
               ExpectStep{{{"RowCount > 9"}}, TriggerType::kScheduled}};
  RunLake lake;
  PutObject(*lake.store, kFirst, "1\n");
  size_t rules = 0;
  lake.executor.before_work = [&] { rules = lake.executor.requests.back().job->steps.size(); };
  lake.MustRun(job, For({kFirst}));
  EXPECT_EQ(rules, 2U);
  EXPECT_THAT(ForTrigger(job, TriggerType::kScheduled).steps, SizeIs(2));
}

TEST(ObjectRuns, TheInputsSizeChoosesTheLimit) {
  RunLake lake;
  JobDefinition job = EventJob();
  job.limits = {{.up_to_bytes = 2, .workers = 1, .memory_bytes = 10}, {.up_to_bytes = 4, .workers = 8}};
  RunOptions options = For({kFirst});
  options.threads = 4;
  options.memory_bytes = 1000;
  PutObject(*lake.store, kFirst, "1\n");
  lake.MustRun(job, options);
  EXPECT_EQ(lake.executor.requests.back().threads, 1);
  EXPECT_EQ(lake.executor.requests.back().memory_bytes, 10);
  PutObject(*lake.store, "landing/2025/11/03/b.csv", "1\n2\n");
  options.objects = {"landing/2025/11/03/b.csv"};
  lake.MustRun(job, options);
  EXPECT_EQ(lake.executor.requests.back().threads, 4) << "never more than the command line allows";
  EXPECT_EQ(lake.executor.requests.back().memory_bytes, 1000);
  PutObject(*lake.store, "landing/2025/11/03/c.csv", "1\n2\n3\n");
  options.objects = {"landing/2025/11/03/c.csv"};
  const auto run = lake.Run(job, options);
  EXPECT_EQ(run->state, RunState::kFailed);
  EXPECT_THAT(run->error_message, HasSubstr("has 6 bytes to read, and its limits end at 4"));
}

TEST(BookmarkSet, WhatIsThereCountsAsRead) {
  RunLake lake;
  lake.Land("03", "a.csv", "1\n");
  JobDefinition job = RunLake::Job(WriteMode::kAppend);
  job.bookmark = BookmarkOption::kEnable;
  const auto set = lake.service->SetBookmark(job, {}, {});
  ASSERT_TRUE(set.has_value()) << set.error().Text();
  EXPECT_EQ(lake.BookmarkSize(), 1);
  EXPECT_EQ(lake.MustRun(job).metrics["nothing_to_do"], true);
  lake.Land("03", "b.csv", "2\n");
  lake.MustRun(job);
  EXPECT_THAT(lake.Listed(), ElementsAre("2"));
}

TEST(BookmarkSet, OfSingleObjectsAndBackAgain) {
  RunLake lake;
  lake.Land("03", "a.csv", "1\n");
  lake.Land("03", "b.csv", "2\n");
  JobDefinition job = RunLake::Job(WriteMode::kAppend);
  job.bookmark = BookmarkOption::kEnable;
  lake.MustRun(job, [] {
    RunOptions options;
    options.dry_run = true;
    return options;
  }());
  const RunId before = lake.Runs().front().id;
  ASSERT_TRUE(lake.service->SetBookmark(job, {kFirst}, {}).has_value());
  EXPECT_EQ(lake.BookmarkSize(), 1);
  ASSERT_TRUE(lake.catalog->RewindBookmark(job.name, before).has_value());
  EXPECT_EQ(lake.BookmarkSize(), 0);
  EXPECT_FALSE(lake.service->SetBookmark(job, {"landing/2025/11/03/gone.csv"}, {}).has_value());
  EXPECT_THAT(lake.Runs(), SizeIs(2)) << "what failed left no run";
}

}  // namespace
}  // namespace firn
