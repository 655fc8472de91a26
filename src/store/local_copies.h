#pragma once

#include <atomic>
#include <cstdint>
#include <map>
#include <mutex>
#include <optional>
#include <span>
#include <stop_token>
#include <string>

#include "env/worker_pool.h"
#include "store/near_copies.h"
#include "store/object_store.h"

namespace firn {

// Copies of objects on this machine as files, for those who open files by path (packed_copies.h is for all others):
// many requests at once, and each byte fetched once. They are as many bytes as was asked for, and stay until the folder
// goes. Thread-safe.
class LocalCopies final : public NearCopies {
 public:
  // `folder` is there, and nobody else's. As many requests at once as the pool has threads.
  LocalCopies(ObjectStore& store, WorkerPool& pool, std::string folder)
      : store_(store), pool_(pool), folder_(std::move(folder)) {}

  // Where an object's copy is, or will be: the same path for a key each time.
  [[nodiscard]] std::string PathOf(const ObjectKey& key);

  // Fetches those that are not there yet. An object without an etag is fetched at its version of now. kNotFound and
  // kMismatch for what is gone or changed; kNoSpace when the disk has no room for all.
  Status Fetch(std::span<const ObjectInfo> objects, std::stop_token stop = {});

  Result<std::optional<Bytes>> ReadCopy(const ObjectInfo& object, ByteRange range) override;
  // The path of a copy of just this version.
  [[nodiscard]] std::optional<std::string> Find(const ObjectInfo& object);
  // The text with objects' names in place of their paths, for messages.
  [[nodiscard]] std::string WithNames(std::string text);

 private:
  struct Copy {
    std::string path;
    std::optional<ObjectInfo> version;  // of what is there
  };
  Status FetchOne(const ObjectInfo& object);
  Status Write(const ObjectInfo& version, const std::string& path);

  ObjectStore& store_;
  WorkerPool& pool_;
  const std::string folder_;
  std::atomic<int64_t> parts_ = 0;
  std::mutex mutex_;  // guards the rest
  std::map<ObjectKey, Copy> copies_;
};

}  // namespace firn
