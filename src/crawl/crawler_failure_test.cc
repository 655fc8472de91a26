#include <stop_token>

#include "crawl/crawl_lake_test.h"

namespace firn {
namespace {

using ::testing::AllOf;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::SizeIs;

using CrawlerFailure = CrawlLake;

TEST_F(CrawlerFailure, AConflictNamesBothFilesTheColumnAndItsTypes) {
  PutParquet("2025/11/03/a.parquet", "id:bigint", 1);
  PutParquet("2025/11/03/b.parquet", "id:bigint,zip:int", 1);
  PutParquet("2025/11/04/c.parquet", "id:bigint,zip:string", 1);
  const auto report = TryCrawl();
  ASSERT_FALSE(report);
  EXPECT_EQ(report.error().kind, ErrorKind::kMismatch);
  EXPECT_THAT(report.error().message, AllOf(HasSubstr("2025/11/04/c.parquet"), HasSubstr("2025/11/03/b.parquet"),
                                            HasSubstr("'zip'"), HasSubstr("int"), HasSubstr("string")));
  EXPECT_THAT(report.error().hint, HasSubstr("on_conflict: skip"));
  EXPECT_EQ(catalog_->GetTable(options_.table.name).error().kind, ErrorKind::kNotFound);
}

TEST_F(CrawlerFailure, ADamagedFileSaysWhichKeyOfTheCrawlerLeavesItOut) {
  PutBytes("2025/11/03/a.parquet", "no Parquet");
  const auto report = TryCrawl();
  ASSERT_FALSE(report);
  EXPECT_EQ(report.error().kind, ErrorKind::kCorrupt);
  EXPECT_THAT(report.error().hint, HasSubstr("on_conflict: skip"));
}

TEST_F(CrawlerFailure, SkippedConflictsAreReportedLeftOutAndLookedAtAgain) {
  options_.skip_bad_files = true;
  PutParquet("2025/11/03/a.parquet", "zip:int", 1);
  PutParquet("2025/11/03/b.parquet", "zip:string", 2);
  PutParquet("2025/11/03/c.parquet", "zip:bigint", 4);
  for (int crawl = 0; crawl < 2; ++crawl) {
    const CrawlReport report = MustCrawl();
    ASSERT_THAT(report.findings, SizeIs(1));
    EXPECT_EQ(report.findings[0].kind, CrawlFinding::Kind::kConflict);
    EXPECT_EQ(report.findings[0].key, KeyOf("2025/11/03/b.parquet"));
    EXPECT_EQ(report.partitions_added, crawl == 0 ? 1 : 0);
    EXPECT_EQ(report.partitions_updated, 0);
    EXPECT_EQ(Columns(), "zip:bigint");
    EXPECT_THAT(Partitions(), ElementsAre("year=2025/month=11/day=03: 2 files, 5 rows"));
  }
  PutParquet("2025/11/03/b.parquet", "zip:int", 2);
  EXPECT_THAT(MustCrawl().findings, IsEmpty());
  EXPECT_THAT(Partitions(), ElementsAre("year=2025/month=11/day=03: 3 files, 7 rows"));
}

TEST_F(CrawlerFailure, AConflictWithEarlierCrawlsNamesTheCatalog) {
  PutParquet("2025/11/03/a.parquet", "zip:int", 1);
  MustCrawl();
  PutParquet("2025/11/04/b.parquet", "zip:string", 1);
  EXPECT_THAT(TryCrawl().error().message, HasSubstr("the table's columns in the catalog"));
}

TEST_F(CrawlerFailure, ABadFileEndsTheCrawlAndNamesItselfOnce) {
  PutParquet("2025/11/03/a.parquet", "id:bigint", 1);
  PutBytes("2025/11/03/empty.parquet", "");
  const auto report = TryCrawl();
  ASSERT_FALSE(report);
  EXPECT_EQ(report.error().kind, ErrorKind::kCorrupt);
  EXPECT_THAT(report.error().message, ::testing::StartsWith("landing/events/2025/11/03/empty.parquet: it has 0 bytes"));
  EXPECT_EQ(catalog_->GetTable(options_.table.name).error().kind, ErrorKind::kNotFound);
}

TEST_F(CrawlerFailure, SkippedBadFilesAreReportedEachTimeWithoutReadingTheOthersAgain) {
  options_.skip_bad_files = true;
  PutParquet("2025/11/03/a.parquet", "id:bigint", 1);
  PutBytes("2025/11/03/bad.parquet", "this is not Parquet");
  MustCrawl();
  const CrawlReport report = MustCrawl();
  ASSERT_THAT(report.findings, SizeIs(1));
  EXPECT_EQ(report.findings[0].kind, CrawlFinding::Kind::kBad);
  EXPECT_EQ(report.files_read, 1);
  EXPECT_THAT(Partitions(), ElementsAre("year=2025/month=11/day=03: 1 files, 1 rows"));
}

TEST_F(CrawlerFailure, AFolderOfNothingButBadFilesStaysNew) {
  options_.skip_bad_files = true;
  options_.new_folders_only = true;
  PutBytes("2025/11/03/a.parquet", "uploading...");
  EXPECT_EQ(MustCrawl().partitions_added, 0);
  PutParquet("2025/11/03/a.parquet", "id:bigint", 9);
  EXPECT_EQ(MustCrawl().partitions_added, 1);
}

TEST_F(CrawlerFailure, FilesAtTheWrongDepthAndFoldersOfAnotherLayoutAreReported) {
  options_.skip_bad_files = true;
  PutParquet("2025/11/03/a.parquet", "id:bigint", 1);
  PutParquet("2025/stray.parquet", "id:bigint", 1);
  PutParquet("2025/11/03/deeper/b.parquet", "id:bigint", 1);
  PutParquet("2025/11/31/c.parquet", "id:bigint", 1);
  PutParquet("archive/old/days/d.parquet", "id:bigint", 1);
  const CrawlReport report = MustCrawl();
  std::vector<std::string> keys;
  for (const CrawlFinding& finding : report.findings) {
    EXPECT_EQ(finding.kind, CrawlFinding::Kind::kMisplaced);
    keys.push_back(finding.key);
  }
  EXPECT_THAT(keys, ::testing::UnorderedElementsAre(KeyOf("2025/stray.parquet"), KeyOf("2025/11/03/deeper/b.parquet"),
                                                    KeyOf("2025/11/31"), KeyOf("archive/old/days")));
  EXPECT_THAT(Partitions(), ElementsAre("year=2025/month=11/day=03: 1 files, 1 rows"));
  options_.skip_bad_files = false;
  EXPECT_EQ(TryCrawl().error().kind, ErrorKind::kMismatch);
}

TEST_F(CrawlerFailure, TwoFoldersOfOnePartitionAreReported) {
  options_.skip_bad_files = true;
  options_.table.partition_keys = {"k"};
  options_.table.layout = PartitionLayout::kKeyValue;
  PutParquet("k=/a.parquet", "id:bigint", 1);
  PutParquet("k=__HIVE_DEFAULT_PARTITION__/b.parquet", "id:bigint", 1);
  EXPECT_THAT(MustCrawl().findings, SizeIs(1));
  EXPECT_THAT(Partitions(), ElementsAre("k=__HIVE_DEFAULT_PARTITION__: 1 files, 1 rows"));
}

TEST_F(CrawlerFailure, AFileThatVanishesBetweenListingAndReadingIsAFindingOrAnError) {
  PutParquet("2025/11/03/a.parquet", "id:bigint", 1);
  PutParquet("2025/11/03/b.parquet", "id:bigint", 1);
  const auto vanish = [this](const StoreCall& call, int64_t) {
    if (call.operation == StoreOperation::kReadRange) (void)memory_.Remove(KeyOf("2025/11/03/b.parquet"));
    return std::optional<Fault>();
  };
  store_.SetRule(vanish);
  EXPECT_EQ(TryCrawl().error().kind, ErrorKind::kNotFound);
  PutParquet("2025/11/03/b.parquet", "id:bigint", 1);
  options_.skip_bad_files = true;
  EXPECT_THAT(MustCrawl().findings, SizeIs(1));
  EXPECT_THAT(Partitions(), ElementsAre("year=2025/month=11/day=03: 1 files, 1 rows"));
}

TEST_F(CrawlerFailure, AStoreThatFailsIsNotABadFile) {
  options_.skip_bad_files = true;
  PutParquet("2025/11/03/a.parquet", "id:bigint", 1);
  store_.SetRule(FailOperation(StoreOperation::kReadRange, 1, {ErrorKind::kUnavailable, "the server is away", ""}));
  EXPECT_EQ(TryCrawl().error().kind, ErrorKind::kUnavailable);
  EXPECT_EQ(catalog_->GetTable(options_.table.name).error().kind, ErrorKind::kNotFound);
  store_.SetRule(NoFault());
  EXPECT_EQ(MustCrawl().partitions_added, 1);
}

TEST_F(CrawlerFailure, AStoppedCrawlLeavesTheCatalogAlone) {
  PutParquet("2025/11/03/a.parquet", "id:bigint", 1);
  std::stop_source stop;
  progress_ = [&](std::string_view phase, int64_t, int64_t) {
    if (phase == "listing") stop.request_stop();
  };
  EXPECT_EQ(TryCrawl(stop.get_token()).error().kind, ErrorKind::kStopped);
  EXPECT_EQ(catalog_->GetTable(options_.table.name).error().kind, ErrorKind::kNotFound);
}

}  // namespace
}  // namespace firn
