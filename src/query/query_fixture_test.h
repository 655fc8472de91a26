#pragma once

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "query/query.h"
#include "query/result_writer.h"

namespace firn {

// A folder as a store, of which a query uses only List and Stat.
class FolderStore final : public ObjectStore {
 public:
  explicit FolderStore(std::filesystem::path root) : root_(std::move(root)) {}

  std::string Describe() const override { return "file://" + root_.string(); }
  Result<std::vector<ObjectInfo>> List(std::string_view prefix) override {
    std::vector<ObjectInfo> found;
    const auto folder = root_ / prefix;
    if (!std::filesystem::exists(folder)) return found;
    for (const auto& entry : std::filesystem::recursive_directory_iterator(folder))
      if (entry.is_regular_file())
        found.push_back({.key = std::filesystem::relative(entry.path(), root_).string(),
                         .size = static_cast<int64_t>(entry.file_size()),
                         .etag = {}});
    std::ranges::sort(found, {}, &ObjectInfo::key);
    return found;
  }
  Result<ObjectInfo> Stat(std::string_view key) override {
    if (on_stat) std::exchange(on_stat, nullptr)();
    if (!std::filesystem::exists(root_ / key)) return Fail(ErrorKind::kNotFound, std::string(key));
    return ObjectInfo{
        .key = std::string(key), .size = static_cast<int64_t>(std::filesystem::file_size(root_ / key)), .etag = {}};
  }

  Result<FolderListing> ListFolder(std::string_view) override { return Refuse(); }
  Result<Bytes> Read(const ObjectInfo&) override { return Refuse(); }
  Result<Bytes> ReadRange(const ObjectInfo& object, int64_t offset, int64_t length) override {
    Bytes bytes(static_cast<size_t>(length));
    std::ifstream file(root_ / object.key, std::ios::binary);
    if (!file.seekg(offset).read(bytes.data(), length)) return Fail(ErrorKind::kNotFound, object.key + " is not there");
    return bytes;
  }
  Result<std::unique_ptr<ObjectWriter>> Create(std::string_view) override { return Refuse(); }
  Status Link(std::string_view, std::string_view) override { return Refuse(); }
  Status Remove(std::string_view) override { return Refuse(); }
  Status RemovePrefix(std::string_view) override { return Refuse(); }
  Status ExchangeFolders(std::string_view, std::string_view) override { return Refuse(); }
  bool AtomicExchange() const override { return true; }

  std::function<void()> on_stat;  // called once, by the next Stat

 private:
  static std::unexpected<Error> Refuse() { return Fail(ErrorKind::kInternal, "a query does not do that"); }

  std::filesystem::path root_;
};

// A lake in a folder, with a catalog.
class QueryTest : public testing::Test {
 protected:
  QueryTest() {
    static int number = 0;
    root_ = std::filesystem::path(testing::TempDir()) /
            ("firn_query_" + std::to_string(::getpid()) + "_" + std::to_string(++number));
    std::filesystem::create_directories(root_);
    catalog_ = std::move(Catalog::Open((root_ / "catalog.db").string()).value());
    store_ = std::make_unique<FolderStore>(root_);
    files_ = std::make_unique<FolderFiles>(root_.string());
    service_ = std::make_unique<QueryService>(*catalog_, *store_, *files_, QueryOptions{.threads = 2});
  }
  ~QueryTest() override { std::filesystem::remove_all(root_); }

  [[nodiscard]] std::string PathOf(const ObjectKey& key) const { return (root_ / key).string(); }

  // Writes the rows of a SELECT as a file of the lake; `how` is COPY's options.
  void WriteFile(const ObjectKey& key, const std::string& select, const std::string& how = "FORMAT parquet") {
    std::filesystem::create_directories((root_ / key).parent_path());
    auto engine = SqlEngine::Open({.readable_files = {PathOf(key)}}).value();
    const Status copied =
        engine->Execute("COPY (" + select + ") TO " + QuoteLiteral(PathOf(key)) + " (" + how + ", USE_TMP_FILE false)");
    ASSERT_TRUE(copied.has_value()) << copied.error().Text();
  }
  void WriteText(const ObjectKey& key, const std::string& text) {
    std::filesystem::create_directories((root_ / key).parent_path());
    std::ofstream(root_ / key, std::ios::binary) << text;
  }

