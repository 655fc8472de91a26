#pragma once

#include <filesystem>
#include <mutex>
#include <string>
#include <string_view>

#include "base/result.h"
#include "store/descriptor.h"

namespace firn {

// Between two looks at a folder others may make, prune or move it; each turn is one such change that came in between.
inline constexpr int kMaxTurns = 1000;

// The folder that is the lake, opened once. Every key is resolved from its descriptor with openat2(RESOLVE_BENEATH), so
// that the kernel itself holds it to the lake, whatever symlinks are there and whoever changes them meanwhile.
// Thread-safe.
class LakeRoot {
 public:
  // Symlinks that stay inside may be read through. Changes go through none: where a file lands must not depend on one.
  enum class Symlinks { kInside, kNone };

  LakeRoot(std::string path, Descriptor folder) : path_(std::move(path)), folder_(std::move(folder)) {}

  [[nodiscard]] const std::string& path() const { return path_; }

  // Opens what the key names, with open(2)'s `flags`; "" is the lake itself. kNotFound when there is nothing,
  // kInvalidArgument when a symlink leads out.
  Result<Descriptor> Open(std::string_view key, int flags, Symlinks symlinks) const;
  // A folder to change entries in; not through symlinks.
  Result<Descriptor> OpenFolder(std::string_view prefix) const;
  // The same, made with its parents where it is missing; what is made is synced. kAlreadyExists when a part of the path
  // is an object.
  Result<Descriptor> MakeFolder(std::string_view prefix);
  // Removes the folder and then its parents, as long as they are empty. Not the lake, and not ".firn". Best effort: an
  // empty folder does no harm.
  void PruneEmpty(std::string_view prefix) const;

 private:
  Result<Descriptor> MakeSegments(std::string_view prefix);

  const std::string path_;
  const Descriptor folder_;
  std::mutex making_;  // held until new folders are synced: whoever finds a folder may rely on its entry
};

Status SyncFolder(const Descriptor& folder, std::string_view prefix);

}  // namespace firn
