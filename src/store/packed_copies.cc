#include "store/packed_copies.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/statvfs.h>
#include <unistd.h>

#include <cerrno>

#include "store/system_error.h"

namespace firn {
namespace {

// What else needs the disk: the catalog, the log, spilling.
constexpr int64_t kKeptFree = int64_t{256} << 20;

Status WriteAt(const Descriptor& file, std::string_view bytes, int64_t offset, const std::string& folder) {
  while (!bytes.empty()) {
    const ssize_t written = pwrite(file.get(), bytes.data(), bytes.size(), offset);
    if (written < 0 && errno == EINTR) continue;
    if (written < 0) return FailWithCode(errno, "write in", folder);
    bytes.remove_prefix(static_cast<size_t>(written));
    offset += written;
  }
  return {};
}

}  // namespace

Result<int64_t> RoomForCopies(const std::string& folder) {
  struct statvfs space{};
  if (statvfs(folder.c_str(), &space) != 0) return FailWithCode(errno, "look at", folder);
  return static_cast<int64_t>(space.f_bavail * space.f_frsize) - kKeptFree;
}

PackedCopies::PackedCopies(ObjectStore& store, WorkerPool& pool, std::string folder)
    : store_(store), pool_(pool), folder_(std::move(folder)), packs_(static_cast<size_t>(pool.threads())) {}

Status PackedCopies::Fetch(std::span<const ObjectInfo> objects, std::stop_token stop) {
  FIRN_TRY_ASSIGN(int64_t room, RoomForCopies(folder_));
  std::vector<const ObjectInfo*> wanted;
  for (const ObjectInfo& object : objects) {
    if (Find(object) || object.size > room) continue;
    room -= object.size;
    wanted.push_back(&object);
  }
  std::vector<std::optional<Place>> places(wanted.size());
  FIRN_TRY(pool_.ParallelFor(
      std::ssize(wanted),
      [&](int64_t i, int thread) -> Status {
        const auto at = static_cast<size_t>(i);
        auto place = FetchOne(*wanted[at], packs_[static_cast<size_t>(thread)]);
        if (place) {
          places[at] = *place;
          return {};
        }
        const ErrorKind kind = place.error().kind;
        if (kind == ErrorKind::kNotFound || kind == ErrorKind::kMismatch) return {};
        return std::unexpected(std::move(place.error()));
      },
      std::move(stop)));
  for (size_t i = 0; i < wanted.size(); ++i)
    if (places[i]) copies_[wanted[i]->key] = {wanted[i]->etag, wanted[i]->size, *places[i]};
  return {};
}

Result<PackedCopies::Place> PackedCopies::FetchOne(const ObjectInfo& object, Pack& pack) {
  if (!pack.file.is_open()) FIRN_TRY(Open(pack));
  FIRN_TRY_ASSIGN(const Bytes bytes, store_.Read(object));
  const Place place{pack.file.get(), pack.size};
  FIRN_TRY(WriteAt(pack.file, bytes.view(), place.offset, folder_));
  pack.size += static_cast<int64_t>(bytes.size());
  return place;
}

Status PackedCopies::Open(Pack& pack) const {
  const std::string path = fmt::format("{}/pack-{}", folder_, &pack - packs_.data());
  pack.file = Descriptor(open(path.c_str(), O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0600));
  if (!pack.file.is_open()) return FailWithCode(errno, "make", path);
  if (unlink(path.c_str()) != 0) return FailWithCode(errno, "remove the name of", path);
  return {};
}

std::optional<PackedCopies::Place> PackedCopies::Find(const ObjectInfo& object) const {
  const auto found = copies_.find(object.key);
  if (found == copies_.end() || found->second.etag != object.etag || found->second.size != object.size)
    return std::nullopt;
  return found->second.place;
}

}  // namespace firn
