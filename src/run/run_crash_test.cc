#include <optional>

#include "run/doom_test.h"
#include "run/run_fixture_test.h"

// Kill the process at any operation; after restart the table, the bookmark, the run and the event agree,
// and no orphan stays. And the same when an operation fails, or succeeds and its answer is lost.
namespace firn {
namespace {

using testing::IsEmpty;

struct Scene {
  WriteMode mode = WriteMode::kOverwritePartitions;
  Doom::Kind kind = Doom::Kind::kDies;
  bool exchanges = true;
  FileNames names = FileNames::kCommit;
  bool rows_say = false;  // to which partition they go
  bool event = false;     // the run takes single objects

  [[nodiscard]] std::string Table() const { return rows_say ? "by_parity" : "consolidated"; }
};

class CrashScene {
 public:
  explicit CrashScene(const Scene& scene) : scene_(scene) {
    job_ = RunLake::Job(scene.mode);
    job_.write.names = scene.names;
    job_.write.files = 2;
    lake_.DeclareTable("by_parity", PartitionLayout::kKeyValue, {"parity"});
    job_.write.table = TableName(scene.Table());
    options_.bookmark = BookmarkOption::kEnable;
    lake_.Land("03", "a.csv", "1\n2\n");
    Doom none(Doom::Kind::kNone, 0);
    DoomedStore store(*lake_.store, none, scene.exchanges);
    lake_.Boot(&store);
    lake_.MustRun(job_, options_);
    lake_.service.reset();
    lake_.Land("03", "b.csv", "2\n3\n");
    lake_.Land("03", "bad-c.csv", "?");
    before_ = lake_.Listed(scene.Table());
    const std::string folder = "landing/2025/11/03/";
    if (scene.event) options_.objects = {folder + "a.csv", folder + "b.csv", folder + "bad-c.csv"};
  }

  // The number of operations of a whole run; the run ends in `doom`.
  int64_t RunInto(Doom& doom) {
    DoomedStore store(*lake_.store, doom, scene_.exchanges);
    DoomedCatalog catalog(*lake_.catalog, doom);
    lake_.Boot(&store, &catalog);
    (void)lake_.service->Run(job_, options_, {}, {});
    lake_.service.reset();
    return doom.count();
  }

  // Another process starts and recovers; a third one runs the job again.
  void CheckAfterRestart() {
    Doom none(Doom::Kind::kNone, 0);
    DoomedStore store(*lake_.store, none, scene_.exchanges);
    lake_.Boot(&store);
    const Status recovered = lake_.service->Recover();
    ASSERT_TRUE(recovered.has_value()) << recovered.error().Text();
    CheckAgreement();
    lake_.Boot(&store);
    lake_.MustRun(job_, options_);
    EXPECT_EQ(lake_.Listed(scene_.Table()), After());
    EXPECT_EQ(lake_.Catalogued(scene_.Table()), After());
    EXPECT_EQ(lake_.BookmarkSize(), 3);
    EXPECT_THAT(lake_.Objects(".firn/staging"), IsEmpty());
    lake_.service.reset();
  }

 private:
  [[nodiscard]] std::vector<std::string> After() const {
    if (scene_.mode == WriteMode::kAppend) return {"1", "2", "2", "3"};
    return {"1", "2", "3"};
  }

  // Without those of a run that came to find nothing new.
  int64_t EventsOfData() {
    return std::ranges::count_if(lake_.Events(),
                                 [](const EventRecord& event) { return event.payload["snapshot_id"] != ""; });
  }

  void CheckAgreement() {
    const std::vector<std::string> now = lake_.Listed(scene_.Table());
    EXPECT_EQ(lake_.Catalogued(scene_.Table()), now);
    const bool committed = now != before_;
    EXPECT_EQ(now, committed ? After() : before_);
    EXPECT_EQ(lake_.BookmarkSize(), committed ? 3 : 1);
    // One a partition that was written: at first both, in the end those of 2 and 3.
    const int64_t each = scene_.rows_say ? 2 : 1;
    EXPECT_EQ(EventsOfData(), committed ? 2 * each : each);
    EXPECT_THAT(lake_.Objects(".firn/staging"), IsEmpty());
    EXPECT_EQ(std::ssize(lake_.Objects("quarantine")), committed ? 2 : 0);
    EXPECT_THAT(*lake_.catalog->UnsettledSnapshots(), IsEmpty());
    EXPECT_THAT(*lake_.catalog->UnfinishedRuns(), IsEmpty());
    EXPECT_THAT(*lake_.catalog->CheckIntegrity(), IsEmpty());
    const std::vector<RunRecord> runs = lake_.Runs();
    // Newest first. The oldest run is the one before the crash; a crash of the recovery may have added a third one.
    const auto succeeded = std::ranges::count(runs, RunState::kSucceeded, &RunRecord::state);
    if (!committed) EXPECT_EQ(succeeded, 1);
    if (committed) EXPECT_GE(succeeded, 2);
  }

