#include "store/working_store.h"

#include <gtest/gtest.h>

#include <fstream>
#include <sstream>

#include "base/test_folder_test.h"
#include "store/counting_store.h"
#include "store/local_copies.h"
#include "store/memory_store.h"
#include "store/object_key.h"

namespace firn {
namespace {

class WorkingStoreTest : public testing::Test {
 protected:
  ObjectInfo Put(ObjectStore& store, const std::string& key, const std::string& bytes) {
    auto writer = store.Create(key).value();
    EXPECT_TRUE(writer->Append(bytes));
    return writer->Finish().value();
  }
  static std::string BytesOf(const std::string& path) {
    std::ostringstream text;
    text << std::ifstream(path, std::ios::binary).rdbuf();
    return text.str();
  }
  [[nodiscard]] int64_t reads() const {
    return lake_.Of(StoreOperation::kRead).calls + lake_.Of(StoreOperation::kReadRange).calls;
  }
  [[nodiscard]] size_t files() const {
    return static_cast<size_t>(std::distance(std::filesystem::directory_iterator(folder_.path()), {}));
  }

  TestFolder folder_;
  MemoryStore memory_;
  CountingStore lake_{memory_};
  WorkerPool pool_{4};
  LocalCopies files_{lake_, pool_, folder_.path().string()};
  PackedCopies copies_{lake_, pool_, folder_.path().string()};
  WorkingStore store_{lake_, copies_};
};

TEST_F(WorkingStoreTest, FetchesEachObjectOnce) {
  std::vector<ObjectInfo> objects;
  for (int i = 0; i < 200; ++i) objects.push_back(Put(memory_, "a/" + std::to_string(i), "bytes " + std::to_string(i)));
  objects.push_back(Put(memory_, "a/empty", ""));
  ASSERT_TRUE(copies_.Fetch(objects));
  ASSERT_TRUE(copies_.Fetch(objects));
  EXPECT_EQ(reads(), 201);
  for (const ObjectInfo& object : objects) EXPECT_EQ(store_.Read(object)->view(), memory_.Read(object)->view());
  EXPECT_EQ(store_.ReadRange(objects[3], -2, 2)->view(), " 3");
  EXPECT_EQ(reads(), 201);
  EXPECT_EQ(files(), 0U) << "a copy has no name that a death could leave behind";
}

TEST_F(WorkingStoreTest, ReadsWhatWasFetchedLater) {
  const ObjectInfo first = Put(memory_, "a", "first");
  const ObjectInfo second = Put(memory_, "b", std::string(100'000, 'x'));
  ASSERT_TRUE(copies_.Fetch({&first, 1}));
  ASSERT_TRUE(copies_.Fetch({&second, 1}));
  EXPECT_EQ(store_.Read(first)->view(), "first");
  EXPECT_EQ(store_.Read(second)->view(), std::string(100'000, 'x'));
}

TEST_F(WorkingStoreTest, LeavesLackToTheReader) {
  const ObjectInfo good = Put(memory_, "a", "good");
  ObjectInfo gone = good;
  gone.key = "b";
  ObjectInfo changed = good;
  changed.etag = "another";
  const std::vector<ObjectInfo> objects = {good, gone, changed};
  ASSERT_TRUE(copies_.Fetch(objects));
  EXPECT_TRUE(copies_.Find(good));
  EXPECT_EQ(store_.Read(gone).error().kind, ErrorKind::kNotFound);
  EXPECT_EQ(store_.Read(changed).error().kind, ErrorKind::kMismatch);
}

TEST_F(WorkingStoreTest, NeverFillsTheDisk) {
  const ObjectInfo huge{.key = "huge", .size = int64_t{1} << 60, .etag = "v"};
  const Status failed = files_.Fetch({&huge, 1});
  ASSERT_FALSE(failed);
  EXPECT_EQ(failed.error().kind, ErrorKind::kNoSpace);
  EXPECT_TRUE(copies_.Fetch({&huge, 1}));
  EXPECT_EQ(lake_.Total().calls, 0);
}

TEST_F(WorkingStoreTest, AStoreThatFailsEndsIt) {
  const ObjectInfo object = Put(memory_, "a", "x");
  std::filesystem::remove_all(folder_.path());
  EXPECT_FALSE(copies_.Fetch({&object, 1}));
}

TEST_F(WorkingStoreTest, FilesAreFetchedForSeveralAtOnce) {
  std::vector<ObjectInfo> objects;
  for (int i = 0; i < 50; ++i) objects.push_back(Put(memory_, "a/" + std::to_string(i), std::string(5'000, 'x')));
  ASSERT_TRUE(pool_.ParallelFor(8, [&](int64_t, int) { return files_.Fetch(objects); }));
  for (const ObjectInfo& object : objects) EXPECT_EQ(BytesOf(files_.PathOf(object.key)), std::string(5'000, 'x'));
  EXPECT_EQ(files(), 50U);
}

TEST_F(WorkingStoreTest, ALargeFileIsFetchedInBlocks) {
  const std::string bytes(20 << 20, 'x');
  const ObjectInfo object = Put(memory_, "large", bytes);
  ASSERT_TRUE(files_.Fetch({&object, 1}));
  EXPECT_EQ(reads(), 3);
  EXPECT_EQ(BytesOf(files_.PathOf("large")), bytes);
}

TEST_F(WorkingStoreTest, AFileIsTheVersionOfNowWhenNoneIsKnown) {
  Put(memory_, "t/a", "old");
  const ObjectInfo unknown{.key = "t/a", .size = 3, .etag = {}};
  ASSERT_TRUE(files_.Fetch({&unknown, 1}));
  ASSERT_TRUE(memory_.Remove("t/a"));
  const ObjectInfo next = Put(memory_, "t/a", "newer");
  ASSERT_TRUE(files_.Fetch({&unknown, 1}));
  EXPECT_EQ(BytesOf(files_.PathOf("t/a")), "newer");
  EXPECT_TRUE(files_.Find(next));
  EXPECT_EQ(files(), 1U);
}

TEST_F(WorkingStoreTest, AFileThatCannotBeFetchedFails) {
  ObjectInfo gone = Put(memory_, "a", "good");
  gone.key = "b";
  EXPECT_EQ(files_.Fetch({&gone, 1}).error().kind, ErrorKind::kNotFound);
}

TEST_F(WorkingStoreTest, NamesObjectsInMessages) {
  const std::string path = files_.PathOf("t/day=1/a.parquet");
  EXPECT_EQ(files_.WithNames(path + ": damaged"), JoinKey(memory_.Describe(), "t/day=1/a.parquet") + ": damaged");
}

TEST_F(WorkingStoreTest, PassesOnAllElse) {
  const ObjectInfo made = Put(store_, "run/out/part", "x");
  EXPECT_EQ(memory_.List("run")->size(), 1U);
  EXPECT_EQ(store_.Read(made)->view(), "x");
  ASSERT_TRUE(store_.RemovePrefix("run/out"));
  EXPECT_TRUE(memory_.List("run")->empty());
}

}  // namespace
}  // namespace firn
