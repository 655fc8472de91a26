#include "store/working_store.h"

#include <fcntl.h>
#include <fmt/format.h>

#include <cerrno>

#include "store/descriptor.h"
#include "store/local_file.h"
#include "store/object_key.h"
#include "store/system_error.h"

namespace firn {
namespace {

Result<Bytes> ReadCopy(const std::string& path, const ObjectInfo& object, ByteRange range) {
  const Descriptor file(open(path.c_str(), O_RDONLY | O_CLOEXEC));
  if (!file.is_open()) return FailWithCode(errno, "read", path);
  Bytes bytes(static_cast<size_t>(range.length));
  FIRN_TRY_ASSIGN(const int64_t read, ReadFully(file.get(), object.key, range.offset, range.length, bytes.data()));
  if (read == range.length) return bytes;
  return Fail(ErrorKind::kIo, fmt::format("{} is a copy of {}, and was cut off", path, object.key),
              "Leave firn's own folder alone while it runs");
}

}  // namespace

Result<Bytes> WorkingStore::Read(const ObjectInfo& object) {
  if (const auto path = copies_.Find(object)) return ReadCopy(*path, object, {0, object.size});
  return lake_.Read(object);
}

Result<Bytes> WorkingStore::ReadRange(const ObjectInfo& object, int64_t offset, int64_t length) {
  const auto path = copies_.Find(object);
  if (!path) return lake_.ReadRange(object, offset, length);
  FIRN_TRY_ASSIGN(const ByteRange range, RangeWithin(object.key, object.size, offset, length));
  return ReadCopy(*path, object, range);
}

}  // namespace firn
