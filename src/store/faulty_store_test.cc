#include "store/faulty_store.h"

#include <gtest/gtest.h>

#include "store/conformance_test.h"
#include "store/memory_store.h"

namespace firn {
namespace {

const Error kFull{ErrorKind::kNoSpace, "played: the disk is full", ""};
const Error kLost{ErrorKind::kUnknownOutcome, "played: the answer was lost", ""};

TEST(FaultyStore, FailsOnce) {
  MemoryStore memory;
  FaultyStore store(memory, FailOnce(2, kFull));
  EXPECT_EQ(KindOf(Put(store, "a")), ErrorKind::kNoSpace);  // Create succeeds, Append fails
  EXPECT_TRUE(Put(store, "a"));
  EXPECT_EQ(store.calls(), 5);
  EXPECT_EQ(store.faults(), 1);
}

TEST(FaultyStore, FailsForGood) {
  MemoryStore memory;
  FaultyStore store(memory, FailForGood(4, kFull));
  EXPECT_TRUE(Put(store, "a"));
  EXPECT_EQ(KindOf(store.Stat("a")), ErrorKind::kNoSpace);
  EXPECT_EQ(KindOf(store.Remove("a")), ErrorKind::kNoSpace);
  EXPECT_EQ(KindOf(store.RemovePrefix("a")), ErrorKind::kNoSpace);
  EXPECT_TRUE(memory.Stat("a"));
  store.SetRule(NoFault());
  EXPECT_TRUE(store.Remove("a"));
}

TEST(FaultyStore, FailsTheNthCallOfAnOperation) {
  MemoryStore memory;
  FaultyStore store(memory, FailOperation(StoreOperation::kFinish, 2, kFull));
  EXPECT_TRUE(Put(store, "a"));
  EXPECT_EQ(KindOf(Put(store, "b")), ErrorKind::kNoSpace);
  EXPECT_TRUE(Put(store, "c"));
  EXPECT_EQ(KeysOf(memory.List("").value()), (std::vector<std::string>{"a", "c"}));
}

TEST(FaultyStore, TellsTheRuleWhichCallItIs) {
  MemoryStore memory;
  std::vector<std::string> calls;
  FaultyStore store(memory, [&](const StoreCall& call, int64_t ordinal) -> std::optional<Fault> {
    calls.push_back(std::to_string(ordinal) + " " + std::string(NameOf(call.operation)) + " " + call.key);
    return std::nullopt;
  });
  auto info = Put(store, "s/a");
  EXPECT_TRUE(store.Link("s/a", "s/b"));
  EXPECT_TRUE(store.ExchangeFolders("s", "t"));
  EXPECT_TRUE(store.List(""));
  EXPECT_EQ(calls, (std::vector<std::string>{"1 Create s/a", "2 Append s/a", "3 Finish s/a", "4 Link s/b",
                                             "5 ExchangeFolders t", "6 List "}));
}

TEST(FaultyStore, ATornWriteNeverBecomesAnObject) {
  MemoryStore memory;
  FaultyStore store(memory, TearOnce(2, kFull));
  auto writer = store.Create("a");
  ASSERT_TRUE(writer);
  EXPECT_EQ(KindOf((*writer)->Append("12345678")), ErrorKind::kNoSpace);
  EXPECT_EQ(KindOf((*writer)->Append("more")), ErrorKind::kNoSpace);
  EXPECT_EQ(KindOf((*writer)->Finish()), ErrorKind::kNoSpace);
  EXPECT_TRUE(memory.List("")->empty());
}

TEST(FaultyStore, ATornChangeIsDoneAndItsAnswerLost) {
  MemoryStore memory;
  FaultyStore store(memory, TearOnce(3, kLost));
  EXPECT_EQ(KindOf(Put(store, "a", "whole")), ErrorKind::kUnknownOutcome);
  EXPECT_EQ(memory.Stat("a")->size, 5);
  store.SetRule(TearOnce(store.calls() + 1, kLost));
  EXPECT_EQ(KindOf(store.ListFolder("")), ErrorKind::kUnknownOutcome);
}

TEST(FaultyStore, ATornRemovalRemovesHalf) {
  MemoryStore memory;
  for (const char* key : {"p/1", "p/2", "p/3", "p/4"}) ASSERT_TRUE(Put(memory, key));
  FaultyStore store(memory, TearOnce(1, kLost));
  EXPECT_EQ(KindOf(store.RemovePrefix("p")), ErrorKind::kUnknownOutcome);
  EXPECT_EQ(KeysOf(memory.List("").value()), (std::vector<std::string>{"p/3", "p/4"}));
}

}  // namespace
}  // namespace firn
