#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <stop_token>
#include <string>
#include <unordered_map>
#include <vector>

#include "env/worker_pool.h"
#include "store/descriptor.h"
#include "store/object_store.h"

namespace firn {

// Copies of many small objects on this machine, one behind the other in a file for each reader: a file for each object
// would cost more than its bytes. For a lake that is far away: many requests at once, and each byte fetched once. The
// files have no names, and go with this object.
class PackedCopies {
 public:
  // As many requests at once as the pool has threads. `folder` is there.
  PackedCopies(ObjectStore& store, WorkerPool& pool, std::string folder);

  // Fetches the objects, of which each is read whole. What is gone, changed, or too much for the disk is left out: its
  // reader sees to it. Not while others call Find. The store's errors, kNoSpace, kIo, kStopped.
  Status Fetch(std::span<const ObjectInfo> objects, std::stop_token stop = {});

  // Where the copy of just this version is; nothing when there is none. Any thread.
  struct Place {
    int file = -1;
    int64_t offset = 0;
  };
  [[nodiscard]] std::optional<Place> Find(const ObjectInfo& object) const;

 private:
  struct Pack {
    Descriptor file;
    int64_t size = 0;
  };
  struct Copy {
    std::string etag;
    int64_t size = 0;
    Place place;
  };
  Result<Place> FetchOne(const ObjectInfo& object, Pack& pack);
  Status Open(Pack& pack) const;

  ObjectStore& store_;
  WorkerPool& pool_;
  const std::string folder_;
  std::vector<Pack> packs_;  // of each thread of the pool
  std::unordered_map<ObjectKey, Copy> copies_;
};

// How many bytes may be fetched to a folder, so that enough is left for the catalog, the log and spilling.
[[nodiscard]] Result<int64_t> RoomForCopies(const std::string& folder);

}  // namespace firn
