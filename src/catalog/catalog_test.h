#pragma once

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <stdlib.h>
#include <ctime>

#include <filesystem>
#include <memory>
#include <string>
#include <vector>

#include "catalog/sqlite_catalog.h"

namespace firn {

// A folder of its own, and a catalog in it.
class CatalogTest : public ::testing::Test {
 protected:
  CatalogTest() {
    std::string name = (std::filesystem::temp_directory_path() / "firn-catalog-XXXXXX").string();
    folder_ = ::mkdtemp(name.data());
  }
  ~CatalogTest() override {
    catalog_.reset();
    std::filesystem::remove_all(folder_);
  }

  [[nodiscard]] std::string Path() const { return (folder_ / "catalog.db").string(); }

  static std::unique_ptr<SqliteCatalog> MustOpen(const std::string& path, const DatabaseOptions& options = {}) {
    auto catalog = SqliteCatalog::Open(path, options);
    EXPECT_TRUE(catalog.has_value()) << catalog.error().Text();
    return catalog ? std::move(*catalog) : nullptr;
  }
  SqliteCatalog& Lake() {
    if (catalog_ == nullptr) catalog_ = MustOpen(Path());
    return *catalog_;
  }

  // A table of keys year, month, day with three columns.
  static TableRecord Sales(const std::string& name = "sales") {
    TableRecord table;
    table.name = TableName(name);
    table.location = "consolidated/" + name;
    table.format = "parquet";
    table.partition_keys = {"year", "month", "day"};
    table.schema.fields = {{"id", {.kind = TypeKind::kInt64}, false},
                           {"amount", {.kind = TypeKind::kDecimal, .precision = 12, .scale = 2}},
                           {"note", {.kind = TypeKind::kString}}};
    table.options = {{"tags", {{"team", "payments"}}}};
    table.created_ns = 100;
    table.updated_ns = 100;
    return table;
  }
  static PartitionRecord Day(const std::string& day) {
    return {.values = {{"2025", "11", day}}, .location = "consolidated/sales/2025/11/" + day};
  }
  static std::string NameOfDay(const std::string& day) { return "year=2025/month=11/day=" + day; }
  static FileRecord File(const std::string& day, const std::string& name, int64_t rows = 10) {
    const std::string key = "consolidated/sales/2025/11/" + day + "/" + name;
    return {NameOfDay(day), key, ".staging/" + name, rows * 100, rows, "c0ffee"};
  }
  static RunRecord Run(const std::string& id, const std::string& job = "consolidate") {
    RunRecord run;
    run.id = RunId(id);
    run.job = JobName(job);
    run.state = RunState::kRunning;
    run.trigger = "manual";
    run.started_ns = 1000;
    run.arguments = {{"PARTITION_DATE", "2025-11-03"}};
    return run;
  }
  static RunRecord Ended(RunRecord run, RunState state) {
    run.state = state;
    run.completed_ns = 2000;
    return run;
  }
  // The commit of a running run that replaces `days` with `files`.
  static Commit CommitOf(const RunRecord& run, const std::string& snapshot, const std::vector<std::string>& days,
                         std::vector<FileRecord> files) {
    Commit commit;
    commit.snapshot.id = SnapshotId(snapshot);
    commit.snapshot.table = TableName("sales");
    commit.snapshot.run = run.id;
    commit.snapshot.created_ns = 1500;
    for (const std::string& day : days) commit.partitions.push_back(Day(day));
    commit.files = std::move(files);
    commit.run = Ended(run, RunState::kSucceeded);
    return commit;
  }
  // Makes the run and commits it.
  void Write(const std::string& snapshot, const std::vector<std::string>& days, std::vector<FileRecord> files) {
    const RunRecord run = Run("jr_" + snapshot);
    ASSERT_EQ(Problem(Lake().CreateRun(run)), "");
    ASSERT_EQ(Problem(Lake().Apply(CommitOf(run, snapshot, days, std::move(files)))), "");
  }

  // Processor time, not the wall's: what a busy machine does meanwhile is not ours.
  template <class Body>
  static double MillisecondsOf(Body body) {
    const auto now = [] {
      timespec time{};
      ::clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time);
      return static_cast<double>(time.tv_sec) * 1e3 + static_cast<double>(time.tv_nsec) / 1e6;
    };
    const double start = now();
    body();
    return now() - start;
  }

  template <class T>
  static std::string Problem(const Result<T>& result) {
    return result.has_value() ? "" : std::string(NameOf(result.error().kind)) + ": " + result.error().Text();
  }
  template <class T>
  static T Must(Result<T> result) {
    EXPECT_TRUE(result.has_value()) << result.error().Text();
    return result ? std::move(*result) : T();
  }
  static std::vector<std::string> Keys(const std::vector<FileRecord>& files) {
    std::vector<std::string> keys;
    for (const FileRecord& file : files) keys.push_back(file.key.substr(file.key.rfind('/') + 1));
    return keys;
  }

  std::filesystem::path folder_;
  std::unique_ptr<SqliteCatalog> catalog_;
};

}  // namespace firn
