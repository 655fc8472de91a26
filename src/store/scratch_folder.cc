#include "store/scratch_folder.h"

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>

#include <cerrno>
#include <filesystem>

#include "env/random.h"
#include "store/system_error.h"

namespace firn {
namespace {

constexpr int kNameDigits = 16;

Descriptor OpenScratch(const std::string& path) {
  return Descriptor(open(path.c_str(), O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC));
}

// Best effort: what cannot be removed today is tried again tomorrow.
void SweepScratch(const std::string& parent) {
  std::error_code error;
  for (const auto& entry : std::filesystem::directory_iterator(parent, error)) {
    const Descriptor folder = OpenScratch(entry.path().string());
    if (folder.is_open() && flock(folder.get(), LOCK_EX | LOCK_NB) == 0)
      std::filesystem::remove_all(entry.path(), error);
  }
}

bool IsGone(const Descriptor& folder) {
  struct stat facts{};
  return fstat(folder.get(), &facts) != 0 || facts.st_nlink == 0;
}

}  // namespace

Result<std::unique_ptr<ScratchFolder>> ScratchFolder::Make(const std::string& parent) {
  std::error_code error;
  std::filesystem::create_directories(parent, error);
  if (error) return FailWithCode(error.value(), "make", parent);
  SweepScratch(parent);
  SystemRandom random;
  for (;;) {
    std::string path = parent + "/" + RandomHex(random, kNameDigits);
    if (mkdir(path.c_str(), 0700) != 0) return FailWithCode(errno, "make", path);
    Descriptor folder = OpenScratch(path);
    if (!folder.is_open() && errno != ENOENT) return FailWithCode(errno, "open", path);
    if (folder.is_open() && flock(folder.get(), LOCK_EX) != 0) return FailWithCode(errno, "lock", path);
    // Another process may have taken it for a leftover before it was locked.
    if (folder.is_open() && !IsGone(folder))
      return std::unique_ptr<ScratchFolder>(new ScratchFolder(std::move(path), std::move(folder)));
  }
}

ScratchFolder::~ScratchFolder() {
  std::error_code error;
  std::filesystem::remove_all(path_, error);
}

}  // namespace firn
