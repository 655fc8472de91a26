#include "store/folder_check.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <string>
#include <utility>

#include "store/object_key.h"
#include "store/system_error.h"

namespace firn {
namespace {

struct Folder {
  std::string_view key;
  Descriptor descriptor;
};

// The folder, or the nearest one above that is there.
Result<Folder> NearestFolder(const LakeRoot& root, std::string_view prefix) {
  for (std::string_view key = prefix;; key = ParentOf(key)) {
    auto entry = root.Open(key, O_PATH, LakeRoot::Symlinks::kNone);
    const bool missing = !entry.has_value() && entry.error().kind == ErrorKind::kNotFound;
    if (missing && !key.empty()) continue;
    if (!entry.has_value()) return std::unexpected(std::move(entry.error()));
    struct stat facts{};
    if (fstat(entry->get(), &facts) != 0) return FailWithCode(errno, "examine", key);
    if (S_ISDIR(facts.st_mode)) return Folder{key, std::move(*entry)};
    return key == prefix ? FailNotAFolder(key) : FailObjectAsFolder(prefix);
  }
}

struct Mount {
  uint64_t id = 0;  // 0 before Linux 5.8, which does not tell: then the device decides alone
  uint32_t major = 0;
  uint32_t minor = 0;
  friend bool operator==(const Mount&, const Mount&) = default;
};

Result<Mount> MountOf(const Folder& folder) {
  struct statx facts{};
  if (statx(folder.descriptor.get(), "", AT_EMPTY_PATH, STATX_MNT_ID, &facts) != 0)
    return FailWithCode(errno, "examine", folder.key);
  const bool told = (facts.stx_mask & STATX_MNT_ID) != 0;
  return Mount{told ? facts.stx_mnt_id : 0, facts.stx_dev_major, facts.stx_dev_minor};
}

Status CheckUsable(const Folder& folder, const Mount& own) {
  FIRN_TRY_ASSIGN(const Mount mount, MountOf(folder));
  if (mount != own) return FailWithCode(EXDEV, "replace folders in", folder.key);
  if (faccessat(folder.descriptor.get(), ".", W_OK | X_OK, AT_EACCESS) != 0)
    return FailWithCode(errno, "replace folders in", folder.key);
  return {};
}

}  // namespace

Status CheckLocalFolder(const LakeRoot& root, std::string_view prefix) {
  FIRN_TRY_ASSIGN(const Folder firns, NearestFolder(root, kTempFolder));
  FIRN_TRY_ASSIGN(const Mount own, MountOf(firns));
  FIRN_TRY_ASSIGN(const Folder nearest, NearestFolder(root, prefix));
  FIRN_TRY(CheckUsable(nearest, own));
  if (nearest.key != prefix) return {};
  FIRN_TRY_ASSIGN(const Folder above, NearestFolder(root, ParentOf(prefix)));
  return CheckUsable(above, own);
}

}  // namespace firn
