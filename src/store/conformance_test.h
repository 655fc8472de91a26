#pragma once

#include <gtest/gtest.h>

#include <algorithm>
#include <atomic>
#include <functional>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include "env/worker_pool.h"
#include "store/object_store.h"

namespace firn {

// What every ObjectStore does. A test file includes this and instantiates it:
//   INSTANTIATE_TEST_SUITE_P(Memory, StoreConformance, testing::Values(StoreCase{"plain", MakeMemory}), NameOfCase);

// An empty store and whatever keeps it alive.
class StoreUnderTest {
 public:
  virtual ~StoreUnderTest() = default;
  virtual ObjectStore& store() = 0;
};

// Where stores differ from each other and from S3: all of it, here. (The order of a server's listing is no difference:
// the store sorts.)
struct StoreDifferences {
  // "a/b" can be written when "a" is an object, as on S3. In a folder of a machine, and on Versity's server, which
  // keeps objects as files, it cannot. (S3 takes the object "a" beside "a/b" too; none of the stores tested here does.)
  bool folder_at_object = false;
  // A folder is still listed for a while when its last object is gone: SeaweedFS removes it later.
  bool emptied_folders_linger = false;
  // A write into a folder that another request empties at the same moment is refused now and then
  // ("ExistingObjectIsDirectory"): Versity's server, which removes empty folders.
  bool emptied_folders_refuse = false;
};

struct StoreCase {
  std::string name;
  std::function<std::unique_ptr<StoreUnderTest>()> make;
  StoreDifferences differences = {};
};

inline std::string NameOfCase(const testing::TestParamInfo<StoreCase>& info) {
  return info.param.name;
}
inline void PrintTo(const StoreCase& store_case, std::ostream* out) {
  *out << store_case.name;
}

inline Result<ObjectInfo> Put(ObjectStore& store, std::string_view key, std::string_view bytes = "x") {
  FIRN_TRY_ASSIGN(std::unique_ptr<ObjectWriter> writer, store.Create(key));
  FIRN_TRY(writer->Append(bytes));
  return writer->Finish();
}

inline std::vector<std::string> KeysOf(const std::vector<ObjectInfo>& objects) {
  std::vector<std::string> keys;
  for (const ObjectInfo& object : objects) keys.push_back(object.key);
  return keys;
}

template <class T>
ErrorKind KindOf(const Result<T>& result) {
  EXPECT_FALSE(result.has_value());
  return result.has_value() ? ErrorKind::kInternal : result.error().kind;
}

class StoreConformance : public testing::TestWithParam<StoreCase> {
 protected:
  using Keys = std::vector<std::string>;

  void SetUp() override {
    under_test_ = GetParam().make();
    ASSERT_NE(under_test_, nullptr);
  }

  ObjectStore& store() { return under_test_->store(); }
  const StoreDifferences& differences() { return GetParam().differences; }

  void PutAll(const Keys& keys) {
    for (const std::string& key : keys) ASSERT_TRUE(Put(store(), key, key)) << key;
  }
  Keys List(std::string_view prefix) {
    auto listed = store().List(prefix);
    EXPECT_TRUE(listed) << listed.error().Text();
    return listed ? KeysOf(*listed) : Keys{"(error)"};
  }
  void ExpectNoFolders(std::string_view prefix) {
    auto level = store().ListFolder(prefix);
    ASSERT_TRUE(level);
    if (!differences().emptied_folders_linger) EXPECT_EQ(level->folders, Keys());
  }
  std::string Text(std::string_view key) {
    auto info = store().Stat(key);
    if (!info) return "(" + info.error().message + ")";
    auto bytes = store().Read(*info);
    return bytes ? std::string(bytes->view()) : "(" + bytes.error().message + ")";
  }

