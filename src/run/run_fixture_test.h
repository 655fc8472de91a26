#pragma once

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <stdlib.h>

#include <algorithm>
#include <filesystem>
#include <functional>
#include <map>
#include <memory>
#include <set>
#include <string>
#include <vector>

#include "run/run_service.h"
#include "store/memory_store.h"

namespace firn {

inline std::vector<std::string> LinesOf(std::string_view text) {
  std::vector<std::string> lines;
  for (size_t start = 0; start < text.size();) {
    const size_t end = std::min(text.find('\n', start), text.size());
    lines.emplace_back(text.substr(start, end - start));
    start = end + 1;
  }
  return lines;
}

inline void PutObject(ObjectStore& store, const std::string& key, std::string_view bytes) {
  auto writer = store.Create(key);
  ASSERT_TRUE(writer.has_value()) << writer.error().Text();
  ASSERT_TRUE((*writer)->Append(bytes).has_value());
  ASSERT_TRUE((*writer)->Finish().has_value());
}

// Stands for the engine: a record is a line; repeated lines of a partition are duplicates; the survivors of each
// partition go, sorted, into `write.files` files. An object named bad-* is set aside.
class FakeExecutor {
 public:
  std::function<void()> before_work;  // in the middle of a run
  std::function<Result<ExecuteOutcome>(std::stop_token)> instead;
  std::vector<ExecuteRequest> requests;

  Result<ExecuteOutcome> operator()(const ExecuteRequest& request, const ProgressCallback&, std::stop_token stop) {
    requests.push_back(request);
    if (before_work) before_work();
    if (instead) return instead(stop);
    if (stop.stop_requested()) return Fail(ErrorKind::kStopped, "stopped");
    ExecuteOutcome outcome;
    std::map<PartitionValues, std::set<std::string>> survivors;
    for (const InputFile& input : request.inputs) FIRN_TRY(Read(request, input, outcome, survivors));
    if (request.partition_by_rows) FIRN_TRY(DealOut(request, outcome, survivors));
    for (const auto& [partition, lines] : survivors) FIRN_TRY(Write(request, partition, lines, outcome));
    outcome.output_schema.fields = {{"record", {.kind = TypeKind::kString}}};
    return outcome;
  }

 private:
  // Rows that say their partition: by whether they end in an odd digit.
  static Status DealOut(const ExecuteRequest& request, ExecuteOutcome& outcome,
                        std::map<PartitionValues, std::set<std::string>>& survivors) {
    std::map<PartitionValues, std::set<std::string>> dealt;
    for (const auto& [from, lines] : survivors)
      for (const std::string& line : lines) dealt[{{(line.back() - '0') % 2 == 0 ? "even" : "odd"}}].insert(line);
    std::vector<PartitionValues> partitions;
    for (const auto& [partition, lines] : dealt) partitions.push_back(partition);
    FIRN_TRY_ASSIGN(const std::vector<InputFile> existing, request.on_partitions(partitions));
    for (const InputFile& input : existing) FIRN_TRY(Read(request, input, outcome, dealt));
    survivors = std::move(dealt);
    return {};
  }

  static Status Read(const ExecuteRequest& request, const InputFile& input, ExecuteOutcome& outcome,
                     std::map<PartitionValues, std::set<std::string>>& survivors) {
    if (input.object.key.find("/bad-") != std::string::npos) {
      outcome.bad_files.push_back({input.object.key, "it is bad"});
      return {};
    }
    ObjectStore& store = input.store == nullptr ? *request.store : *input.store;
    FIRN_TRY_ASSIGN(const Bytes bytes, store.Read(input.object));
    for (std::string& line : LinesOf(bytes.view())) {
      if (!input.existing) ++outcome.records_read;
      const bool fresh = survivors[input.partition].insert(std::move(line)).second;
      if (!fresh && !input.existing) ++outcome.duplicates_removed;
    }
    return {};
  }

