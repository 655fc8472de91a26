#pragma once

#include <memory>
#include <string>
#include <utility>

#include "env/clock.h"
#include "env/random.h"
#include "env/retry.h"
#include "store/object_store.h"

namespace firn {

// Makes calls again that failed with kUnavailable, by the rule of env/retry.h, each with a budget of its own. A try
// that hangs is ended by the store below; so an operation takes the budget and one try at most. All other errors are
// returned as they are. `inner` and the rest must outlive it. Thread-safe.
//
// Reads ask for one version, so trying again cannot mix two. Removals can be repeated. A Link that is found done after
// a try whose answer was lost is taken as its own when both names are the same version. Writers are tried again when
// they resume (ObjectWriter). ExchangeFolders is not repeated: twice is not once.
class RetryingStore : public ObjectStore {
 public:
  RetryingStore(ObjectStore& inner, RetryPolicy policy, const Clock& clock, Random& random, Pause pause)
      : inner_(inner), retries_(policy, clock, random, std::move(pause)) {}

  [[nodiscard]] std::string Describe() const override { return inner_.Describe(); }
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
  [[nodiscard]] bool AtomicExchange() const override { return inner_.AtomicExchange(); }
  Status CheckReplaceable(std::string_view prefix) override;

 private:
  class Writer;
  Result<bool> AreOneVersion(std::string_view a, std::string_view b);

  ObjectStore& inner_;
  Retries retries_;
};

}  // namespace firn
