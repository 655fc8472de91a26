#pragma once

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <stdlib.h>

#include <filesystem>
#include <memory>
#include <string>
#include <vector>

#include "catalog/catalog.h"
#include "crawl/crawler.h"
#include "format/parquet_output.h"
#include "schema/names.h"
#include "store/faulty_store.h"
#include "store/memory_store.h"

namespace firn {

// A lake in memory and a catalog on disk, with one table "events" at landing/events.
class CrawlLake : public ::testing::Test {
 protected:
  CrawlLake() {
    std::string name = (std::filesystem::temp_directory_path() / "firn-crawl-XXXXXX").string();
    folder_ = ::mkdtemp(name.data());
    catalog_ = Catalog::Open((folder_ / "catalog.db").string()).value();
    options_.table.name = TableName("events");
    options_.table.location = "landing/events";
    options_.table.format = "parquet";
    options_.table.partition_keys = {"year", "month", "day"};
    options_.table.layout = PartitionLayout::kDate;
    options_.new_folders_only = false;
  }
  ~CrawlLake() override {
    catalog_.reset();
    std::filesystem::remove_all(folder_);
  }

  // A Parquet object of `rows` rows of NULLs; `fields` as in a struct's type name: "id:bigint,name:string".
  void PutParquet(const std::string& name, const std::string& fields, int64_t rows) {
    const Schema schema{ParseHiveType("struct<" + fields + ">").value().children};
    auto output = ParquetOutput::Create(NewObject(name), schema, {}).value();
    const std::vector<int16_t> zeros(static_cast<size_t>(rows), 0);
    ASSERT_TRUE(output->BeginRowGroup(rows));
    for (int i = 0; i < output->descriptor().num_columns(); ++i)
      output->Write(i, {.levels = rows, .rows = rows, .def = zeros.data(), .rep = zeros.data()});
    ASSERT_TRUE(output->EndRowGroup());
    ASSERT_TRUE(output->Finish());
  }

  void PutBytes(const std::string& name, std::string_view bytes) {
    auto writer = NewObject(name);
    ASSERT_TRUE(writer->Append(bytes));
    ASSERT_TRUE(writer->Finish());
  }

  void Remove(const std::string& name) { ASSERT_TRUE(memory_.Remove(KeyOf(name))); }

  Result<CrawlReport> TryCrawl(std::stop_token stop = {}) {
    calls_.clear();
    return Crawl({store_, *catalog_, pool_, clock_}, options_, progress_, std::move(stop));
  }

  CrawlReport MustCrawl() {
    auto report = TryCrawl();
    EXPECT_TRUE(report.has_value()) << report.error().Text();
    return report.value_or(CrawlReport{});
  }

  TableRecord Table() { return catalog_->GetTable(options_.table.name).value(); }

  // "id:bigint,name:string"
  std::string Columns() {
    std::string text;
    const TableRecord table = Table();
    for (const Field& field : table.schema.fields)
      text += (text.empty() ? "" : ",") + field.name + ":" + HiveTypeName(field.type);
    return text;
  }

  // "year=2025/...: 2 files, 30 rows", one for each partition.
  std::vector<std::string> Partitions() {
    const std::vector<std::string> keys = Table().partition_keys;
    std::vector<std::string> texts;
    const std::vector<PartitionRecord> partitions = catalog_->FindPartitions(options_.table.name, {}).value();
    for (const PartitionRecord& partition : partitions)
      texts.push_back(
          fmt::format("{}: {} files, {} rows", PartitionName(keys, partition.values), partition.files, partition.rows));
    return texts;
  }

  // Keys of the calls of one operation during the last crawl.
  std::vector<std::string> Asked(StoreOperation operation) const {
    std::vector<std::string> keys;
    for (const StoreCall& call : calls_)
      if (call.operation == operation) keys.push_back(call.key);
    return keys;
  }

  static std::string KeyOf(const std::string& name) { return "landing/events/" + name; }

  std::filesystem::path folder_;
  FakeClock clock_{1'000'000'000};
  MemoryStore memory_;
  std::vector<StoreCall> calls_;  // guarded by store_
  FaultyStore store_{memory_, [this](const StoreCall& call, int64_t) {
                       calls_.push_back(call);
                       return std::optional<Fault>();
                     }};
  WorkerPool pool_{3};
  std::unique_ptr<Catalog> catalog_;
  CrawlOptions options_;
  CrawlProgress progress_;

 private:
  std::unique_ptr<ObjectWriter> NewObject(const std::string& name) {
    (void)memory_.Remove(KeyOf(name));
    return memory_.Create(KeyOf(name)).value();
  }
};

}  // namespace firn