  static Status Write(const ExecuteRequest& request, const PartitionValues& partition,
                      const std::set<std::string>& lines, ExecuteOutcome& outcome) {
    const WriteSpec& write = request.job->write;
    std::vector<std::string> texts(static_cast<size_t>(write.files));
    std::vector<int64_t> rows(texts.size());
    size_t at = 0;
    for (const std::string& line : lines) {
      texts[at % texts.size()] += line + "\n";
      ++rows[at++ % texts.size()];
    }
    const std::string folder = PartitionName(request.partition_keys, partition);
    for (size_t i = 0; i < texts.size() && rows[i] > 0; ++i) {
      const std::string name = write.names == FileNames::kPlain
                                   ? fmt::format("part-{:05}.csv", i)
                                   : fmt::format("part-{:05}-{}.csv", i, request.commit_id);
      const std::string prefix = request.staging_prefix + (folder.empty() ? "" : "/" + folder);
      FIRN_TRY_ASSIGN(auto writer, request.store->Create(prefix + "/" + name));
      FIRN_TRY(writer->Append(texts[i]));
      FIRN_TRY_ASSIGN(const ObjectInfo object, writer->Finish());
      outcome.outputs.push_back({partition, name, object, rows[i], "c0ffee"});
      outcome.records_written += rows[i];
      outcome.bytes_written += object.size;
    }
    return {};
  }
};

// A lake with the tables `landing` (YYYY/MM/DD) and `consolidated` (key=value), and a service that can die and start
// again as another process.
class RunLake {
 public:
  RunLake() : RunLake(std::make_unique<MemoryStore>()) {}
  explicit RunLake(std::unique_ptr<ObjectStore> lake) : store(std::move(lake)) {
    const std::string base = std::filesystem::is_directory("/dev/shm") ? "/dev/shm" : "/tmp";
    std::string name = base + "/firn-run-XXXXXX";
    folder_ = ::mkdtemp(name.data());
    auto opened = Catalog::Open((folder_ / "catalog.db").string());
    EXPECT_TRUE(opened.has_value()) << opened.error().Text();
    catalog = std::move(*opened);
    clock.Set(1'762'151'400'000'000'000);  // 2025-11-03T06:30:00Z
    DeclareTable("landing", PartitionLayout::kDate);
    DeclareTable("consolidated", PartitionLayout::kKeyValue);
    Boot();
  }
  RunLake(const RunLake&) = delete;
  RunLake& operator=(const RunLake&) = delete;
  ~RunLake() {
    service.reset();
    catalog.reset();
    std::filesystem::remove_all(folder_);
  }

  // A new process over the given store and catalog; the last one is gone.
  RunService& Boot(ObjectStore* over_store = nullptr, Catalog* over_catalog = nullptr) {
    service.reset();
    const ProcessMark self{++pid_, 1};
    service = std::make_unique<RunService>(
        RunServices{over_store != nullptr ? *over_store : *store, over_catalog != nullptr ? *over_catalog : *catalog,
                    clock, random, log, pool, std::ref(executor), sources},
        settings, self,
        [this](const ProcessMark& process) { return process.pid == pid_ || living.contains(process.pid); });
    return *service;
  }

  void DeclareTable(const std::string& name, PartitionLayout layout,
                    const std::vector<std::string>& keys = {"year", "month", "day"}) {
    TableRecord table;
    table.name = TableName(name);
    table.location = name;
    table.format = "csv";
    table.partition_keys = keys;
    table.layout = layout;
    ASSERT_TRUE(catalog->PutTable(table).has_value());
  }

  void Land(const std::string& day, const std::string& name, std::string_view lines) {
    const std::string folder = "landing/2025/11/" + day;
    PutObject(*store, folder + "/" + name, lines);
    const PartitionRecord partition{.values = {{"2025", "11", day}}, .location = folder};
    ASSERT_TRUE(catalog->PutPartitions(TableName("landing"), {&partition, 1}).has_value());
  }

