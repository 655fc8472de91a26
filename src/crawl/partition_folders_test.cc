#include "crawl/partition_folders.h"

#include "crawl/crawl_lake_test.h"

namespace firn {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

class PartitionFolders : public CrawlLake {
 protected:
  TableRecord Inferred() {
    TableRecord table = options_.table;
    table.partition_keys.clear();
    EXPECT_TRUE(InferPartitionKeys(memory_, table));
    return table;
  }
};

TEST_F(PartitionFolders, ThreeLevelsThatAreNoDayAreNumbered) {
  PutBytes("2025/11/31/a", "");
  EXPECT_EQ(Inferred().layout, PartitionLayout::kPositional);
  EXPECT_THAT(Inferred().partition_keys, ElementsAre("partition_0", "partition_1", "partition_2"));
}

TEST_F(PartitionFolders, AFourthLevelOfADateIsTheHour) {
  PutBytes("2025/11/03/23/a", "");
  EXPECT_THAT(Inferred().partition_keys, ElementsAre("year", "month", "day", "hour"));
}

TEST_F(PartitionFolders, AKeyThatOccursTwiceOrHasNoNameIsNoKey) {
  PutBytes("k=1/k=2/a", "");
  EXPECT_THAT(Inferred().partition_keys, ElementsAre("partition_0", "partition_1"));
  Remove("k=1/k=2/a");
  PutBytes("=1/a", "");
  EXPECT_THAT(Inferred().partition_keys, ElementsAre("partition_0"));
}

TEST_F(PartitionFolders, ObjectsInTheLocationItselfMeanNoKeys) {
  PutBytes("a", "");
  PutBytes("b/c", "");
  EXPECT_THAT(Inferred().partition_keys, IsEmpty());
}

TEST_F(PartitionFolders, MarksOfOtherProgramsAreNoFolders) {
  PutBytes("_spark_metadata/0", "");
  PutBytes("_SUCCESS", "");
  PutBytes("k=1/a", "");
  EXPECT_THAT(Inferred().partition_keys, ElementsAre("k"));
}

TEST_F(PartitionFolders, ATableMayBeTheWholeLake) {
  PutBytes("2025/11/03/a", "");
  options_.table.location = "";
  options_.table.partition_keys = {"zone", "name", "year", "month", "day"};
  options_.table.layout = PartitionLayout::kPositional;
  const auto walk = WalkPartitionFolders({memory_, *catalog_, pool_, clock_}, options_.table, {});
  ASSERT_TRUE(walk);
  ASSERT_EQ(walk->partitions.size(), 1);
  EXPECT_THAT(walk->partitions[0].values.values, ElementsAre("landing", "events", "2025", "11", "03"));
}

}  // namespace
}  // namespace firn
