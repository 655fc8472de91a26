#include "store/crash_store.h"

#include <gtest/gtest.h>

#include <set>

#include "store/conformance_test.h"
#include "store/memory_store.h"

namespace firn {
namespace {

// Writes two objects, moves their folder into place: what a commit does to a store.
Status Commit(ObjectStore& store) {
  FIRN_TRY(Put(store, "s/part-0"));
  FIRN_TRY(Put(store, "s/part-1"));
  return store.ExchangeFolders("s", "t");
}

TEST(CrashStore, LetsTheFirstOperationsThrough) {
  MemoryStore memory;
  CrashStore store(memory, 3);
  EXPECT_TRUE(Put(store, "a"));
  EXPECT_FALSE(store.crashed());
  auto refused = store.Stat("a");
  EXPECT_EQ(KindOf(refused), ErrorKind::kIo);
  EXPECT_EQ(refused.error().message, "the process died before operation 4: Stat a");
  EXPECT_TRUE(store.crashed());
}

TEST(CrashStore, FailsForGood) {
  MemoryStore memory;
  CrashStore store(memory, 0);
  for (int i = 0; i < 3; ++i) {
    EXPECT_FALSE(Put(store, "a"));
    EXPECT_FALSE(store.RemovePrefix(""));
    EXPECT_FALSE(store.List(""));
  }
  EXPECT_TRUE(memory.List("")->empty());
}

TEST(CrashStore, LosesWhatAWriterHadNotFinished) {
  MemoryStore memory;
  CrashStore store(memory, 2);
  auto writer = store.Create("a");
  ASSERT_TRUE(writer);
  ASSERT_TRUE((*writer)->Append("lost"));
  EXPECT_FALSE((*writer)->Finish());
  EXPECT_TRUE(memory.List("")->empty());
}

TEST(CrashStore, EnumeratesEveryPointOfAProgram) {
  MemoryStore whole;
  CrashStore counted(whole);
  ASSERT_TRUE(Commit(counted));
  ASSERT_EQ(counted.operations(), 7);
  std::set<std::vector<std::string>> states;
  for (int64_t k = 0; k < counted.operations(); ++k) {
    MemoryStore memory;
    CrashStore store(memory, k);
    EXPECT_FALSE(Commit(store));
    EXPECT_TRUE(memory.List("t")->empty()) << "after " << k << " operations";
    states.insert(KeysOf(memory.List("").value()));
  }
  EXPECT_EQ(states, (std::set<std::vector<std::string>>{{}, {"s/part-0"}, {"s/part-0", "s/part-1"}}));
}

}  // namespace
}  // namespace firn
