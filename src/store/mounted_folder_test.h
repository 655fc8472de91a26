#pragma once

#include <gtest/gtest.h>
#include <sys/mount.h>

#include <cerrno>
#include <cstring>
#include <filesystem>
#include <string>

#include "base/test_folder_test.h"
#include "store/local_store.h"

namespace firn {

// A file system in memory, mounted at a folder. Needs root, as the tests of this module do: a machine that cannot run
// them fails them.
class MountedFolder {
 public:
  MountedFolder(std::filesystem::path path, const std::string& options) : path_(std::move(path)) {
    std::filesystem::create_directories(path_);
    mounted_ = mount("tmpfs", path_.c_str(), "tmpfs", 0, options.c_str()) == 0;
    EXPECT_TRUE(mounted_) << "cannot mount a tmpfs (run the tests as root): " << std::strerror(errno);
  }
  MountedFolder(const MountedFolder&) = delete;
  MountedFolder& operator=(const MountedFolder&) = delete;
  ~MountedFolder() {
    if (mounted_) umount2(path_.c_str(), MNT_DETACH);
  }
  [[nodiscard]] bool mounted() const { return mounted_; }
  [[nodiscard]] bool MakeReadOnly() const {
    return mount(nullptr, path_.c_str(), nullptr, MS_REMOUNT | MS_RDONLY, nullptr) == 0;
  }

 private:
  std::filesystem::path path_;
  bool mounted_ = false;
};

// A folder mounted on itself: the same files, and no rename goes in or out.
class BoundFolder {
 public:
  explicit BoundFolder(std::filesystem::path path) : path_(std::move(path)) {
    EXPECT_EQ(mount(path_.c_str(), path_.c_str(), nullptr, MS_BIND, nullptr), 0) << std::strerror(errno);
  }
  BoundFolder(const BoundFolder&) = delete;
  BoundFolder& operator=(const BoundFolder&) = delete;
  ~BoundFolder() { umount2(path_.c_str(), MNT_DETACH); }
  [[nodiscard]] bool MakeReadOnly() const {
    return mount(nullptr, path_.c_str(), nullptr, MS_REMOUNT | MS_BIND | MS_RDONLY, nullptr) == 0;
  }

 private:
  const std::filesystem::path path_;
};

}  // namespace firn
