#include <grp.h>
#include <gtest/gtest.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <functional>

#include "store/conformance_test.h"
#include "store/local_store.h"
#include "store/mounted_folder_test.h"
#include "store/system_error.h"

// What a hostile or broken machine does to a local lake. Needs root: it mounts file systems and changes its user.
namespace firn {
namespace {

using Keys = std::vector<std::string>;

class HostileTest : public testing::Test {
 protected:
  std::filesystem::path Path(const std::string& key) const { return lake_ / key; }
  void Open() {
    auto opened = OpenLocalStore(lake_, true);
    ASSERT_TRUE(opened) << opened.error().Text();
    store_ = std::move(*opened);
  }

  TestFolder folder_;
  std::filesystem::path lake_ = folder_.path() / "lake";
  std::filesystem::path outside_ = folder_.path() / "outside";
  std::unique_ptr<LocalStore> store_;
};

class SymlinkTest : public HostileTest {
 protected:
  void SetUp() override {
    Open();
    WriteFile(outside_ / "secret", "secret");
    WriteFile(Path("in/file"), "inside");
  }
  void LinkTo(const std::filesystem::path& target, const std::string& key) {
    std::filesystem::create_directories(Path(key).parent_path());
    std::filesystem::create_symlink(target, Path(key));
  }
};

TEST_F(SymlinkTest, RefusesOnesThatLeaveTheLake) {
  LinkTo("../outside", "relative");
  LinkTo(outside_, "absolute");
  LinkTo("../outside/secret", "file");
  for (const char* key : {"relative/secret", "absolute/secret", "file"}) {
    SCOPED_TRACE(key);
    EXPECT_EQ(KindOf(store_->Stat(key)), ErrorKind::kInvalidArgument);
    EXPECT_EQ(KindOf(store_->Read({key, 6, 0, "x"})), ErrorKind::kInvalidArgument);
    EXPECT_EQ(KindOf(store_->Link(std::string("relative/secret"), "copy")), ErrorKind::kInvalidArgument);
  }
  EXPECT_EQ(KindOf(store_->List("relative")), ErrorKind::kInvalidArgument);
  EXPECT_EQ(KindOf(store_->ListFolder("absolute")), ErrorKind::kInvalidArgument);
  EXPECT_EQ(store_->Stat("file").error().message, "file leaves the lake through a symlink");
}

TEST_F(SymlinkTest, AListingThatMeetsOneNamesIt) {
  LinkTo("../../../outside/secret", "in/way/out");
  for (const Status& status : {StatusOf(store_->List("")), StatusOf(store_->ListFolder("in/way"))}) {
    EXPECT_EQ(KindOf(status), ErrorKind::kInvalidArgument);
    EXPECT_EQ(status.error().message, "in/way/out leaves the lake through a symlink");
  }
}

TEST_F(SymlinkTest, ReadsThroughOnesThatStayInside) {
  LinkTo("../in", "other/folder");
  LinkTo("../in/file", "other/file");
  auto listed = store_->List("other");
  ASSERT_TRUE(listed) << listed.error().Text();
  EXPECT_EQ(KeysOf(*listed), (Keys{"other/file", "other/folder/file"}));
  for (const ObjectInfo& object : *listed) EXPECT_EQ(store_->Read(object)->view(), "inside");
  EXPECT_EQ(store_->ListFolder("other")->folders, Keys{"other/folder"});
}

TEST_F(SymlinkTest, ChangesNothingBehindOne) {
  LinkTo("in", "alias");
  EXPECT_EQ(KindOf(Put(*store_, "alias/new")), ErrorKind::kInvalidArgument);
  EXPECT_EQ(KindOf(Put(*store_, "alias/deep/new")), ErrorKind::kInvalidArgument);
  EXPECT_EQ(KindOf(store_->Remove("alias/file")), ErrorKind::kInvalidArgument);
  EXPECT_EQ(KindOf(store_->RemovePrefix("alias/file")), ErrorKind::kInvalidArgument);
  EXPECT_EQ(KindOf(store_->Link("in/file", "alias/new")), ErrorKind::kInvalidArgument);
  EXPECT_EQ(KindOf(store_->ExchangeFolders("alias", "x")), ErrorKind::kInvalidArgument);
  EXPECT_EQ(KeysOf(store_->List("in").value()), Keys{"in/file"});
}

TEST_F(SymlinkTest, RemovesTheLinkAndNotItsTarget) {
  LinkTo("../outside", "way_out");
  LinkTo("in", "alias");
  LinkTo("../../outside", "tree/sub");
  ASSERT_TRUE(store_->RemovePrefix("way_out"));
  ASSERT_TRUE(store_->Remove("alias"));
  ASSERT_TRUE(store_->RemovePrefix("tree"));
  EXPECT_TRUE(std::filesystem::exists(outside_ / "secret"));
  EXPECT_TRUE(std::filesystem::exists(Path("in/file")));
  EXPECT_FALSE(std::filesystem::exists(std::filesystem::symlink_status(Path("alias"))));
}

TEST_F(SymlinkTest, RefusesCircles) {
  LinkTo("loop", "loop");
  EXPECT_EQ(KindOf(store_->Stat("loop")), ErrorKind::kInvalidArgument);
  std::filesystem::remove(Path("loop"));
  LinkTo("..", "in/up");
  auto listed = store_->List("");
  EXPECT_EQ(KindOf(listed), ErrorKind::kInvalidArgument);
  EXPECT_EQ(listed.error().message, "in/up is a symlink to a folder that it is in");
}

TEST_F(SymlinkTest, OneThatLeadsNowhereIsNotThere) {
  LinkTo("nothing", "dangling");
  EXPECT_EQ(KindOf(store_->Stat("dangling")), ErrorKind::kNotFound);
  EXPECT_EQ(KeysOf(store_->List("").value()), Keys{"in/file"});
}

TEST_F(HostileTest, WhatIsNoFileIsNoObject) {
  Open();
  std::filesystem::create_directories(Path("d/empty"));
  ASSERT_EQ(mkfifo(Path("d/pipe").c_str(), 0644), 0);
  EXPECT_TRUE(store_->List("")->empty());
  EXPECT_EQ(KindOf(store_->Stat("d/pipe")), ErrorKind::kNotFound);
  EXPECT_EQ(KindOf(store_->Read({"d/pipe", 0, 0, "x"})), ErrorKind::kNotFound);  // and does not wait for a writer
  EXPECT_EQ(KindOf(store_->Read({"d/empty", 0, 0, "x"})), ErrorKind::kNotFound);
}

TEST_F(HostileTest, AFileWhoseNameIsNoKeyIsReportedAndNotPassedOver) {
  Open();
  WriteFile(Path("landing/a\nb"), "x");
  auto listed = store_->List("landing");
  EXPECT_EQ(KindOf(listed), ErrorKind::kInvalidArgument);
  EXPECT_NE(listed.error().message.find("landing/a\\x0ab"), std::string::npos) << listed.error().message;
}

TEST_F(HostileTest, ALakeThatIsNotThere) {
  auto opened = OpenLocalStore(lake_, false);
  EXPECT_EQ(KindOf(opened), ErrorKind::kNotFound);
  EXPECT_NE(opened.error().message.find(lake_.string()), std::string::npos);
  WriteFile(folder_.path() / "file", "x");
  EXPECT_EQ(KindOf(OpenLocalStore(folder_.path() / "file", false)), ErrorKind::kInvalidArgument);
}

TEST_F(HostileTest, AFullDiskIsNoSpaceAndLeavesNothing) {
  MountedFolder disk(lake_, "size=1m");
  ASSERT_TRUE(disk.mounted());
  Open();
  ASSERT_TRUE(Put(*store_, "before", "kept"));
  {
    auto writer = store_->Create("big");
    ASSERT_TRUE(writer);
    Status status;
    for (int i = 0; i < 32 && status.has_value(); ++i) status = (*writer)->Append(std::string(64 << 10, 'x'));
    ASSERT_EQ(KindOf(status), ErrorKind::kNoSpace);
    EXPECT_NE(status.error().message.find("cannot write big"), std::string::npos) << status.error().message;
    EXPECT_FALSE(status.error().hint.empty());
    EXPECT_FALSE((*writer)->Append("more"));
    EXPECT_FALSE((*writer)->Finish());
  }
  EXPECT_EQ(KeysOf(store_->List("").value()), Keys{"before"});
  EXPECT_TRUE(Put(*store_, "after", std::string(512 << 10, 'x'))) << "the space came back";
  store_.reset();
}

TEST_F(HostileTest, ADiskWithoutInodesIsNoSpace) {
  MountedFolder disk(lake_, "size=1m,nr_inodes=8");
  ASSERT_TRUE(disk.mounted());
  Open();
  Status status;
  for (int i = 0; i < 10 && status.has_value(); ++i) status = StatusOf(Put(*store_, std::to_string(i)));
  EXPECT_EQ(KindOf(status), ErrorKind::kNoSpace);
  store_.reset();
}

TEST_F(HostileTest, AReadOnlyLakeCanBeReadAndNotChanged) {
  MountedFolder disk(lake_, "size=1m");
  ASSERT_TRUE(disk.mounted());
  Open();
  ASSERT_TRUE(Put(*store_, "a/b", "kept"));
  store_.reset();
  ASSERT_TRUE(disk.MakeReadOnly());
  Open();
  EXPECT_EQ(store_->Read(store_->Stat("a/b").value())->view(), "kept");
  EXPECT_EQ(KindOf(store_->Create("c")), ErrorKind::kPermission);
  EXPECT_EQ(KindOf(store_->Link("a/b", "c")), ErrorKind::kPermission);
  EXPECT_EQ(KindOf(store_->Remove("a/b")), ErrorKind::kPermission);
  EXPECT_EQ(KindOf(store_->RemovePrefix("a")), ErrorKind::kPermission);
  EXPECT_EQ(KindOf(store_->ExchangeFolders("a", "c")), ErrorKind::kPermission);
  EXPECT_EQ(KeysOf(store_->List("").value()), Keys{"a/b"});
  store_.reset();
}

TEST_F(HostileTest, AMountInsideTheLakeIsUnsupported) {
  Open();
  ASSERT_TRUE(Put(*store_, "a/b"));
  MountedFolder disk(Path("mounted"), "size=1m");
  ASSERT_TRUE(disk.mounted());
  auto info = Put(*store_, "mounted/x");
  EXPECT_EQ(KindOf(info), ErrorKind::kUnsupported);
  EXPECT_FALSE(info.error().hint.empty());
  EXPECT_EQ(KindOf(store_->ExchangeFolders("a", "mounted/a")), ErrorKind::kUnsupported);
  EXPECT_EQ(KindOf(store_->Link("a/b", "mounted/b")), ErrorKind::kUnsupported);
}

// Runs `test` in a process of an ordinary user; root may do anything to files.
bool HoldsForOrdinaryUser(const std::function<bool()>& test) {
  constexpr uid_t kNobody = 65534;
  pid_t child = fork();
  if (child == 0) {
    bool changed = setgroups(0, nullptr) == 0 && setgid(kNobody) == 0 && setuid(kNobody) == 0;
    _exit(changed && test() ? 0 : 1);
  }
  int outcome = -1;
  return child > 0 && waitpid(child, &outcome, 0) == child && outcome == 0;
}

TEST_F(HostileTest, AFolderOfAnotherUserIsAPermissionError) {
  Open();
  ASSERT_TRUE(Put(*store_, "a/b"));
  ASSERT_TRUE(Put(*store_, "hidden/c"));
  ASSERT_EQ(chmod(folder_.path().c_str(), 0755), 0);
  ASSERT_EQ(chmod(Path("hidden").c_str(), 0700), 0);
  EXPECT_TRUE(HoldsForOrdinaryUser([&] {
    auto store = OpenLocalStore(lake_, false);
    if (!store) return false;
    auto created = (*store)->Create("a/new");
    return (*store)->Stat("a/b").has_value() && !created && created.error().kind == ErrorKind::kPermission &&
           (*store)->Remove("a/b").error().kind == ErrorKind::kPermission &&
           (*store)->List("hidden").error().kind == ErrorKind::kPermission &&
           (*store)->Stat("hidden/c").error().kind == ErrorKind::kPermission;
  }));
  ASSERT_EQ(chmod(lake_.c_str(), 0000), 0);
  EXPECT_TRUE(HoldsForOrdinaryUser([&] {
    auto store = OpenLocalStore(lake_, false);
    return !store && store.error().kind == ErrorKind::kPermission;
  }));
}

TEST_F(HostileTest, AFolderThatIsMountedByItselfCannotBeReplaced) {
  Open();
  ASSERT_TRUE(Put(*store_, "t/day/x"));
  ASSERT_TRUE(Put(*store_, "staging/day/y"));
  for (const char* mounted : {"t", "t/day"}) {
    SCOPED_TRACE(mounted);
    const BoundFolder bound(Path(mounted));
    const Status checked = store_->CheckReplaceable("t/day");
    EXPECT_EQ(KindOf(checked), ErrorKind::kUnsupported);
    EXPECT_NE(checked.error().message.find(mounted), std::string::npos) << checked.error().message;
    EXPECT_NE(checked.error().hint.find("mounted from another file system"), std::string::npos) << checked.error().hint;
  }
  const BoundFolder bound(Path("t"));
  EXPECT_FALSE(store_->CheckReplaceable("t/other"));
  for (const char* folder : {"t/day", "t/other"}) {
    const Status exchanged = store_->ExchangeFolders("staging/day", folder);
    EXPECT_EQ(KindOf(exchanged), ErrorKind::kUnsupported);
    EXPECT_NE(exchanged.error().message.find(folder), std::string::npos) << exchanged.error().message;
  }
}

TEST_F(HostileTest, AFolderThatMayOnlyBeReadCannotBeReplaced) {
  Open();
  ASSERT_TRUE(Put(*store_, "t/day/x"));
  MountedFolder disk(folder_.path() / "disk", "size=1m");
  ASSERT_TRUE(disk.mounted());
  auto other = OpenLocalStore(folder_.path() / "disk", true).value();
  ASSERT_TRUE(Put(*other, "t/day/x"));
  EXPECT_TRUE(other->CheckReplaceable("t/day"));
  ASSERT_TRUE(disk.MakeReadOnly());
  EXPECT_EQ(KindOf(other->CheckReplaceable("t/day")), ErrorKind::kPermission);
  EXPECT_EQ(KindOf(other->CheckReplaceable("new")), ErrorKind::kPermission);
  other.reset();

  ASSERT_EQ(chmod(folder_.path().c_str(), 0755), 0);
  EXPECT_TRUE(HoldsForOrdinaryUser([&] {
    auto store = OpenLocalStore(lake_, false);
    return store && KindOf((*store)->CheckReplaceable("t/day")) == ErrorKind::kPermission &&
           KindOf((*store)->CheckReplaceable("t/new")) == ErrorKind::kPermission;
  }));
}

TEST(SystemError, SortsCodesByWhatTheOperatorCanDo) {
  auto kind = [](int code) { return FailWithCode(code, "write", "a").error().kind; };
  EXPECT_EQ(kind(ENOSPC), ErrorKind::kNoSpace);
  EXPECT_EQ(kind(EDQUOT), ErrorKind::kNoSpace);
  EXPECT_EQ(kind(EACCES), ErrorKind::kPermission);
  EXPECT_EQ(kind(EPERM), ErrorKind::kPermission);
  EXPECT_EQ(kind(EROFS), ErrorKind::kPermission);
  EXPECT_EQ(kind(ENOENT), ErrorKind::kNotFound);
  EXPECT_EQ(kind(EMFILE), ErrorKind::kUnavailable);
  EXPECT_EQ(kind(EIO), ErrorKind::kIo);
  EXPECT_EQ(FailWithCode(EIO, "write", "a").error().message, "cannot write a: Input/output error");
}

}  // namespace
}  // namespace firn
