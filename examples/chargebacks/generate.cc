// Writes a landing zone like a payments company's: landing/chargebacks/YYYY/MM/DD/chargeback_NNNNN.parquet, thousands
// of small files.
#include <arrow/api.h>
#include <arrow/io/memory.h>
#include <fmt/format.h>
#include <parquet/arrow/writer.h>
#include <parquet/properties.h>
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

namespace chargebacks {
namespace {

constexpr int64_t kTypicalFileBytes = 96'000;

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

std::shared_ptr<arrow::Schema> FileSchema() {
  const auto instant = arrow::timestamp(arrow::TimeUnit::MICRO, "UTC");
  const auto address =
      arrow::struct_({arrow::field("city", arrow::utf8()), arrow::field("postal_code", arrow::utf8())});
  const auto customer =
      arrow::struct_({arrow::field("country", arrow::utf8()), arrow::field("segment", arrow::utf8()),
                      arrow::field("risk_score", arrow::float64()), arrow::field("address", address)});
  return arrow::schema({arrow::field("chargeback_id", arrow::utf8()), arrow::field("transaction_id", arrow::utf8()),
                        arrow::field("merchant_id", arrow::int64()), arrow::field("merchant_name", arrow::utf8()),
                        arrow::field("amount", arrow::decimal128(12, 2)), arrow::field("currency", arrow::utf8()),
                        arrow::field("status", arrow::utf8()), arrow::field("reason_code", arrow::utf8()),
                        arrow::field("network", arrow::utf8()), arrow::field("created_at", instant),
                        arrow::field("updated_at", instant), arrow::field("customer", customer),
                        arrow::field("note", arrow::utf8()), arrow::field("card_last4", arrow::utf8()),
                        arrow::field("is_fraud", arrow::boolean())});
}

// The builders of one file's columns; kept by a thread and used again for its next file.
class BatchBuilder {
 public:
  explicit BatchBuilder(std::shared_ptr<arrow::Schema> schema) : schema_(std::move(schema)) {}

  arrow::Status Add(const Chargeback& row) {
    ARROW_RETURN_NOT_OK(chargeback_id_.Append(row.chargeback_id));
    ARROW_RETURN_NOT_OK(transaction_id_.Append(row.transaction_id));
    ARROW_RETURN_NOT_OK(merchant_id_.Append(row.merchant_id));
    ARROW_RETURN_NOT_OK(merchant_name_.Append(row.merchant_name));
    ARROW_RETURN_NOT_OK(amount_.Append(arrow::Decimal128(row.amount_cents)));
    ARROW_RETURN_NOT_OK(currency_.Append(row.currency));
    ARROW_RETURN_NOT_OK(status_.Append(row.status));
    ARROW_RETURN_NOT_OK(reason_code_.Append(row.reason_code));
    ARROW_RETURN_NOT_OK(network_.Append(row.network));
    ARROW_RETURN_NOT_OK(created_at_.Append(row.created_at_us));
    ARROW_RETURN_NOT_OK(row.updated_at_us ? updated_at_.Append(*row.updated_at_us) : updated_at_.AppendNull());
    ARROW_RETURN_NOT_OK(country_.Append(row.country));
    ARROW_RETURN_NOT_OK(segment_.Append(row.segment));
    ARROW_RETURN_NOT_OK(risk_score_.Append(row.risk_score));
    ARROW_RETURN_NOT_OK(city_.Append(row.city));
    ARROW_RETURN_NOT_OK(postal_code_.Append(row.postal_code));
    ARROW_RETURN_NOT_OK(row.note ? note_.Append(*row.note) : note_.AppendNull());
    ARROW_RETURN_NOT_OK(card_last4_.Append(row.card_last4));
    return is_fraud_.Append(row.is_fraud);
  }

