// Writes a landing zone like a payments company's: landing/chargebacks/YYYY/MM/DD/chargeback_NNNNN.parquet, thousands
// of small files.
#include <fmt/format.h>
#include <CLI/CLI.hpp>

#include <algorithm>
#include <atomic>
#include <chrono>
#include <cmath>
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <memory>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

#include "chargeback.h"
#include "chargeback_file.h"

namespace chargebacks {
namespace {

struct Settings {
  std::string lake;
  std::string date;
  int64_t files = 10'000;
  int64_t rows = 500;
  double duplicates = 0.2;
  uint64_t seed = 7;
  unsigned threads = std::max(1U, std::thread::hardware_concurrency());
  std::string window = "1/1";
  bool json = false;
  int64_t first_file = 0;  // of the window
  int64_t end_file = 0;
};

class Generator {
 public:
  Generator(const Settings& settings, const Day& day, std::filesystem::path folder)
      : settings_(settings), day_(day), folder_(std::move(folder)), next_file_(settings.first_file) {}

  arrow::Status Run() {
    std::vector<std::jthread> threads;
    threads.reserve(settings_.threads);
    for (unsigned i = 0; i < settings_.threads; ++i) threads.emplace_back([this] { Work(); });
    threads.clear();
    return failure_;
  }
  int64_t bytes() const { return bytes_; }

 private:
  void Work() {
    FileMaker maker;
    for (int64_t file = next_file_++; file < settings_.end_file; file = next_file_++) {
      arrow::Status status = WriteFile(file, maker);
      if (status.ok()) continue;
      const std::lock_guard lock(mutex_);
      failure_ = std::move(status);
      next_file_ = settings_.end_file;
    }
  }

  arrow::Status WriteFile(int64_t file, FileMaker& maker) {
    const auto rows = static_cast<uint64_t>(settings_.rows);
    ARROW_ASSIGN_OR_RAISE(auto bytes, maker.Make(day_, static_cast<uint64_t>(file) * rows, rows));
    const std::filesystem::path path = folder_ / fmt::format("chargeback_{:05d}.parquet", file + 1);
    std::ofstream out(path, std::ios::binary);
    out.write(reinterpret_cast<const char*>(bytes->data()), bytes->size());
    out.close();
    if (!out) return arrow::Status::IOError("cannot write ", path.string());
    bytes_ += bytes->size();
    return arrow::Status::OK();
  }

  const Settings& settings_;
  const Day& day_;
  const std::filesystem::path folder_;
  std::atomic<int64_t> next_file_;
  std::atomic<int64_t> bytes_ = 0;
  std::mutex mutex_;
  arrow::Status failure_;  // guarded by mutex_ while threads run
};

// Throws CLI::ValidationError with a sentence for the user.
Day ReadDay(Settings& settings) {
  int year = 0;
  unsigned month = 0;
  unsigned day = 0;
  char extra = 0;
  if (settings.date.size() != 10 ||
      std::sscanf(settings.date.c_str(), "%4d-%2u-%2u%c", &year, &month, &day, &extra) != 3 ||
      !(std::chrono::year(year) / std::chrono::month(month) / std::chrono::day(day)).ok())
    throw CLI::ValidationError("--date", fmt::format("'{}' is not a date like 2025-11-03", settings.date));
  int64_t index = 0;
  int64_t count = 0;
  if (std::sscanf(settings.window.c_str(), "%ld/%ld%c", &index, &count, &extra) != 2 || count < 1 || index < 1 ||
      index > count)
    throw CLI::ValidationError("--window",
                               fmt::format("'{}' is not like 1/4: the first of four windows", settings.window));
  settings.first_file = settings.files * (index - 1) / count;
  settings.end_file = settings.files * index / count;
  const std::chrono::sys_days midnight = std::chrono::year(year) / std::chrono::month(month) / std::chrono::day(day);
  const auto rows = static_cast<uint64_t>(settings.files * settings.rows);
  const auto repeated = static_cast<uint64_t>(std::floor(static_cast<double>(rows) * settings.duplicates));
  return {.midnight_us = std::chrono::duration_cast<std::chrono::microseconds>(midnight.time_since_epoch()).count(),
          .seed = settings.seed,
          .rows = rows,
          .distinct = rows - repeated};
}

void Report(const Settings& settings, const Day& day, const std::string& folder, int64_t bytes, double seconds) {
  const int64_t files = settings.end_file - settings.first_file;
  if (settings.json) {
    fmt::print(
        "{{\"folder\": \"{}\", \"files\": {}, \"rows\": {}, \"bytes\": {}, \"day_rows\": {}, \"day_distinct\": {}, "
        "\"seconds\": {:.3f}}}\n",
        folder, files, files * settings.rows, bytes, day.rows, day.distinct, seconds);
  } else {
    fmt::print("{}: {} files, {} rows, {:.1f} MB in {:.1f} s (the whole day: {} rows of {} chargebacks)\n", folder,
               files, files * settings.rows, static_cast<double>(bytes) / 1e6, seconds, day.rows, day.distinct);
  }
}

int Main(int argc, char** argv) {
  Settings settings;
  CLI::App app(
      "Writes a day of made-up chargebacks as thousands of small Parquet files. The same options give the same bytes.");
  app.add_option("--out", settings.lake, "The lake: files go to LAKE/landing/chargebacks/YYYY/MM/DD/")->required();
  app.add_option("--date", settings.date, "The day, YYYY-MM-DD")->required();
  app.add_option("--files", settings.files, "Files of the day")
      ->check(CLI::Range(1, 10'000'000))
      ->capture_default_str();
  app.add_option("--rows", settings.rows, "Rows of each file")->check(CLI::Range(1, 1'000'000))->capture_default_str();
  app.add_option("--duplicates", settings.duplicates, "Share of rows that repeat an earlier chargeback_id")
      ->check(CLI::Range(0.0, 0.99))
      ->capture_default_str();
  app.add_option("--seed", settings.seed, "Another seed, other data")->capture_default_str();
  app.add_option("--threads", settings.threads, "Never changes what is written")
      ->check(CLI::Range(1, 1024))
      ->capture_default_str();
  app.add_option("--window", settings.window, "i/n: only the files of the i-th of n equal parts of the day")
      ->capture_default_str();
  app.add_flag("--json", settings.json, "Report as one JSON object");
  try {
    app.parse(argc, argv);
    const Day day = ReadDay(settings);
    const std::filesystem::path folder = std::filesystem::path(settings.lake) / "landing" / "chargebacks" /
                                         settings.date.substr(0, 4) / settings.date.substr(5, 2) /
                                         settings.date.substr(8, 2);
    std::filesystem::create_directories(folder);
    const auto start = std::chrono::steady_clock::now();
    Generator generator(settings, day, folder);
    if (const arrow::Status status = generator.Run(); !status.ok()) {
      fmt::print(stderr, "chargebacks_generate: {}\n", status.message());
      return 1;
    }
    Report(settings, day, folder.string(), generator.bytes(),
           std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count());
    return 0;
  } catch (const CLI::ParseError& error) {
    return app.exit(error) == 0 ? 0 : 2;
  } catch (const std::filesystem::filesystem_error& error) {
    fmt::print(stderr, "chargebacks_generate: {}\n", error.what());
    return 1;
  }
}

}  // namespace
}  // namespace chargebacks

int main(int argc, char** argv) {
  return chargebacks::Main(argc, argv);
}
