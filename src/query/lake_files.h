#pragma once

#include <span>
#include <stop_token>
#include <string>

#include "env/worker_pool.h"
#include "store/local_copies.h"
#include "store/object_store.h"
#include "store/working_store.h"

namespace firn {

// How the engine, which opens files by path, gets at the objects of a lake. Thread-safe.
class LakeFiles {
 public:
  virtual ~LakeFiles() = default;
  // Where an object's bytes are on this machine, once Bring() returned for it.
  [[nodiscard]] virtual std::string PathOf(const ObjectKey& key) = 0;
  // An object without an etag is brought at its version of now. kNotFound when it is gone, kConflict when it changes
  // meanwhile; kNoSpace.
  virtual Status Bring(std::span<const ObjectInfo> objects, std::stop_token stop) = 0;
  // `lake`, but for what was brought, which is read from this machine.
  [[nodiscard]] virtual ObjectStore& Near(ObjectStore& lake) = 0;
  // A message about paths as one about objects.
  [[nodiscard]] virtual std::string InWords(std::string message) = 0;
};

// Of a lake in a folder: they are there.
class FolderFiles final : public LakeFiles {
 public:
  explicit FolderFiles(std::string folder) : folder_(std::move(folder)) {}
  [[nodiscard]] std::string PathOf(const ObjectKey& key) override { return folder_ + "/" + key; }
  Status Bring(std::span<const ObjectInfo> /*objects*/, std::stop_token /*stop*/) override { return {}; }
  [[nodiscard]] ObjectStore& Near(ObjectStore& lake) override { return lake; }
  [[nodiscard]] std::string InWords(std::string message) override { return message; }

 private:
  const std::string folder_;
};

// Of a lake that is far away: they are fetched whole to `folder`, which is nobody else's, and stay until that goes.
class FetchedFiles final : public LakeFiles {
 public:
  FetchedFiles(ObjectStore& store, WorkerPool& readers, std::string folder)
      : copies_(store, readers, std::move(folder)), near_(store, copies_) {}
  [[nodiscard]] std::string PathOf(const ObjectKey& key) override { return copies_.PathOf(key); }
  Status Bring(std::span<const ObjectInfo> objects, std::stop_token stop) override;
  [[nodiscard]] ObjectStore& Near(ObjectStore& /*lake*/) override { return near_; }
  [[nodiscard]] std::string InWords(std::string message) override { return copies_.WithNames(std::move(message)); }

 private:
  LocalCopies copies_;
  WorkingStore near_;
};

}  // namespace firn
