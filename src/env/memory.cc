#include "env/memory.h"

#include <unistd.h>

#include <algorithm>
#include <fstream>
#include <limits>
#include <string>

namespace firn {
namespace {

constexpr int64_t kNoLimit = std::numeric_limits<int64_t>::max();

int64_t ReadLimit(const std::filesystem::path& file) {
  std::ifstream in(file);
  int64_t limit = 0;
  return (in >> limit) ? limit : kNoLimit;  // "max" is no number
}

// The line "0::/path" names the group in the unified tree.
std::string OwnGroup() {
  std::ifstream in("/proc/self/cgroup");
  for (std::string line; std::getline(in, line);) {
    if (line.starts_with("0::")) return line.substr(3);
  }
  return "/";
}

}  // namespace

// From VmHWM and not getrusage: ru_maxrss survives exec, so a small program started by a large one would report the
// large one's.
int64_t PeakMemoryBytes() {
  constexpr std::string_view kName = "VmHWM:";
  std::ifstream in("/proc/self/status");
  for (std::string line; std::getline(in, line);) {
    if (line.starts_with(kName)) return std::stoll(line.substr(kName.size())) * 1024;
  }
  return 0;
}

int64_t GroupMemoryLimit(const std::filesystem::path& tree, std::string_view group) {
  std::filesystem::path folder = tree;
  int64_t limit = ReadLimit(folder / "memory.max");
  for (const auto& part : std::filesystem::path(group).relative_path()) {
    folder /= part;
    limit = std::min(limit, ReadLimit(folder / "memory.max"));
  }
  return limit;
}

int64_t MachineMemoryBytes() {
  int64_t machine = int64_t{sysconf(_SC_PHYS_PAGES)} * sysconf(_SC_PAGESIZE);
  int64_t version_one = ReadLimit("/sys/fs/cgroup/memory/memory.limit_in_bytes");
  return std::min({machine, version_one, GroupMemoryLimit("/sys/fs/cgroup", OwnGroup())});
}

}  // namespace firn
