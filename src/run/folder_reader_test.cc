#include <dirent.h>

#include <atomic>
#include <chrono>
#include <fstream>
#include <sstream>
#include <thread>

#include "run/run_fixture_test.h"
#include "store/local_store.h"

// On a local folder, even a program that just lists the folder and opens what it finds never sees a mix
// or a gap, as long as it lists in less than the time for which replaced files are kept.
namespace firn {
namespace {

struct TemporaryLake {
  TemporaryLake() {
    std::string name = "/tmp/firn-reader-XXXXXX";
    path = ::mkdtemp(name.data());
  }
  ~TemporaryLake() { std::filesystem::remove_all(path); }
  std::filesystem::path path;
};

std::vector<std::string> NamesIn(DIR* open) {
  std::vector<std::string> names;
  while (const dirent* entry = ::readdir(open))
    if (entry->d_name[0] != '.') names.emplace_back(entry->d_name);
  ::closedir(open);
  return names;
}

std::vector<std::string> NamesIn(const std::filesystem::path& folder) {
  DIR* const open = ::opendir(folder.c_str());
  return open == nullptr ? std::vector<std::string>() : NamesIn(open);
}

// Nothing when a file went away between the listing and its opening: the program lists again.
std::optional<std::set<std::string>> ReadAll(const std::filesystem::path& folder,
                                             const std::vector<std::string>& names) {
  std::set<std::string> generations;
  for (const std::string& name : names) {
    std::ifstream file(folder / name);
    if (!file) return std::nullopt;
    for (std::string line; std::getline(file, line);) generations.insert(line.substr(0, line.find(' ')));
  }
  return generations;
}

#ifdef FIRN_SANITIZED
constexpr int kOverwrites = 200;  // which take as long
#else
constexpr int kOverwrites = 1'000;
#endif

TEST(FolderReader, SeesNoMixAndNoGapThroughManyOverwrites) {
  TemporaryLake temporary;
  auto opened = OpenLocalStore(temporary.path, true);
  ASSERT_TRUE(opened.has_value()) << opened.error().Text();
  RunLake lake(std::move(*opened));
  lake.settings.readers_grace = std::chrono::milliseconds(10);
  lake.Boot();
  JobDefinition job = RunLake::Job();
  job.write.files = 3;
  const auto overwrite = [&](int generation) {
    ASSERT_TRUE(lake.store->RemovePrefix("landing").has_value());
    lake.Land("03", "a.csv", fmt::format("{0} a\n{0} b\n{0} c\n", generation));
    lake.MustRun(job);
  };
  overwrite(0);
  std::atomic<bool> over = false;
  std::atomic<int64_t> reads = 0;
  std::thread reader([&] {
    const auto folder = temporary.path / "consolidated/year=2025/month=11/day=03";
    while (!over) {
      const auto start = std::chrono::steady_clock::now();
      const std::vector<std::string> names = NamesIn(folder);
      if (std::chrono::steady_clock::now() - start > lake.settings.readers_grace) continue;
      EXPECT_EQ(names.size(), 3U);
      const auto generations = ReadAll(folder, names);
      if (!generations) continue;
      EXPECT_EQ(generations->size(), 1U);
      ++reads;
    }
  });
  for (int generation = 1; generation <= kOverwrites; ++generation) overwrite(generation);
  over = true;
  reader.join();
  EXPECT_GT(reads, 0);
  const std::string last = std::to_string(kOverwrites);
  EXPECT_EQ(lake.Listed(), (std::vector<std::string>{last + " a", last + " b", last + " c"}));
}

// The reader opens the folder, then the exchange comes, then it reads the names.
TEST(FolderReader, AFolderThatWasOpenBeforeTheExchangeStillHasItsNames) {
  TemporaryLake temporary;
  RunLake lake(OpenLocalStore(temporary.path, true).value());
  lake.settings.readers_grace = std::chrono::hours(1);
  lake.Boot();
  lake.Land("03", "a.csv", "1\n");
  lake.MustRun(RunLake::Job());  // the first one replaces nothing, and does not wait
  const auto folder = temporary.path / "consolidated/year=2025/month=11/day=03";
  const std::vector<std::string> before = NamesIn(folder);
  DIR* const open = ::opendir(folder.c_str());
  ASSERT_NE(open, nullptr);
  std::stop_source stop;
  std::thread run([&] { EXPECT_EQ(lake.Run(RunLake::Job(), {}, stop.get_token())->state, RunState::kSucceeded); });
  while (!lake.catalog->UnsettledSnapshots()->empty() || NamesIn(folder) == before) std::this_thread::yield();
  EXPECT_EQ(NamesIn(open), before);
  stop.request_stop();  // ends the grace, and not the run
  run.join();
  EXPECT_TRUE(lake.Objects(".firn/staging").empty());
}

}  // namespace
}  // namespace firn
