#include "pipeline/row_units.h"

#include <arrow/api.h>
#include <arrow/c/bridge.h>

#include <algorithm>
#include <array>
#include <map>
#include <mutex>

#include "base/check.h"
#include "base/json.h"
#include "format/parquet_guard.h"

namespace firn {
namespace {

constexpr int64_t kBatchRows = 32'000;
constexpr int64_t kLeastBudget = 64 << 20;

// Bytes of results that may wait for being stored.
int64_t BudgetOf(const ExecuteContext& context) {
  constexpr int64_t kUnlimited = 512 << 20;
  const int64_t memory = context.request.memory_bytes;
  return memory == 0 ? kUnlimited : std::max(memory / 4, kLeastBudget);
}

void ReadNode(const Json& node, QueryPlan& plan) {
  static constexpr std::array<std::string_view, 4> kRowByRow = {"PROJECTION", "FILTER", "UNNEST", "EMPTY_RESULT"};
  std::string name = node.value("name", "");
  name.erase(name.find_last_not_of(' ') + 1);
  const bool stream = name.starts_with("FIRN_STREAM");
  plan.streams += stream ? 1 : 0;
  if (!stream && std::ranges::find(kRowByRow, name) == kRowByRow.end()) plan.row_by_row = false;
  if (!stream && name != "PROJECTION") plan.row_for_row = false;
  if (const auto children = node.find("children"); children != node.end())
    for (const Json& child : *children) ReadNode(child, plan);
}

Result<std::shared_ptr<arrow::RecordBatch>> Combined(const std::vector<std::shared_ptr<arrow::RecordBatch>>& batches) {
  std::shared_ptr<arrow::RecordBatch> combined;
  FIRN_TRY(GuardParquet("the result of the steps",
                        [&] { PARQUET_ASSIGN_OR_THROW(combined, arrow::ConcatenateRecordBatches(batches)); }));
  return combined;
}

// The columns of a chunk that are handed on, until the engine's rows beside them are there.
class HandedOn {
 public:
  HandedOn(const RowQuery& query, const UniformRows& rows) : query_(query) {
    if (query.columns.empty()) return;
    row_number_.column = rows.schema()->GetFieldIndex(kRowColumn);
    numbers_.push_back(row_number_.column);
    for (const ResultColumn& column : query.columns)
      if (column.handed_on) numbers_.push_back(column.handed_on->column);
  }

  // Columns of UniformRows; none when all is the engine's.
  [[nodiscard]] const std::vector<int>& numbers() const { return numbers_; }

  // The rows of these columns. May throw, as all of this.
  void Keep(const arrow::RecordBatch& rows) {
    columns_.resize(query_.columns.size());
    for (size_t i = 0; i < columns_.size(); ++i)
      if (const auto& from = query_.columns[i].handed_on) columns_[i].push_back(Values(rows, *from));
    row_numbers_.push_back(Values(rows, row_number_));
    rows_ += rows.num_rows();
  }

  // The engine's next rows, with the columns that go with them.
  std::shared_ptr<arrow::RecordBatch> Join(const std::shared_ptr<arrow::RecordBatch>& made) {
    Check(taken_ + made->num_rows() <= rows_, "the SQL engine made rows of its own");
    Check(Slice(row_numbers_, made->num_rows())->Equals(made->GetColumnByName(kRowColumn)),
          "the SQL engine gave rows in another order");
    arrow::FieldVector fields;
    arrow::ArrayVector columns;
    for (size_t i = 0; i < query_.columns.size(); ++i) {
      const std::string& name = query_.columns[i].name;
      const bool handed_on = query_.columns[i].handed_on.has_value();
      columns.push_back(handed_on ? Slice(columns_[i], made->num_rows()) : made->GetColumnByName(name));
      fields.push_back(handed_on ? arrow::field(name, columns.back()->type()) : made->schema()->GetFieldByName(name));
    }
    taken_ += made->num_rows();
    return arrow::RecordBatch::Make(arrow::schema(std::move(fields)), made->num_rows(), std::move(columns));
  }

  void CheckAllTaken() const { Check(taken_ == rows_, "the SQL engine lost rows"); }

