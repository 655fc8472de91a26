#include "store/counting_store.h"

#include <gtest/gtest.h>

#include <set>

#include "store/conformance_test.h"
#include "store/memory_store.h"

namespace firn {
namespace {

using Count = CountingStore::Count;

class CountingStoreTest : public testing::Test {
 protected:
  MemoryStore memory_;
  CountingStore store_{memory_};
};

TEST_F(CountingStoreTest, CountsCallsAndBytesOfEachOperation) {
  auto info = Put(store_, "a", "12345");
  ASSERT_TRUE(info);
  ASSERT_TRUE(store_.Read(*info));
  ASSERT_TRUE(store_.ReadRange(*info, -2, 2));
  ASSERT_TRUE(store_.ReadRange(*info, 4, 9));
  ASSERT_TRUE(store_.List(""));
  EXPECT_EQ(store_.Of(StoreOperation::kCreate), (Count{1, 0, 0}));
  EXPECT_EQ(store_.Of(StoreOperation::kAppend), (Count{1, 0, 5}));
  EXPECT_EQ(store_.Of(StoreOperation::kFinish), (Count{1, 0, 0}));
  EXPECT_EQ(store_.Of(StoreOperation::kRead), (Count{1, 0, 5}));
  EXPECT_EQ(store_.Of(StoreOperation::kReadRange), (Count{2, 0, 3}));
  EXPECT_EQ(store_.Of(StoreOperation::kList), (Count{1, 0, 0}));
  EXPECT_EQ(store_.bytes_read(), 8);
  EXPECT_EQ(store_.bytes_written(), 5);
  EXPECT_EQ(store_.Total(), (Count{7, 0, 13}));
}

TEST_F(CountingStoreTest, CountsFailures) {
  EXPECT_FALSE(store_.Stat("missing"));
  EXPECT_FALSE(store_.Create("../x"));
  EXPECT_EQ(store_.Of(StoreOperation::kStat), (Count{1, 1, 0}));
  EXPECT_EQ(store_.Of(StoreOperation::kCreate), (Count{1, 1, 0}));
}

TEST_F(CountingStoreTest, StartsAgainFromZero) {
  ASSERT_TRUE(Put(store_, "a"));
  store_.Reset();
  EXPECT_EQ(store_.Total(), Count());
}

TEST_F(CountingStoreTest, CountsFromManyThreads) {
  auto info = Put(store_, "a", "12345");
  ASSERT_TRUE(info);
  ASSERT_TRUE(WorkerPool(4).ParallelFor(1'000, [&](int64_t, int) -> Status {
    FIRN_TRY(store_.Read(*info));
    return {};
  }));
  EXPECT_EQ(store_.Of(StoreOperation::kRead), (Count{1'000, 0, 5'000}));
}

TEST(StoreOperation, HasANameOfItsOwn) {
  std::set<std::string_view> names;
  for (size_t i = 0; i < kStoreOperations; ++i) names.insert(NameOf(static_cast<StoreOperation>(i)));
  EXPECT_EQ(names.size(), kStoreOperations);
  EXPECT_EQ(NameOf(StoreOperation::kExchangeFolders), "ExchangeFolders");
  EXPECT_TRUE(ChangesStore(StoreOperation::kFinish));
  EXPECT_FALSE(ChangesStore(StoreOperation::kAppend));
}

}  // namespace
}  // namespace firn
