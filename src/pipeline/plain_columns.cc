#include <algorithm>
#include <unordered_set>

#include "base/hash.h"
#include "format/parquet_guard.h"
#include "pipeline/transfer.h"

namespace firn {
namespace {

constexpr size_t kSampleSlices = 8;
constexpr int64_t kSampleRows = 20'000;

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

struct Sample {
  int64_t values = 0;
  std::unordered_set<uint64_t> distinct;
};

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

void SampleSlice(const OpenSlice& slice, const ParquetLayout& layout, LeafReader& reader,
                 std::vector<Sample>& samples) {
  for (size_t leaf = 0; leaf < samples.size(); ++leaf) {
    const parquet::ColumnDescriptor& column = *layout.descriptor().Column(static_cast<int>(leaf));
    Sample& sample = samples[leaf];
    slice.Read(reader, leaf, [&](const LeafBatch& batch) {
      for (int64_t i = 0; i < batch.values && sample.values < kSampleRows; ++i, ++sample.values)
        sample.distinct.insert(HashBytes(BytesOf(column, batch, i)).low);
    });
  }
}

}  // namespace

std::set<std::string> FindPlainColumns(const ExecuteContext& context, const TransferPlan& plan,
                                       const std::vector<OutputPart>& parts) {
  std::vector<Sample> samples(plan.layout.leaves().size());
  LeafReader reader;
  for (const Slice* at : Spread(parts)) {
    const ScannedFile& file = plan.files[at->file];
    const auto slice = OpenSlice::Open(context.StoreOf(file.input), file, *at, plan.mappings[*file.shape]);
    // What is damaged here is reported by the transfer, which knows what to do with the file.
    if (slice) (void)GuardParquet(slice->key(), [&] { SampleSlice(*slice, plan.layout, reader, samples); });
  }
  std::set<std::string> plain;
  for (size_t leaf = 0; leaf < samples.size(); ++leaf)
    if (static_cast<int64_t>(samples[leaf].distinct.size()) * 2 > samples[leaf].values)
      plain.insert(plan.layout.descriptor().Column(static_cast<int>(leaf))->path()->ToDotString());
  return plain;
}

}  // namespace firn
