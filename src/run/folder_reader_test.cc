#include <dirent.h>

#include <atomic>
#include <fstream>
#include <sstream>
#include <thread>

#include "run/run_fixture_test.h"
#include "store/local_store.h"

// design.md 4.1: on a local folder, even a program that just lists the folder and opens what it finds never sees a mix
// or a gap.
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

std::vector<std::string> NamesIn(const std::filesystem::path& folder) {
  std::vector<std::string> names;
  DIR* const open = ::opendir(folder.c_str());
  if (open == nullptr) return names;
  while (const dirent* entry = ::readdir(open))
    if (entry->d_name[0] != '.') names.emplace_back(entry->d_name);
  ::closedir(open);
  return names;
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

TEST(FolderReader, SeesNoMixAndNoGapThroughManyOverwrites) {
  constexpr int kOverwrites = 200;
  TemporaryLake temporary;
  auto opened = OpenLocalStore(temporary.path, true);
  ASSERT_TRUE(opened.has_value()) << opened.error().Text();
  RunLake lake(std::move(*opened));
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
      const std::vector<std::string> names = NamesIn(folder);
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
  EXPECT_EQ(lake.Listed(), (std::vector<std::string>{"200 a", "200 b", "200 c"}));
}

}  // namespace
}  // namespace firn
