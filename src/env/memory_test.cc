#include "env/memory.h"

#include <gtest/gtest.h>
#include <unistd.h>

#include <cstring>
#include <fstream>
#include <limits>
#include <memory>

namespace firn {
namespace {

TEST(PeakMemory, GrowsWithWhatIsTouchedAndDoesNotShrink) {
  constexpr size_t kSize = 64U << 20;
  int64_t before = PeakMemoryBytes();
  {
    auto block = std::make_unique_for_overwrite<char[]>(kSize);
    std::memset(block.get(), 1, kSize);
    EXPECT_EQ(block[kSize / 2], 1);
  }
  EXPECT_GT(before, 0);
  EXPECT_GE(PeakMemoryBytes(), before + static_cast<int64_t>(kSize / 2));
}

TEST(MachineMemory, IsPlausible) {
  EXPECT_GT(MachineMemoryBytes(), int64_t{64} << 20);
  EXPECT_LE(MachineMemoryBytes(), int64_t{sysconf(_SC_PHYS_PAGES)} * sysconf(_SC_PAGESIZE));
}

class GroupMemoryLimitTest : public testing::Test {
 protected:
  void SetUp() override {
    std::string pattern = (std::filesystem::temp_directory_path() / "firn_cgroup_XXXXXX").string();
    ASSERT_NE(mkdtemp(pattern.data()), nullptr);
    tree_ = pattern;
    std::filesystem::create_directories(tree_ / "a" / "b");
  }
  void TearDown() override { std::filesystem::remove_all(tree_); }

  void Limit(const std::string& group, const std::string& limit) {
    std::ofstream(tree_ / group / "memory.max") << limit << "\n";
  }

  std::filesystem::path tree_;
};

TEST_F(GroupMemoryLimitTest, IsTheTightestOnTheWay) {
  Limit("a", "1000");
  Limit("a/b", "5000");
  EXPECT_EQ(GroupMemoryLimit(tree_, "/a/b"), 1'000);
}

TEST_F(GroupMemoryLimitTest, IsNoneWhenNobodySaysSo) {
  Limit("a", "max");
  EXPECT_EQ(GroupMemoryLimit(tree_, "/a/b"), std::numeric_limits<int64_t>::max());
  EXPECT_EQ(GroupMemoryLimit(tree_ / "missing", "/"), std::numeric_limits<int64_t>::max());
}

}  // namespace
}  // namespace firn
