#include "format/page_stream.h"

#include <arrow/util/crc32.h>
#include <fmt/format.h>
#include <parquet/exception.h>

#include <limits>
#include <optional>

#include "format/thrift_cursor.h"

namespace firn {
namespace {

[[noreturn]] void RefusePage(std::string_view why) {
  throw parquet::ParquetException(fmt::format("a page of a column {}", why));
}

int32_t Number(ThriftCursor& cursor) {
  const int64_t number = cursor.Integer();
  if (number < std::numeric_limits<int32_t>::min() || number > std::numeric_limits<int32_t>::max())
    RefusePage("has a header that is not what Parquet writes");
  return static_cast<int32_t>(number);
}

// Sizes and counts: never below zero.
int32_t Count(ThriftCursor& cursor) {
  const int32_t count = Number(cursor);
  if (count < 0) RefusePage(fmt::format("claims a size or count of {}", count));
  return count;
}

parquet::Encoding::type EncodingOf(ThriftCursor& cursor) {
  const int32_t number = Number(cursor);
  if (number < 0 || number > parquet::Encoding::BYTE_STREAM_SPLIT) RefusePage(fmt::format("has encoding {}", number));
  return static_cast<parquet::Encoding::type>(number);
}

// Calls take(id) for each 32-bit number of the struct that `cursor` is in, and skip(id, type) for what else it holds.
template <class Take, class Skip>
void ForEachField(ThriftCursor& cursor, Take&& take, Skip&& skip) {
  for (auto field = cursor.Field(0); field.type != ThriftCursor::kStop; field = cursor.Field(field.id)) {
    if (field.type != ThriftCursor::kInt32 || !take(field.id)) skip(field.id, field.type);
  }
}

// Both sizes of a page that is not compressed must be one; some readers never look.
std::span<const uint8_t> AsStored(std::span<const uint8_t> stored, int64_t size) {
  if (stored.size() != static_cast<size_t>(size))
    RefusePage(fmt::format("claims {} bytes, it has {}", size, stored.size()));
  return stored;
}

}  // namespace

// The fields of parquet.thrift's PageHeader that reading needs.
struct PageStream::Header {
  enum Type { kData = 0, kDictionary = 2, kDataV2 = 3 };
  int32_t type = -1;
  int32_t size = -1;    // decompressed
  int32_t stored = -1;  // as it is in the chunk
  std::optional<int32_t> checksum;
  int32_t values = -1;
  parquet::Encoding::type encoding = parquet::Encoding::UNKNOWN;
  parquet::Encoding::type def_encoding = parquet::Encoding::RLE;
  parquet::Encoding::type rep_encoding = parquet::Encoding::RLE;
  int32_t def_bytes = 0;
  int32_t rep_bytes = 0;
  bool is_compressed = true;

  void Read(ThriftCursor& cursor) {
    const auto take = [&](int64_t id) {
      switch (id) {
        case 1:
          return type = Number(cursor), true;
        case 2:
          return size = Count(cursor), true;
        case 3:
          return stored = Count(cursor), true;
        case 4:
          return checksum = Number(cursor), true;
        default:
          return false;
      }
    };
    ForEachField(cursor, take, [&](int64_t id, int field_type) {
      const bool is_of_this_type =
          field_type == ThriftCursor::kStruct &&
          ((id == 5 && type == kData) || (id == 7 && type == kDictionary) || (id == 8 && type == kDataV2));
      if (!is_of_this_type) return cursor.Skip(field_type);
      if (type == kDataV2) return ReadV2(cursor);
      ReadFirst(cursor);
    });
    if (type < 0 || size < 0 || stored < 0) RefusePage("has a header without its type or sizes");
  }

 private:
  // DataPageHeader; DictionaryPageHeader is its beginning.
  void ReadFirst(ThriftCursor& cursor) {
    const auto take = [&](int64_t id) {
      switch (id) {
        case 1:
          return values = Count(cursor), true;
        case 2:
          return encoding = EncodingOf(cursor), true;
        case 3:
          return def_encoding = EncodingOf(cursor), true;
        case 4:
          return rep_encoding = EncodingOf(cursor), true;
        default:
          return false;
      }
    };
    ForEachField(cursor, take, [&](int64_t, int field_type) { cursor.Skip(field_type); });
  }