  static JobDefinition Job(WriteMode mode = WriteMode::kOverwritePartitions, const std::string& date = "2025-11-03") {
    JobDefinition job;
    job.name = JobName("consolidate");
    job.read.table = TableName("landing");
    job.read.date = date;
    job.write.table = TableName("consolidated");
    job.write.mode = mode;
    job.write.format = FileFormat::kCsv;
    job.publish = PublishSpec{"consolidation_completed", "chargeback-consolidation-events"};
    job.executions_per_day = 4;
    return job;
  }

  Result<RunRecord> Run(const JobDefinition& job, const RunOptions& options = {}, std::stop_token stop = {}) {
    return service->Run(job, options, {}, std::move(stop));
  }
  RunRecord MustRun(const JobDefinition& job, const RunOptions& options = {}) {
    auto run = Run(job, options);
    EXPECT_TRUE(run.has_value()) << run.error().Text();
    if (!run) return {};
    EXPECT_EQ(run->state, RunState::kSucceeded) << run->error_message;
    return *run;
  }

  // The rows of the written table, for a program that lists the folder, and through the catalog.
  std::vector<std::string> Listed(const std::string& folder = "consolidated") {
    std::vector<std::string> lines;
    for (const ObjectInfo& object : Objects(folder)) Append(object, lines);
    std::ranges::sort(lines);
    return lines;
  }
  std::vector<std::string> Catalogued(const std::string& table = "consolidated") {
    std::vector<std::string> lines;
    const auto current = catalog->CurrentFiles(TableName(table), std::nullopt);
    EXPECT_TRUE(current.has_value());
    for (const FileRecord& file : current->files) {
      const auto staged = file.staged_key.empty() ? store->Stat(file.key) : store->Stat(file.staged_key);
      EXPECT_TRUE(staged.has_value()) << file.key << " is nowhere";
      if (staged) Append(*staged, lines);
    }
    std::ranges::sort(lines);
    return lines;
  }
  std::vector<ObjectInfo> Objects(const std::string& folder) {
    auto objects = store->List(folder);
    EXPECT_TRUE(objects.has_value()) << objects.error().Text();
    return objects.value_or(std::vector<ObjectInfo>());
  }
  std::vector<EventRecord> Events() { return catalog->ListEvents(0, 1000).value(); }
  std::vector<RunRecord> Runs() { return catalog->ListRuns(JobName(), 1000).value(); }
  int64_t BookmarkSize() { return catalog->CountBookmark(JobName("consolidate")).value(); }
  bool Logged(std::string_view part) {
    const auto lines = log.Lines();
    return std::ranges::any_of(lines, [&](const auto& line) { return line.message.find(part) != std::string::npos; });
  }

  std::unique_ptr<ObjectStore> store;
  std::unique_ptr<Catalog> catalog;
  FakeClock clock;
  SeededRandom random{1};
  MemoryLog log;
  WorkerPool pool{1};
  FakeExecutor executor;
  SourceScanner* sources = nullptr;  // before Boot
  RunSettings settings{.time_zone = "America/Sao_Paulo",
                       .temp_root = "",
                       .heartbeat = std::chrono::hours(1),
                       .lease_poll = std::chrono::milliseconds(1),
                       .readers_grace = std::chrono::milliseconds(0)};
  std::set<int64_t> living;  // pids besides the current one
  std::unique_ptr<RunService> service;
  [[nodiscard]] int64_t pid() const { return pid_; }

 private:
  void Append(const ObjectInfo& object, std::vector<std::string>& lines) {
    const auto bytes = store->Read(object);
    EXPECT_TRUE(bytes.has_value()) << bytes.error().Text();
    if (!bytes) return;
    for (std::string& line : LinesOf(bytes->view())) lines.push_back(std::move(line));
  }

  std::filesystem::path folder_;
  int64_t pid_ = 1000;
};

}  // namespace firn
