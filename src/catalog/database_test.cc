#include "catalog/database.h"

#include <sys/mount.h>
#include <unistd.h>

#include <chrono>
#include <fstream>

#include "catalog/catalog_test.h"
#include "catalog/migrations.h"

namespace firn {
namespace {

using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::StartsWith;

class DatabaseTest : public CatalogTest {
 protected:
  void WriteBytes(const std::string& bytes) { std::ofstream(Path(), std::ios::binary) << bytes; }
  std::string OpenProblem() { return Problem(Catalog::Open(Path())); }
  int64_t Pragma(std::string_view pragma) {
    auto row = Lake().database().Query(pragma);
    EXPECT_TRUE(row.has_value() && row->Next().value());
    return row->Integer(0);
  }
};

// Root may write anywhere: be nobody for a while.
class AsNobody {
 public:
  AsNobody() : was_root_(::geteuid() == 0) {
    if (was_root_) {
      EXPECT_EQ(::seteuid(65534), 0);
    }
  }
  ~AsNobody() {
    if (was_root_) {
      EXPECT_EQ(::seteuid(0), 0);
    }
  }

 private:
  bool was_root_;
};

TEST_F(DatabaseTest, ANewCatalogHasTheNewestVersion) {
  EXPECT_EQ(Pragma("PRAGMA user_version"), kCatalogVersion);
  EXPECT_THAT(Must(Lake().CheckIntegrity()), IsEmpty());
}

// firn makes a catalog whole under another name, so that this one lost what it had.
TEST_F(DatabaseTest, AnEmptyFileIsDamaged) {
  WriteBytes("");
  for (const auto& catalog : {Catalog::Open(Path()), Catalog::OpenReadOnly(Path())}) {
    ASSERT_FALSE(catalog.has_value());
    EXPECT_EQ(catalog.error().kind, ErrorKind::kCorrupt);
  }
  EXPECT_EQ(std::filesystem::file_size(Path()), 0);
}

TEST_F(DatabaseTest, MakingACatalogLeavesNothingElse) {
  Must(Catalog::Open(Path())).reset();
  EXPECT_EQ(std::distance(std::filesystem::directory_iterator(folder_), {}), 1);
}

TEST_F(DatabaseTest, TheFolderIsMadeAndCommitsAreSynced) {
  auto catalog = MustOpen((folder_ / "new" / ".firn" / "catalog.db").string());
  auto mode = catalog->database().Query("PRAGMA journal_mode");
  ASSERT_TRUE(mode->Next().value());
  EXPECT_EQ(mode->Text(0), "wal");
  EXPECT_EQ(Pragma("PRAGMA synchronous"), 2);
  EXPECT_EQ(Pragma("PRAGMA foreign_keys"), 1);
}

TEST_F(DatabaseTest, ANewerVersionIsRefused) {
  ASSERT_EQ(Problem(Lake().database().RunScript("PRAGMA user_version = 99")), "");
  catalog_.reset();
  EXPECT_THAT(OpenProblem(), AllOf(StartsWith("Unsupported: "), HasSubstr("version 99")));
}

TEST_F(DatabaseTest, AnOlderVersionIsBroughtUpToDateAndKeepsWhatItHas) {
  const std::vector<ObjectInfo> seen = {{.key = "l/a", .size = 1, .modified_ns = 2, .etag = "e"}};
  ASSERT_EQ(Problem(Lake().RememberCrawled(TableName("t"), seen)), "");
  ASSERT_EQ(Problem(Lake().database().RunScript("DROP INDEX crawled_skipped; ALTER TABLE crawled DROP COLUMN skipped; "
                                                "PRAGMA user_version = 1")),
            "");
  catalog_.reset();
  EXPECT_THAT(Problem(Catalog::OpenReadOnly(Path())), AllOf(StartsWith("Unsupported: "), HasSubstr("an older firn")));
  EXPECT_EQ(Pragma("PRAGMA user_version"), kCatalogVersion);
  EXPECT_THAT(Must(Lake().NotSeenByCrawler(TableName("t"), seen)), IsEmpty());
  EXPECT_THAT(Must(Lake().CheckIntegrity()), IsEmpty());
}

TEST_F(DatabaseTest, AFailedMigrationLeavesTheFileAsItWas) {
  auto database = Must(Database::Open(Path()));
  database->SetStatementHook([](std::string_view sql) -> Status {
    if (sql.starts_with("PRAGMA user_version =")) return Fail(ErrorKind::kIo, "injected");
    return {};
  });
  EXPECT_THAT(Problem(Migrate(*database)), HasSubstr("injected"));
  database->SetStatementHook(nullptr);
  auto row = database->Query("SELECT count(*) FROM sqlite_schema");
  ASSERT_TRUE(row->Next().value());
  EXPECT_EQ(row->Integer(0), 0);
}

TEST_F(DatabaseTest, WhatIsNoDatabaseIsCorruptWithAdvice) {
  for (const size_t size : {1, 99, 511, 600, 5000}) {
    WriteBytes(std::string(size, 'x'));
    EXPECT_THAT(OpenProblem(),
                AllOf(StartsWith("Corrupt: "), HasSubstr("Run `firn doctor`; restore .firn/catalog.db "
                                                         "from a copy, or move it away and crawl again.")))
        << size;
  }
}

TEST_F(DatabaseTest, AnotherProgramsDatabaseIsLeftAlone) {
  {
    auto database = Must(Database::Open(Path()));
    ASSERT_EQ(Problem(database->RunScript("CREATE TABLE theirs (x)")), "");
  }
  EXPECT_THAT(OpenProblem(), AllOf(StartsWith("Corrupt: "), HasSubstr("another program")));
}

TEST_F(DatabaseTest, DamagedPagesAreCorruptAndIntegritySaysSo) {
  ASSERT_EQ(Problem(Lake().PutTable(Sales())), "");
  for (int i = 0; i < 300; ++i) ASSERT_EQ(Problem(Lake().CreateRun(Run("jr_" + std::to_string(i)))), "");
  const int64_t rows_from = Pragma("SELECT max(rootpage) FROM sqlite_schema") * Pragma("PRAGMA page_size");
  catalog_.reset();
  const auto size = static_cast<int64_t>(std::filesystem::file_size(Path()));
  ASSERT_LT(rows_from, size);
  {
    std::fstream file(Path(), std::ios::binary | std::ios::in | std::ios::out);
    file.seekp(rows_from);
    file << std::string(static_cast<size_t>(size - rows_from), 'x');
  }
  EXPECT_THAT(Problem(Lake().ListRuns(JobName(), 1000)), StartsWith("Corrupt: "));
  EXPECT_FALSE(Must(Lake().CheckIntegrity()).empty());
}

TEST_F(DatabaseTest, ATruncatedFileIsCorrupt) {
  ASSERT_EQ(Problem(Lake().PutTable(Sales())), "");
  catalog_.reset();
  std::filesystem::resize_file(Path(), 4096);
  const auto catalog = Catalog::Open(Path());
  EXPECT_THAT(catalog ? Problem((*catalog)->ListTables()) : Problem(catalog), StartsWith("Corrupt: "));
}

TEST_F(DatabaseTest, AMissingTableIsCorrupt) {
  ASSERT_EQ(Problem(Lake().database().RunScript("DROP TABLE events")), "");
  EXPECT_THAT(Problem(Lake().PendingEvents(1)), StartsWith("Corrupt: "));
  EXPECT_FALSE(Must(Lake().CheckIntegrity()).empty() && Lake().PendingEvents(1).has_value());
}

TEST_F(DatabaseTest, AValueThatIsNotJsonIsCorrupt) {
  ASSERT_EQ(Problem(Lake().PutTable(Sales())), "");
  ASSERT_EQ(Problem(Lake().CreateRun(Run("jr_1"))), "");
  ASSERT_EQ(
      Problem(Lake().database().RunScript("UPDATE table_versions SET schema = '[1]'; UPDATE runs SET metrics = '{'")),
      "");
  EXPECT_THAT(Problem(Lake().GetTable(TableName("sales"))), StartsWith("Corrupt: "));
  EXPECT_THAT(Problem(Lake().GetRun(RunId("jr_1"))), StartsWith("Corrupt: "));
}

TEST_F(DatabaseTest, AFolderThatMayNotBeWrittenIsAPermission) {
  std::filesystem::permissions(folder_, std::filesystem::perms::owner_read | std::filesystem::perms::owner_exec |
                                            std::filesystem::perms::others_read | std::filesystem::perms::others_exec);
  {
    const AsNobody nobody;
    EXPECT_THAT(OpenProblem(), StartsWith("Permission: "));
    EXPECT_THAT(Problem(Catalog::Open((folder_ / "sub" / "catalog.db").string())), StartsWith("Permission: "));
  }
  std::filesystem::permissions(folder_, std::filesystem::perms::owner_all);
}

TEST_F(DatabaseTest, ACatalogThatMayNotBeWrittenIsAPermission) {
  ASSERT_EQ(Problem(Lake().PutTable(Sales())), "");
  catalog_.reset();
  std::filesystem::permissions(Path(), std::filesystem::perms::owner_read | std::filesystem::perms::others_read);
  std::filesystem::permissions(folder_, std::filesystem::perms::owner_read | std::filesystem::perms::owner_exec |
                                            std::filesystem::perms::others_read | std::filesystem::perms::others_exec);
  {
    const AsNobody nobody;
    EXPECT_THAT(OpenProblem(), StartsWith("Permission: "));
  }
  std::filesystem::permissions(folder_, std::filesystem::perms::owner_all);
}

TEST_F(DatabaseTest, ACatalogThatMayNotBeWrittenIsReadWithoutARight) {
  ASSERT_EQ(Problem(Lake().PutTable(Sales())), "");
  catalog_.reset();
  std::filesystem::permissions(Path(), std::filesystem::perms(0444));
  std::filesystem::permissions(folder_, std::filesystem::perms(0555));
  {
    const AsNobody nobody;
    const auto catalog = Catalog::OpenReadOnly(Path());
    ASSERT_TRUE(catalog.has_value()) << catalog.error().Text();
    EXPECT_EQ((*catalog)->ListTables()->size(), 1);
    EXPECT_THAT(Problem((*catalog)->PutTable({.name = TableName("more")})), StartsWith("Permission: "));
  }
  std::filesystem::permissions(folder_, std::filesystem::perms::owner_all);
}

TEST_F(DatabaseTest, ReadingOnlyMakesNothing) {
  EXPECT_THAT(Problem(Catalog::OpenReadOnly(Path())), StartsWith("NotFound: "));
  EXPECT_FALSE(std::filesystem::exists(Path()));
}

TEST_F(DatabaseTest, ABusyWriterIsAConflict) {
  auto other = MustOpen(Path(), {.busy_timeout = std::chrono::milliseconds(0)});
  auto transaction = Transaction::Begin(Lake().database(), Transaction::Kind::kWrite);
  ASSERT_TRUE(transaction.has_value());
  EXPECT_THAT(Problem(other->PutTable(Sales())), StartsWith("Conflict: "));
  EXPECT_EQ(Problem(other->ListTables()), "");
}

TEST_F(DatabaseTest, AFolderWhereTheFileShouldBeIsDamageAndTheAdviceComesWithIt) {
  std::filesystem::create_directory(Path());
  EXPECT_THAT(OpenProblem(), AllOf(StartsWith("Corrupt: "), HasSubstr("Is a directory"), HasSubstr("firn doctor")));
  const std::string below = (folder_ / "file" / "catalog.db").string();
  std::ofstream(folder_ / "file") << "x";
  EXPECT_THAT(Problem(Catalog::Open(below)), AllOf(StartsWith("Corrupt: "), HasSubstr("firn doctor")));
}

// A full disk in earnest where this user may mount one, and SQLite's own limit of pages where not.
TEST_F(DatabaseTest, AFullDiskIsNoSpaceAndLeavesTheCatalogWhole) {
  const std::string small = (folder_ / "small").string();
  std::filesystem::create_directory(small);
  const bool mounted = ::mount("tmpfs", small.c_str(), "tmpfs", 0, "size=1m") == 0;
  {
    auto catalog = MustOpen(small + "/catalog.db");
    ASSERT_EQ(Problem(catalog->PutTable(Sales())), "");
    if (!mounted) {
      ASSERT_EQ(Problem(catalog->database().RunScript("PRAGMA max_page_count = 100")), "");
    }
    std::vector<ObjectInfo> objects;
    for (int i = 0; i < 20'000; ++i) objects.push_back({"landing/" + std::to_string(i), 1, 1, std::string(40, 'e')});
    EXPECT_THAT(Problem(catalog->RememberCrawled(TableName("sales"), objects)), StartsWith("NoSpace: "));
    EXPECT_EQ(Must(catalog->NotSeenByCrawler(TableName("sales"), objects)).size(), objects.size());
    EXPECT_EQ(Must(catalog->ListTables()).size(), 1);
    EXPECT_THAT(Must(catalog->CheckIntegrity()), IsEmpty());
  }
  if (mounted) {
    EXPECT_EQ(::umount(small.c_str()), 0);
  }
}

TEST_F(DatabaseTest, OpeningAnUpToDateCatalogTakesUnderFiveMilliseconds) {
  ASSERT_EQ(Problem(Lake().PutTable(Sales())), "");
  catalog_.reset();
  std::chrono::steady_clock::duration best = std::chrono::hours(1);
  for (int i = 0; i < 10; ++i) {
    const auto start = std::chrono::steady_clock::now();
    const auto catalog = MustOpen(Path());
    best = std::min(best, std::chrono::steady_clock::now() - start);
  }
  EXPECT_LT(best, std::chrono::milliseconds(5));
}

TEST_F(DatabaseTest, TextAndBytesOfAnyKindComeBack) {
  const std::string odd("a\0b\xff", 4);
  auto row = Lake().database().Query("SELECT ?, ?, ?, ? IS NULL, NULL", odd, Blob{odd}, std::string_view(), Blob{});
  ASSERT_TRUE(row->Next().value());
  EXPECT_EQ(row->Text(0), odd);
  EXPECT_EQ(row->Text(1), odd);
  EXPECT_EQ(row->Text(2), "");
  EXPECT_EQ(row->Integer(3), 0);
  EXPECT_EQ(row->Text(4), "");
}

TEST_F(DatabaseTest, OneStatementMayRunTwiceAtOnce) {
  constexpr std::string_view sql = "SELECT value FROM json_each('[1,2]')";
  auto first = Lake().database().Query(sql);
  auto second = Lake().database().Query(sql);
  ASSERT_TRUE(first->Next().value() && second->Next().value() && first->Next().value());
  EXPECT_EQ(first->Integer(0), 2);
  EXPECT_EQ(second->Integer(0), 1);
}

}  // namespace
}  // namespace firn
