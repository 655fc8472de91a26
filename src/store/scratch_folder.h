#pragma once

#include <memory>
#include <string>

#include "base/result.h"
#include "store/descriptor.h"

namespace firn {

// A folder on this machine for what one process needs while it lives: it is locked (flock), and goes with this object.
// One that is not locked was left by a process that died, and goes when the next is made.
class ScratchFolder {
 public:
  // Makes it in `parent`, which is made too. kPermission, kNoSpace, kIo.
  static Result<std::unique_ptr<ScratchFolder>> Make(const std::string& parent);
  ScratchFolder(const ScratchFolder&) = delete;
  ScratchFolder& operator=(const ScratchFolder&) = delete;
  ~ScratchFolder();

  [[nodiscard]] const std::string& path() const { return path_; }

 private:
  ScratchFolder(std::string path, Descriptor folder) : path_(std::move(path)), folder_(std::move(folder)) {}

  const std::string path_;
  const Descriptor folder_;  // holds the lock
};

}  // namespace firn
