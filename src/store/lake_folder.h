#pragma once

#include <string>
#include <string_view>
#include <utility>

#include "base/result.h"

namespace firn {

// An open file or folder; closed when it goes. Movable.
class FileHandle {
 public:
  FileHandle() = default;
  explicit FileHandle(int fd) : fd_(fd) {}
  FileHandle(FileHandle&& other) noexcept : fd_(std::exchange(other.fd_, -1)) {}
  FileHandle& operator=(FileHandle&& other) noexcept {
    std::swap(fd_, other.fd_);
    return *this;
  }
  ~FileHandle();
  [[nodiscard]] int get() const { return fd_; }
  int release() { return std::exchange(fd_, -1); }

 private:
  int fd_ = -1;
};

// Folder operations beneath an open root; no name leads out of it. `key` may be "" for the root itself. Errors name the
// key.

Result<FileHandle> OpenBeneath(int root, std::string_view key, int flags);
// Opens the folder, made with all its parents when missing; new folders are synced into theirs.
Result<FileHandle> OpenOrMakeFolder(int root, std::string_view folder);
// The parent of a key as an open folder, and the key's last part.
Result<std::pair<FileHandle, std::string>> OpenParent(int root, std::string_view key, bool make);
// Removes a folder and all in it.
Status RemoveTree(int parent, const std::string& name, const std::string& key);
// Removes empty folders from the parent of `key` upwards, never the root.
void RemoveEmptyParents(int root, std::string_view key);

}  // namespace firn
