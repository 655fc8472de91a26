#include "pipeline/scratch_space.h"

#include <arrow/api.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>

#include "store/memory_store.h"

namespace firn {
namespace {

class Scratch : public ::testing::Test {
 protected:
  static constexpr int64_t kRows = 1'000;

  void TearDown() override { std::filesystem::remove_all(folder_); }

  static std::shared_ptr<arrow::RecordBatch> Batch(const std::shared_ptr<arrow::DataType>& type = arrow::int64()) {
    const auto column = arrow::MakeArrayOfNull(type, kRows).ValueOrDie();
    return arrow::RecordBatch::Make(arrow::schema({arrow::field("n", type)}), kRows, {column});
  }

  static InputFile Stored(ScratchSpace& scratch, const ObjectKey& key,
                          const std::shared_ptr<arrow::RecordBatch>& batch = Batch()) {
    InputFile input;
    const Status stored = scratch.Store(key, std::span(&batch, 1), input);
    EXPECT_TRUE(stored) << stored.error().message;
    return input;
  }

  const std::string folder_ = ::testing::TempDir() + "firn_scratch_space";
};

TEST_F(Scratch, KeepsRowsInMemoryWhileThereIsSome) {
  // A batch has some 8,125 bytes; an eighth of the budget holds two.
  ScratchSpace scratch(folder_, 8 * 17'000);
  const InputFile first = Stored(scratch, "a/1");
  {
    const InputFile second = Stored(scratch, "a/2");
    EXPECT_NE(first.rows, nullptr);
    EXPECT_NE(second.rows, nullptr);
    EXPECT_FALSE(std::filesystem::exists(folder_));
    const InputFile third = Stored(scratch, "a/3");
    EXPECT_EQ(third.rows, nullptr);
    ASSERT_NE(third.store, nullptr);
    EXPECT_EQ(third.store->Stat("a/3").value(), third.object);
  }
  EXPECT_NE(Stored(scratch, "a/4").rows, nullptr) << "the second's memory is free again";
  EXPECT_TRUE(scratch.RemovePrefix("a"));
  EXPECT_FALSE(std::filesystem::exists(folder_ + "/a/3"));
}

TEST_F(Scratch, TheFolderGoesWithIt) {
  {
    (void)Stored(*std::make_unique<ScratchSpace>(folder_, 8), "a/1");
  }
  EXPECT_FALSE(std::filesystem::exists(folder_));
}

TEST_F(Scratch, RareTypesAreWrittenAtOnce) {
  ScratchSpace scratch("", 0);
  const InputFile input = Stored(scratch, "a/1", Batch(arrow::float16()));
  EXPECT_EQ(input.rows, nullptr);
  EXPECT_TRUE(input.store->Stat("a/1"));
}

}  // namespace
}  // namespace firn