 private:
  [[nodiscard]] std::shared_ptr<arrow::Array> Values(const arrow::RecordBatch& rows, const HandedOnColumn& from) const {
    auto values = rows.column(static_cast<int>(std::ranges::find(numbers_, from.column) - numbers_.begin()));
    for (const int field : from.fields) {
      const auto& group = static_cast<const arrow::StructArray&>(*values);
      PARQUET_ASSIGN_OR_THROW(values, group.GetFlattenedField(field, arrow::default_memory_pool()));
    }
    return values;
  }

  [[nodiscard]] std::shared_ptr<arrow::Array> Slice(const arrow::ArrayVector& chunks, int64_t rows) const {
    arrow::ArrayVector slices;
    int64_t skip = taken_;
    for (const auto& chunk : chunks) {
      const int64_t here = std::min(chunk->length() - skip, rows);
      if (here > 0) slices.push_back(chunk->Slice(skip, here));
      if (here > 0) rows -= here;
      skip = std::max<int64_t>(skip - chunk->length(), 0);
    }
    if (slices.size() == 1) return slices.front();
    PARQUET_ASSIGN_OR_THROW(auto one, arrow::Concatenate(slices));
    return one;
  }

  const RowQuery& query_;
  std::vector<int> numbers_;
  HandedOnColumn row_number_;
  arrow::ArrayVector row_numbers_;
  std::vector<arrow::ArrayVector> columns_;  // of the result; of those that the engine makes, nothing
  int64_t rows_ = 0;
  int64_t taken_ = 0;
};

// Hands the result on in batches of some size, whatever the size in which the engine makes them. `handed_on` is nullptr
// when the engine makes all of it.
template <class Sink>
Status ForEachBatch(const RowQuery& query, ArrowStream result, HandedOn* handed_on, Sink sink) {
  std::shared_ptr<arrow::RecordBatchReader> reader;
  FIRN_TRY(GuardParquet("the result of the steps", [&] {
    PARQUET_ASSIGN_OR_THROW(reader, arrow::ImportRecordBatchReader(result.get()));
    reader = query.typed(std::move(reader));
  }));
  std::vector<std::shared_ptr<arrow::RecordBatch>> waiting;
  int64_t rows = 0;
  for (bool more = true; more;) {
    std::shared_ptr<arrow::RecordBatch> batch;
    Status next = GuardParquet("the result of the steps", [&] { PARQUET_THROW_NOT_OK(reader->ReadNext(&batch)); });
    if (!next) return Fail(ErrorKind::kInvalidArgument, next.error().message);
    more = batch != nullptr;
    if (more) rows += batch->num_rows();
    if (more && batch->num_rows() > 0) waiting.push_back(std::move(batch));
    if (waiting.empty() || (more && rows < kBatchRows)) continue;
    FIRN_TRY_ASSIGN(auto combined, Combined(waiting));
    if (handed_on != nullptr)
      FIRN_TRY(GuardParquet("the result of the steps", [&] { combined = handed_on->Join(combined); }));
    waiting.clear();
    rows = 0;
    FIRN_TRY_ASSIGN(auto split, query.partitioner->Split(combined));
    FIRN_TRY(sink(std::move(split)));
  }
  if (handed_on != nullptr) handed_on->CheckAllTaken();
  return {};
}

// The chunks that one thread takes, one after the other, in an engine of its own.
class ChunkWorker {
 public:
  ChunkWorker(const ExecuteContext& context, const UniformRows& rows, const RowQuery& query, PartitionObjects& objects)
      : context_(context), rows_(rows), query_(query), objects_(objects) {}

  std::expected<void, TransferFailure> Run(size_t chunk) {
    std::shared_ptr<std::optional<TransferFailure>> failure;
    Status done = RunIn(chunk, failure);
    if (done) return {};
    if (failure != nullptr && *failure) return std::unexpected(std::move(**failure));
    return std::unexpected(TransferFailure{std::move(done.error()), {}});
  }

