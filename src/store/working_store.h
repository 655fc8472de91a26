#pragma once

#include <string>
#include <string_view>

#include "store/object_store.h"
#include "store/packed_copies.h"

namespace firn {

// A lake that is far away, as one execution of a job sees it: of objects that were fetched the copies are read; all
// else is passed on. What it is given must outlive it. Thread-safe.
class WorkingStore : public ObjectStore {
 public:
  WorkingStore(ObjectStore& lake, const PackedCopies& copies) : lake_(lake), copies_(copies) {}

  [[nodiscard]] std::string Describe() const override { return lake_.Describe(); }
  Result<std::vector<ObjectInfo>> List(std::string_view prefix) override { return lake_.List(prefix); }
  Result<FolderListing> ListFolder(std::string_view prefix) override { return lake_.ListFolder(prefix); }
  Result<ObjectInfo> Stat(std::string_view key) override { return lake_.Stat(key); }
  Result<Bytes> Read(const ObjectInfo& object) override;
  Result<Bytes> ReadRange(const ObjectInfo& object, int64_t offset, int64_t length) override;
  Result<std::unique_ptr<ObjectWriter>> Create(std::string_view key) override { return lake_.Create(key); }
  Status Link(std::string_view from, std::string_view to) override { return lake_.Link(from, to); }
  Status Remove(std::string_view key) override { return lake_.Remove(key); }
  Status RemovePrefix(std::string_view prefix) override { return lake_.RemovePrefix(prefix); }
  Status ExchangeFolders(std::string_view a, std::string_view b) override { return lake_.ExchangeFolders(a, b); }
  [[nodiscard]] bool AtomicExchange() const override { return lake_.AtomicExchange(); }
  Status CheckReplaceable(std::string_view prefix) override { return lake_.CheckReplaceable(prefix); }

 private:
  ObjectStore& lake_;
  const PackedCopies& copies_;
};

}  // namespace firn