  const Scene scene_;
  RunLake lake_;
  JobDefinition job_;
  RunOptions options_;
  std::vector<std::string> before_;
};

class RunCrash : public testing::TestWithParam<Scene> {};

TEST_P(RunCrash, EveryPointLeavesTheOldOrTheNewWhole) {
  const Scene& scene = GetParam();
  Doom none(Doom::Kind::kNone, 0);
  const int64_t operations = CrashScene(scene).RunInto(none);
  ASSERT_GT(operations, 20);
  for (int64_t at = 1; at <= operations && !HasFailure(); ++at) {
    SCOPED_TRACE(testing::Message() << "at operation " << at << " of " << operations);
    CrashScene crash(scene);
    Doom doom(scene.kind, at);
    crash.RunInto(doom);
    crash.CheckAfterRestart();
  }
}

// The recovery of the restarted process dies, too, wherever it is.
TEST_P(RunCrash, EveryPointOfTheRecoveryLeavesTheOldOrTheNewWhole) {
  const Scene& scene = GetParam();
  if (scene.kind != Doom::Kind::kDies) return;
  Doom none(Doom::Kind::kNone, 0);
  const int64_t operations = CrashScene(scene).RunInto(none);
  // A run that died in the middle of its settling leaves the most to do.
  for (int64_t first = operations - 8; first < operations; first += 3) {
    for (int64_t at = 1; at <= 24 && !HasFailure(); ++at) {
      SCOPED_TRACE(testing::Message() << "at operation " << first << ", then " << at);
      CrashScene crash(scene);
      Doom doom(Doom::Kind::kDies, first);
      crash.RunInto(doom);
      Doom again(Doom::Kind::kDies, at);
      crash.RunInto(again);
      crash.CheckAfterRestart();
    }
  }
}

std::vector<Scene> Scenes() {
  std::vector<Scene> scenes;
  for (const WriteMode mode : {WriteMode::kOverwritePartitions, WriteMode::kAppend, WriteMode::kMerge})
    for (const Doom::Kind kind : {Doom::Kind::kDies, Doom::Kind::kFailsOnce, Doom::Kind::kLosesAnswer})
      for (const bool exchanges : {true, false}) scenes.push_back({mode, kind, exchanges, FileNames::kCommit});
  for (const bool exchanges : {true, false})
    scenes.push_back({WriteMode::kOverwritePartitions, Doom::Kind::kDies, exchanges, FileNames::kPlain});
  for (const bool exchanges : {true, false})
    scenes.push_back({.mode = WriteMode::kMerge, .exchanges = exchanges, .rows_say = true});
  for (const bool exchanges : {true, false})
    scenes.push_back({.mode = WriteMode::kMerge, .exchanges = exchanges, .event = true});
  return scenes;
}

std::string NameOfScene(const testing::TestParamInfo<Scene>& info) {
  constexpr std::array kModes = {"Overwrite", "Append", "Merge"};
  constexpr std::array kKinds = {"None", "Dies", "FailsOnce", "LosesAnswer"};
  return fmt::format("{}{}{}{}{}{}", kModes[static_cast<size_t>(info.param.mode)],
                     kKinds[static_cast<size_t>(info.param.kind)], info.param.exchanges ? "" : "OnS3",
                     info.param.names == FileNames::kPlain ? "Plain" : "", info.param.rows_say ? "RowsSay" : "",
                     info.param.event ? "Event" : "");
}

INSTANTIATE_TEST_SUITE_P(All, RunCrash, testing::ValuesIn(Scenes()), NameOfScene);

}  // namespace
}  // namespace firn
