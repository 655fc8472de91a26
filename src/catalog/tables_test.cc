#include "catalog/catalog_test.h"

namespace firn {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using Op = PartitionPredicate::Op;

class TablesTest : public CatalogTest {
 protected:
  std::vector<std::string> Found(const std::vector<PartitionPredicate>& where, int64_t limit = -1) {
    std::vector<std::string> names;
    for (const PartitionRecord& each : Must(Lake().FindPartitions(TableName("sales"), where, limit)))
      names.push_back(each.values.values[1] + "/" + each.values.values[2]);
    return names;
  }
};

TEST_F(TablesTest, ATableComesBackAsItWasPut) {
  TableRecord table = Sales();
  table.layout = PartitionLayout::kDate;
  ASSERT_EQ(Problem(Lake().PutTable(table)), "");
  table.version = 1;
  EXPECT_EQ(Must(Lake().GetTable(table.name)), table);
  EXPECT_THAT(Must(Lake().ListTables()), ElementsAre(table));
}

TEST_F(TablesTest, ChangesOfShapeMakeVersionsAndOldOnesAreKept) {
  TableRecord table = Sales();
  ASSERT_EQ(Problem(Lake().PutTable(table)), "");
  ASSERT_EQ(Problem(Lake().PutTable(table)), "");
  EXPECT_EQ(Must(Lake().GetTable(table.name)).version, 1);

  table.schema.fields.push_back({"extra", {.kind = TypeKind::kDate}});
  table.updated_ns = 200;
  table.created_ns = 200;
  ASSERT_EQ(Problem(Lake().PutTable(table)), "");
  const TableRecord now = Must(Lake().GetTable(table.name));
  EXPECT_EQ(now.version, 2);
  EXPECT_EQ(now.created_ns, 100);
  EXPECT_EQ(now.updated_ns, 200);

  table.options["tags"]["team"] = "risk";
  ASSERT_EQ(Problem(Lake().PutTable(table)), "");
  EXPECT_EQ(Must(Lake().GetTable(table.name)).version, 2);
  const auto versions = Must(Lake().TableVersions(table.name));
  ASSERT_EQ(versions.size(), 2);
  EXPECT_EQ(versions[0].options["tags"]["team"], "risk");
  EXPECT_EQ(versions[1].schema, Sales().schema);
}

TEST_F(TablesTest, AnUnknownTableIsNotFoundAndTheNearestIsNamed) {
  EXPECT_THAT(Lake().GetTable(TableName("sales")).error().hint, HasSubstr("firn crawl"));
  ASSERT_EQ(Problem(Lake().PutTable(Sales())), "");
  const auto missing = Lake().GetTable(TableName("salse"));
  ASSERT_FALSE(missing.has_value());
  EXPECT_EQ(missing.error().kind, ErrorKind::kNotFound);
  EXPECT_THAT(missing.error().hint, HasSubstr("'sales'"));
  EXPECT_EQ(Lake().DropTable(TableName("x")).error().kind, ErrorKind::kNotFound);
  EXPECT_EQ(Lake().PutPartitions(TableName("x"), {}).error().kind, ErrorKind::kNotFound);
  EXPECT_EQ(Lake().CurrentFiles(TableName("x"), std::nullopt).error().kind, ErrorKind::kNotFound);
}

TEST_F(TablesTest, ADroppedTableTakesEverythingWithIt) {
  ASSERT_EQ(Problem(Lake().PutTable(Sales())), "");
  Write("s1", {"03"}, {File("03", "a")});
  const std::vector<ObjectInfo> seen = {{"landing/a", 1, 1, "e"}};
  ASSERT_EQ(Problem(Lake().RememberCrawled(TableName("sales"), seen)), "");
  ASSERT_EQ(Problem(Lake().DropTable(TableName("sales"))), "");
  EXPECT_THAT(Must(Lake().ListTables()), IsEmpty());
  EXPECT_THAT(Must(Lake().UnsettledSnapshots()), IsEmpty());
  EXPECT_EQ(Must(Lake().NotSeenByCrawler(TableName("sales"), seen)), seen);
  EXPECT_THAT(Must(Lake().CheckIntegrity()), IsEmpty());
  ASSERT_EQ(Problem(Lake().PutTable(Sales())), "");
  EXPECT_EQ(Must(Lake().GetTable(TableName("sales"))).version, 1);
  EXPECT_FALSE(Must(Lake().CurrentSnapshot(TableName("sales"))).has_value());
}

TEST_F(TablesTest, ATableThatIsBeingWrittenIsNotDropped) {
  ASSERT_EQ(Problem(Lake().PutTable(Sales())), "");
  const std::vector<Lease> lease = {{TableName("sales"), NameOfDay("03"), RunId("jr_1")}};
  ASSERT_EQ(Problem(Lake().AcquireLeases(lease)), "");
  EXPECT_THAT(Problem(Lake().DropTable(TableName("sales"))),
              HasSubstr("Conflict: table 'sales' is being written: run jr_1"));
}

TEST_F(TablesTest, PartitionsAreSortedByValueAndFoundByPredicate) {
  ASSERT_EQ(Problem(Lake().PutTable(Sales())), "");
  std::vector<PartitionRecord> partitions;
  for (const char* month : {"9", "10", "11"})
    for (const char* day : {"1", "02", "11"}) partitions.push_back({.values = {{"2025", month, day}}, .location = "x"});
  partitions.push_back({.values = {{"2025", "x", "1"}}, .location = "x"});
  ASSERT_EQ(Problem(Lake().PutPartitions(TableName("sales"), partitions)), "");
  EXPECT_EQ(Must(Lake().CountPartitions(TableName("sales"))), 10);
  EXPECT_THAT(Found({}), ElementsAre("9/1", "9/02", "9/11", "10/1", "10/02", "10/11", "11/1", "11/02", "11/11", "x/1"));
  EXPECT_THAT(Found({{"month", Op::kGreater, {"9"}}, {"day", Op::kLess, {"3"}}}),
              ElementsAre("10/1", "10/02", "11/1", "11/02", "x/1"));
  EXPECT_THAT(Found({{"year", Op::kEqual, {"2025"}}, {"month", Op::kIn, {"11", "9", "7"}}, {"day", Op::kEqual, {"2"}}}),
              ElementsAre("9/02", "11/02"));
  EXPECT_THAT(Found({{"month", Op::kNotEqual, {"9"}}}, 2), ElementsAre("10/1", "10/02"));
  EXPECT_THAT(Found({{"month", Op::kIn, {}}}), IsEmpty());
  EXPECT_THAT(Found({}, 0), IsEmpty());
}

TEST_F(TablesTest, APartitionIsReplacedAndRemoved) {
  ASSERT_EQ(Problem(Lake().PutTable(Sales())), "");
  PartitionRecord day = Day("03");
  ASSERT_EQ(Problem(Lake().PutPartitions(TableName("sales"), {{day}})), "");
  day.files = 3;
  day.folder_modified_ns = 77;
  ASSERT_EQ(Problem(Lake().PutPartitions(TableName("sales"), {{day}})), "");
  EXPECT_THAT(Must(Lake().FindPartitions(TableName("sales"), {}, -1)), ElementsAre(day));
  ASSERT_EQ(Problem(Lake().RemovePartitions(TableName("sales"), {{day.values}})), "");
  ASSERT_EQ(Problem(Lake().RemovePartitions(TableName("sales"), {{day.values}})), "");
  EXPECT_EQ(Must(Lake().CountPartitions(TableName("sales"))), 0);
}

TEST_F(TablesTest, APartitionOfASnapshotIsNotRemovedBehindItsBack) {
  ASSERT_EQ(Problem(Lake().PutTable(Sales())), "");
  Write("s1", {"03"}, {File("03", "a")});
  EXPECT_EQ(Lake().RemovePartitions(TableName("sales"), {{Day("03").values}}).error().kind, ErrorKind::kConflict);
}

TEST_F(TablesTest, PartitionsHaveAsManyValuesAsTheTableHasKeys) {
  ASSERT_EQ(Problem(Lake().PutTable(Sales())), "");
  const std::vector<PartitionRecord> short_one = {{.values = {{"2025"}}}};
  EXPECT_EQ(Lake().PutPartitions(TableName("sales"), short_one).error().kind, ErrorKind::kInvalidArgument);
  ASSERT_EQ(Problem(Lake().PutPartitions(TableName("sales"), {{Day("03")}})), "");
  TableRecord table = Sales();
  table.partition_keys = {"date"};
  EXPECT_EQ(Lake().PutTable(table).error().kind, ErrorKind::kMismatch);
}

TEST_F(TablesTest, RenamedKeysRenameThePartitionsOfFiles) {
  ASSERT_EQ(Problem(Lake().PutTable(Sales())), "");
  Write("s1", {"03"}, {File("03", "a")});
  TableRecord table = Sales();
  table.partition_keys = {"y", "m", "d"};
  ASSERT_EQ(Problem(Lake().PutTable(table)), "");
  const std::vector<std::string> name = {"y=2025/m=11/d=03"};
  const auto current = Must(Lake().CurrentFiles(TableName("sales"), name));
  ASSERT_EQ(current.files.size(), 1);
  EXPECT_EQ(current.files[0].partition, name[0]);
}

TEST_F(TablesTest, AmongAMillionPartitionsAFixedPrefixAnswersInMilliseconds) {
  ASSERT_EQ(Problem(Lake().PutTable(Sales())), "");
  std::vector<PartitionRecord> partitions;
  partitions.reserve(1'000'000);
  for (int merchant = 0; merchant < 10'000; ++merchant)
    for (int day = 0; day < 100; ++day)
      partitions.push_back({.values = {{"2025", std::to_string(merchant), std::to_string(day)}}, .location = "x"});
  ASSERT_EQ(Problem(Lake().PutPartitions(TableName("sales"), partitions)), "");
  EXPECT_EQ(Must(Lake().CountPartitions(TableName("sales"))), 1'000'000);

  const int64_t rows_before = Lake().database().rows_read();
  const double spent = MillisecondsOf([&] {
    EXPECT_EQ(Found({{"year", Op::kEqual, {"2025"}}, {"month", Op::kEqual, {"7777"}}}).size(), 100);
    EXPECT_THAT(
        Found({{"year", Op::kEqual, {"2025"}}, {"month", Op::kIn, {"12", "5"}}, {"day", Op::kGreaterOrEqual, {"98"}}}),
        ElementsAre("5/98", "5/99", "12/98", "12/99"));
  });
  EXPECT_LT(spent, 50);
  EXPECT_LT(Lake().database().rows_read() - rows_before, 110);
}

}  // namespace
}  // namespace firn