  std::unique_ptr<StoreUnderTest> under_test_;
};

// The tests themselves are compiled once, where the stores are listed.
#ifdef FIRN_STORE_CONFORMANCE_TESTS

TEST_P(StoreConformance, ReadsBackWhatWasWritten) {
  std::string bytes("\0\xff\n binary", 10);
  bytes.resize(100'000, 'z');
  auto writer = store().Create("landing/a.parquet");
  ASSERT_TRUE(writer);
  ASSERT_TRUE((*writer)->Append(bytes.substr(0, 7)));
  ASSERT_TRUE((*writer)->Append(""));
  ASSERT_TRUE((*writer)->Append(bytes.substr(7)));
  auto info = (*writer)->Finish();
  ASSERT_TRUE(info) << info.error().Text();
  EXPECT_EQ(info->key, "landing/a.parquet");
  EXPECT_EQ(info->size, std::ssize(bytes));
  EXPECT_FALSE(info->etag.empty());
  EXPECT_EQ(store().Read(*info)->view(), bytes);
  EXPECT_EQ(store().Stat("landing/a.parquet").value(), *info);
  EXPECT_EQ(store().List("").value(), std::vector{*info});
}

TEST_P(StoreConformance, KeepsAnEmptyObject) {
  auto info = Put(store(), "empty", "");
  ASSERT_TRUE(info);
  EXPECT_EQ(info->size, 0);
  EXPECT_EQ(store().Read(*info)->size(), 0U);
}

TEST_P(StoreConformance, ShowsNothingBeforeFinish) {
  auto writer = store().Create("a/b");
  ASSERT_TRUE(writer);
  ASSERT_TRUE((*writer)->Append("half"));
  EXPECT_EQ(KindOf(store().Stat("a/b")), ErrorKind::kNotFound);
  EXPECT_EQ(List(""), Keys());
  EXPECT_TRUE(store().ListFolder("")->folders.empty());
}

TEST_P(StoreConformance, LeavesNothingOfAWriterThatWasGivenUp) {
  {
    auto writer = store().Create("a/b");
    ASSERT_TRUE(writer);
    ASSERT_TRUE((*writer)->Append("half"));
  }
  EXPECT_EQ(List(""), Keys());
  EXPECT_TRUE(Put(store(), "a/b", "whole"));
  EXPECT_EQ(Text("a/b"), "whole");
}

TEST_P(StoreConformance, ReplacesNothing) {
  auto slow = store().Create("a");
  ASSERT_TRUE(slow);
  ASSERT_TRUE((*slow)->Append("second"));
  PutAll({"a"});
  EXPECT_EQ(KindOf((*slow)->Finish()), ErrorKind::kAlreadyExists);
  EXPECT_EQ(Text("a"), "a");
}

TEST_P(StoreConformance, AWriterIsOfNoMoreUseAfterFinish) {
  auto writer = store().Create("a");
  ASSERT_TRUE(writer);
  ASSERT_TRUE((*writer)->Finish());
  EXPECT_FALSE((*writer)->Append("more"));
  EXPECT_FALSE((*writer)->Finish());
  EXPECT_EQ(Text("a"), "");
}

TEST_P(StoreConformance, ANameIsAnObjectOrAFolder) {
  PutAll({"a/b"});
  EXPECT_EQ(KindOf(Put(store(), "a")), ErrorKind::kAlreadyExists);
  EXPECT_EQ(KindOf(store().Stat("a")), ErrorKind::kNotFound);
  if (differences().folder_at_object) {
    PutAll({"a/b/c"});
    EXPECT_EQ(List(""), (Keys{"a/b", "a/b/c"}));
    EXPECT_EQ(List("a/b"), (Keys{"a/b/c"}));
    EXPECT_EQ(Text("a/b"), "a/b");
    return;
  }
  EXPECT_EQ(KindOf(Put(store(), "a/b/c")), ErrorKind::kAlreadyExists);
  EXPECT_EQ(KindOf(store().Stat("a")), ErrorKind::kNotFound);
  EXPECT_EQ(KindOf(store().Stat("a/b/c")), ErrorKind::kNotFound);
  EXPECT_EQ(List(""), Keys{"a/b"});
}

TEST_P(StoreConformance, ListsByBytesOfTheKey) {
  PutAll({"a/b", "a.c", "a0", "a/B", "b", "a/\xC3\xA9", "a-1/x", "a/b0/c", "Z"});
  EXPECT_EQ(List(""), (Keys{"Z", "a-1/x", "a.c", "a/B", "a/b", "a/b0/c", "a/\xC3\xA9", "a0", "b"}));
}

TEST_P(StoreConformance, KeepsUnusualNames) {
  const Keys keys = {"a b/c+d", "a%2Fb/%", "q?x=1&y=<2>", "s'\"#;@!$*(),:~^`{}[]|/x", "year=2025/\xC3\xA9\xE2\x82\xAC"};
  PutAll(keys);
  EXPECT_EQ(List(""), keys);
  for (const std::string& key : keys) EXPECT_EQ(Text(key), key);
  EXPECT_EQ(store().ListFolder("")->folders, (Keys{"a b", "a%2Fb", "s'\"#;@!$*(),:~^`{}[]|", "year=2025"}));
  ASSERT_TRUE(store().Link(keys[0], keys[3] + "+linked"));
  ASSERT_TRUE(store().Remove(keys[1]));
  ASSERT_TRUE(store().RemovePrefix("s'\"#;@!$*(),:~^`{}[]|"));
  EXPECT_EQ(List(""), (Keys{keys[0], keys[2], keys[4]}));
}

TEST_P(StoreConformance, ListsAtAndBelowAPrefix) {
  PutAll({"a/b/1", "a/b/c/2", "a/bc/3", "a/b.4", "z"});
  EXPECT_EQ(List("a/b"), (Keys{"a/b/1", "a/b/c/2"}));
  EXPECT_EQ(List("a/b/1"), (Keys{"a/b/1"}));
  EXPECT_EQ(List("a/b/1/x"), Keys());
  EXPECT_EQ(List("nothing/here"), Keys());
}

TEST_P(StoreConformance, ListsOneLevel) {
  PutAll({"t/day=2/x", "t/day=1/y", "t/day=1/z/w", "t/b", "t/a", "u/a"});
  auto level = store().ListFolder("t");
  ASSERT_TRUE(level);
  EXPECT_EQ(level->folders, (Keys{"t/day=1", "t/day=2"}));
  EXPECT_EQ(KeysOf(level->objects), (Keys{"t/a", "t/b"}));
  EXPECT_EQ(store().ListFolder("")->folders, (Keys{"t", "u"}));
  EXPECT_TRUE(store().ListFolder("t/a")->objects.empty());
  EXPECT_TRUE(store().ListFolder("nothing")->folders.empty());
}

TEST_P(StoreConformance, SortsFoldersByBytes) {
  PutAll({"a/x", "a-b/x", "a.b/x", "a0/x"});
  EXPECT_EQ(store().ListFolder("")->folders, (Keys{"a", "a-b", "a.b", "a0"}));
}

TEST_P(StoreConformance, ListingsAgreeWithStat) {
  PutAll({"a/1", "a/22", "b"});
  auto listed = store().List("");
  ASSERT_TRUE(listed);
  for (const ObjectInfo& object : *listed) {
    EXPECT_EQ(store().Stat(object.key).value(), object);
    EXPECT_EQ(store().Read(object)->view(), object.key);
  }
}

TEST_P(StoreConformance, ShowsItsOwnStateOnlyToThoseWhoNameIt) {
  PutAll({"a", ".firn/staging/jr_1/part-0", ".firnx"});
  EXPECT_EQ(List(""), (Keys{".firnx", "a"}));
  EXPECT_TRUE(store().ListFolder("")->folders.empty());
  EXPECT_EQ(List(".firn/staging"), (Keys{".firn/staging/jr_1/part-0"}));
  EXPECT_EQ(store().ListFolder(".firn/staging")->folders, (Keys{".firn/staging/jr_1"}));
}

TEST_P(StoreConformance, ReadsARange) {
  auto info = Put(store(), "a", "0123456789");
  ASSERT_TRUE(info);
  auto range = [&](int64_t offset, int64_t length) {
    auto bytes = store().ReadRange(*info, offset, length);
    return bytes ? std::string(bytes->view()) : "(" + bytes.error().message + ")";
  };
  EXPECT_EQ(range(2, 3), "234");
  EXPECT_EQ(range(8, 100), "89");
  EXPECT_EQ(range(10, 1), "");
  EXPECT_EQ(range(500, 1), "");
  EXPECT_EQ(range(0, 0), "");
  EXPECT_EQ(range(-3, 2), "78");
  EXPECT_EQ(range(-3, 100), "789");
  EXPECT_EQ(range(-500, 2), "01");
  EXPECT_EQ(KindOf(store().ReadRange(*info, 0, -1)), ErrorKind::kInvalidArgument);
}

TEST_P(StoreConformance, ReadsNothingButTheVersionThatWasListed) {
  auto first = Put(store(), "a", "one");
  ASSERT_TRUE(first);
  ASSERT_TRUE(store().Remove("a"));
  EXPECT_EQ(KindOf(store().Read(*first)), ErrorKind::kNotFound);
  auto keep_inode_busy =
      Put(store(), "other", "two");  // so that a file system does not give "a" the same inode in the same nanosecond
  auto second = Put(store(), "a", "other bytes");
  ASSERT_TRUE(second);
  EXPECT_NE(first->etag, second->etag);
  EXPECT_EQ(KindOf(store().Read(*first)), ErrorKind::kMismatch);
  EXPECT_EQ(KindOf(store().ReadRange(*first, 0, 1)), ErrorKind::kMismatch);
  EXPECT_NE(store().Read(*first).error().message.find("a changed between listing and reading"), std::string::npos);
  EXPECT_EQ(store().Read(*second)->view(), "other bytes");
}

TEST_P(StoreConformance, AMissingObjectIsNotFound) {
  EXPECT_EQ(KindOf(store().Stat("a/b")), ErrorKind::kNotFound);
  EXPECT_EQ(KindOf(store().Read({"a/b", 1, 0, "1"})), ErrorKind::kNotFound);
  EXPECT_EQ(KindOf(store().ReadRange({"a/b", 1, 0, "1"}, 0, 1)), ErrorKind::kNotFound);
  EXPECT_EQ(KindOf(store().Link("a/b", "c")), ErrorKind::kNotFound);
}

TEST_P(StoreConformance, LinksTheSameBytesUnderAnotherName) {
  PutAll({"staged/a"});
  ASSERT_TRUE(store().Link("staged/a", "final/2025/a"));
  EXPECT_EQ(Text("final/2025/a"), "staged/a");
  ASSERT_TRUE(store().Remove("staged/a"));
  EXPECT_EQ(Text("final/2025/a"), "staged/a");
}

TEST_P(StoreConformance, LinkReplacesNothing) {
  PutAll({"a", "b", "f/x"});
  EXPECT_EQ(KindOf(store().Link("a", "b")), ErrorKind::kAlreadyExists);
  EXPECT_EQ(KindOf(store().Link("a", "a")), ErrorKind::kAlreadyExists);
  EXPECT_EQ(KindOf(store().Link("f", "g")), ErrorKind::kNotFound);
  EXPECT_EQ(KindOf(store().Link("a", "f")), ErrorKind::kAlreadyExists);
  if (!differences().folder_at_object) EXPECT_EQ(KindOf(store().Link("a", "b/c")), ErrorKind::kAlreadyExists);
  EXPECT_EQ(Text("b"), "b");
}

TEST_P(StoreConformance, RemovesAndSucceedsWhenThereIsNothing) {
  PutAll({"a/b/c", "a/d"});
  EXPECT_TRUE(store().Remove("a/b/c"));
  EXPECT_TRUE(store().Remove("a/b/c"));
  EXPECT_TRUE(store().Remove("a/d/e"));
  EXPECT_TRUE(store().Remove("a"));  // a folder is no object
  EXPECT_EQ(List(""), Keys{"a/d"});
}

TEST_P(StoreConformance, RemoveLeavesNoEmptyFolders) {
  PutAll({"a/b/c/d", "a/e"});
  ASSERT_TRUE(store().Remove("a/b/c/d"));
  ExpectNoFolders("a");
  ASSERT_TRUE(store().Remove("a/e"));
  ExpectNoFolders("");
  EXPECT_TRUE(Put(store(), "again"));  // the lake itself stays
}

TEST_P(StoreConformance, RemovesAPrefix) {
  PutAll({"a/b/1", "a/b/c/2", "a/bc", "d"});
  ASSERT_TRUE(store().RemovePrefix("a/b"));
  EXPECT_EQ(List(""), (Keys{"a/bc", "d"}));
  ASSERT_TRUE(store().RemovePrefix("a/b"));
  ASSERT_TRUE(store().RemovePrefix("d"));  // an object is at its own prefix
  EXPECT_EQ(List(""), (Keys{"a/bc"}));
  ASSERT_TRUE(store().RemovePrefix("a"));
  ExpectNoFolders("");
}

TEST_P(StoreConformance, RemovingAllKeepsItsOwnState) {
  PutAll({"a/b", "c", ".firn/staging/x"});
  ASSERT_TRUE(store().RemovePrefix(""));
  EXPECT_EQ(List(""), Keys());
  EXPECT_EQ(List(".firn/staging"), Keys{".firn/staging/x"});
}

TEST_P(StoreConformance, ExchangesFolders) {
  if (!store().AtomicExchange()) {
    EXPECT_EQ(KindOf(store().ExchangeFolders("a", "b")), ErrorKind::kUnsupported);
    return;
  }
  PutAll({"t/day/old1", "t/day/sub/old2", ".firn/staging/new1", "t/other"});
  ASSERT_TRUE(store().ExchangeFolders(".firn/staging", "t/day"));
  EXPECT_EQ(List(""), (Keys{"t/day/new1", "t/other"}));
  EXPECT_EQ(List(".firn/staging"), (Keys{".firn/staging/old1", ".firn/staging/sub/old2"}));
  EXPECT_EQ(Text("t/day/new1"), ".firn/staging/new1");
}

TEST_P(StoreConformance, ExchangesWithAFolderThatIsNotThere) {
  if (!store().AtomicExchange()) return;  // ExchangesFolders holds what it says then
  PutAll({"staging/run/x"});
  ASSERT_TRUE(store().ExchangeFolders("staging/run", "t/2025/11"));
  EXPECT_EQ(List(""), Keys{"t/2025/11/x"});
  EXPECT_EQ(store().ListFolder("")->folders, Keys{"t"});  // emptied parents went
  ASSERT_TRUE(store().ExchangeFolders("staging/run", "t/2025/11"));
  EXPECT_EQ(List(""), Keys{"staging/run/x"});
  EXPECT_TRUE(store().ExchangeFolders("no", "none"));
  EXPECT_TRUE(store().ExchangeFolders("staging", "staging"));
  EXPECT_EQ(List(""), Keys{"staging/run/x"});
}

TEST_P(StoreConformance, SaysWhetherAFolderCanBeReplaced) {
  PutAll({"t/day/x", "file"});
  for (const char* folder : {"t/day", "t", "t/other", "new/deep/folder"})
    EXPECT_TRUE(store().CheckReplaceable(folder)) << folder;
  EXPECT_EQ(KindOf(store().CheckReplaceable("file")), ErrorKind::kInvalidArgument);
  EXPECT_EQ(KindOf(store().CheckReplaceable("file/below")), ErrorKind::kAlreadyExists);
  EXPECT_EQ(List(""), (Keys{"file", "t/day/x"}));
  EXPECT_EQ(store().ListFolder("")->folders, Keys{"t"});
}

TEST_P(StoreConformance, RefusesAnExchangeThatMakesNoSense) {
  PutAll({"a/b/c", "file"});
  EXPECT_EQ(KindOf(store().ExchangeFolders("a", "a/b")), ErrorKind::kInvalidArgument);
  EXPECT_EQ(KindOf(store().ExchangeFolders("a/b", "a")), ErrorKind::kInvalidArgument);
  EXPECT_EQ(KindOf(store().ExchangeFolders("", "a")), ErrorKind::kInvalidArgument);
  EXPECT_EQ(KindOf(store().ExchangeFolders(".firn", "a")), ErrorKind::kInvalidArgument);
  if (store().AtomicExchange()) EXPECT_EQ(KindOf(store().ExchangeFolders("file", "a")), ErrorKind::kInvalidArgument);
  EXPECT_EQ(List(""), (Keys{"a/b/c", "file"}));
}

TEST_P(StoreConformance, RefusesKeysThatAreNone) {
  const ObjectStore& described = store();
  const std::string nul("a\0b", 3);
  for (const std::string& key : {std::string("/etc/passwd"), std::string("../x"), std::string("a/../../x"), nul,
                                 std::string("a//b"), std::string("a/"), std::string("./a"), std::string("a\\b"),
                                 std::string(300, 's'), std::string(2'000, 'k'), std::string("a\nb")}) {
    SCOPED_TRACE(key);
    EXPECT_EQ(KindOf(store().Stat(key)), ErrorKind::kInvalidArgument);
    EXPECT_EQ(KindOf(store().Read({key, 1, 0, "1"})), ErrorKind::kInvalidArgument);
    EXPECT_EQ(KindOf(store().ReadRange({key, 1, 0, "1"}, 0, 1)), ErrorKind::kInvalidArgument);
    EXPECT_EQ(KindOf(store().Create(key)), ErrorKind::kInvalidArgument);
    EXPECT_EQ(KindOf(store().Link(key, "to")), ErrorKind::kInvalidArgument);
    EXPECT_EQ(KindOf(store().Link("from", key)), ErrorKind::kInvalidArgument);
    EXPECT_EQ(KindOf(store().Remove(key)), ErrorKind::kInvalidArgument);
    EXPECT_EQ(KindOf(store().RemovePrefix(key)), ErrorKind::kInvalidArgument);
    EXPECT_EQ(KindOf(store().List(key)), ErrorKind::kInvalidArgument);
    EXPECT_EQ(KindOf(store().ListFolder(key)), ErrorKind::kInvalidArgument);
    EXPECT_EQ(KindOf(store().ExchangeFolders(key, "a")), ErrorKind::kInvalidArgument);
    EXPECT_EQ(KindOf(store().ExchangeFolders("a", key)), ErrorKind::kInvalidArgument);
    EXPECT_EQ(KindOf(store().CheckReplaceable(key)), ErrorKind::kInvalidArgument);
  }
  EXPECT_EQ(KindOf(store().Create("")), ErrorKind::kInvalidArgument);
  EXPECT_EQ(KindOf(store().Remove("")), ErrorKind::kInvalidArgument);
  EXPECT_FALSE(described.Describe().empty());
}

TEST_P(StoreConformance, ProtectsItsOwnFolders) {
  EXPECT_EQ(KindOf(store().RemovePrefix(".firn")), ErrorKind::kInvalidArgument);
  EXPECT_EQ(KindOf(store().RemovePrefix(".firn/tmp")), ErrorKind::kInvalidArgument);
  EXPECT_EQ(KindOf(store().Create(".firn/tmp/x")), ErrorKind::kInvalidArgument);
  EXPECT_EQ(KindOf(store().Create(".firn")), ErrorKind::kInvalidArgument);
}

TEST_P(StoreConformance, GivesEachWriterOfOneKeyOneAnswer) {
  WorkerPool pool(4);
  std::atomic<int> won = 0;
  std::atomic<int> lost = 0;
  ASSERT_TRUE(pool.ParallelFor(16, [&](int64_t index, int) -> Status {
    auto info = Put(store(), "same/key", std::to_string(index));
    if (info.has_value()) {
      ++won;
    } else if (info.error().kind == ErrorKind::kAlreadyExists) {
      ++lost;
    }
    return {};
  }));
  EXPECT_EQ(won.load(), 1);
  EXPECT_EQ(lost.load(), 15);
}

TEST_P(StoreConformance, CreatesAndRemovesInOneFolderFromManyThreads) {
  Keys kept;
  if (differences().emptied_folders_refuse) kept = {"p/q/kept"};  // so that the folder is never empty
  PutAll(kept);
  WorkerPool pool(4);
  Status status = pool.ParallelFor(200, [&](int64_t index, int) -> Status {
    // Removing the last object prunes the folders, while another thread is about to write into them.
    std::string key = "p/q/" + std::to_string(index);
    FIRN_TRY(Put(store(), key));
    FIRN_TRY(store().Link(key, key + "-linked"));
    FIRN_TRY(store().Remove(key));
    return store().Remove(key + "-linked");
  });
  EXPECT_TRUE(status) << status.error().Text();
  EXPECT_EQ(List(""), kept);
}

TEST_P(StoreConformance, AReaderSeesOneFolderOfAnExchangeWhole) {
  if (!store().AtomicExchange()) return;  // ExchangesFolders holds what it says then
  PutAll({"t/day/part-0-A", "t/day/part-1-A", "t/day/part-2-A", "s/part-0-B", "s/part-1-B"});
  const Keys a = {"t/day/part-0-A", "t/day/part-1-A", "t/day/part-2-A"};
  const Keys b = {"t/day/part-0-B", "t/day/part-1-B"};
  std::atomic<bool> done = false;
  std::atomic<int64_t> wrong = 0;
  auto read = [&](auto list) {
    do {
      Keys seen = list();
      if (seen != a && seen != b) ++wrong;
    } while (!done);
  };
  std::jthread folder_reader(read, [&] { return KeysOf(store().ListFolder("t/day").value().objects); });
  std::jthread tree_reader(read, [&] { return List("t"); });
  for (int i = 0; i < 1'000; ++i) EXPECT_TRUE(store().ExchangeFolders("s", "t/day"));
  done = true;
  folder_reader.join();
  tree_reader.join();
  EXPECT_EQ(wrong.load(), 0);
}

#endif  // FIRN_STORE_CONFORMANCE_TESTS

}  // namespace firn