 private:
  Status RunIn(size_t chunk, std::shared_ptr<std::optional<TransferFailure>>& failure) {
    if (engine_ == nullptr) {
      FIRN_TRY_ASSIGN(engine_, SqlEngine::Open(query_.engine));
    }
    const std::stop_callback interrupt(context_.stop, [&] { engine_->Interrupt(); });
    HandedOn handed_on(query_, rows_);
    FIRN_TRY_ASSIGN(ArrowStream like, rows_.Like());
    FIRN_TRY(
        engine_->RegisterSource("source", std::move(like), [&](const std::vector<int>& columns) -> Result<ArrowStream> {
          FIRN_TRY_ASSIGN(UniformStream uniform, rows_.Open(columns, chunk, chunk + 1, handed_on.numbers(),
                                                            [&](const auto& kept) { handed_on.Keep(*kept); }));
          failure = uniform.failure;
          return std::move(uniform.stream);
        }));
    FIRN_TRY_ASSIGN(ArrowStream result, engine_->Query(query_.select));
    return ForEachBatch(query_, std::move(result), query_.columns.empty() ? nullptr : &handed_on,
                        [&](std::vector<PartitionRows> split) { return objects_.Add(chunk, std::move(split)); });
  }

  const ExecuteContext& context_;
  const UniformRows& rows_;
  const RowQuery& query_;
  PartitionObjects& objects_;
  std::unique_ptr<SqlEngine> engine_;
};

}  // namespace

std::expected<void, TransferFailure> RunOverChunks(const ExecuteContext& context, const UniformRows& rows,
                                                   const RowQuery& query, PartitionObjects& objects) {
  const int64_t budget = BudgetOf(context);
  std::vector<std::unique_ptr<ChunkWorker>> workers;
  for (int w = 0; w < context.pool.threads(); ++w)
    workers.push_back(std::make_unique<ChunkWorker>(context, rows, query, objects));
  std::mutex mutex;  // guards `failures`
  std::map<size_t, TransferFailure> failures;
  const auto threads = static_cast<size_t>(context.pool.threads());
  size_t next_wave = threads;
  for (size_t first = 0; first < rows.chunks();) {
    const size_t wave = std::min(next_wave, rows.chunks() - first);
    const int64_t before = objects.bytes();
    Status done = context.pool.ParallelFor(
        static_cast<int64_t>(wave),
        [&](int64_t at, int worker) -> Status {
          auto run = workers[static_cast<size_t>(worker)]->Run(first + static_cast<size_t>(at));
          if (run) return {};
          const std::lock_guard lock(mutex);
          return std::unexpected(failures.emplace(at, std::move(run.error())).first->second.error);
        },
        context.stop);
    if (!done && !failures.empty()) return std::unexpected(std::move(failures.begin()->second));
    if (!done) return std::unexpected(TransferFailure{std::move(done.error()), {}});
    first += wave;
    // The next wave is as large as fits the budget, by the size of this one.
    const auto each =
        static_cast<size_t>(std::max<int64_t>((objects.bytes() - before) / static_cast<int64_t>(wave), 1));
    if (objects.bytes() > budget / 2 || first == rows.chunks())
      if (Status stored = objects.Flush(context.pool, context.stop); !stored)
        return std::unexpected(TransferFailure{std::move(stored.error()), {}});
    next_wave = std::clamp(static_cast<size_t>(budget - objects.bytes()) / each, threads, 8 * threads);
  }
  return {};
}

Status AddResult(const ExecuteContext& context, const RowQuery& query, ArrowStream result, PartitionObjects& objects) {
  const int64_t budget = BudgetOf(context);
  size_t place = 0;
  const auto add = [&](std::vector<PartitionRows> split) -> Status {
    FIRN_TRY(objects.Add(place++, std::move(split)));
    return objects.bytes() > budget ? objects.Flush(context.pool, context.stop) : Status();
  };
  FIRN_TRY(ForEachBatch(query, std::move(result), nullptr, add));
  return objects.Flush(context.pool, context.stop);
}

QueryPlan ReadPlan(const std::string& plan) {
  const Json parsed = Json::parse(plan, nullptr, false);
  QueryPlan read{.row_by_row = parsed.is_array(), .row_for_row = parsed.is_array()};
  if (parsed.is_array())
    for (const Json& node : parsed) ReadNode(node, read);
  read.row_for_row = read.row_for_row && read.streams == 1;
  return read;
}

}  // namespace firn
