#pragma once

#include <cstdint>
#include <memory>
#include <mutex>
#include <string>

#include "base/result.h"
#include "env/random.h"
#include "store/descriptor.h"
#include "store/lake_root.h"

namespace firn {

// A store's own folder below ".firn/tmp", where files are written before they get their names and folders wait to be
// removed. It is made with the first use and locked (flock) for as long as the store lives: one that is not locked was
// left by a process that died, and may go. Thread-safe.
class TempFolder {
 public:
  explicit TempFolder(LakeRoot& root) : root_(root) {}
  TempFolder(const TempFolder&) = delete;
  TempFolder& operator=(const TempFolder&) = delete;
  ~TempFolder();

  // A name in the folder that nothing has yet. The folder stays open while the place is held.
  struct Place {
    std::shared_ptr<const Descriptor> folder;
    std::string name;
  };
  Result<Place> NewPlace();

  // Removes what dead processes left. Best effort: a lake that may only be read keeps it.
  void RemoveLeftovers();

 private:
  Status Ensure();
  Result<bool> TryToMake(const Descriptor& parent);

  LakeRoot& root_;
  SystemRandom random_;

  std::mutex mutex_;  // guards the rest
  std::string name_;
  std::shared_ptr<const Descriptor> folder_;
  int64_t places_ = 0;
};

// Removes `name` in `folder` and all below it, following no symlink. Not there: succeeds.
Status RemoveTree(int folder, const std::string& name);

}  // namespace firn
