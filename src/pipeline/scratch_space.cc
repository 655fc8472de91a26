#include "pipeline/scratch_space.h"

#include <arrow/memory_pool.h>
#include <arrow/table.h>
#include <arrow/util/byte_size.h>
#include <parquet/arrow/writer.h>

#include <algorithm>
#include <filesystem>
#include <limits>
#include <mutex>
#include <utility>

#include "format/array_decoder.h"
#include "format/object_sink.h"
#include "format/parquet_guard.h"
#include "store/local_store.h"
#include "store/memory_store.h"

namespace firn {
namespace {

constexpr int64_t kGroupRows = 128'000;

int64_t BudgetOf(const std::string& folder, int64_t memory_bytes) {
  constexpr int64_t kMost = 256 << 20;
  if (folder.empty()) return std::numeric_limits<int64_t>::max();
  return memory_bytes == 0 ? kMost : std::min(memory_bytes / 8, kMost);
}

int64_t SizeOf(ScratchSpace::Batches batches) {
  int64_t bytes = 0;
  for (const auto& batch : batches) bytes += arrow::util::ReferencedBufferSize(*batch).ValueOr(0);
  return bytes;
}

bool CanStay(const arrow::Schema& schema) {
  return std::ranges::all_of(schema.fields(), [](const auto& field) { return ArrayDecoder::Reads(*field->type()); });
}

Result<ObjectInfo> Write(ObjectStore& store, const ObjectKey& key, ScratchSpace::Batches batches) {
  FIRN_TRY_ASSIGN(auto writer, store.Create(key));
  const auto sink = std::make_shared<ObjectSink>(std::move(writer));
  parquet::WriterProperties::Builder properties;
  // Written and read once, on this machine: the values as they are cost less than making them small.
  properties.disable_dictionary()->disable_statistics()->max_row_group_length(kGroupRows);
  properties.compression(parquet::Compression::UNCOMPRESSED);
  Status written = GuardParquet("the rows", [&] {
    PARQUET_ASSIGN_OR_THROW(const auto file,
                            parquet::arrow::FileWriter::Open(*batches.front()->schema(), arrow::default_memory_pool(),
                                                             sink, properties.build()));
    // Column by column: so the pages go out as they fill.
    PARQUET_ASSIGN_OR_THROW(const auto table, arrow::Table::FromRecordBatches({batches.begin(), batches.end()}));
    PARQUET_THROW_NOT_OK(file->WriteTable(*table, kGroupRows));
    PARQUET_THROW_NOT_OK(file->Close());
  });
  if (!written && sink->failure()) return std::unexpected(*sink->failure());
  if (!written) return Fail(ErrorKind::kInvalidArgument, written.error().message);
  return sink->Finish();
}

}  // namespace

ScratchSpace::ScratchSpace(std::string folder, int64_t memory_bytes)
    : folder_(std::move(folder)), free_bytes_(BudgetOf(folder_, memory_bytes)) {}

ScratchSpace::~ScratchSpace() {
  disk_.reset();
  std::error_code ignored;  // the run's staging folder goes as a whole
  if (!folder_.empty()) std::filesystem::remove_all(folder_, ignored);
}

Status ScratchSpace::Store(const ObjectKey& key, Batches batches, InputFile& input) {
  const int64_t bytes = SizeOf(batches);
  if (CanStay(*batches.front()->schema()) && TakeMemory(bytes)) {
    input.object = {.key = key, .size = bytes};
    input.rows = std::shared_ptr<const arrow::RecordBatchVector>(
        new arrow::RecordBatchVector(batches.begin(), batches.end()), [this, bytes](const auto* rows) {
          delete rows;
          free_bytes_ += bytes;
        });
    return {};
  }
  FIRN_TRY_ASSIGN(input.store, Disk());
  FIRN_TRY_ASSIGN(input.object, Write(*input.store, key, batches));
  return {};
}

bool ScratchSpace::TakeMemory(int64_t bytes) {
  int64_t free = free_bytes_;
  while (free >= bytes)
    if (free_bytes_.compare_exchange_weak(free, free - bytes)) return true;
  return false;
}

Status ScratchSpace::RemovePrefix(std::string_view prefix) {
  const std::lock_guard lock(mutex_);
  return disk_ == nullptr ? Status() : disk_->RemovePrefix(prefix);
}

Result<ObjectStore*> ScratchSpace::Disk() {
  const std::lock_guard lock(mutex_);
  if (disk_ == nullptr && folder_.empty()) disk_ = std::make_unique<MemoryStore>();
  if (disk_ == nullptr) {
    FIRN_TRY_ASSIGN(disk_, OpenLocalStore(folder_, true, Durability::kScratch));
  }
  return disk_.get();
}

}  // namespace firn
