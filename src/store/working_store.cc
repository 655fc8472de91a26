#include "store/working_store.h"

#include "store/object_key.h"

namespace firn {

Result<Bytes> WorkingStore::Read(const ObjectInfo& object) {
  FIRN_TRY_ASSIGN(std::optional<Bytes> bytes, copies_.ReadCopy(object, {0, object.size}));
  if (bytes) return std::move(*bytes);
  return lake_.Read(object);
}

Result<Bytes> WorkingStore::ReadRange(const ObjectInfo& object, int64_t offset, int64_t length) {
  const auto range = RangeWithin(object.key, object.size, offset, length);
  if (!range) return lake_.ReadRange(object, offset, length);
  FIRN_TRY_ASSIGN(std::optional<Bytes> bytes, copies_.ReadCopy(object, *range));
  if (bytes) return std::move(*bytes);
  return lake_.ReadRange(object, offset, length);
}

}  // namespace firn
