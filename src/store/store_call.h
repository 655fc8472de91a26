#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "store/object_store.h"

namespace firn {

// What the decorators see of a store: each method of ObjectStore and of ObjectWriter is one operation.
enum class StoreOperation {
  kList,
  kListFolder,
  kStat,
  kRead,
  kReadRange,
  kCreate,
  kAppend,
  kFinish,
  kLink,
  kRemove,
  kRemovePrefix,
  kExchangeFolders,
  kCheckReplaceable,
};
inline constexpr size_t kStoreOperations = 13;

[[nodiscard]] std::string_view NameOf(StoreOperation operation);  // "ListFolder"
[[nodiscard]] bool ChangesStore(StoreOperation operation);        // Finish, Link, the removals, the exchange

// One call. `key` is the key or prefix; of Link the new name, of ExchangeFolders the second folder.
struct StoreCall {
  StoreOperation operation = StoreOperation::kList;
  std::string key;
};

// What becomes of a call, for stores that stand between a program and a store.
struct Verdict {
  enum class Deed {
    kWhole,  // do it
    kHalf,  // do a part of it: an Append writes half of the bytes, a RemovePrefix removes half of the objects, anything
            // else is done whole and its answer is lost
    kNone,  // do not do it
  };
  Deed deed = Deed::kWhole;
  Error error;  // returned unless the deed is kWhole
};

// Passes every call on to `inner`, which must outlive it, and asks a derived class before and tells it after. As
// thread-safe as the derived class's two methods.
class InterceptedStore : public ObjectStore {
 public:
  explicit InterceptedStore(ObjectStore& inner) : inner_(inner) {}

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

 protected:
  [[nodiscard]] virtual Verdict Before(const StoreCall& call) = 0;
  // After a call that was passed on. `bytes` that were read or appended.
  virtual void After(const StoreCall& /*call*/, bool /*succeeded*/, int64_t /*bytes*/) {}

 private:
  class Writer;
  template <class Act, class Measure>
  auto Pass(const StoreCall& call, Act act, Measure bytes_of) -> decltype(act());
  template <class Act>
  auto Pass(const StoreCall& call, Act act) -> decltype(act());
  Status RemoveHalf(std::string_view prefix);

  ObjectStore& inner_;
};

}  // namespace firn
