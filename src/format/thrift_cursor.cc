#include "format/thrift_cursor.h"

#include <fmt/format.h>
#include <parquet/exception.h>

namespace firn {

ThriftCursor::FieldHeader ThriftCursor::Field(int64_t previous_id) {
  const int head = Byte();
  if (head == kStop) return {};
  const int delta = head >> 4;
  // Ids are 16 bits wide; whatever else the bytes say, sums stay in range.
  return {.type = head & 0x0f, .id = static_cast<int16_t>(delta == 0 ? Integer() : previous_id + delta)};
}

uint64_t ThriftCursor::List(int& type) {
  const int head = Byte();
  type = head & 0x0f;
  return (head >> 4) == 15 ? Varint() : static_cast<uint64_t>(head >> 4);
}

int64_t ThriftCursor::Integer() {
  const uint64_t zigzag = Varint();
  return static_cast<int64_t>(zigzag >> 1) ^ -static_cast<int64_t>(zigzag & 1);
}

void ThriftCursor::Skip(int type, int depth) {
  if (depth > kDeepestValue) Refuse("is nested too deep");
  switch (type) {
    case kTrue:
    case kFalse:
      return;  // a boolean is its type
    case 3:
      return Advance(1);
    case 4:
    case kInt32:
    case 6:
      return (void)Varint();
    case 7:
      return Advance(8);
    case 8:
      return Advance(Varint());
    case kList:
    case 10:
      return SkipList(depth);
    case kStruct:
      return SkipStruct(depth);
    default:
      Refuse("is not what Parquet writes");
  }
}

void ThriftCursor::SkipList(int depth) {
  int type = 0;
  for (uint64_t left = List(type); left > 0; --left) {
    if (type == kTrue || type == kFalse) Advance(1);  // in a list, a boolean is a byte
    Skip(type, depth + 1);
  }
}

void ThriftCursor::SkipStruct(int depth) {
  for (FieldHeader field = Field(0); field.type != kStop; field = Field(field.id)) Skip(field.type, depth + 1);
}

int ThriftCursor::Byte() {
  if (at_ >= bytes_.size()) Refuse("ends too early");
  return static_cast<unsigned char>(bytes_[at_++]);
}

uint64_t ThriftCursor::Varint() {
  uint64_t value = 0;
  for (int shift = 0; shift < 64; shift += 7) {
    const auto byte = static_cast<uint64_t>(Byte());
    value |= (byte & 0x7f) << shift;
    if ((byte & 0x80) == 0) return value;
  }
  Refuse("holds a number that never ends");
}

void ThriftCursor::Advance(uint64_t count) {
  if (count > bytes_.size() - at_) Refuse("ends too early");
  at_ += count;
}

void ThriftCursor::Refuse(std::string_view why) const {
  throw parquet::ParquetException(fmt::format("{} {}", what_, why));
}

}  // namespace firn
