#include "env/log.h"

#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include <fstream>
#include <sstream>
#include <string>
#include <thread>
#include <vector>

#include "env/file_size_limit_test.h"

namespace firn {
namespace {

constexpr int64_t kNow = 1'762'152'332'123'456'789;  // 2025-11-03T06:45:32.123456789Z

class JsonLogTest : public testing::Test {
 protected:
  void SetUp() override {
    std::string pattern = (std::filesystem::temp_directory_path() / "firn_log_XXXXXX").string();
    ASSERT_NE(mkdtemp(pattern.data()), nullptr);
    folder_ = pattern;
  }
  void TearDown() override { std::filesystem::remove_all(folder_); }

  std::filesystem::path file() const { return folder_ / "run.log"; }

  std::vector<std::string> Lines() const {
    std::ifstream in(file());
    std::vector<std::string> lines;
    for (std::string line; std::getline(in, line);) lines.push_back(line);
    return lines;
  }

  FakeClock clock_{kNow};
  std::filesystem::path folder_;
};

TEST_F(JsonLogTest, WritesOneObjectALineWithItsFieldsInOrder) {
  auto log = JsonLog::Open(file(), clock_);
  ASSERT_TRUE(log);
  (*log)->Write(LogLevel::kInfo, "started", {{"run_id", "jr_1"}, {"files", 3}});
  (*log)->Write(LogLevel::kError, "ended");
  EXPECT_EQ(Lines(), (std::vector<std::string>{
                         R"({"time":"2025-11-03T06:45:32.123456+00:00","level":"info","message":"started",)"
                         R"("run_id":"jr_1","files":3})",
                         R"({"time":"2025-11-03T06:45:32.123456+00:00","level":"error","message":"ended"})"}));
}

TEST_F(JsonLogTest, LeavesOutWhatIsBelowItsLevel) {
  auto log = JsonLog::Open(file(), clock_, LogLevel::kWarning);
  ASSERT_TRUE(log);
  (*log)->Write(LogLevel::kDebug, "a");
  (*log)->Write(LogLevel::kInfo, "b");
  (*log)->Write(LogLevel::kWarning, "c");
  EXPECT_EQ(Lines().size(), 1U);
}

TEST_F(JsonLogTest, AppendsToWhatIsThere) {
  for (int i = 0; i < 2; ++i) {
    auto log = JsonLog::Open(file(), clock_);
    ASSERT_TRUE(log);
    (*log)->Write(LogLevel::kInfo, "again");
  }
  EXPECT_EQ(Lines().size(), 2U);
}

TEST_F(JsonLogTest, EndsALineThatWasCutBeforeTheNext) {
  std::ofstream(file()) << "whole\n{\"time\":\"20";
  auto log = JsonLog::Open(file(), clock_);
  ASSERT_TRUE(log);
  (*log)->Write(LogLevel::kInfo, "next");
  (*log)->Write(LogLevel::kInfo, "and next");
  ASSERT_EQ(Lines().size(), 4U);
  EXPECT_EQ(Lines()[1], "{\"time\":\"20");
  EXPECT_EQ(Json::parse(Lines()[2])["message"], "next");
}

TEST_F(JsonLogTest, EndsALineOfItsOwnThatWasCut) {
  auto log = JsonLog::Open(file(), clock_);
  ASSERT_TRUE(log);
  {
    const FileSizeLimit limit(40);  // in the middle of the first line
    (*log)->Write(LogLevel::kInfo, "cut");
    (*log)->Write(LogLevel::kInfo, "not begun");
  }
  (*log)->Write(LogLevel::kInfo, "next");
  ASSERT_EQ(Lines().size(), 2U);
  EXPECT_EQ(Lines()[0].size(), 40U);
  EXPECT_EQ(Json::parse(Lines()[1])["message"], "next");
}

TEST_F(JsonLogTest, StaysOneLineOfJsonWhateverTheMessage) {
  auto log = JsonLog::Open(file(), clock_);
  ASSERT_TRUE(log);
  (*log)->Write(LogLevel::kInfo, "two\nlines, a \"quote\", and \xff no UTF-8");
  ASSERT_EQ(Lines().size(), 1U);
  EXPECT_EQ(Json::parse(Lines()[0])["message"], "two\nlines, a \"quote\", and \xEF\xBF\xBD no UTF-8");
}

TEST_F(JsonLogTest, KeepsAFieldThatIsNamedAsOneOfItsOwn) {
  auto log = JsonLog::Open(file(), clock_);
  ASSERT_TRUE(log);
  (*log)->Write(LogLevel::kInfo, "mine", {{"message", "theirs"}});
  Json line = Json::parse(Lines().at(0));
  EXPECT_EQ(line["message"], "mine");
  EXPECT_EQ(line["message_"], "theirs");
}

TEST_F(JsonLogTest, KeepsLinesWholeWhenThreadsWriteAtOnce) {
  auto log = JsonLog::Open(file(), clock_);
  ASSERT_TRUE(log);
  {
    std::vector<std::jthread> writers;
    for (int writer = 0; writer < 4; ++writer) {
      writers.emplace_back([&] {
        for (int i = 0; i < 250; ++i) (*log)->Write(LogLevel::kInfo, std::string(200, 'x'), {{"i", i}});
      });
    }
  }
  std::vector<std::string> lines = Lines();
  EXPECT_EQ(lines.size(), 1'000U);
  for (const std::string& line : lines) EXPECT_TRUE(Json::accept(line)) << line;
}

TEST_F(JsonLogTest, GoesToStderrWhenAsked) {
  testing::internal::CaptureStderr();
  JsonLog::ToStderr(clock_)->Write(LogLevel::kInfo, "hello");
  EXPECT_TRUE(testing::internal::GetCapturedStderr().ends_with("\"message\":\"hello\"}\n"));
}

TEST_F(JsonLogTest, RefusesAFileInAFolderThatIsNotThere) {
  auto log = JsonLog::Open(folder_ / "missing" / "run.log", clock_);
  ASSERT_FALSE(log);
  EXPECT_EQ(log.error().kind, ErrorKind::kNotFound);
  EXPECT_NE(log.error().message.find("missing/run.log"), std::string::npos);
}

TEST_F(JsonLogTest, RefusesAFileThatItMayNotWrite) {
  // A file of the kernel that refuses even root.
  auto log = JsonLog::Open("/proc/sys/kernel/ostype", clock_);
  ASSERT_FALSE(log);
  EXPECT_EQ(log.error().kind, ErrorKind::kPermission);
}

TEST_F(JsonLogTest, ReportsAFolderAsAnIoError) {
  auto log = JsonLog::Open(folder_, clock_);
  ASSERT_FALSE(log);
  EXPECT_EQ(log.error().kind, ErrorKind::kIo);
}

TEST_F(JsonLogTest, AFullDiskDoesNotStopTheCaller) {
  auto log = JsonLog::Open("/dev/full", clock_);
  ASSERT_TRUE(log);
  (*log)->Write(LogLevel::kInfo, "lost");
}

TEST(FieldsLog, AddsItsFieldsToEveryLine) {
  MemoryLog memory;
  FieldsLog log(memory, {{"run_id", "jr_1"}});
  log.Write(LogLevel::kInfo, "a");
  log.Write(LogLevel::kInfo, "b", {{"files", 2}});
  ASSERT_EQ(memory.Lines().size(), 2U);
  EXPECT_EQ(memory.Lines()[0].fields, (Json{{"run_id", "jr_1"}}));
  EXPECT_EQ(memory.Lines()[1].fields, (Json{{"run_id", "jr_1"}, {"files", 2}}));
}

TEST(MemoryLog, KeepsWhatWasWritten) {
  MemoryLog log;
  log.Write(LogLevel::kWarning, "careful", {{"rows", 1}});
  ASSERT_EQ(log.Lines().size(), 1U);
  EXPECT_EQ(log.Lines()[0].level, LogLevel::kWarning);
  EXPECT_EQ(log.Lines()[0].message, "careful");
  EXPECT_EQ(log.Lines()[0].fields["rows"], 1);
}

TEST(NullLog, SaysNothing) {
  testing::internal::CaptureStderr();
  NullLog().Write(LogLevel::kError, "nobody hears this");
  EXPECT_EQ(testing::internal::GetCapturedStderr(), "");
}

TEST(LogLevel, HasAName) {
  EXPECT_EQ(NameOf(LogLevel::kDebug), "debug");
  EXPECT_EQ(NameOf(LogLevel::kInfo), "info");
  EXPECT_EQ(NameOf(LogLevel::kWarning), "warning");
  EXPECT_EQ(NameOf(LogLevel::kError), "error");
}

}  // namespace
}  // namespace firn
