#include "run/source_scan.h"

#include "run/run_fixture_test.h"
#include "run/source_inputs.h"

namespace firn {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

// A source of which a scan gives the pages that a test puts, or an error.
class PlayedSource : public SourceScanner {
 public:
  Result<SourceScan> Scan(const SourceScanRequest& request, const ProgressCallback& progress,
                          std::stop_token) override {
    requests.push_back(request);
    if (progress && items > 0) progress("scanning", items, items);
    if (error) return std::unexpected(*error);
    SourceScan scan{.store = &store, .pages = store.List("").value(), .source = "table 'x' of DynamoDB", .notes = {}};
    scan.items = items;
    scan.resumed_items = resumed_items;
    return scan;
  }
  Status Forget(const RunId& run) override {
    forgotten.push_back(run.str());
    return {};
  }
  Status Sweep(const ScanHolderOf&, int64_t) override {
    ++sweeps;
    return {};
  }

  MemoryStore store;
  int64_t items = 0;
  int64_t resumed_items = 0;
  std::optional<Error> error;
  std::vector<SourceScanRequest> requests;
  std::vector<std::string> forgotten;
  int sweeps = 0;
};

class SourceScanTest : public testing::Test {
 protected:
  SourceScanTest() {
    TableRecord table;
    table.name = TableName("flat");
    table.location = "flat";
    table.format = "csv";
    EXPECT_TRUE(lake_.catalog->PutTable(table));
    lake_.sources = &source_;
    lake_.Boot();
  }

  static JobDefinition Job() {
    JobDefinition job;
    job.name = JobName("extract");
    job.read.dynamodb = DynamoSource{.table = "x"};
    job.write.table = TableName("flat");
    job.write.format = FileFormat::kCsv;
    return job;
  }

  RunRecord MustFail(ErrorKind kind) {
    lake_.executor.instead = [kind](const std::stop_token&) -> Result<ExecuteOutcome> {
      return Fail(kind, "so it is", "do it");
    };
    RunRecord run = lake_.Run(Job()).value();
    EXPECT_EQ(run.state, RunState::kFailed);
    return run;
  }

  RunLake lake_;
  PlayedSource source_;
};

TEST_F(SourceScanTest, ThePagesAreTheInputsAndGoWithTheCommit) {
  PutObject(source_.store, "s/segment-000/page-000000.json", "b\na\n");
  PutObject(source_.store, "s/segment-001/page-000000.json", "c\n");
  source_.items = 3;
  source_.resumed_items = 2;
  const RunRecord run = lake_.MustRun(Job());
  EXPECT_THAT(lake_.Listed("flat"), ElementsAre("a", "b", "c"));
  EXPECT_EQ(run.metrics["records_read"], 3);
  EXPECT_EQ(run.metrics["source"]["dynamodb_table"], "x");
  EXPECT_EQ(run.metrics["source"]["items"], 3);
  EXPECT_EQ(run.metrics["source"]["resumed_items"], 2);
  EXPECT_EQ(lake_.executor.requests.back().inputs[0].format, FileFormat::kDynamoJson);
  EXPECT_THAT(source_.forgotten, ElementsAre(run.id.str()));
  EXPECT_GE(source_.sweeps, 1);
}

TEST_F(SourceScanTest, NoItemsAreNothingToDo) {
  const RunRecord run = lake_.MustRun(Job());
  EXPECT_EQ(run.metrics["nothing_to_do"], true);
  EXPECT_EQ(run.metrics["warnings"][0], "table 'x' of DynamoDB has no items");
  EXPECT_THAT(source_.forgotten, ElementsAre(run.id.str()));
}

TEST_F(SourceScanTest, ADryRunCommitsNothingAndForgetsItsScan) {
  PutObject(source_.store, "s/segment-000/page-000000.json", "a\n");
  source_.items = 1;
  const RunRecord run = lake_.MustRun(Job(), {.dry_run = true});
  EXPECT_TRUE(source_.requests[0].dry_run);
  EXPECT_THAT(lake_.Listed("flat"), IsEmpty());
  EXPECT_THAT(source_.forgotten, ElementsAre(run.id.str()));
}

TEST_F(SourceScanTest, AScanThatFailedIsKeptAndTheRunSaysSo) {
  source_.items = 30;
  source_.error = Error{ErrorKind::kUnavailable, "throttled for good", "Ask for less"};
  const RunRecord run = lake_.Run(Job()).value();
  EXPECT_EQ(run.state, RunState::kFailed);
  EXPECT_EQ(run.metrics["source"]["items"], 30);
  EXPECT_EQ(run.error_hint,
            "Ask for less; the 30 items that were scanned are kept: the same run goes on with them within 24h");
  EXPECT_THAT(source_.forgotten, IsEmpty());
}

TEST_F(SourceScanTest, WhatTheWorkFailedOnDecidesWhetherTheScanIsOfUse) {
  PutObject(source_.store, "s/segment-000/page-000000.json", "a\n");
  source_.items = 1;
  EXPECT_THAT(MustFail(ErrorKind::kInvalidArgument).error_hint, HasSubstr("goes on with them"));
  MustFail(ErrorKind::kNoSpace);
  EXPECT_THAT(source_.forgotten, IsEmpty());
  const RunRecord broken = MustFail(ErrorKind::kQuality);
  EXPECT_THAT(source_.forgotten, ElementsAre(broken.id.str()));
  EXPECT_EQ(broken.error_hint, "do it");
  MustFail(ErrorKind::kMismatch);
  MustFail(ErrorKind::kCorrupt);
  EXPECT_EQ(source_.forgotten.size(), 3u);
}

TEST_F(SourceScanTest, ABookmarkIsRefused) {
  const RunRecord run = lake_.Run(Job(), {.bookmark = BookmarkOption::kEnable}).value();
  EXPECT_EQ(run.state, RunState::kFailed);
  EXPECT_THAT(run.error_message, HasSubstr("a bookmark remembers files"));
  EXPECT_THAT(source_.requests, IsEmpty());
}

TEST_F(SourceScanTest, SingleObjectsAreRefused) {
  const RunRecord run = lake_.Run(Job(), {.objects = {"landing/a.json"}}).value();
  EXPECT_EQ(run.state, RunState::kFailed);
  EXPECT_THAT(run.error_message, HasSubstr("takes no objects of the lake"));
}

TEST_F(SourceScanTest, TheHolderOfAScanIsAsItsRun) {
  const auto holder = [&](const RunRecord& run) { return ScanHolderIn(*lake_.catalog, run.id).value(); };
  RunRecord run = lake_.MustRun(Job());
  EXPECT_EQ(holder(run), ScanHolder::kSpent);
  source_.error = Error{ErrorKind::kUnavailable, "no", ""};
  run = lake_.Run(Job()).value();
  EXPECT_EQ(holder(run), ScanHolder::kCutOff);
  lake_.executor.before_work = [] {};
  ScanHolder during = ScanHolder::kSpent;
  source_.error.reset();
  PutObject(source_.store, "s/segment-000/page-000000.json", "a\n");
  lake_.executor.before_work = [&] { during = ScanHolderIn(*lake_.catalog, source_.requests.back().run).value(); };
  lake_.MustRun(Job());
  EXPECT_EQ(during, ScanHolder::kAtWork);
  EXPECT_EQ(ScanHolderIn(*lake_.catalog, RunId("jr_unknown")).value(), ScanHolder::kSpent);
}

}  // namespace
}  // namespace firn
