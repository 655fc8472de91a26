#include "format/column_decoder.h"

#include <arrow/io/memory.h>
#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <parquet/column_writer.h>
#include <parquet/exception.h>
#include <parquet/file_writer.h>

#include <algorithm>
#include <array>
#include <deque>
#include <optional>
#include <random>
#include <span>

namespace firn {
namespace {

using ::testing::HasSubstr;
using Random = std::mt19937_64;

// How a column is stored: everything that a writer may choose.
struct Storage {
  parquet::Repetition::type repetition = parquet::Repetition::REQUIRED;
  std::optional<parquet::Encoding::type> encoding;  // nothing: by dictionary, which fills up half-way
  parquet::Compression::type codec = parquet::Compression::SNAPPY;
  parquet::ParquetDataPageVersion version = parquet::ParquetDataPageVersion::V1;
  bool checksum = false;
  bool old_names = false;  // of encodings: PLAIN_DICTIONARY
  int64_t dictionary_bytes = 1 << 20;
};

// What a column holds, one entry a level: "rep/def" and the value, if there is one.
using Entries = std::vector<std::string>;

// A file of one column "c", and where its chunk lies.
struct File {
  std::string bytes;
  std::shared_ptr<parquet::FileMetaData> metadata;
  Entries written;

  [[nodiscard]] ChunkPlace place() const { return ChunksOf(*metadata, static_cast<int64_t>(bytes.size())).at(0); }
  [[nodiscard]] std::string chunk() const {
    return bytes.substr(static_cast<size_t>(place().offset), static_cast<size_t>(place().bytes));
  }
  [[nodiscard]] const parquet::ColumnDescriptor& column() const { return *metadata->schema()->Column(0); }
  // The dictionary page and what follows it.
  [[nodiscard]] std::pair<std::string, std::string> Parts() const {
    const auto cut = static_cast<size_t>(metadata->RowGroup(0)->ColumnChunk(0)->data_page_offset() - place().offset);
    return {chunk().substr(0, cut), chunk().substr(cut)};
  }
};

template <class Physical>
std::string Spell(const typename Physical::c_type& value, int length) {
  if constexpr (std::is_same_v<Physical, parquet::ByteArrayType>)
    return {reinterpret_cast<const char*>(value.ptr), value.len};
  else if constexpr (std::is_same_v<Physical, parquet::FLBAType>)
    return {reinterpret_cast<const char*>(value.ptr), static_cast<size_t>(length)};
  else
    return {reinterpret_cast<const char*>(&value), sizeof value};
}

template <class Physical>
void AddEntries(const parquet::ColumnDescriptor& column, int64_t levels, const int16_t* def, const int16_t* rep,
                const typename Physical::c_type* values, Entries& entries) {
  for (int64_t i = 0; i < levels; ++i) {
    const int d = column.max_definition_level() == 0 ? 0 : def[i];
    const int r = column.max_repetition_level() == 0 ? 0 : rep[i];
    const bool has_value = d == column.max_definition_level();
    entries.push_back(fmt::format("{}/{} ", r, d) +
                      (has_value ? Spell<Physical>(*values++, column.type_length()) : "NULL"));
  }
}

template <class Physical>
Entries Decode(ColumnDecoder& decoder, std::string_view chunk, const ChunkPlace& place,
               const parquet::ColumnDescriptor& column) {
  constexpr int64_t kBatch = 97;
  std::vector<int16_t> def(kBatch);
  std::vector<int16_t> rep(kBatch);
  const auto values = std::make_unique<typename Physical::c_type[]>(kBatch);
  Entries entries;
  decoder.Begin(chunk, place, column);
  while (decoder.HasNext<Physical>()) {
    const auto batch = decoder.Read<Physical>(kBatch, def.data(), rep.data(), values.get());
    for (int64_t i = 0; batch.numbers != nullptr && i < batch.values; ++i)
      values[static_cast<size_t>(i)] = decoder.dictionary<Physical>()[batch.numbers[i]];
    AddEntries<Physical>(column, batch.levels, def.data(), rep.data(), values.get(), entries);
    if (entries.size() > 1'000'000) break;  // a hostile page may claim billions
  }
  return entries;
}

template <class Physical>
Entries DecodeFile(const File& file) {
  ColumnDecoder decoder;
  const std::string chunk = file.chunk();
  return Decode<Physical>(decoder, chunk, file.place(), file.column());
}

// Where two columns part ways; empty: nowhere.
std::string Difference(const Entries& one, const Entries& other) {
  const auto [a, b] = std::ranges::mismatch(one, other);
  if (a == one.end() && b == other.end()) return "";
  const auto spell = [](const Entries& all, auto at) { return at == all.end() ? std::string("the end") : *at; };
  return fmt::format("entry {} of {} and {}: {} and {}", a - one.begin(), one.size(), other.size(), spell(one, a),
                     spell(other, b));
}

// Values that repeat at times, with their bytes in `memory`.
template <class Physical>
std::unique_ptr<typename Physical::c_type[]> RandomValues(Random& random, size_t count, int length,
                                                          std::deque<std::string>& memory) {
  using T = typename Physical::c_type;
  auto values = std::make_unique<T[]>(count);
  const uint64_t kinds = 1 + random() % 300;
  for (T& value : std::span(values.get(), count)) {
    const uint64_t n = random() % kinds * 0x9e3779b97f4a7c15U;
    if constexpr (std::is_same_v<Physical, parquet::ByteArrayType>) {
      memory.emplace_back(n % 23, static_cast<char>('a' + n % 26));
      value = parquet::ByteArray(memory.back());
    } else if constexpr (std::is_same_v<Physical, parquet::FLBAType>) {
      memory.emplace_back(static_cast<size_t>(length), static_cast<char>(n));
      value = parquet::FLBA(reinterpret_cast<const uint8_t*>(memory.back().data()));
    } else if constexpr (std::is_same_v<Physical, parquet::Int96Type>) {
      value = parquet::Int96{{static_cast<uint32_t>(n), static_cast<uint32_t>(n >> 32), 7}};
    } else if constexpr (std::is_same_v<Physical, parquet::BooleanType>) {
      value = n % 2 == 1;
    } else {
      value = static_cast<T>(static_cast<int64_t>(n));
    }
  }
  return values;
}

std::shared_ptr<parquet::WriterProperties> PropertiesOf(const Storage& storage) {
  parquet::WriterProperties::Builder builder;
  builder.compression(storage.codec)->data_page_version(storage.version)->data_pagesize(512)->write_batch_size(64);
  builder.dictionary_pagesize_limit(storage.dictionary_bytes);
  if (storage.checksum) builder.enable_page_checksum();
  if (storage.old_names) builder.version(parquet::ParquetVersion::PARQUET_1_0);
  if (storage.encoding) builder.disable_dictionary()->encoding(*storage.encoding);
  return builder.build();
}

template <class Physical>
File Write(Random& random, const Storage& storage, size_t rows) {
  constexpr int kLength = 11;
  const auto leaf = parquet::schema::PrimitiveNode::Make("c", storage.repetition, parquet::LogicalType::None(),
                                                         Physical::type_num, kLength);
  const auto root = std::static_pointer_cast<parquet::schema::GroupNode>(
      parquet::schema::GroupNode::Make("schema", parquet::Repetition::REQUIRED, {leaf}));
  const bool repeated = storage.repetition == parquet::Repetition::REPEATED;
  std::vector<int16_t> def;
  std::vector<int16_t> rep;
  size_t present = 0;
  const uint64_t nulls = random() % 3;  // none, some, most
  for (size_t row = 0; row < rows; ++row) {
    const bool has_value = storage.repetition == parquet::Repetition::REQUIRED || random() % 3 >= nulls;
    for (size_t i = 0, entries = repeated && has_value ? 1 + random() % 4 : 1; i < entries; ++i) {
      def.push_back(has_value ? 1 : 0);
      rep.push_back(i > 0 ? 1 : 0);
      present += has_value ? 1 : 0;
    }
  }
  std::deque<std::string> memory;
  const auto values = RandomValues<Physical>(random, present, kLength, memory);
  const auto sink = arrow::io::BufferOutputStream::Create().ValueOrDie();
  const auto writer = parquet::ParquetFileWriter::Open(sink, root, PropertiesOf(storage));
  auto& column = static_cast<parquet::TypedColumnWriter<Physical>&>(*writer->AppendRowGroup()->NextColumn());
  column.WriteBatch(static_cast<int64_t>(def.size()), def.data(), rep.data(), values.get());
  writer->Close();
  File file{sink->Finish().ValueOrDie()->ToString(), writer->metadata(), {}};
  AddEntries<Physical>(file.column(), static_cast<int64_t>(def.size()), def.data(), rep.data(), values.get(),
                       file.written);
  return file;
}

template <class Physical>
Storage RandomStorage(Random& random) {
  std::vector<parquet::Encoding::type> encodings = parquet::SupportedEncodings(Physical::type_num);
  constexpr std::array kCodecs = {parquet::Compression::UNCOMPRESSED, parquet::Compression::SNAPPY,
                                  parquet::Compression::GZIP,         parquet::Compression::ZSTD,
                                  parquet::Compression::LZ4,          parquet::Compression::LZ4_HADOOP};
  Storage storage{
      .repetition = static_cast<parquet::Repetition::type>(random() % 3),
      .encoding = {},
      .codec = kCodecs[random() % kCodecs.size()],
      .version = random() % 2 == 0 ? parquet::ParquetDataPageVersion::V1 : parquet::ParquetDataPageVersion::V2,
      .checksum = random() % 2 == 0,
      .old_names = random() % 2 == 0,
      .dictionary_bytes = random() % 2 == 0 ? 1 << 20 : 500};
  if (random() % 2 == 0) storage.encoding = encodings[random() % encodings.size()];
  return storage;
}

template <class Physical>
class EveryType : public ::testing::Test {};
using Types = ::testing::Types<parquet::BooleanType, parquet::Int32Type, parquet::Int64Type, parquet::Int96Type,
                               parquet::FloatType, parquet::DoubleType, parquet::ByteArrayType, parquet::FLBAType>;
TYPED_TEST_SUITE(EveryType, Types);

TYPED_TEST(EveryType, DecodesWhatWasWritten) {
  for (uint64_t seed = 0; seed < 100; ++seed) {
    Random random(seed);
    const File file = Write<TypeParam>(random, RandomStorage<TypeParam>(random), random() % 2'000);
    ASSERT_EQ(Difference(DecodeFile<TypeParam>(file), file.written), "") << "seed " << seed;
  }
}

// Bytes changed, cut off, put in: an exception of Parquet's, or levels and values that are what the bytes now say.
TYPED_TEST(EveryType, RefusesOrReadsWhateverTheBytesSay) {
  ColumnDecoder decoder;   // one for all: what one chunk broke must not stay
  std::deque<File> files;  // columns outlive their decoder
  for (uint64_t seed = 0; seed < 300; ++seed) {
    Random random(seed);
    Storage storage = RandomStorage<TypeParam>(random);
    storage.checksum = false;
    const File& file = files.emplace_back(Write<TypeParam>(random, storage, 1 + random() % 500));
    std::string chunk = file.chunk();
    for (uint64_t change = 0, changes = 1 + random() % 4; change < changes && !chunk.empty(); ++change) {
      const size_t at = random() % std::min<size_t>(chunk.size(), random() % 2 == 0 ? 64 : chunk.size());
      if (random() % 8 == 0)
        chunk.resize(at);
      else if (random() % 8 == 0)
        chunk.insert(at, 1 + random() % 8, static_cast<char>(random()));
      else
        chunk[at] = static_cast<char>(random());
    }
    ChunkPlace place = file.place();
    if (random() % 4 == 0) place.levels = static_cast<uint32_t>(random());
    try {
      (void)Decode<TypeParam>(decoder, chunk, place, file.column());
    } catch (const parquet::ParquetException&) {
    } catch (const std::bad_alloc&) {  // a claim that GuardParquet turns into an error
    }
    const std::string sound = file.chunk();
    ASSERT_EQ(Difference(Decode<TypeParam>(decoder, sound, file.place(), file.column()), file.written), "")
        << "seed " << seed;
  }
}

template <class F>
std::string MessageOf(F&& body) {
  try {
    body();
  } catch (const parquet::ParquetException& e) {
    return e.what();
  }
  return "no exception";
}

std::string MessageOf(std::string_view chunk, const File& file) {
  ColumnDecoder decoder;
  return MessageOf([&] { (void)Decode<parquet::ByteArrayType>(decoder, chunk, file.place(), file.column()); });
}

File Strings(uint64_t seed, const Storage& storage, size_t rows = 2'000) {
  Random random(seed);
  return Write<parquet::ByteArrayType>(random, storage, rows);
}

TEST(ColumnDecoder, HoldsPagesAgainstTheirChecksums) {
  for (const auto version : {parquet::ParquetDataPageVersion::V1, parquet::ParquetDataPageVersion::V2}) {
    const File file = Strings(3, {.version = version, .checksum = true});
    EXPECT_EQ(Difference(DecodeFile<parquet::ByteArrayType>(file), file.written), "");
    std::string chunk = file.chunk();
    chunk.back() = static_cast<char>(chunk.back() ^ 1);
    EXPECT_EQ(MessageOf(chunk, file), "a page of a column does not match its checksum");
  }
}

TEST(ColumnDecoder, RefusesDictionariesThatCannotBe) {
  const File file = Strings(1, {});
  const auto [dictionary, data] = file.Parts();
  ASSERT_FALSE(dictionary.empty());
  EXPECT_EQ(MessageOf(data, file), "a column has values by number, and no dictionary before them");
  EXPECT_EQ(MessageOf(dictionary + dictionary + data, file), "a column has two dictionaries");
  const File smaller = Strings(1, {}, 3);
  EXPECT_THAT(MessageOf(smaller.Parts().first + data, file), HasSubstr("of a dictionary of"));
}

TEST(ColumnDecoder, RefusesPagesThatEndTooEarly) {
  const File file = Strings(1, {.encoding = parquet::Encoding::PLAIN, .codec = parquet::Compression::UNCOMPRESSED});
  const std::string chunk = file.chunk();
  EXPECT_THAT(MessageOf(chunk.substr(0, 5), file), HasSubstr("the header of a page ends too early"));
  EXPECT_THAT(MessageOf(chunk.substr(0, 100), file), HasSubstr("are left"));
}

// Rows alone do not show it: entries of a list that the footer does not count, or that no page has.
TEST(ColumnDecoder, LosesNoEntryOfAList) {
  const File file = Strings(2, {.repetition = parquet::Repetition::REPEATED, .encoding = parquet::Encoding::PLAIN});
  const std::string chunk = file.chunk();
  for (const int off : {-1'000, 1'000}) {
    ChunkPlace place = file.place();
    place.levels += static_cast<uint32_t>(off);
    ColumnDecoder decoder;
    EXPECT_THAT(MessageOf([&] { (void)Decode<parquet::ByteArrayType>(decoder, chunk, place, file.column()); }),
                HasSubstr("the footer"));
  }
}

// Arrow before 3.0 wrote so.
TEST(ColumnDecoder, ReadsPagesThatDenyTheirCompression) {
  const File file =
      Strings(1, {.encoding = parquet::Encoding::PLAIN, .version = parquet::ParquetDataPageVersion::V2}, 40);
  std::string chunk = file.chunk();
  const size_t at = chunk.find('\x11');  // the first header's field 7, is_compressed: true
  ASSERT_LT(at, 40U);
  chunk[at] = '\x12';  // false
  ChunkPlace place = file.place();
  place.always_compressed = true;
  ColumnDecoder decoder;
  EXPECT_EQ(Difference(Decode<parquet::ByteArrayType>(decoder, chunk, place, file.column()), file.written), "");
  EXPECT_THAT(MessageOf(chunk, file), HasSubstr("claims"));
}

// A page's claims must not size memory that its bytes could not fill.
TEST(ColumnDecoder, RefusesADictionaryOfMoreValuesThanBits) {
  // PageHeader{type: DICTIONARY_PAGE, 4 bytes as stored and decompressed, {2^30 values, PLAIN}}
  const std::string header("\x15\x04\x15\x08\x15\x08\x4c\x15\x80\x80\x80\x80\x08\x15\x00\x00\x00", 17);
  const File file = Strings(1, {.codec = parquet::Compression::UNCOMPRESSED});
  EXPECT_EQ(MessageOf(header + std::string(4, '\0') + file.Parts().second, file),
            "a column claims a dictionary of 1073741824 values in 4 bytes");
}

}  // namespace
}  // namespace firn
