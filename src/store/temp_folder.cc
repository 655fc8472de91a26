#include "store/temp_folder.h"

#include <dirent.h>
#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <vector>

#include "store/object_key.h"
#include "store/system_error.h"

namespace firn {
namespace {

constexpr int kInnerFolderFlags = O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC;

bool IsRemoved(const Descriptor& folder) {
  struct stat facts{};
  return fstat(folder.get(), &facts) != 0 || facts.st_nlink == 0;
}

// The names in a folder. Takes the descriptor, because closedir does.
Result<std::vector<std::string>> NamesIn(Descriptor folder, std::string_view shown) {
  std::unique_ptr<DIR, int (*)(DIR*)> stream(fdopendir(folder.get()), closedir);
  if (stream == nullptr) return FailWithCode(errno, "list", shown);
  [[maybe_unused]] int owned_by_stream = folder.Release();
  std::vector<std::string> names;
  errno = 0;
  while (const dirent* entry = readdir(stream.get())) {
    std::string_view name = entry->d_name;
    if (name != "." && name != "..") names.emplace_back(name);
  }
  if (errno != 0) return FailWithCode(errno, "list", shown);
  return names;
}

}  // namespace

Status RemoveTree(int folder, const std::string& name) {
  if (unlinkat(folder, name.c_str(), 0) == 0 || errno == ENOENT) return {};
  if (errno != EISDIR) return FailWithCode(errno, "remove", name);
  Descriptor inner(openat(folder, name.c_str(), kInnerFolderFlags));
  if (!inner.is_open()) return FailWithCode(errno, "remove", name);
  Descriptor listed(dup(inner.get()));
  if (!listed.is_open()) return FailWithCode(errno, "remove", name);
  FIRN_TRY_ASSIGN(std::vector<std::string> children, NamesIn(std::move(listed), name));
  for (const std::string& child : children) FIRN_TRY(RemoveTree(inner.get(), child));
  if (unlinkat(folder, name.c_str(), AT_REMOVEDIR) != 0 && errno != ENOENT) return FailWithCode(errno, "remove", name);
  return {};
}

TempFolder::~TempFolder() {
  if (folder_ == nullptr) return;
  auto parent = root_.OpenFolder(kTempFolder);
  // Only when it is empty: what is still being removed is the next one's leftover.
  if (parent.has_value()) unlinkat(parent->get(), name_.c_str(), AT_REMOVEDIR);
}

Result<TempFolder::Place> TempFolder::NewPlace() {
  std::lock_guard lock(mutex_);
  FIRN_TRY(Ensure());
  return Place{folder_, std::to_string(++places_)};
}

Status TempFolder::Ensure() {
  // Somebody may have tidied up by hand.
  if (folder_ != nullptr && !IsRemoved(*folder_)) return {};
  FIRN_TRY_ASSIGN(Descriptor parent, root_.MakeFolder(kTempFolder));
  bool made = false;
  while (!made) {
    FIRN_TRY_ASSIGN(made, TryToMake(parent));
  }
  return {};
}

// False when another process took the new folder for a leftover, before it was locked.
Result<bool> TempFolder::TryToMake(const Descriptor& parent) {
  constexpr int kNameDigits = 16;
  std::string name = RandomHex(random_, kNameDigits);
  if (mkdirat(parent.get(), name.c_str(), 0755) != 0) return FailWithCode(errno, "make a folder in", kTempFolder);
  auto folder = std::make_shared<const Descriptor>(openat(parent.get(), name.c_str(), kInnerFolderFlags));
  if (!folder->is_open()) {
    if (errno == ENOENT) return false;
    return FailWithCode(errno, "open a folder in", kTempFolder);
  }
  if (flock(folder->get(), LOCK_EX) != 0) return FailWithCode(errno, "lock a folder in", kTempFolder);
  if (IsRemoved(*folder)) return false;
  name_ = std::move(name);
  folder_ = std::move(folder);
  return true;
}

void TempFolder::RemoveLeftovers() {
  auto parent = root_.OpenFolder(kTempFolder);
  if (!parent.has_value()) return;
  auto names = NamesIn(Descriptor(dup(parent->get())), kTempFolder);
  if (!names.has_value()) return;
  for (const std::string& name : *names) {
    Descriptor folder(openat(parent->get(), name.c_str(), kInnerFolderFlags));
    if (!folder.is_open() || flock(folder.get(), LOCK_EX | LOCK_NB) != 0) continue;
    static_cast<void>(RemoveTree(parent->get(), name));  // what cannot be removed today is tried again tomorrow
  }
}

}  // namespace firn
