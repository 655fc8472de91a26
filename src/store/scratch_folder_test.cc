#include "store/scratch_folder.h"

#include <gtest/gtest.h>

#include <fstream>

#include "base/test_folder_test.h"

namespace firn {
namespace {

size_t EntriesIn(const std::filesystem::path& folder) {
  return static_cast<size_t>(std::distance(std::filesystem::directory_iterator(folder), {}));
}

TEST(ScratchFolder, GoesWithItsOwner) {
  const TestFolder folder;
  const auto parent = folder.path() / "a" / "scratch";
  {
    const auto scratch = ScratchFolder::Make(parent.string());
    ASSERT_TRUE(scratch) << scratch.error().Text();
    std::ofstream((*scratch)->path() + "/x") << "x";
    EXPECT_EQ(EntriesIn(parent), 1U);
  }
  EXPECT_EQ(EntriesIn(parent), 0U);
}

TEST(ScratchFolder, RemovesWhatDeadProcessesLeftAndNothingOfTheLiving) {
  const TestFolder folder;
  const auto living = ScratchFolder::Make(folder.path().string());
  std::filesystem::create_directories(folder.path() / "0123456789abcdef" / "deep");
  const auto next = ScratchFolder::Make(folder.path().string());
  ASSERT_TRUE(living && next);
  EXPECT_TRUE(std::filesystem::exists((*living)->path()));
  EXPECT_TRUE(std::filesystem::exists((*next)->path()));
  EXPECT_EQ(EntriesIn(folder.path()), 2U);
}

TEST(ScratchFolder, SaysWhereItCannotBeMade) {
  const TestFolder folder;
  std::ofstream(folder.path() / "file") << "x";
  const auto scratch = ScratchFolder::Make((folder.path() / "file").string());
  ASSERT_FALSE(scratch);
  EXPECT_NE(scratch.error().message.find("/file"), std::string::npos) << scratch.error().Text();
}

}  // namespace
}  // namespace firn
