#define FIRN_STORE_CONFORMANCE_TESTS
#include "store/conformance_test.h"

#include "store/retrying_store.h"
#include "store/s3_server_test.h"

namespace firn {
namespace {

class S3UnderTest : public StoreUnderTest {
 public:
  explicit S3UnderTest(const std::string& server) : store_(OpenTestStore(SettingsOfNewLake(server))) {}
  ObjectStore& store() override { return *store_; }

 private:
  std::unique_ptr<S3Store> store_;
};

// As a lake uses it; here nothing fails.
class RetryingS3UnderTest : public S3UnderTest {
 public:
  explicit RetryingS3UnderTest(const std::string& server)
      : S3UnderTest(server), retrying_(S3UnderTest::store(), {}, clock_, random_, [](auto) { return true; }) {}
  ObjectStore& store() override { return retrying_; }

 private:
  SystemClock clock_;
  SystemRandom random_;
  RetryingStore retrying_;
};

template <class UnderTest>
StoreCase On(const std::string& name, const std::string& server, StoreDifferences differences) {
  return {name, [server] { return std::make_unique<UnderTest>(server); }, differences};
}

constexpr StoreDifferences kVersitygw = {.emptied_folders_refuse = true};
constexpr StoreDifferences kSeaweedfs = {.folder_at_object = true, .emptied_folders_linger = true};

INSTANTIATE_TEST_SUITE_P(S3, StoreConformance,
                         testing::Values(On<S3UnderTest>("Versitygw", "versitygw", kVersitygw),
                                         On<S3UnderTest>("Seaweedfs", "seaweedfs", kSeaweedfs),
                                         On<RetryingS3UnderTest>("RetryingVersitygw", "versitygw", kVersitygw)),
                         NameOfCase);

}  // namespace
}  // namespace firn
