#include "run/file_check.h"

#include "run/run_fixture_test.h"

namespace firn {
namespace {

TEST(FileCheck, FindsMissingAndChangedFilesAndLeftovers) {
  RunLake lake;
  lake.Land("03", "a.csv", "1\n");
  lake.Land("04", "a.csv", "2\n");
  lake.MustRun(RunLake::Job(WriteMode::kOverwritePartitions, ""));
  EXPECT_THAT(FindDamagedFiles(*lake.store, *lake.catalog).value(), testing::IsEmpty());
  EXPECT_THAT(FindLeftovers(*lake.store, *lake.catalog).value(), testing::IsEmpty());
  const auto files = lake.Objects("consolidated");
  ASSERT_EQ(files.size(), 2);
  ASSERT_TRUE(lake.store->Remove(files[0].key));
  ASSERT_TRUE(lake.store->Remove(files[1].key));
  PutObject(*lake.store, files[1].key, "longer than before");
  PutObject(*lake.store, ".firn/staging/jr_gone/out/a", "x");
  const auto damaged = FindDamagedFiles(*lake.store, *lake.catalog).value();
  ASSERT_EQ(damaged.size(), 2);
  EXPECT_EQ(damaged[0].key, files[0].key);
  EXPECT_EQ(damaged[0].problem, "is missing");
  EXPECT_EQ(damaged[1].problem, "has 18 bytes and was committed with 2");
  EXPECT_EQ(FindLeftovers(*lake.store, *lake.catalog).value(), std::vector<std::string>{".firn/staging/jr_gone"});
}

}  // namespace
}  // namespace firn
