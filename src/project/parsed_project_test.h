#pragma once

#include <gtest/gtest.h>

#include <cstdint>
#include <string>

#include "project/project.h"

namespace firn {

// 2025-11-03T01:00:00Z: still the 2nd in Sao Paulo.
constexpr int64_t kNow = 1'762'131'600'000'000'000;

// The project in /work/here with these two files; without an overlay it has no environment.
inline Project ParsedProject(const std::string& base, const std::string& overlay = "") {
  Result<Project> project = ParseProject("/work/here", overlay.empty() ? "" : "prod", base, overlay);
  EXPECT_TRUE(project.has_value()) << project.error().Text();
  return project.value_or(Project{});
}

}  // namespace firn
