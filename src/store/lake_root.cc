#include "store/lake_root.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <linux/openat2.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>

#include "store/object_key.h"
#include "store/system_error.h"

namespace firn {
namespace {

constexpr int kFolderFlags = O_RDONLY | O_DIRECTORY;

bool IsMissing(const Result<Descriptor>& folder) {
  return !folder.has_value() && folder.error().kind == ErrorKind::kNotFound;
}

std::unexpected<Error> FailToOpen(int code, std::string_view key, LakeRoot::Symlinks symlinks) {
  // These two say something else here than elsewhere: the kernel's answer to RESOLVE_BENEATH and RESOLVE_NO_SYMLINKS.
  if (code == EXDEV) {
    return Fail(ErrorKind::kInvalidArgument, fmt::format("{} leaves the lake through a symlink", EscapeKey(key)),
                "Symlinks must be relative and stay inside the lake. Copy or mount the data instead.");
  }
  if (code == ELOOP) {
    bool forbidden = symlinks == LakeRoot::Symlinks::kNone;
    return Fail(ErrorKind::kInvalidArgument,
                fmt::format("{} {}", EscapeKey(key),
                            forbidden ? "goes through a symlink, and firn changes nothing behind those"
                                      : "goes through symlinks in a circle"),
                "Put a folder where the symlink is.");
  }
  return FailWithCode(code, "open", EscapeKey(key));
}

}  // namespace

Result<Descriptor> LakeRoot::Open(std::string_view key, int flags, Symlinks symlinks) const {
  open_how how{};
  how.flags = static_cast<uint64_t>(flags | O_CLOEXEC);
  how.resolve = RESOLVE_BENEATH | RESOLVE_NO_MAGICLINKS | (symlinks == Symlinks::kNone ? RESOLVE_NO_SYMLINKS : 0);
  std::string path(key.empty() ? "." : key);
  while (true) {
    long number = syscall(SYS_openat2, folder_.get(), path.c_str(), &how, sizeof(how));
    if (number >= 0) return Descriptor(static_cast<int>(number));
    // EAGAIN: a rename somewhere on the machine kept the kernel from proving that ".." in a symlink stays inside.
    if (errno != EAGAIN && errno != EINTR) return FailToOpen(errno, key, symlinks);
  }
}

Result<Descriptor> LakeRoot::OpenFolder(std::string_view prefix) const {
  return Open(prefix, kFolderFlags, Symlinks::kNone);
}

Result<Descriptor> LakeRoot::MakeFolder(std::string_view prefix) {
  std::lock_guard lock(making_);
  auto folder = OpenFolder(prefix);
  // Others may prune an empty folder on the way before we made the next one in it.
  for (int turn = 0; turn < kMaxTurns && IsMissing(folder); ++turn) folder = MakeSegments(prefix);
  return folder;
}

Result<Descriptor> LakeRoot::MakeSegments(std::string_view prefix) {
  FIRN_TRY_ASSIGN(Descriptor folder, OpenFolder(""));
  size_t begin = 0;
  while (begin < prefix.size()) {
    size_t end = std::min(prefix.find('/', begin), prefix.size());
    std::string segment(prefix.substr(begin, end - begin));
    if (mkdirat(folder.get(), segment.c_str(), 0755) == 0) {
      FIRN_TRY(SyncFolder(folder, prefix.substr(0, begin)));
    } else if (errno != EEXIST) {
      return FailWithCode(errno, "make the folder", prefix);
    }
    int next = openat(folder.get(), segment.c_str(), kFolderFlags | O_NOFOLLOW | O_CLOEXEC);
    if (next < 0) return errno == ENOTDIR ? FailObjectAsFolder(prefix) : FailToOpen(errno, prefix, Symlinks::kNone);
    folder = Descriptor(next);
    begin = end + 1;
  }
  return folder;
}

void LakeRoot::PruneEmpty(std::string_view prefix) const {
  while (!prefix.empty() && prefix != kStateFolder) {
    std::string_view parent = ParentOf(prefix);
    auto folder = OpenFolder(parent);
    if (!folder.has_value()) return;
    if (unlinkat(folder->get(), std::string(LastSegmentOf(prefix)).c_str(), AT_REMOVEDIR) != 0) return;
    if (!SyncFolder(*folder, parent).has_value()) return;
    prefix = parent;
  }
}

Status SyncFolder(const Descriptor& folder, std::string_view prefix) {
  if (fsync(folder.get()) != 0) return FailWithCode(errno, "sync the folder", prefix);
  return {};
}

}  // namespace firn
