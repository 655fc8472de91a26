#include "store/memory_store.h"

#include <gtest/gtest.h>

#include "store/conformance_test.h"

namespace firn {
namespace {

TEST(MemoryStore, DatesObjectsByItsClock) {
  FakeClock clock(5);
  MemoryStore store(clock);
  EXPECT_EQ(Put(store, "a")->modified_ns, 5);
  clock.Advance(std::chrono::nanoseconds(2));
  EXPECT_EQ(Put(store, "b")->modified_ns, 7);
}

TEST(MemoryStore, GivesEachObjectAnotherEtagThoughTheClockStands) {
  FakeClock clock;
  MemoryStore store(clock);
  auto first = Put(store, "a", "same");
  ASSERT_TRUE(store.Remove("a"));
  EXPECT_NE(first->etag, Put(store, "a", "same")->etag);
}

TEST(MemoryStore, ReadsOnAfterTheObjectIsGone) {
  MemoryStore store;
  auto info = Put(store, "a", "bytes");
  auto bytes = store.Read(*info);
  ASSERT_TRUE(store.Remove("a"));
  EXPECT_EQ(bytes->view(), "bytes");
}

}  // namespace
}  // namespace firn
