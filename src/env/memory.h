#pragma once

#include <cstdint>
#include <filesystem>
#include <string_view>

namespace firn {

// The most memory that this process has held at once (resident), in bytes.
[[nodiscard]] int64_t PeakMemoryBytes();

// What this process may use: the machine's memory, or less where a control group (a container) says so.
[[nodiscard]] int64_t MachineMemoryBytes();

// The tightest memory.max of `group` ("/a/b") and those above it in a cgroup2 tree; INT64_MAX when none is set. For
// tests.
[[nodiscard]] int64_t GroupMemoryLimit(const std::filesystem::path& tree, std::string_view group);

}  // namespace firn
