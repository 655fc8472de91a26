#include "crawl/crawler.h"

#include <mutex>

#include "crawl/crawl_lake_test.h"

namespace firn {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::SizeIs;
using ::testing::UnorderedElementsAre;

using Crawler = CrawlLake;

TEST_F(Crawler, TheFirstCrawlMakesTheTableItsColumnsAndItsPartitions) {
  PutParquet("2025/11/03/a.parquet", "id:bigint,amount:decimal(12,2)", 10);
  PutParquet("2025/11/03/b.parquet", "id:bigint,amount:decimal(12,2)", 20);
  PutParquet("2025/11/04/c.parquet", "id:bigint,amount:decimal(12,2)", 5);
  const CrawlReport report = MustCrawl();
  EXPECT_TRUE(report.table_created);
  EXPECT_EQ(report.partitions_added, 2);
  EXPECT_EQ(report.files_seen, 3);
  EXPECT_EQ(report.files_read, 3);
  EXPECT_THAT(report.findings, IsEmpty());
  EXPECT_EQ(Columns(), "id:bigint,amount:decimal(12,2)");
  EXPECT_THAT(Partitions(),
              ElementsAre("year=2025/month=11/day=03: 2 files, 30 rows", "year=2025/month=11/day=04: 1 files, 5 rows"));
}

TEST_F(Crawler, ACrawlThatFindsNothingNewReadsNothingAndChangesNothing) {
  PutParquet("2025/11/03/a.parquet", "id:bigint", 10);
  MustCrawl();
  const CrawlReport report = MustCrawl();
  EXPECT_FALSE(report.table_created);
  EXPECT_FALSE(report.table_updated);
  EXPECT_EQ(report.partitions_added + report.partitions_updated + report.partitions_removed, 0);
  EXPECT_EQ(report.files_read, 0);
  EXPECT_THAT(Asked(StoreOperation::kReadRange), IsEmpty());
  EXPECT_EQ(Table().version, 1);
}

TEST_F(Crawler, NewFoldersOnlyDoesNotListTheFilesOfKnownPartitions) {
  options_.new_folders_only = true;
  PutParquet("2025/11/03/a.parquet", "id:bigint", 10);
  MustCrawl();
  PutParquet("2025/11/03/late.parquet", "id:bigint", 10);
  PutParquet("2025/11/04/b.parquet", "id:bigint", 5);
  const CrawlReport report = MustCrawl();
  EXPECT_EQ(report.partitions_added, 1);
  EXPECT_THAT(Asked(StoreOperation::kList), ElementsAre("landing/events/2025/11/04"));
  EXPECT_THAT(Asked(StoreOperation::kListFolder),
              ElementsAre("landing/events", "landing/events/2025", "landing/events/2025/11"));
  EXPECT_THAT(Partitions(),
              ElementsAre("year=2025/month=11/day=03: 1 files, 10 rows", "year=2025/month=11/day=04: 1 files, 5 rows"));
}

TEST_F(Crawler, EverythingReadsOnlyTheFilesThatWereAdded) {
  PutParquet("2025/11/03/a.parquet", "id:bigint", 10);
  MustCrawl();
  PutParquet("2025/11/03/late.parquet", "id:bigint,note:string", 7);
  const CrawlReport report = MustCrawl();
  EXPECT_EQ(report.partitions_updated, 1);
  EXPECT_EQ(report.files_seen, 2);
  EXPECT_EQ(report.files_read, 1);
  EXPECT_THAT(Partitions(), ElementsAre("year=2025/month=11/day=03: 2 files, 17 rows"));
  EXPECT_TRUE(report.table_updated);
  EXPECT_EQ(Columns(), "id:bigint,note:string");
}

TEST_F(Crawler, AReplacedOrRemovedFileIsCountedAnew) {
  PutParquet("2025/11/03/a.parquet", "id:bigint", 10);
  PutParquet("2025/11/03/b.parquet", "id:bigint", 10);
  MustCrawl();
  PutParquet("2025/11/03/a.parquet", "id:bigint", 25);
  MustCrawl();
  EXPECT_THAT(Partitions(), ElementsAre("year=2025/month=11/day=03: 2 files, 35 rows"));
  Remove("2025/11/03/a.parquet");
  MustCrawl();
  EXPECT_THAT(Partitions(), ElementsAre("year=2025/month=11/day=03: 1 files, 10 rows"));
  Remove("2025/11/03/b.parquet");
  PutParquet("2025/11/03/c.parquet", "id:bigint", 3);
  MustCrawl();
  EXPECT_THAT(Partitions(), ElementsAre("year=2025/month=11/day=03: 1 files, 3 rows"));
}

TEST_F(Crawler, EverythingRemovesPartitionsWhoseFilesAreGone) {
  PutParquet("2025/11/03/a.parquet", "id:bigint", 10);
  PutParquet("2025/11/04/b.parquet", "id:bigint", 5);
  PutParquet("2025/11/05/c.parquet", "id:bigint", 5);
  MustCrawl();
  Remove("2025/11/03/a.parquet");
  PutBytes("2025/11/04/_SUCCESS", "");
  Remove("2025/11/04/b.parquet");
  EXPECT_EQ(MustCrawl().partitions_removed, 2);
  EXPECT_THAT(Partitions(), ElementsAre("year=2025/month=11/day=05: 1 files, 5 rows"));
  PutParquet("2025/11/03/a.parquet", "id:bigint", 10);
  EXPECT_EQ(MustCrawl().partitions_added, 1);
  EXPECT_THAT(Partitions(),
              ElementsAre("year=2025/month=11/day=03: 1 files, 10 rows", "year=2025/month=11/day=05: 1 files, 5 rows"));
}

TEST_F(Crawler, NewFoldersOnlyRemovesNothing) {
  PutParquet("2025/11/03/a.parquet", "id:bigint", 10);
  PutParquet("2025/11/04/b.parquet", "id:bigint", 5);
  MustCrawl();
  Remove("2025/11/03/a.parquet");
  options_.new_folders_only = true;
  EXPECT_EQ(MustCrawl().partitions_removed, 0);
  EXPECT_THAT(Partitions(), SizeIs(2));
}

TEST_F(Crawler, SchemasWidenAndEveryChangeIsAVersion) {
  PutParquet("2025/11/03/a.parquet", "id:int,s:struct<a:int>", 1);
  MustCrawl();
  PutParquet("2025/11/04/b.parquet", "id:bigint,s:struct<a:int,b:string>,extra:date", 1);
  const CrawlReport report = MustCrawl();
  EXPECT_EQ(report.schema_before.fields.size(), 2);
  EXPECT_EQ(report.schema.fields.size(), 3);
  EXPECT_EQ(Columns(), "id:bigint,s:struct<a:int,b:string>,extra:date");
  EXPECT_EQ(Table().version, 2);
}

TEST_F(Crawler, TheOrderOfColumnsDoesNotDependOnThreads) {
  for (int i = 0; i < 40; ++i)
    PutParquet(fmt::format("2025/11/03/{:02}.parquet", i), fmt::format("id:bigint,c{:02}:int", i), 1);
  MustCrawl();
  std::string expected = "id:bigint";
  for (int i = 0; i < 40; ++i) expected += fmt::format(",c{:02}:int", i);
  EXPECT_EQ(Columns(), expected);
}

TEST_F(Crawler, ColumnsNamedAsPartitionKeysAreTheFoldersToSay) {
  PutParquet("2025/11/03/a.parquet", "id:bigint,year:int", 1);
  MustCrawl();
  EXPECT_EQ(Columns(), "id:bigint");
}

TEST_F(Crawler, HiddenFilesAndFoldersAreNotData) {
  PutParquet("2025/11/03/a.parquet", "id:bigint", 10);
  PutBytes("2025/11/03/_SUCCESS", "");
  PutBytes("2025/11/03/.a.parquet.crc", "x");
  PutBytes("2025/11/03/_temporary/0/part", "x");
  PutBytes("_delta_log/0.json", "{}");
  EXPECT_EQ(MustCrawl().files_seen, 1);
}

TEST_F(Crawler, KeyValueFoldersThatNobodyDeclaredNameTheKeys) {
  options_.table.partition_keys.clear();
  PutParquet("country=BR/kind=a%2Fb/a.parquet", "id:bigint", 2);
  MustCrawl();
  EXPECT_THAT(Table().partition_keys, ElementsAre("country", "kind"));
  EXPECT_THAT(Partitions(), ElementsAre("country=BR/kind=a%2Fb: 1 files, 2 rows"));
}

TEST_F(Crawler, DateFoldersThatNobodyDeclaredAreYearMonthDay) {
  options_.table.partition_keys.clear();
  PutParquet("2025/11/03/a.parquet", "id:bigint", 2);
  MustCrawl();
  EXPECT_THAT(Table().partition_keys, ElementsAre("year", "month", "day"));
  EXPECT_EQ(Table().layout, PartitionLayout::kDate);
}

TEST_F(Crawler, OtherFoldersThatNobodyDeclaredAreNumberedAndOneTable) {
  options_.table.partition_keys.clear();
  PutParquet("br/card/a.parquet", "id:bigint", 2);
  PutParquet("us/pix/a.parquet", "id:bigint", 3);
  MustCrawl();
  EXPECT_THAT(Table().partition_keys, ElementsAre("partition_0", "partition_1"));
  EXPECT_THAT(Partitions(), ElementsAre("partition_0=br/partition_1=card: 1 files, 2 rows",
                                        "partition_0=us/partition_1=pix: 1 files, 3 rows"));
  EXPECT_THAT(catalog_->ListTables().value(), SizeIs(1));
}

TEST_F(Crawler, InferredKeysStayWhenLaterFoldersLookDifferent) {
  options_.table.partition_keys.clear();
  PutParquet("b=1/a.parquet", "id:bigint", 2);
  MustCrawl();
  options_.skip_bad_files = true;
  PutParquet("a/a.parquet", "id:bigint", 3);
  EXPECT_THAT(MustCrawl().findings, SizeIs(1));
  EXPECT_THAT(Table().partition_keys, ElementsAre("b"));
}

TEST_F(Crawler, ATableWithoutPartitionsIsListedInEveryMode) {
  options_.table.partition_keys.clear();
  options_.new_folders_only = true;
  PutParquet("a.parquet", "id:bigint", 2);
  MustCrawl();
  EXPECT_THAT(Partitions(), ElementsAre(": 1 files, 2 rows"));
  PutParquet("b.parquet", "id:bigint", 3);
  EXPECT_EQ(MustCrawl().files_read, 1);
  EXPECT_THAT(Partitions(), ElementsAre(": 2 files, 5 rows"));
}

TEST_F(Crawler, ALocationWithoutObjectsGivesATableWithoutColumns) {
  const CrawlReport report = MustCrawl();
  EXPECT_TRUE(report.table_created);
  EXPECT_EQ(report.files_seen, 0);
  EXPECT_EQ(Columns(), "");
}

TEST_F(Crawler, ATableThatWasGivenAnotherLayoutIsCrawledFromTheStart) {
  options_.table.partition_keys = {"a", "b", "c"};
  options_.table.layout = PartitionLayout::kPositional;
  PutParquet("2025/11/03/a.parquet", "id:bigint", 2);
  MustCrawl();
  options_.table.partition_keys = {"year", "month", "day"};
  options_.table.layout = PartitionLayout::kDate;
  const CrawlReport report = MustCrawl();
  EXPECT_EQ(report.partitions_removed, 1);
  EXPECT_EQ(report.partitions_added, 1);
  EXPECT_THAT(Partitions(), ElementsAre("year=2025/month=11/day=03: 1 files, 2 rows"));
}

TEST_F(Crawler, ColumnsOfCsvAreToldByAllRecords) {
  options_.table.format = "csv";
  options_.table.schema.fields = {{"id", {.kind = TypeKind::kInt64}}};
  PutBytes("2025/11/03/a.csv", "id,name,n\n1,x,1\n");
  PutBytes("2025/11/03/b.csv", "n,id\n0.5,2\n7\n");
  PutBytes("2025/11/04/only-a-header.csv", "id,name,n\n");
  const CrawlReport report = MustCrawl();
  EXPECT_EQ(report.files_seen, 3);
  EXPECT_EQ(report.files_read, 3);
  EXPECT_EQ(Columns(), "id:bigint,name:string,n:double");
  EXPECT_THAT(Partitions(),
              ElementsAre("year=2025/month=11/day=03: 2 files, 2 rows", "year=2025/month=11/day=04: 1 files, 0 rows"));
  options_.table.schema.fields = {{"id", {.kind = TypeKind::kString}}};
  MustCrawl();
  EXPECT_EQ(Columns(), "id:string,name:string,n:double");
}

// Those of which one cannot tell are held against the names in the others.
TEST_F(Crawler, OneHeaderTellsTheOthers) {
  options_.table = {.name = TableName("events"), .location = "landing/events"};
  PutBytes("a.csv", "name,city\n");
  PutBytes("b.csv", "city,name\nLondon,Ada\n");
  PutBytes("c.csv", "name,city,born\nAda,London,1815\n");
  PutBytes("d.csv", "Grace,New York,1906\n");
  MustCrawl();
  EXPECT_EQ(Columns(), "city:string,name:string,born:bigint");
  EXPECT_THAT(Partitions(), ElementsAre(": 4 files, 3 rows"));
}

TEST_F(Crawler, AFileOfTextsOnlySaysThatNothingTellsItsHeader) {
  options_.table = {.name = TableName("events"), .location = "landing/events"};
  PutBytes("a.csv", "name,city\nAda,London\n");
  PutBytes("b.csv", "name,city\nGrace,New York\n");
  EXPECT_THAT(MustCrawl().remarks, ElementsAre(HasSubstr("landing/events/a.csv and 1 more: nothing tells whether")));
  EXPECT_EQ(Columns(), "col1:string,col2:string");
  options_.table = {.name = TableName("told"), .location = "landing/events"};
  options_.table.options["header"] = true;
  EXPECT_THAT(MustCrawl().remarks, IsEmpty());
  EXPECT_EQ(Columns(), "name:string,city:string");
}

TEST_F(Crawler, CsvAndJsonSideBySideAreTexts) {
  options_.table = {.name = TableName("events"), .location = "landing/events"};
  PutBytes("a.csv", "id,name\n1,x\n");
  MustCrawl();
  EXPECT_EQ(Table().format, "csv");
  PutBytes("b.json", "[\n  {\"id\": 2,\n \"color\": \"red\"}\n]\n");
  MustCrawl();
  EXPECT_EQ(Table().format, "text");
  PutBytes("c.csv", "{\"id\": 3}\n");
  PutBytes("d", "id;name\n4;y\n");
  PutBytes("e.txt", "no data\n");
  EXPECT_EQ(MustCrawl().files_seen, 4);
  EXPECT_EQ(Columns(), "id:bigint,name:string,color:string");
  EXPECT_THAT(Partitions(), ElementsAre(": 4 files, 4 rows"));
}

TEST_F(Crawler, AFileOfCsvWithABadHeaderIsAFinding) {
  options_.table = {.name = TableName("events"), .location = "landing/events", .format = "csv"};
  options_.table.options["header"] = true;
  PutBytes("a.csv", "id,id\n1,2\n");
  PutBytes("b.csv", "id\n1\n");
  EXPECT_THAT(TryCrawl().error().message, HasSubstr("names the column 'id' twice"));
  options_.skip_bad_files = true;
  EXPECT_THAT(MustCrawl().findings, SizeIs(1));
  EXPECT_EQ(Columns(), "id:bigint");
}

TEST_F(Crawler, TheFormatThatNobodyDeclaredIsThatOfTheFiles) {
  const Schema columns{ParseHiveType("struct<id:bigint>").value().children};
  const std::vector<std::pair<std::string, std::string>> files = {
      {"a.csv", "id\n1\n"},  {"a.TSV", "id\tn\n1\t2\n"},     {"a.jsonl", "{}\n"},          {"plain", " {\"id\": 1}\n"},
      {"text", "id;name\n"}, {"wrong.csv", "[{\"id\": 1}]"}, {"wrong.json", "id,n\n1,2\n"}};
  const std::vector<std::string> formats = {"csv", "csv", "json", "json", "csv", "text", "text"};
  for (size_t i = 0; i < files.size(); ++i) {
    options_.table = {
        .name = TableName(fmt::format("t{}", i)), .location = fmt::format("landing/events/{}", i), .schema = columns};
    PutBytes(fmt::format("{}/{}", i, files[i].first), files[i].second);
    MustCrawl();
    EXPECT_EQ(Table().format, formats[i]) << files[i].first;
  }
  options_.table = {.name = TableName("parquet"), .location = "landing/events/parquet"};
  PutParquet("parquet/without-extension", "id:bigint", 1);
  MustCrawl();
  EXPECT_EQ(Table().format, "parquet");
  EXPECT_EQ(Columns(), "id:bigint");
}

TEST_F(Crawler, FilesWithNamesOfSomethingElseAreNoData) {
  PutBytes("README.md", "# read me\n");
  PutBytes("a.csv.gz", "\x1f\x8b");
  PutParquet("b.parquet", "id:bigint", 1);
  PutParquet("part-c", "more:string", 1);
  for (const std::string format : {"parquet", ""}) {
    options_.table = {.name = TableName("t" + format), .location = "landing/events", .format = format};
    if (format.empty()) ASSERT_TRUE(store_.Remove("landing/events/a.csv.gz"));
    const CrawlReport report = MustCrawl();
    EXPECT_EQ(report.files_seen, 2);
    EXPECT_THAT(report.findings, IsEmpty());
    EXPECT_EQ(Columns(), "id:bigint,more:string");
  }
}

TEST_F(Crawler, ProgressEndsAtTheTotalOfEachPhase) {
  for (int i = 0; i < 30; ++i) PutParquet(fmt::format("2025/11/03/{}.parquet", i), "id:bigint", 1);
  std::mutex mutex;
  std::vector<std::string> ends;
  progress_ = [&](std::string_view phase, int64_t done, int64_t total) {
    const std::lock_guard lock(mutex);
    if (done == total) ends.push_back(fmt::format("{} {}", phase, total));
  };
  MustCrawl();
  EXPECT_THAT(ends, UnorderedElementsAre("listing 1", "footers 30"));
}

TEST_F(Crawler, TimeIsTheClocks) {
  progress_ = [&](std::string_view, int64_t, int64_t) { clock_.Advance(std::chrono::milliseconds(250)); };
  PutParquet("2025/11/03/a.parquet", "id:bigint", 1);
  EXPECT_EQ(MustCrawl().duration_ms, 500);
  EXPECT_EQ(Table().created_ns, 1'500'000'000);
}

}  // namespace
}  // namespace firn