  void ReadV2(ThriftCursor& cursor) {
    const auto take = [&](int64_t id) {
      switch (id) {
        case 1:
          return values = Count(cursor), true;
        case 4:
          return encoding = EncodingOf(cursor), true;
        case 5:
          return def_bytes = Count(cursor), true;
        case 6:
          return rep_bytes = Count(cursor), true;
        default:
          return false;
      }
    };
    ForEachField(cursor, take, [&](int64_t id, int field_type) {
      if (id == 7 && field_type == ThriftCursor::kFalse) is_compressed = false;
      cursor.Skip(field_type);
    });
  }
};

void PageStream::Begin(std::string_view chunk, const ChunkPlace& place) {
  dictionary_.Trim();
  data_.Trim();
  left_ = chunk;
  values_left_ = place.levels;
  codec_ = static_cast<parquet::Compression::type>(place.codec);
  always_compressed_ = place.always_compressed;
}

const ColumnPage* PageStream::Next() {
  while (values_left_ > 0 && !left_.empty()) {
    const Header header = TakeHeader();
    const std::span<const uint8_t> stored = TakeBytes(header);
    switch (header.type) {
      case Header::kDictionary:
        OpenDictionary(header, stored);
        return &page_;
      case Header::kData:
        OpenData(header, stored);
        break;
      case Header::kDataV2:
        OpenDataV2(header, stored);
        break;
      default:
        continue;  // an index, or what a later version adds
    }
    values_left_ -= page_.values;
    return &page_;
  }
  CheckEnd();
  return nullptr;
}

// Entries of a nested column that no page has, or that the footer does not count, would be lost in silence: the number
// of rows does not show them.
void PageStream::CheckEnd() {
  if (values_left_ != 0)
    RefusePage(fmt::format("is missing, or too long: the footer's number of values is off by {}", values_left_));
  while (left_.size() > static_cast<size_t>(kForgottenHeaderBytes)) {
    const Header header = TakeHeader();
    (void)TakeBytes(header);
    if (header.values > 0) RefusePage("comes after the last one that the footer counts");
  }
}

std::span<const uint8_t> PageStream::TakeBytes(const Header& header) {
  const auto size = static_cast<size_t>(header.stored);
  if (size > left_.size()) RefusePage(fmt::format("claims {} bytes, {} are left", size, left_.size()));
  const std::span stored(reinterpret_cast<const uint8_t*>(left_.data()), size);
  left_.remove_prefix(size);
  if (header.checksum &&
      arrow::internal::crc32(0, stored.data(), stored.size()) != static_cast<uint32_t>(*header.checksum))
    RefusePage("does not match its checksum");
  return stored;
}

PageStream::Header PageStream::TakeHeader() {
  ThriftCursor cursor(left_, "the header of a page");
  Header header;
  header.Read(cursor);
  left_.remove_prefix(cursor.position());
  const bool has_values =
      header.type == Header::kDictionary || header.type == Header::kData || header.type == Header::kDataV2;
  if (has_values && (header.values < 0 || header.encoding == parquet::Encoding::UNKNOWN))
    RefusePage("has a header without its count or encoding");
  return header;
}

void PageStream::OpenDictionary(const Header& header, std::span<const uint8_t> stored) {
  page_ = {.is_dictionary = true,
           .values = header.values,
           .encoding = header.encoding,
           .bytes = Decompress(stored, header.size, dictionary_)};
}

void PageStream::OpenData(const Header& header, std::span<const uint8_t> stored) {
  page_ = {.values = header.values,
           .encoding = header.encoding,
           .def_encoding = header.def_encoding,
           .rep_encoding = header.rep_encoding,
           .bytes = Decompress(stored, header.size, data_)};
}

void PageStream::OpenDataV2(const Header& header, std::span<const uint8_t> stored) {
  const auto rep_bytes = static_cast<size_t>(header.rep_bytes);
  const auto level_bytes = rep_bytes + static_cast<size_t>(header.def_bytes);
  if (level_bytes > stored.size() || level_bytes > static_cast<size_t>(header.size))
    RefusePage(fmt::format("claims levels of {} bytes in {}", level_bytes, stored.size()));
  const auto values = stored.subspan(level_bytes);
  const int64_t size = header.size - static_cast<int64_t>(level_bytes);
  const bool is_compressed = header.is_compressed || always_compressed_;
  page_ = {.is_v2 = true,
           .values = header.values,
           .encoding = header.encoding,
           .rep_levels = stored.first(rep_bytes),
           .def_levels = stored.subspan(rep_bytes, level_bytes - rep_bytes),
           .bytes = is_compressed ? Decompress(values, size, data_) : AsStored(values, size)};
}

std::span<const uint8_t> PageStream::Decompress(std::span<const uint8_t> stored, int64_t size, Buffer& buffer) {
  if (codec_ == parquet::Compression::UNCOMPRESSED) return AsStored(stored, size);
  if (size == 0) return {};
  auto& codec = codecs_[codec_];
  if (codec == nullptr) codec = parquet::GetCodec(codec_);
  const std::span<uint8_t> room = buffer.Room(static_cast<size_t>(size));
  PARQUET_ASSIGN_OR_THROW(const int64_t got,
                          codec->Decompress(static_cast<int64_t>(stored.size()), stored.data(), size, room.data()));
  if (got != size) RefusePage(fmt::format("claims {} bytes, {} came out of its compression", size, got));
  return room;
}

}  // namespace firn
