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
#include "store/object_store.h"

namespace firn {

// Copies of objects on this machine, for a lake that is far away: many requests at once, and each byte fetched once.
// They are as many bytes as was asked for, and stay until the folder goes. Thread-safe.
class LocalCopies {
 public:
  // `folder` is there, and nobody else's. As many requests at once as the pool has threads.
  LocalCopies(ObjectStore& store, WorkerPool& pool, std::string folder)
      : store_(store), pool_(pool), folder_(std::move(folder)) {}

  // Where an object's copy is, or will be: the same path for a key each time.
  [[nodiscard]] std::string PathOf(const ObjectKey& key);

  enum class Lack {
    kFails,    // every object has to be there: kNotFound; kMismatch; kNoSpace when the disk has no room for all
    kIsFound,  // what is gone, changed, or too much for the disk is left out: its reader sees to it
  };
  // Fetches those that are not there yet. An object without an etag is fetched at its version of now.
  Status Fetch(std::span<const ObjectInfo> objects, Lack lack, std::stop_token stop = {});

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
  [[nodiscard]] Result<int64_t> FreeBytes() const;

  ObjectStore& store_;
  WorkerPool& pool_;
  const std::string folder_;
  std::atomic<int64_t> parts_ = 0;
  std::mutex mutex_;  // guards the rest
  std::map<ObjectKey, Copy> copies_;
};

}  // namespace firn
