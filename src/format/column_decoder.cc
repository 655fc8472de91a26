#include "format/column_decoder.h"

#include <fmt/format.h>
#include <parquet/exception.h>

#include <algorithm>
#include <limits>
#include <type_traits>

namespace firn {
namespace {

// Decoders of more columns than this are made anew: thousands of columns are not to be kept for thousands of files.
constexpr size_t kMostColumns = 256;

[[noreturn]] void RefuseColumn(std::string_view why) {
  throw parquet::ParquetException(fmt::format("a column {}", why));
}

int LengthOf(std::span<const uint8_t> bytes) {
  if (bytes.size() > static_cast<size_t>(std::numeric_limits<int>::max())) RefuseColumn("has a page of more than 2 GB");
  return static_cast<int>(bytes.size());
}

// What a value takes at least, stored plain.
template <class Physical>
uint64_t FewestBits(const parquet::ColumnDescriptor& column) {
  if constexpr (std::is_same_v<Physical, parquet::BooleanType>) return 1;
  if constexpr (std::is_same_v<Physical, parquet::ByteArrayType>) return 32;
  if constexpr (std::is_same_v<Physical, parquet::FLBAType>) return std::max(1, column.type_length() * 8);
  return sizeof(typename Physical::c_type) * 8;
}

}  // namespace

ColumnDecoder::~ColumnDecoder() = default;

void ColumnDecoder::Begin(std::string_view chunk, const ChunkPlace& place, const parquet::ColumnDescriptor& column) {
  pages_.Begin(chunk, place);
  column_ = &column;
  dictionary_.Trim();
  dictionary_size_ = -1;
  left_ = 0;
}

template <class Physical>
parquet::TypedDecoder<Physical>& ColumnDecoder::DecoderFor(parquet::Encoding::type encoding) {
  auto found = decoders_.find(column_);
  if (found == decoders_.end()) {
    if (decoders_.size() >= kMostColumns) decoders_.clear();
    found = decoders_.emplace(column_, std::make_unique<DecodersOf<Physical>>()).first;
  }
  auto& decoder = static_cast<DecodersOf<Physical>&>(*found->second).by_encoding[static_cast<size_t>(encoding)];
  if (decoder == nullptr) decoder = parquet::MakeTypedDecoder<Physical>(encoding, column_);
  return *decoder;
}

template <class Physical>
bool ColumnDecoder::HasNext() {
  while (left_ == 0) {
    const ColumnPage* page = pages_.Next();
    if (page == nullptr) return false;
    if (page->is_dictionary)
      OpenDictionary<Physical>(*page);
    else
      OpenData<Physical>(*page);
  }
  return true;
}

template <class Physical>
void ColumnDecoder::OpenDictionary(const ColumnPage& page) {
  using T = typename Physical::c_type;
  if (dictionary_size_ >= 0) RefuseColumn("has two dictionaries");
  if (page.encoding != parquet::Encoding::PLAIN && page.encoding != parquet::Encoding::PLAIN_DICTIONARY)
    RefuseColumn("has a dictionary that is encoded in a way unknown to Parquet");
  // What the bytes could not hold is refused before memory is sized by it.
  if (static_cast<uint64_t>(page.values) * FewestBits<Physical>(*column_) > page.bytes.size() * 8)
    RefuseColumn(fmt::format("claims a dictionary of {} values in {} bytes", page.values, page.bytes.size()));
  auto& plain = DecoderFor<Physical>(parquet::Encoding::PLAIN);
  plain.SetData(page.values, page.bytes.data(), LengthOf(page.bytes));
  if (plain.Decode(dictionary_.Room<T>(page.values), page.values) != page.values)
    RefuseColumn(fmt::format("lacks some of the {} values that its dictionary claims", page.values));
  dictionary_size_ = page.values;
}

// Levels come before the values, each encoded apart.
std::span<const uint8_t> ColumnDecoder::OpenLevels(const ColumnPage& page) {
  const int16_t max_rep = column_->max_repetition_level();
  const int16_t max_def = column_->max_definition_level();
  if (page.is_v2) {
    if (max_rep > 0) rep_.SetDataV2(LengthOf(page.rep_levels), max_rep, page.values, page.rep_levels.data());
    if (max_def > 0) def_.SetDataV2(LengthOf(page.def_levels), max_def, page.values, page.def_levels.data());
    return page.bytes;
  }
  auto bytes = page.bytes;
  const auto open = [&](parquet::LevelDecoder& decoder, parquet::Encoding::type encoding, int16_t max) {
    if (max == 0) return;
    const int used = decoder.SetData(encoding, max, page.values, bytes.data(), LengthOf(bytes));
    bytes = bytes.subspan(static_cast<size_t>(used));
  };
  open(rep_, page.rep_encoding, max_rep);
  open(def_, page.def_encoding, max_def);
  return bytes;
}

template <class Physical>
void ColumnDecoder::OpenData(const ColumnPage& page) {
  const std::span<const uint8_t> bytes = OpenLevels(page);
  left_ = page.values;
  encoding_ = page.encoding;
  by_number_ =
      page.encoding == parquet::Encoding::RLE_DICTIONARY || page.encoding == parquet::Encoding::PLAIN_DICTIONARY;
  if (!by_number_) return DecoderFor<Physical>(encoding_).SetData(page.values, bytes.data(), LengthOf(bytes));
  if (dictionary_size_ < 0) RefuseColumn("has values by number, and no dictionary before them");
  if (numbers_decoder_ == nullptr) numbers_decoder_ = parquet::MakeDictDecoder<parquet::Int32Type>();
  numbers_decoder_->SetData(page.values, bytes.data(), LengthOf(bytes));
}

void ColumnDecoder::ReadNumbers(int64_t count) {
  numbers_.resize(std::max(numbers_.size(), static_cast<size_t>(count)));
  if (numbers_decoder_->DecodeIndices(static_cast<int>(count), numbers_.data()) != count) RefuseColumn("lacks values");
  uint32_t greatest = 0;
  for (int64_t i = 0; i < count; ++i)
    greatest = std::max(greatest, static_cast<uint32_t>(numbers_[static_cast<size_t>(i)]));
  if (count > 0 && greatest >= dictionary_size_)
    RefuseColumn(fmt::format("has value number {} of a dictionary of {}", greatest, dictionary_size_));
}

template <class Physical>
ColumnDecoder::Batch ColumnDecoder::Read(int64_t most, int16_t* def, int16_t* rep, typename Physical::c_type* values) {
  const auto want = static_cast<int>(std::min(most, left_));
  const int16_t max_def = column_->max_definition_level();
  Batch batch{.levels = want, .values = want};
  if (column_->max_repetition_level() > 0 && rep_.Decode(want, rep) != want) RefuseColumn("lacks repetition levels");
  if (max_def > 0) {
    if (def_.Decode(want, def) != want) RefuseColumn("lacks definition levels");
    batch.values = std::count(def, def + want, max_def);
  }
  left_ -= want;
  if (by_number_) {
    ReadNumbers(batch.values);
    batch.numbers = numbers_.data();
    return batch;
  }
  if (DecoderFor<Physical>(encoding_).Decode(values, static_cast<int>(batch.values)) != batch.values)
    RefuseColumn("lacks values");
  return batch;
}

#define FIRN_COLUMN_DECODER(Physical)               \
  template bool ColumnDecoder::HasNext<Physical>(); \
  template ColumnDecoder::Batch ColumnDecoder::Read<Physical>(int64_t, int16_t*, int16_t*, Physical::c_type*)
FIRN_COLUMN_DECODER(parquet::BooleanType);
FIRN_COLUMN_DECODER(parquet::Int32Type);
FIRN_COLUMN_DECODER(parquet::Int64Type);
FIRN_COLUMN_DECODER(parquet::Int96Type);
FIRN_COLUMN_DECODER(parquet::FloatType);
FIRN_COLUMN_DECODER(parquet::DoubleType);
FIRN_COLUMN_DECODER(parquet::ByteArrayType);
FIRN_COLUMN_DECODER(parquet::FLBAType);
#undef FIRN_COLUMN_DECODER

}  // namespace firn
