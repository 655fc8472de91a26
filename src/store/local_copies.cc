#include "store/local_copies.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdio>
#include <vector>

#include "store/descriptor.h"
#include "store/object_key.h"
#include "store/packed_copies.h"
#include "store/system_error.h"

namespace firn {
namespace {

constexpr int64_t kFetchBlock = 8 << 20;  // of a larger object, one after the other

Status WriteFully(const Descriptor& file, std::string_view bytes, const std::string& path) {
  while (!bytes.empty()) {
    const ssize_t written = write(file.get(), bytes.data(), bytes.size());
    if (written < 0 && errno == EINTR) continue;
    if (written < 0) return FailWithCode(errno, "write", path);
    bytes.remove_prefix(static_cast<size_t>(written));
  }
  return {};
}

}  // namespace

std::string LocalCopies::PathOf(const ObjectKey& key) {
  const std::scoped_lock lock(mutex_);
  Copy& copy = copies_[key];
  // The name stays, for messages and for what its end tells of the format; folders do not, which may be in its way.
  if (copy.path.empty()) copy.path = fmt::format("{}/{}-{}", folder_, copies_.size(), LastSegmentOf(key));
  return copy.path;
}

std::optional<std::string> LocalCopies::Find(const ObjectInfo& object) {
  const std::scoped_lock lock(mutex_);
  const auto found = copies_.find(object.key);
  if (found == copies_.end() || !found->second.version) return std::nullopt;
  const ObjectInfo& version = *found->second.version;
  if (version.etag != object.etag || version.size != object.size) return std::nullopt;
  return found->second.path;
}

Result<std::optional<Bytes>> LocalCopies::ReadCopy(const ObjectInfo& object, ByteRange range) {
  const auto path = Find(object);
  if (!path) return std::nullopt;
  const Descriptor file(open(path->c_str(), O_RDONLY | O_CLOEXEC));
  if (!file.is_open()) return FailWithCode(errno, "read", *path);
  FIRN_TRY_ASSIGN(Bytes bytes, ReadCopiedBytes(file.get(), object, range.offset, range.length));
  return bytes;
}

std::string LocalCopies::WithNames(std::string text) {
  const std::scoped_lock lock(mutex_);
  if (!text.contains(folder_)) return text;
  for (const auto& [key, copy] : copies_) {
    if (copy.path.empty()) continue;
    for (size_t at = text.find(copy.path); at != std::string::npos; at = text.find(copy.path, at))
      text.replace(at, copy.path.size(), JoinKey(store_.Describe(), key));
  }
  return text;
}

Status LocalCopies::Fetch(std::span<const ObjectInfo> objects, std::stop_token stop) {
  std::vector<const ObjectInfo*> wanted;
  int64_t bytes = 0;
  FIRN_TRY_ASSIGN(const int64_t room, RoomForCopies(folder_));
  for (const ObjectInfo& object : objects) {
    if (Find(object)) continue;
    bytes += object.size;
    wanted.push_back(&object);
  }
  if (bytes > room)
    return Fail(ErrorKind::kNoSpace,
                fmt::format("{} bytes of {} have to be fetched to {}, where {} may be used", bytes, store_.Describe(),
                            folder_, std::max<int64_t>(room, 0)),
                "Make room there, or read less: a predicate on the partition keys leaves partitions out");
  return pool_.ParallelFor(
      std::ssize(wanted), [&](int64_t i, int) { return FetchOne(*wanted[static_cast<size_t>(i)]); }, std::move(stop));
}

Status LocalCopies::FetchOne(const ObjectInfo& object) {
  ObjectInfo version = object;
  if (version.etag.empty()) {
    FIRN_TRY_ASSIGN(version, store_.Stat(object.key));
    if (Find(version)) return {};
  }
  const std::string path = PathOf(object.key);
  // Under a name of its own first: the path may have another version, which somebody reads.
  const std::string part = fmt::format("{}.part-{}", path, ++parts_);
  FIRN_TRY(Write(version, part));
  const std::scoped_lock lock(mutex_);
  if (std::rename(part.c_str(), path.c_str()) != 0) return FailWithCode(errno, "make", path);
  copies_[object.key].version = std::move(version);
  return {};
}

Status LocalCopies::Write(const ObjectInfo& version, const std::string& path) {
  const Descriptor file(open(path.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600));
  if (!file.is_open()) return FailWithCode(errno, "make", path);
  for (int64_t at = 0; at == 0 || at < version.size; at += kFetchBlock) {
    const int64_t length = std::min(kFetchBlock, version.size - at);
    FIRN_TRY_ASSIGN(const Bytes bytes,
                    length == version.size ? store_.Read(version) : store_.ReadRange(version, at, length));
    FIRN_TRY(WriteFully(file, bytes.view(), path));
  }
  return {};
}

}  // namespace firn
