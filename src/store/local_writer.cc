#include "store/local_writer.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <utility>

#include "store/local_file.h"
#include "store/object_key.h"
#include "store/system_error.h"

namespace firn {
namespace {

class LocalWriter : public ObjectWriter {
 public:
  LocalWriter(LakeRoot& root, std::string_view key, TempFolder::Place place, Descriptor file, Durability durability)
      : root_(root), key_(key), place_(std::move(place)), file_(std::move(file)), durability_(durability) {}

  ~LocalWriter() override {
    if (!moved_) unlinkat(place_.folder->get(), place_.name.c_str(), 0);
  }

  Status Append(std::string_view bytes) override {
    FIRN_TRY(CheckUsable());
    Status status = WriteAll(bytes);
    if (!status.has_value()) failed_ = true;
    if (status.has_value()) StartWriteback();
    return status;
  }

  Result<ObjectInfo> Finish() override {
    FIRN_TRY(CheckUsable());
    auto info = Publish();
    if (!info.has_value()) failed_ = true;
    return info;
  }

 private:
  Status CheckUsable() const {
    if (moved_) return FailFinishedWriter(key_);
    if (failed_) return Fail(ErrorKind::kIo, "an earlier write to " + key_ + " failed", "Write the object anew.");
    return {};
  }

  Status WriteAll(std::string_view bytes) {
    while (!bytes.empty()) {
      ssize_t written = write(file_.get(), bytes.data(), bytes.size());
      if (written < 0 && errno == EINTR) continue;
      if (written < 0) return FailWithCode(errno, "write", key_);
      bytes.remove_prefix(static_cast<size_t>(written));
      size_ += written;
    }
    return {};
  }

  // Lets the disk work while the next bytes are computed, so that the fsync at the end has little left to do.
  void StartWriteback() {
    constexpr int64_t kWindow = 16 << 20;
    if (durability_ == Durability::kScratch || size_ - written_back_ < kWindow) return;
    sync_file_range(file_.get(), written_back_, size_ - written_back_, SYNC_FILE_RANGE_WRITE);
    written_back_ = size_;
  }

  Result<ObjectInfo> Publish() {
    const bool synced = durability_ == Durability::kSynced;
    if (synced && fsync(file_.get()) != 0) return FailWithCode(errno, "sync", key_);
    struct stat facts{};
    if (fstat(file_.get(), &facts) != 0) return FailWithCode(errno, "examine", key_);
    int code = ENOENT;
    // A folder may be pruned, because it is empty, between its making and the move into it.
    for (int turn = 0; turn < kMaxTurns && code == ENOENT; ++turn) {
      FIRN_TRY_ASSIGN(Descriptor folder, root_.MakeFolder(ParentOf(key_)));
      code = MoveInto(folder);
      if (code != 0) continue;
      moved_ = true;
      if (synced) FIRN_TRY(SyncFolder(folder, ParentOf(key_)));
      return InfoOf(key_, facts);
    }
    if (code == EEXIST) return FailObjectExists(key_);
    return FailWithCode(code, "create", key_);
  }

  // 0, or an errno.
  int MoveInto(const Descriptor& folder) const {
    std::string name(LastSegmentOf(key_));
    const int from = place_.folder->get();
    return renameat2(from, place_.name.c_str(), folder.get(), name.c_str(), RENAME_NOREPLACE) == 0 ? 0 : errno;
  }

  LakeRoot& root_;
  const std::string key_;
  const TempFolder::Place place_;
  const Descriptor file_;
  const Durability durability_;
  int64_t size_ = 0;
  int64_t written_back_ = 0;
  bool failed_ = false;
  bool moved_ = false;
};

}  // namespace

Result<std::unique_ptr<ObjectWriter>> CreateLocalWriter(LakeRoot& root, TempFolder& temp, std::string_view key,
                                                        Durability durability) {
  FIRN_TRY_ASSIGN(TempFolder::Place place, temp.NewPlace());
  int flags = O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC;
  Descriptor file(openat(place.folder->get(), place.name.c_str(), flags, 0644));
  if (!file.is_open()) return FailWithCode(errno, "create", key);
  return std::make_unique<LocalWriter>(root, key, std::move(place), std::move(file), durability);
}

}  // namespace firn