  static Type Make(TypeKind kind, std::vector<Field> children = {}) {
    Type type;
    type.kind = kind;
    type.precision = 12;
    type.scale = 2;
    type.children = std::move(children);
    return type;
  }

  TableRecord PutTable(const std::string& name, Schema schema, std::vector<std::string> keys = {},
                       const std::string& format = "parquet", Json options = Json::object()) {
    TableRecord table;
    table.name = TableName(name);
    table.location = name;
    table.format = format;
    table.partition_keys = std::move(keys);
    table.schema = std::move(schema);
    table.options = std::move(options);
    const Status put = catalog_->PutTable(table);
    EXPECT_TRUE(put.has_value()) << put.error().Text();
    return table;
  }

  void PutPartition(const TableRecord& table, const PartitionValues& values, const std::string& location) {
    const std::vector<PartitionRecord> partitions = {{.values = values, .location = location, .files = 1}};
    ASSERT_TRUE(catalog_->PutPartitions(table.name, partitions).has_value());
  }

  // Commits the files (each of its partition's values) as the table's new snapshot.
  void CommitFiles(const TableRecord& table, const std::vector<std::pair<PartitionValues, FileRecord>>& files,
                   bool settled = true) {
    Commit commit;
    const std::string id = "0000000000000" + std::to_string(100 + ++commits_);
    commit.run.id = RunId("jr_" + id);
    commit.run.job = JobName("job");
    commit.run.state = RunState::kRunning;
    ASSERT_TRUE(catalog_->CreateRun(commit.run).has_value());
    commit.run.state = RunState::kSucceeded;
    commit.snapshot.id = SnapshotId(id);
    commit.snapshot.table = table.name;
    commit.snapshot.run = commit.run.id;
    std::map<PartitionValues, PartitionRecord> partitions;
    for (const auto& [values, file] : files) {
      PartitionRecord& partition = partitions[values];
      partition.values = values;
      partition.location = table.location;
      partition.files += 1;
      partition.bytes += file.size;
      commit.files.push_back(file);
      commit.files.back().partition = PartitionName(table.partition_keys, values);
    }
    for (auto& [values, partition] : partitions) commit.partitions.push_back(partition);
    const Status applied = catalog_->Apply(commit);
    ASSERT_TRUE(applied.has_value()) << applied.error().Text();
    if (!settled) return;
    ASSERT_TRUE(catalog_->MarkSettled(commit.snapshot.id).has_value());
  }

  FileRecord File(const ObjectKey& key) {
    FileRecord file;
    file.key = key;
    file.size = static_cast<int64_t>(std::filesystem::file_size(root_ / key));
    file.checksum = std::to_string(++commits_);
    return file;
  }

  std::string Write(const std::string& sql, ResultFormat format) {
    auto result = service_->Run(sql);
    if (!result) return "error: " + result.error().Text();
    std::string text;
    const auto rows = WriteResult(**result, {.format = format}, [&](std::string_view part) -> Status {
      text += part;
      return {};
    });
    return rows.has_value() ? text : "error: " + rows.error().Text();
  }
  // The answer as CSV without its header.
  std::string Ask(const std::string& sql) {
    const std::string text = Write(sql, ResultFormat::kCsv);
    return text.starts_with("error") ? text : text.substr(text.find('\n') + 1);
  }
  Error ErrorOf(const std::string& sql) {
    auto result = service_->Run(sql);
    EXPECT_FALSE(result.has_value()) << sql;
    return result.has_value() ? Error{} : result.error();
  }

  std::filesystem::path root_;
  std::unique_ptr<Catalog> catalog_;
  std::unique_ptr<FolderStore> store_;
  std::unique_ptr<FolderFiles> files_;
  std::unique_ptr<QueryService> service_;
  int commits_ = 0;
};

}  // namespace firn
