#include "catalog/catalog_test.h"

namespace firn {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Pair;

class RunsTest : public CatalogTest {
 protected:
  std::vector<std::string> Ids(const Result<std::vector<RunRecord>>& runs) {
    std::vector<std::string> ids;
    for (const RunRecord& run : Must(runs)) ids.push_back(run.id.str());
    return ids;
  }
};

TEST_F(RunsTest, ARunComesBackAsItWasWritten) {
  RunRecord run = Run("jr_1");
  run.identity = "schedule/consolidation/2025-11-03T00:30";
  ASSERT_EQ(Problem(Lake().CreateRun(run)), "");
  run.state = RunState::kFailed;
  run.attempt = 2;
  run.completed_ns = 5;
  run.heartbeat_ns = 6;
  run.pid = 7;
  run.pid_started = 8;
  run.error_kind = "Corrupt";
  run.error_message = "cannot read \xff";
  run.error_hint = "Move it away.";
  run.metrics = {{"records_read", 12}, {"partition_date", "2025-11-03"}};
  run.quality = Json::array({{{"rule", "RowCount > 0"}}});
  ASSERT_EQ(Problem(Lake().UpdateRun(run)), "");
  const RunRecord back = Must(Lake().GetRun(run.id));
  EXPECT_EQ(back.identity, run.identity);
  EXPECT_EQ(back.job, run.job);
  EXPECT_EQ(back.state, run.state);
  EXPECT_EQ(back.attempt, 2);
  EXPECT_EQ(back.arguments, run.arguments);
  EXPECT_EQ(back.trigger, "manual");
  EXPECT_EQ(back.started_ns, 1000);
  EXPECT_EQ(back.completed_ns, 5);
  EXPECT_EQ(back.heartbeat_ns, 6);
  EXPECT_EQ(back.pid, 7);
  EXPECT_EQ(back.pid_started, 8);
  EXPECT_EQ(back.error_kind, "Corrupt");
  EXPECT_EQ(back.error_message, run.error_message);
  EXPECT_EQ(back.error_hint, run.error_hint);
  EXPECT_EQ(back.metrics, run.metrics);
  EXPECT_EQ(back.quality, run.quality);
}

TEST_F(RunsTest, AskingTwiceForOneIdentityStartsItOnce) {
  RunRecord run = Run("jr_1");
  run.identity = "token/42";
  ASSERT_EQ(Problem(Lake().CreateRun(run)), "");
  run.id = RunId("jr_2");
  EXPECT_THAT(Problem(Lake().CreateRun(run)),
              HasSubstr("AlreadyExists: job 'consolidate' was already started for 'token/42': run jr_1"));
  run.identity = "";
  EXPECT_EQ(Problem(Lake().CreateRun(run)), "");
  EXPECT_EQ(Lake().CreateRun(run).error().kind, ErrorKind::kAlreadyExists);
  run.id = RunId("jr_3");
  EXPECT_EQ(Problem(Lake().CreateRun(run)), "");
}

TEST_F(RunsTest, RunsAreListedNewestFirst) {
  for (const char* id : {"jr_1", "jr_2", "jr_3"}) ASSERT_EQ(Problem(Lake().CreateRun(Run(id))), "");
  ASSERT_EQ(Problem(Lake().CreateRun(Run("jr_other", "other"))), "");
  EXPECT_THAT(Ids(Lake().ListRuns(JobName(), 3)), ElementsAre("jr_other", "jr_3", "jr_2"));
  EXPECT_THAT(Ids(Lake().ListRuns(JobName("consolidate"), 10)), ElementsAre("jr_3", "jr_2", "jr_1"));
}

TEST_F(RunsTest, UnfinishedRunsAreThoseThatMayStillWrite) {
  for (int i = 0; i <= static_cast<int>(RunState::kWaiting); ++i) {
    const auto state = static_cast<RunState>(i);
    RunRecord run = Run(std::string(NameOf(state)));
    run.state = state;
    ASSERT_EQ(Problem(Lake().CreateRun(run)), "");
    EXPECT_EQ(Must(Lake().GetRun(run.id)).state, state);
  }
  EXPECT_THAT(Ids(Lake().UnfinishedRuns()), ElementsAre("STARTING", "RUNNING", "STOPPING", "WAITING"));
}

TEST_F(RunsTest, AnEndedRunKeepsItsStateUnlessItIsTriedAgain) {
  RunRecord run = Run("jr_1");
  ASSERT_EQ(Problem(Lake().CreateRun(run)), "");
  ASSERT_EQ(Problem(Lake().UpdateRun(Ended(run, RunState::kFailed))), "");
  ASSERT_EQ(Problem(Lake().UpdateRun(Ended(run, RunState::kFailed))), "");
  EXPECT_EQ(Lake().UpdateRun(run).error().kind, ErrorKind::kConflict);
  run.attempt = 1;
  EXPECT_EQ(Problem(Lake().UpdateRun(run)), "");
}

TEST_F(RunsTest, SucceededRunsOfADateAreCounted) {
  for (int i = 0; i < 4; ++i) {
    RunRecord run = Run("jr_" + std::to_string(i));
    run.state = i == 0 ? RunState::kFailed : RunState::kSucceeded;
    run.metrics = {{"partition_date", i == 3 ? "2025-11-04" : "2025-11-03"}};
    ASSERT_EQ(Problem(Lake().CreateRun(run)), "");
  }
  EXPECT_EQ(Must(Lake().CountSucceeded(JobName("consolidate"), "2025-11-03")), 2);
  EXPECT_EQ(Must(Lake().CountSucceeded(JobName("other"), "2025-11-03")), 0);
}

TEST_F(RunsTest, AnUnknownRunIsNotFound) {
  EXPECT_EQ(Lake().GetRun(RunId("x")).error().kind, ErrorKind::kNotFound);
  EXPECT_EQ(Lake().UpdateRun(Run("x")).error().kind, ErrorKind::kNotFound);
}

TEST_F(RunsTest, LeasesAreTakenAllOrNoneAndTheHolderIsNamed) {
  const TableName table("sales");
  const std::vector<Lease> first = {{table, "a", RunId("jr_1")}, {table, "b", RunId("jr_1")}};
  const std::vector<Lease> second = {{table, "c", RunId("jr_2")}, {table, "b", RunId("jr_2")}};
  const std::vector<Lease> third = {{table, "c", RunId("jr_3")}};
  ASSERT_EQ(Problem(Lake().AcquireLeases(first)), "");
  ASSERT_EQ(Problem(Lake().AcquireLeases(first)), "");
  EXPECT_THAT(Problem(Lake().AcquireLeases(second)),
              HasSubstr("Conflict: partition 'b' of table 'sales' is being written by run jr_1"));
  EXPECT_EQ(Problem(Lake().AcquireLeases(third)), "");
  ASSERT_EQ(Problem(Lake().ReleaseLeases(RunId("jr_1"))), "");
  ASSERT_EQ(Problem(Lake().ReleaseLeases(RunId("jr_3"))), "");
  EXPECT_EQ(Problem(Lake().AcquireLeases(second)), "");
}

TEST_F(RunsTest, WhatEnvironmentsDeployedIsRemembered) {
  EXPECT_THAT(Must(Lake().ListDeployed()), IsEmpty());
  ASSERT_EQ(Problem(Lake().PutDeployed("prod", {{"jobs", {"a"}}})), "");
  ASSERT_EQ(Problem(Lake().PutDeployed("prod", {{"jobs", {"b"}}})), "");
  ASSERT_EQ(Problem(Lake().PutDeployed("", {{"jobs", {"c"}}})), "");
  EXPECT_THAT(Must(Lake().ListDeployed()),
              ElementsAre(Pair("", Json({{"jobs", {"c"}}})), Pair("prod", Json({{"jobs", {"b"}}}))));
}

TEST_F(RunsTest, EventsAreDeliveredInOrder) {
  const RunRecord run = Run("jr_1");
  ASSERT_EQ(Problem(Lake().CreateRun(run)), "");
  Commit commit;
  commit.run = Ended(run, RunState::kSucceeded);
  for (const char* type : {"a", "b", "c"})
    commit.events.push_back(
        {.run = run.id, .type = type, .topic = "t", .key = "k", .payload = {{"x", 1}}, .created_ns = 5});
  ASSERT_EQ(Problem(Lake().Apply(commit)), "");

  const auto pending = Must(Lake().PendingEvents(10));
  ASSERT_EQ(pending.size(), 3);
  EXPECT_LT(pending[0].id, pending[1].id);
  EXPECT_EQ(pending[0].type, "a");
  EXPECT_EQ(pending[0].payload, Json({{"x", 1}}));
  ASSERT_EQ(Problem(Lake().MarkEvent(pending[0].id, EventState::kDelivered, "", 77)), "");
  ASSERT_EQ(Problem(Lake().MarkEvent(pending[1].id, EventState::kPending, "no route", 78)), "");
  ASSERT_EQ(Problem(Lake().MarkEvent(pending[2].id, EventState::kFailed, "too large", 79)), "");
  EXPECT_EQ(Must(Lake().PendingEvents(10)).size(), 1);
  const auto all = Must(Lake().ListEvents(0, 10));
  ASSERT_EQ(all.size(), 3);
  EXPECT_EQ(all[0].state, EventState::kDelivered);
  EXPECT_EQ(all[0].delivered_ns, 77);
  EXPECT_EQ(all[1].attempts, 1);
  EXPECT_EQ(all[1].last_error, "no route");
  EXPECT_EQ(all[2].state, EventState::kFailed);
  EXPECT_EQ(Must(Lake().ListEvents(all[1].id, 10)).size(), 1);
  EXPECT_EQ(Must(Lake().ListEvents(0, 2)).size(), 2);

  ASSERT_EQ(Problem(Lake().MarkEvent(all[0].id, EventState::kPending, "late", 99)), "");
  EXPECT_EQ(Must(Lake().ListEvents(0, 1))[0].state, EventState::kDelivered);
  EXPECT_EQ(Must(Lake().ListEvents(0, 1))[0].delivered_ns, 77);
  EXPECT_EQ(Lake().MarkEvent(999, EventState::kDelivered, "", 1).error().kind, ErrorKind::kNotFound);
}

}  // namespace
}  // namespace firn
