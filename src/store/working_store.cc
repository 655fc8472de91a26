#include "store/working_store.h"

#include <fmt/format.h>

#include "store/local_file.h"
#include "store/object_key.h"

namespace firn {
namespace {

Result<Bytes> ReadCopy(const PackedCopies::Place& place, const ObjectInfo& object, ByteRange range) {
  Bytes bytes(static_cast<size_t>(range.length));
  FIRN_TRY_ASSIGN(const int64_t read,
                  ReadFully(place.file, object.key, place.offset + range.offset, range.length, bytes.data()));
  if (read == range.length) return bytes;
  return Fail(ErrorKind::kIo, fmt::format("the copy of {} on this machine was cut off", object.key),
              "Leave firn's own folder alone while it runs");
}

}  // namespace

Result<Bytes> WorkingStore::Read(const ObjectInfo& object) {
  if (const auto place = copies_.Find(object)) return ReadCopy(*place, object, {0, object.size});
  return lake_.Read(object);
}

Result<Bytes> WorkingStore::ReadRange(const ObjectInfo& object, int64_t offset, int64_t length) {
  const auto place = copies_.Find(object);
  if (!place) return lake_.ReadRange(object, offset, length);
  FIRN_TRY_ASSIGN(const ByteRange range, RangeWithin(object.key, object.size, offset, length));
  return ReadCopy(*place, object, range);
}

}  // namespace firn
