#include "store/lake_folder.h"

#include <dirent.h>
#include <fcntl.h>
#include <fmt/format.h>
#include <linux/openat2.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <memory>

#include "store/posix_error.h"

namespace firn {
namespace {

constexpr mode_t kFolderMode = 0777;  // less what the umask takes

std::string_view ParentOf(std::string_view key) {
  const size_t slash = key.rfind('/');
  return slash == std::string_view::npos ? std::string_view() : key.substr(0, slash);
}

std::string NameIn(std::string_view key) {
  const size_t slash = key.rfind('/');
  return std::string(slash == std::string_view::npos ? key : key.substr(slash + 1));
}

}  // namespace

FileHandle::~FileHandle() {
  if (fd_ >= 0) close(fd_);
}

Result<FileHandle> OpenBeneath(int root, std::string_view key, int flags) {
  open_how how{};
  how.flags = static_cast<uint64_t>(flags | O_CLOEXEC);
  how.resolve = RESOLVE_BENEATH | RESOLVE_NO_MAGICLINKS;
  const std::string path = key.empty() ? "." : std::string(key);
  for (;;) {
    const long fd = syscall(SYS_openat2, root, path.c_str(), &how, sizeof how);
    if (fd >= 0) return FileHandle(static_cast<int>(fd));
    // EAGAIN: something was renamed while the kernel walked the path.
    if (errno != EINTR && errno != EAGAIN) return FailFromErrno(errno, fmt::format("cannot open {}", path));
  }
}

Result<FileHandle> OpenOrMakeFolder(int root, std::string_view folder) {
  auto open = OpenBeneath(root, folder, O_RDONLY | O_DIRECTORY);
  if (open || open.error().kind != ErrorKind::kNotFound || folder.empty()) return open;
  FIRN_TRY_ASSIGN(const FileHandle parent, OpenOrMakeFolder(root, ParentOf(folder)));
  if (mkdirat(parent.get(), NameIn(folder).c_str(), kFolderMode) != 0 && errno != EEXIST)
    return FailFromErrno(errno, fmt::format("cannot make the folder {}", folder));
  if (fsync(parent.get()) != 0) return FailFromErrno(errno, fmt::format("cannot sync the folder {}", ParentOf(folder)));
  return OpenBeneath(root, folder, O_RDONLY | O_DIRECTORY);
}

Result<std::pair<FileHandle, std::string>> OpenParent(int root, std::string_view key, bool make) {
  const std::string_view folder = ParentOf(key);
  FIRN_TRY_ASSIGN(FileHandle parent,
                  make ? OpenOrMakeFolder(root, folder) : OpenBeneath(root, folder, O_RDONLY | O_DIRECTORY));
  return std::pair(std::move(parent), NameIn(key));
}

Status RemoveTree(int parent, const std::string& name, const std::string& key) {
  const int fd = openat(parent, name.c_str(), O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
  if (fd < 0) {
    if (errno == ENOENT) return {};
    if (unlinkat(parent, name.c_str(), 0) == 0 || errno == ENOENT) return {};
    return FailFromErrno(errno, "cannot remove " + key);
  }
  const std::unique_ptr<DIR, decltype([](DIR* dir) { closedir(dir); })> dir(fdopendir(fd));
  while (const dirent* entry = readdir(dir.get())) {
    const std::string child = entry->d_name;
    if (child == "." || child == "..") continue;
    if (unlinkat(fd, child.c_str(), 0) == 0 || errno == ENOENT) continue;
    FIRN_TRY(RemoveTree(fd, child, key + "/" + child));
  }
  if (unlinkat(parent, name.c_str(), AT_REMOVEDIR) != 0 && errno != ENOENT)
    return FailFromErrno(errno, "cannot remove " + key);
  return {};
}

void RemoveEmptyParents(int root, std::string_view key) {
  for (std::string_view folder = ParentOf(key); !folder.empty(); folder = ParentOf(folder)) {
    const auto parent = OpenParent(root, folder, false);
    if (!parent || unlinkat(parent->first.get(), parent->second.c_str(), AT_REMOVEDIR) != 0) return;
  }
}

}  // namespace firn