  arrow::Result<std::shared_ptr<arrow::RecordBatch>> Finish() {
    const auto customer = std::static_pointer_cast<arrow::StructType>(schema_->GetFieldByName("customer")->type());
    ARROW_ASSIGN_OR_RAISE(auto addresses, Struct(customer->GetFieldByName("address")->type(), {&city_, &postal_code_}));
    ARROW_ASSIGN_OR_RAISE(auto customers, Columns({&country_, &segment_, &risk_score_}));
    customers.push_back(addresses);
    const int64_t rows = addresses->length();
    ARROW_ASSIGN_OR_RAISE(
        auto columns, Columns({&chargeback_id_, &transaction_id_, &merchant_id_, &merchant_name_, &amount_, &currency_,
                               &status_, &reason_code_, &network_, &created_at_, &updated_at_}));
    columns.push_back(std::make_shared<arrow::StructArray>(customer, rows, customers));
    ARROW_ASSIGN_OR_RAISE(auto last, Columns({&note_, &card_last4_, &is_fraud_}));
    columns.insert(columns.end(), last.begin(), last.end());
    return arrow::RecordBatch::Make(schema_, rows, std::move(columns));
  }

 private:
  static arrow::Result<arrow::ArrayVector> Columns(const std::vector<arrow::ArrayBuilder*>& builders) {
    arrow::ArrayVector columns;
    for (arrow::ArrayBuilder* builder : builders) {
      ARROW_ASSIGN_OR_RAISE(auto column, builder->Finish());
      columns.push_back(std::move(column));
    }
    return columns;
  }
  static arrow::Result<std::shared_ptr<arrow::Array>> Struct(const std::shared_ptr<arrow::DataType>& type,
                                                             const std::vector<arrow::ArrayBuilder*>& builders) {
    ARROW_ASSIGN_OR_RAISE(auto children, Columns(builders));
    return std::make_shared<arrow::StructArray>(type, children.front()->length(), children);
  }

  std::shared_ptr<arrow::Schema> schema_;
  arrow::MemoryPool* pool_ = arrow::default_memory_pool();
  std::shared_ptr<arrow::DataType> instant_ = arrow::timestamp(arrow::TimeUnit::MICRO, "UTC");
  arrow::StringBuilder chargeback_id_, transaction_id_, merchant_name_, currency_, status_, reason_code_, network_;
  arrow::StringBuilder country_, segment_, city_, postal_code_, note_, card_last4_;
  arrow::Int64Builder merchant_id_;
  arrow::Decimal128Builder amount_{arrow::decimal128(12, 2), pool_};
  arrow::TimestampBuilder created_at_{instant_, pool_}, updated_at_{instant_, pool_};
  arrow::DoubleBuilder risk_score_;
  arrow::BooleanBuilder is_fraud_;
};

arrow::Result<std::shared_ptr<arrow::Buffer>> ToParquet(const arrow::RecordBatch& batch) {
  static const auto properties =
      parquet::WriterProperties::Builder().compression(parquet::Compression::SNAPPY)->build();
  static const auto arrow_properties = parquet::ArrowWriterProperties::Builder().store_schema()->build();
  ARROW_ASSIGN_OR_RAISE(auto sink, arrow::io::BufferOutputStream::Create(kTypicalFileBytes));
  ARROW_ASSIGN_OR_RAISE(auto writer, parquet::arrow::FileWriter::Open(*batch.schema(), arrow::default_memory_pool(),
                                                                      sink, properties, arrow_properties));
  ARROW_RETURN_NOT_OK(writer->NewRowGroup());
  for (const auto& column : batch.columns()) ARROW_RETURN_NOT_OK(writer->WriteColumnChunk(*column));
  ARROW_RETURN_NOT_OK(writer->Close());
  return sink->Finish();
}

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
    BatchBuilder builder(FileSchema());
    for (int64_t file = next_file_++; file < settings_.end_file; file = next_file_++) {
      arrow::Status status = WriteFile(file, builder);
      if (status.ok()) continue;
      const std::lock_guard lock(mutex_);
      failure_ = std::move(status);
      next_file_ = settings_.end_file;
    }
  }

  arrow::Status WriteFile(int64_t file, BatchBuilder& builder) {
    const auto first = static_cast<uint64_t>(file * settings_.rows);
    for (uint64_t slot = first; slot < first + static_cast<uint64_t>(settings_.rows); ++slot)
      ARROW_RETURN_NOT_OK(builder.Add(RowOf(day_, slot)));
    ARROW_ASSIGN_OR_RAISE(auto batch, builder.Finish());
    ARROW_ASSIGN_OR_RAISE(auto bytes, ToParquet(*batch));
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
