#include "chargeback_file.h"

#include <arrow/api.h>
#include <arrow/io/memory.h>
#include <parquet/arrow/writer.h>
#include <parquet/properties.h>

#include <utility>
#include <vector>

namespace chargebacks {
namespace {

constexpr int64_t kTypicalFileBytes = 96'000;

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

}  // namespace

class FileMaker::Columns : public BatchBuilder {
 public:
  Columns() : BatchBuilder(FileSchema()) {}
};

FileMaker::FileMaker() : columns_(std::make_unique<Columns>()) {}
FileMaker::~FileMaker() = default;

arrow::Result<std::shared_ptr<arrow::Buffer>> FileMaker::Make(const Day& day, uint64_t first_slot, uint64_t rows) {
  for (uint64_t slot = first_slot; slot < first_slot + rows; ++slot)
    ARROW_RETURN_NOT_OK(columns_->Add(RowOf(day, slot)));
  ARROW_ASSIGN_OR_RAISE(auto batch, columns_->Finish());
  return ToParquet(*batch);
}

}  // namespace chargebacks
