#include <sys/wait.h>
#include <unistd.h>

#include <atomic>
#include <csignal>
#include <thread>

#include "catalog/catalog_test.h"

namespace firn {
namespace {

using ::testing::IsEmpty;

class AtomicityTest : public CatalogTest {
 protected:
  // A catalog with one snapshot and a running run that holds its leases: ready for the commit below.
  void Prepare() {
    ASSERT_EQ(Problem(Lake().PutTable(Sales())), "");
    Write("s1", {"03", "04"}, {File("03", "a"), File("04", "b")});
    const RunRecord run = Run("jr_2");
    ASSERT_EQ(Problem(Lake().CreateRun(run)), "");
    ASSERT_EQ(Problem(Lake().AcquireLeases(Full().release)), "");
  }
  // A commit that touches every kind of row.
  static Commit Full() {
    const RunRecord run = Run("jr_2");
    Commit commit = CommitOf(run, "s2", {"03", "04", "05"}, {File("03", "c"), File("05", "d"), File("05", "e")});
    commit.table = Sales();
    commit.table->schema.fields.push_back({"late", {.kind = TypeKind::kDate}});
    commit.bookmark = {{"landing/a", 5, "e1", run.id}, {"landing/b", 5, "e1", run.id}};
    commit.events = {{.run = run.id, .type = "done"}, {.run = run.id, .type = "metrics"}};
    for (const char* day : {"03", "04", "05"}) commit.release.push_back({TableName("sales"), NameOfDay(day), run.id});
    return commit;
  }
  // "old" or "new" when everything agrees on it, else what was seen.
  static std::string StateOf(SqliteCatalog& catalog) {
    const TableName table("sales");
    const auto current = Must(catalog.CurrentFiles(table, std::nullopt));
    const std::vector<Lease> other = {{table, NameOfDay("05"), RunId("jr_x")}};
    const bool leased = !catalog.AcquireLeases(other).has_value();
    EXPECT_TRUE(catalog.ReleaseLeases(RunId("jr_x")).has_value());
    std::string seen = current.snapshot.id.str() + " v" + std::to_string(Must(catalog.GetTable(table)).version);
    for (const std::string& key : Keys(current.files)) seen += " " + key;
    seen += " p" + std::to_string(Must(catalog.CountPartitions(table)));
    seen += " b" + std::to_string(Must(catalog.CountBookmark(JobName("consolidate"))));
    seen += " e" + std::to_string(Must(catalog.ListEvents(0, 10)).size());
    seen += leased ? " leased " : " free ";
    seen += NameOf(Must(catalog.GetRun(RunId("jr_2"))).state);
    if (!Must(catalog.CheckIntegrity()).empty()) return "damaged: " + Must(catalog.CheckIntegrity())[0];
    if (seen == "s1 v1 a b p2 b0 e0 leased RUNNING") return "old";
    if (seen == "s2 v2 c d e p2 b2 e2 free SUCCEEDED") return "new";
    return seen;
  }
  static Database::StatementHook After(int statements, std::function<Status()> act) {
    return [left = statements, act = std::move(act)](std::string_view) mutable -> Status {
      return left-- == 0 ? act() : Status();
    };
  }
};

TEST_F(AtomicityTest, AFailureAtAnyStatementLeavesNothing) {
  Prepare();
  int statement = 0;
  for (;; ++statement) {
    bool failed = false;
    Lake().database().SetStatementHook(After(statement, [&]() -> Status {
      failed = true;
      return Fail(ErrorKind::kNoSpace, "injected");
    }));
    const Status applied = Lake().Apply(Full());
    Lake().database().SetStatementHook(nullptr);
    if (!failed) {
      ASSERT_EQ(Problem(applied), "");
      break;
    }
    ASSERT_EQ(applied.error().kind, ErrorKind::kNoSpace);
    ASSERT_EQ(StateOf(Lake()), "old") << "at statement " << statement;
  }
  EXPECT_EQ(StateOf(Lake()), "new");
  EXPECT_GT(statement, 30);
}

TEST_F(AtomicityTest, ADiskFailureWhileCommittingIsAnUnknownOutcome) {
  Prepare();
  Lake().database().SetStatementHook([](std::string_view sql) -> Status {
    if (sql == "COMMIT") return Fail(ErrorKind::kIo, "injected");
    return {};
  });
  EXPECT_EQ(Lake().Apply(Full()).error().kind, ErrorKind::kUnknownOutcome);
  Lake().database().SetStatementHook(nullptr);
  EXPECT_EQ(StateOf(Lake()), "old");
}

TEST_F(AtomicityTest, AKilledProcessAtAnyStatementLeavesAllOrNothing) {
  Prepare();
  catalog_.reset();
  int statement = 0;
  for (;; ++statement) {
    const pid_t child = ::fork();
    ASSERT_GE(child, 0);
    if (child == 0) {
      auto catalog = SqliteCatalog::Open(Path());
      (*catalog)->database().SetStatementHook(After(statement, []() -> Status {
        ::raise(SIGKILL);
        return {};
      }));
      ::_exit((*catalog)->Apply(Full()).has_value() ? 0 : 1);
    }
    int status = 0;
    ASSERT_EQ(::waitpid(child, &status, 0), child);
    auto catalog = MustOpen(Path());
    if (WIFEXITED(status)) {
      ASSERT_EQ(WEXITSTATUS(status), 0);
      ASSERT_EQ(StateOf(*catalog), "new");
      break;
    }
    ASSERT_EQ(StateOf(*catalog), "old") << "killed at statement " << statement;
  }
  EXPECT_GT(statement, 30);
}

// The child commits as fast as it can and tells each commit; it is killed wherever it happens to be.
TEST_F(AtomicityTest, AProcessKilledAnywhereLosesNoCommitThatItTold) {
  ASSERT_EQ(Problem(Lake().PutTable(Sales())), "");
  catalog_.reset();
  int64_t told = 0;
  for (int round = 0; round < 8; ++round) {
    int ends[2];
    ASSERT_EQ(::pipe(ends), 0);
    const pid_t child = ::fork();
    ASSERT_GE(child, 0);
    if (child == 0) {
      auto catalog = SqliteCatalog::Open(Path());
      for (int64_t i = told;; ++i) {
        const std::string name = std::to_string(round) + "-" + std::to_string(i);
        const RunRecord run = Run("jr_" + name);
        Commit commit = CommitOf(run, name, {"03"}, {File("03", "f" + name)});
        commit.events = {{.run = run.id, .type = "done"}};
        if (!(*catalog)->CreateRun(run) || !(*catalog)->Apply(commit)) ::_exit(1);
        if (::write(ends[1], "x", 1) != 1) ::_exit(1);
      }
    }
    char byte = 0;
    for (int i = 0; i < 5 + round * 3; ++i, ++told) ASSERT_EQ(::read(ends[0], &byte, 1), 1);
    ASSERT_EQ(::kill(child, SIGKILL), 0);
    ::close(ends[1]);
    while (::read(ends[0], &byte, 1) == 1) ++told;
    ::close(ends[0]);
    int status = 0;
    ASSERT_EQ(::waitpid(child, &status, 0), child);
    ASSERT_TRUE(WIFSIGNALED(status));

    auto catalog = MustOpen(Path());
    const auto snapshot = Must(catalog->CurrentSnapshot(TableName("sales")));
    ASSERT_TRUE(snapshot.has_value());
    EXPECT_GE(snapshot->sequence, told);
    EXPECT_LE(snapshot->sequence, told + 1);
    EXPECT_EQ(Must(catalog->ListEvents(0, -1)).size(), static_cast<size_t>(snapshot->sequence));
    EXPECT_THAT(Must(catalog->CheckIntegrity()), IsEmpty());
    told = snapshot->sequence;
  }
}

// Each of the writers replaces both partitions by one file of its own; a reader must never see two writers.
TEST_F(AtomicityTest, TwoProcessesWriteAndAReaderSeesWholeSnapshots) {
  ASSERT_EQ(Problem(Lake().PutTable(Sales())), "");
  Write("s0", {"03", "04"}, {File("03", "zero"), File("04", "zero")});
  catalog_.reset();
  constexpr int kCommits = 40;
  std::vector<pid_t> children;
  for (const char* writer : {"a", "b"}) {
    const pid_t child = ::fork();
    ASSERT_GE(child, 0);
    if (child == 0) {
      auto catalog = SqliteCatalog::Open(Path());
      for (int i = 0; i < kCommits; ++i) {
        const std::string name = writer + std::to_string(i);
        const RunRecord run = Run("jr_" + name);
        if (!(*catalog)->CreateRun(run)) ::_exit(1);
        if (!(*catalog)->Apply(CommitOf(run, name, {"03", "04"}, {File("03", name), File("04", name)}))) ::_exit(2);
      }
      ::_exit(0);
    }
    children.push_back(child);
  }
  int64_t last = 0;
  while (last < 2 * kCommits + 1) {
    const auto current = Must(Lake().CurrentFiles(TableName("sales"), std::nullopt));
    ASSERT_EQ(current.files.size(), 2);
    ASSERT_EQ(Keys(current.files)[0], Keys(current.files)[1]);
    ASSERT_GE(current.snapshot.sequence, last);
    last = current.snapshot.sequence;
    int status = 0;
    for (const pid_t child : children)
      if (::waitpid(child, &status, WNOHANG) == child) {
        ASSERT_EQ(status, 0);
      }
  }
  for (const pid_t child : children) {
    int status = 0;
    if (::waitpid(child, &status, 0) == child) {
      ASSERT_EQ(status, 0);
    }
  }
  EXPECT_EQ(Must(Lake().ListRuns(JobName(), -1)).size(), 2 * kCommits + 1);
  EXPECT_THAT(Must(Lake().CheckIntegrity()), IsEmpty());
}

TEST_F(AtomicityTest, ProcessesThatCreateACatalogAtOnceAllSucceed) {
  std::vector<pid_t> children;
  for (int i = 0; i < 6; ++i) {
    const pid_t child = ::fork();
    ASSERT_GE(child, 0);
    if (child == 0) {
      auto catalog = Catalog::Open(Path());
      ::_exit(catalog && (*catalog)->PutTable(Sales("t" + std::to_string(i))) ? 0 : 1);
    }
    children.push_back(child);
  }
  for (const pid_t child : children) {
    int status = 0;
    ASSERT_EQ(::waitpid(child, &status, 0), child);
    EXPECT_EQ(status, 0);
  }
  EXPECT_EQ(Must(Lake().ListTables()).size(), 6);
}

TEST_F(AtomicityTest, ThreadsShareOneCatalogAndOneIdentityStartsOnce) {
  Lake();
  std::atomic<int> started = 0;
  {
    std::vector<std::jthread> threads;
    for (int thread = 0; thread < 4; ++thread)
      threads.emplace_back([&, thread] {
        for (int i = 0; i < 25; ++i) {
          RunRecord run = Run("jr_" + std::to_string(thread) + "_" + std::to_string(i));
          run.identity = "slot/" + std::to_string(i);
          if (catalog_->CreateRun(run)) ++started;
        }
      });
  }
  EXPECT_EQ(started, 25);
}

}  // namespace
}  // namespace firn
