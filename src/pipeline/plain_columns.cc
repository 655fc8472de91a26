#include <algorithm>
#include <vector>

#include "base/hash.h"
#include "format/parquet_guard.h"
#include "pipeline/transfer.h"

namespace firn {
namespace {

constexpr size_t kSampleSlices = 8;
constexpr size_t kSampleValues = 20'000;

size_t PhysicalSize(parquet::Type::type physical) {
  switch (physical) {
    case parquet::Type::BOOLEAN:
      return sizeof(bool);
    case parquet::Type::INT32:
    case parquet::Type::FLOAT:
      return 4;
    default:
      return 8;
  }
}

std::string_view BytesOf(const parquet::ColumnDescriptor& column, const LeafBatch& batch, int64_t i) {
  if (column.physical_type() == parquet::Type::BYTE_ARRAY) {
    const auto& value = static_cast<const parquet::ByteArray*>(batch.data)[i];
    return {reinterpret_cast<const char*>(value.ptr), value.len};
  }
  if (column.physical_type() == parquet::Type::FIXED_LEN_BYTE_ARRAY)
    return {reinterpret_cast<const char*>(static_cast<const parquet::FixedLenByteArray*>(batch.data)[i].ptr),
            static_cast<size_t>(column.type_length())};
  const size_t size = PhysicalSize(column.physical_type());
  return {static_cast<const char*>(batch.data) + static_cast<size_t>(i) * size, size};
}

// A handful of slices spread over the inputs: the same ones whatever the number of threads.
std::vector<const Slice*> Spread(const std::vector<OutputPart>& parts) {
  std::vector<const Slice*> all;
  for (const OutputPart& part : parts)
    for (const Slice& slice : part.slices) all.push_back(&slice);
  std::vector<const Slice*> some;
  const size_t step = std::max<size_t>(1, all.size() / kSampleSlices);
  for (size_t i = 0; i < all.size(); i += step) some.push_back(all[i]);
  return some;
}

// Whether most of the leaf's values in the slices differ. What is damaged is passed over: the transfer, which knows
// what to do with the file, reports it.
bool IsMostlyDistinct(const std::vector<OpenSlice>& slices, const parquet::ColumnDescriptor& column, size_t leaf,
                      LeafReader& reader) {
  std::vector<uint64_t> hashes;
  for (const OpenSlice& slice : slices) {
    if (hashes.size() >= kSampleValues) break;
    const auto sample = [&](const LeafBatch& batch) {
      for (int64_t i = 0; i < batch.values && hashes.size() < kSampleValues; ++i)
        hashes.push_back(HashBytes(BytesOf(column, batch, i)).low);
    };
    (void)GuardParquet(slice.key(), [&] { slice.ReadFirst(reader, leaf, kSampleValues, sample); });
  }
  const size_t values = hashes.size();
  std::ranges::sort(hashes);
  hashes.erase(std::unique(hashes.begin(), hashes.end()), hashes.end());
  return hashes.size() * 2 > values;
}

}  // namespace

Result<std::set<std::string>> FindPlainColumns(const ExecuteContext& context, const TransferPlan& plan,
                                               const std::vector<OutputPart>& parts) {
  std::vector<OpenSlice> slices;
  for (const Slice* at : Spread(parts)) {
    const ScannedFile& file = plan.files[at->file];
    auto slice = OpenSlice::Open(context.StoreOf(file.input), file, *at, plan.mappings[*file.shape]);
    if (slice) slices.push_back(std::move(*slice));
  }
  std::vector<LeafReader> readers(static_cast<size_t>(context.pool.threads()));
  std::vector<uint8_t> distinct(plan.layout.leaves().size(), 0);
  FIRN_TRY(context.pool.ParallelFor(
      std::ssize(distinct),
      [&](int64_t leaf, int worker) -> Status {
        const auto at = static_cast<size_t>(leaf);
        const parquet::ColumnDescriptor& column = *plan.layout.descriptor().Column(static_cast<int>(leaf));
        distinct[at] = IsMostlyDistinct(slices, column, at, readers[static_cast<size_t>(worker)]) ? 1 : 0;
        return {};
      },
      context.stop));
  std::set<std::string> plain;
  for (size_t leaf = 0; leaf < distinct.size(); ++leaf)
    if (distinct[leaf] != 0)
      plain.insert(plan.layout.descriptor().Column(static_cast<int>(leaf))->path()->ToDotString());
  return plain;
}

}  // namespace firn
