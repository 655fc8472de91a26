#pragma once

#include <map>
#include <memory>
#include <mutex>
#include <string>

#include "env/clock.h"
#include "store/object_store.h"

namespace firn {

// A lake in memory, for tests and simulations. Thread-safe. It refuses what a local lake refuses, in the same words (a
// name is an object or a folder, not both).
class MemoryStore : public ObjectStore {
 public:
  MemoryStore();
  // Objects are dated by `clock`, which must outlive the store.
  explicit MemoryStore(const Clock& clock) : clock_(clock) {}

  [[nodiscard]] std::string Describe() const override { return "memory://"; }
  Result<std::vector<ObjectInfo>> List(std::string_view prefix) override;
  Result<FolderListing> ListFolder(std::string_view prefix) override;
  Result<ObjectInfo> Stat(std::string_view key) override;
  Result<Bytes> Read(const ObjectInfo& object) override;
  Result<Bytes> ReadRange(const ObjectInfo& object, int64_t offset, int64_t length) override;
  Result<std::unique_ptr<ObjectWriter>> Create(std::string_view key) override;
  Status Link(std::string_view from, std::string_view to) override;
  Status Remove(std::string_view key) override;
  Status RemovePrefix(std::string_view prefix) override;
  Status ExchangeFolders(std::string_view a, std::string_view b) override;
  [[nodiscard]] bool AtomicExchange() const override { return true; }
  Status CheckReplaceable(std::string_view prefix) override;

 private:
  class Writer;
  struct Entry {
    std::shared_ptr<const std::string> bytes;  // shared by links, and with readers
    int64_t modified_ns = 0;
    int64_t version = 0;
  };
  using Entries = std::map<std::string, Entry, std::less<>>;

  static ObjectInfo InfoOf(const Entries::value_type& entry);
  // The next five hold the mutex already.
  Entries::iterator FirstBelow(std::string_view prefix);
  Status CheckFree(std::string_view key);
  Status CheckFolder(std::string_view folder);
  Entries Take(std::string_view folder);
  void Put(Entries entries, std::string_view from, std::string_view to);
  Result<ObjectInfo> Publish(const std::string& key, std::string bytes);

  const Clock& clock_;
  std::mutex mutex_;  // guards the rest
  Entries entries_;
  int64_t versions_ = 0;
};

}  // namespace firn
