#include "store/local_store.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <system_error>
#include <utility>

#include "store/folder_check.h"
#include "store/local_file.h"
#include "store/local_listing.h"
#include "store/local_writer.h"
#include "store/object_key.h"
#include "store/system_error.h"

namespace firn {
namespace {

// Regular files only: a folder, a pipe or a device is no object.
Result<ObjectInfo> ExamineObject(const Descriptor& file, std::string_view key) {
  struct stat facts{};
  if (fstat(file.get(), &facts) != 0) return FailWithCode(errno, "examine", key);
  if (!S_ISREG(facts.st_mode)) return FailNoObject(key);
  return InfoOf(ObjectKey(key), facts);
}

Result<Descriptor> OpenObject(const LakeRoot& root, std::string_view key, int flags) {
  auto file = root.Open(key, flags, LakeRoot::Symlinks::kInside);
  if (!file.has_value() && file.error().kind == ErrorKind::kNotFound) return FailNoObject(key);
  return file;
}

enum class EntryKind { kNothing, kFolder, kObject, kOther };

Result<EntryKind> KindOfEntry(const Descriptor& folder, std::string_view key) {
  struct stat facts{};
  if (fstatat(folder.get(), std::string(LastSegmentOf(key)).c_str(), &facts, AT_SYMLINK_NOFOLLOW) != 0) {
    if (errno == ENOENT) return EntryKind::kNothing;
    return FailWithCode(errno, "examine", key);
  }
  if (S_ISDIR(facts.st_mode)) return EntryKind::kFolder;
  return S_ISREG(facts.st_mode) ? EntryKind::kObject : EntryKind::kOther;
}

Result<EntryKind> KindOfEntry(const LakeRoot& root, std::string_view key) {
  auto folder = root.OpenFolder(ParentOf(key));
  if (folder.has_value()) return KindOfEntry(*folder, key);
  if (folder.error().kind == ErrorKind::kNotFound) return EntryKind::kNothing;
  return std::unexpected(std::move(folder.error()));
}

bool Rename(const Descriptor& from, std::string_view from_key, const Descriptor& to, const std::string& to_name,
            unsigned flags) {
  return renameat2(from.get(), std::string(LastSegmentOf(from_key)).c_str(), to.get(), to_name.c_str(), flags) == 0;
}

}  // namespace

Result<std::unique_ptr<LocalStore>> OpenLocalStore(const std::filesystem::path& root, bool create,
                                                   Durability durability) {
  std::error_code code;
  if (create) std::filesystem::create_directories(root, code);
  std::filesystem::path resolved;
  if (!code) resolved = std::filesystem::canonical(root, code);
  if (code) {
    auto failure = FailWithCode(code.value(), "open the lake", root.native());
    if (failure.error().kind != ErrorKind::kNotFound) return failure;
    return Fail(failure.error().kind, failure.error().message, "Create the folder, or name the right one as `lake`.");
  }
  Descriptor folder(open(resolved.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  if (!folder.is_open() && errno == ENOTDIR) {
    return Fail(ErrorKind::kInvalidArgument, "the lake " + root.string() + " is not a folder",
                "Name a folder as `lake`.");
  }
  if (!folder.is_open()) return FailWithCode(errno, "open the lake", root.native());
  auto store = std::make_unique<LocalStore>(resolved.string(), std::move(folder), durability);
  store->RemoveLeftovers();
  return store;
}

std::string LocalStore::PathOf(std::string_view key) const {
  return JoinKey(root_.path(), key);
}

std::string LocalStore::Describe() const {
  return "file://" + root_.path();
}

Result<std::vector<ObjectInfo>> LocalStore::List(std::string_view prefix) {
  FIRN_TRY(ValidatePrefix(prefix));
  FIRN_TRY_ASSIGN(std::vector<ObjectInfo> objects, ListLocalTree(root_, prefix));
  if (!objects.empty() || prefix.empty()) return objects;
  // "At or below": the prefix may be an object itself.
  auto object = Stat(prefix);
  if (object.has_value()) return std::vector{std::move(*object)};
  if (object.error().kind == ErrorKind::kNotFound) return objects;
  return std::unexpected(std::move(object.error()));
}

Result<FolderListing> LocalStore::ListFolder(std::string_view prefix) {
  FIRN_TRY(ValidatePrefix(prefix));
  return ListLocalFolder(root_, prefix);
}

Result<ObjectInfo> LocalStore::Stat(std::string_view key) {
  FIRN_TRY(ValidateKey(key));
  FIRN_TRY_ASSIGN(Descriptor file, OpenObject(root_, key, O_PATH));
  return ExamineObject(file, key);
}

Result<Bytes> LocalStore::Read(const ObjectInfo& object) {
  return ReadPart(object, 0, object.size);
}

Result<Bytes> LocalStore::ReadRange(const ObjectInfo& object, int64_t offset, int64_t length) {
  FIRN_TRY_ASSIGN(ByteRange range, RangeWithin(object.key, object.size, offset, length));
  return ReadPart(object, range.offset, range.length);
}

Result<Bytes> LocalStore::ReadPart(const ObjectInfo& object, int64_t offset, int64_t length) {
  FIRN_TRY(ValidateKey(object.key));
  // O_NONBLOCK: opening a pipe that somebody put into the lake must not wait for its writer.
  FIRN_TRY_ASSIGN(Descriptor file, OpenObject(root_, object.key, O_RDONLY | O_NONBLOCK));
  FIRN_TRY_ASSIGN(ObjectInfo before, ExamineObject(file, object.key));
  if (before.etag != object.etag || before.size != object.size) return FailChangedObject(object.key);
  Bytes bytes(static_cast<size_t>(length));
  FIRN_TRY_ASSIGN(int64_t got, ReadFully(file.get(), object.key, offset, length, bytes.data()));
  FIRN_TRY_ASSIGN(ObjectInfo after, ExamineObject(file, object.key));
  if (got != length || after.etag != object.etag) return FailChangedObject(object.key);
  return bytes;
}

Result<std::unique_ptr<ObjectWriter>> LocalStore::Create(std::string_view key) {
  FIRN_TRY(ValidateKeyToChange(key));
  return CreateLocalWriter(root_, temp_, key, durability_);
}

Status LocalStore::Link(std::string_view from, std::string_view to) {
  FIRN_TRY(ValidateKey(from));
  FIRN_TRY(ValidateKeyToChange(to));
  const std::string from_name(LastSegmentOf(from));
  const std::string to_name(LastSegmentOf(to));
  int code = ENOENT;
  for (int turn = 0; turn < kMaxTurns && code == ENOENT; ++turn) {
    FIRN_TRY_ASSIGN(EntryKind kind, KindOfEntry(root_, from));
    if (kind != EntryKind::kObject) return FailNoObject(from);
    FIRN_TRY_ASSIGN(Descriptor source, root_.OpenFolder(ParentOf(from)));
    FIRN_TRY_ASSIGN(Descriptor target, root_.MakeFolder(ParentOf(to)));
    code = linkat(source.get(), from_name.c_str(), target.get(), to_name.c_str(), 0) == 0 ? 0 : errno;
    if (code == 0) return SyncFolder(target, ParentOf(to));
  }
  if (code == EEXIST) return FailObjectExists(to);
  return FailWithCode(code, "link", to);
}

Status LocalStore::Remove(std::string_view key) {
  FIRN_TRY(ValidateKeyToChange(key));
  auto folder = root_.OpenFolder(ParentOf(key));
  if (!folder.has_value()) {
    if (folder.error().kind == ErrorKind::kNotFound) return {};
    return std::unexpected(std::move(folder.error()));
  }
  if (unlinkat(folder->get(), std::string(LastSegmentOf(key)).c_str(), 0) != 0) {
    if (errno == ENOENT || errno == EISDIR) return {};  // a folder is no object: there is nothing to remove
    return FailWithCode(errno, "remove", key);
  }
  FIRN_TRY(SyncFolder(*folder, ParentOf(key)));
  root_.PruneEmpty(ParentOf(key));
  return {};
}

Status LocalStore::RemovePrefix(std::string_view prefix) {
  FIRN_TRY(ValidatePrefixToChange(prefix));
  if (prefix.empty()) return RemoveAll();
  FIRN_TRY_ASSIGN(EntryKind kind, KindOfEntry(root_, prefix));
  if (kind == EntryKind::kNothing) return {};
  FIRN_TRY_ASSIGN(TempFolder::Place place, temp_.NewPlace());
  FIRN_TRY_ASSIGN(Descriptor parent, root_.OpenFolder(ParentOf(prefix)));
  // Out of sight in one step, so that a listing never sees it half removed.
  if (!Rename(parent, prefix, *place.folder, place.name, RENAME_NOREPLACE)) {
    return errno == ENOENT ? Status() : FailWithCode(errno, "remove", prefix);
  }
  FIRN_TRY(SyncFolder(parent, ParentOf(prefix)));
  root_.PruneEmpty(ParentOf(prefix));
  return RemoveTree(place.folder->get(), place.name);
}

Status LocalStore::RemoveAll() {
  FIRN_TRY_ASSIGN(FolderListing listing, ListFolder(""));
  for (const std::string& folder : listing.folders) FIRN_TRY(RemovePrefix(folder));
  for (const ObjectInfo& object : listing.objects) FIRN_TRY(Remove(object.key));
  return {};
}

Status LocalStore::ExchangeFolders(std::string_view a, std::string_view b) {
  FIRN_TRY(ValidateExchange(a, b));
  for (int turn = 0; turn < kMaxTurns; ++turn) {
    FIRN_TRY_ASSIGN(EntryKind kind_a, KindOfEntry(root_, a));
    FIRN_TRY_ASSIGN(EntryKind kind_b, KindOfEntry(root_, b));
    bool has_a = kind_a != EntryKind::kNothing;
    bool has_b = kind_b != EntryKind::kNothing;
    if (has_a && kind_a != EntryKind::kFolder) return FailNotAFolder(a);
    if (has_b && kind_b != EntryKind::kFolder) return FailNotAFolder(b);
    if (a == b || (!has_a && !has_b)) return {};
    if (has_a != has_b) {
      Status moved = has_a ? MoveFolder(a, b) : MoveFolder(b, a);
      if (moved.has_value() || moved.error().kind != ErrorKind::kConflict) return moved;
      continue;
    }
    FIRN_TRY_ASSIGN(Descriptor parent_a, root_.OpenFolder(ParentOf(a)));
    FIRN_TRY_ASSIGN(Descriptor parent_b, root_.OpenFolder(ParentOf(b)));
    if (Rename(parent_a, a, parent_b, std::string(LastSegmentOf(b)), RENAME_EXCHANGE)) {
      FIRN_TRY(SyncFolder(parent_a, ParentOf(a)));
      return SyncFolder(parent_b, ParentOf(b));
    }
    if (errno != ENOENT) return FailWithCode(errno, "exchange " + std::string(a) + " with", b);
  }
  return Fail(ErrorKind::kConflict,
              "cannot exchange " + std::string(a) + " with " + std::string(b) + ": others move them all the time");
}

Status LocalStore::CheckReplaceable(std::string_view prefix) {
  FIRN_TRY(ValidateReplaceable(prefix));
  return CheckLocalFolder(root_, prefix);
}

// kConflict when one of the two has changed meanwhile, so that another look is needed.
Status LocalStore::MoveFolder(std::string_view from, std::string_view to) {
  FIRN_TRY_ASSIGN(Descriptor target, root_.MakeFolder(ParentOf(to)));
  FIRN_TRY_ASSIGN(Descriptor source, root_.OpenFolder(ParentOf(from)));
  if (!Rename(source, from, target, std::string(LastSegmentOf(to)), RENAME_NOREPLACE)) {
    if (errno == ENOENT || errno == EEXIST) {
      return Fail(ErrorKind::kConflict, std::string(from) + " changed while it was moved");
    }
    return FailWithCode(errno, "move " + std::string(from) + " to", to);
  }
  FIRN_TRY(SyncFolder(target, ParentOf(to)));
  FIRN_TRY(SyncFolder(source, ParentOf(from)));
  root_.PruneEmpty(ParentOf(from));
  return {};
}

}  // namespace firn
