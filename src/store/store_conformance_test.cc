#define FIRN_STORE_CONFORMANCE_TESTS
#include "store/conformance_test.h"

#include "base/test_folder_test.h"
#include "store/counting_store.h"
#include "store/crash_store.h"
#include "store/faulty_store.h"
#include "store/local_store.h"
#include "store/memory_store.h"

namespace firn {
namespace {

class MemoryUnderTest : public StoreUnderTest {
 public:
  ObjectStore& store() override { return store_; }

 private:
  MemoryStore store_;
};

class LocalUnderTest : public StoreUnderTest {
 public:
  LocalUnderTest() : store_(OpenLocalStore(folder_.path() / "lake", true).value()) {}
  ObjectStore& store() override { return *store_; }

 private:
  TestFolder folder_;
  std::unique_ptr<LocalStore> store_;
};

// A decorator that lets everything through.
template <class Decorator, class... Arguments>
StoreCase Decorated(std::string name, Arguments... arguments) {
  class UnderTest : public StoreUnderTest {
   public:
    explicit UnderTest(Arguments... given) : decorator_(inner_, std::move(given)...) {}
    ObjectStore& store() override { return decorator_; }

   private:
    MemoryStore inner_;
    Decorator decorator_;
  };
  return {std::move(name), [arguments...] { return std::make_unique<UnderTest>(arguments...); }};
}

INSTANTIATE_TEST_SUITE_P(Stores, StoreConformance,
                         testing::Values(StoreCase{"Local", [] { return std::make_unique<LocalUnderTest>(); }},
                                         StoreCase{"Memory", [] { return std::make_unique<MemoryUnderTest>(); }},
                                         Decorated<CountingStore>("Counting"),
                                         Decorated<FaultyStore>("Faulty", NoFault()), Decorated<CrashStore>("Crash")),
                         NameOfCase);

}  // namespace
}  // namespace firn
