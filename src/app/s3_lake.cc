#include "app/s3_lake.h"

#include <utility>

#include "app/aws_settings.h"
#include "env/random.h"
#include "env/stop_signal.h"
#include "store/retrying_store.h"

namespace firn {
namespace {

// Below its retries, which refer to it.
struct S3Parts {
  std::unique_ptr<S3Store> s3;
  SystemRandom random;
};

class S3Lake final : private S3Parts, public RetryingStore {
 public:
  S3Lake(std::unique_ptr<S3Store> store, std::chrono::seconds patience, const Clock& clock)
      : S3Parts{std::move(store), {}},
        RetryingStore(*s3, {.budget = patience}, clock, random, PauseUnlessStopped(InstallStopSignals())) {}
};

}  // namespace

S3Settings S3SettingsOf(const Project& project, const Environment& environment) {
  const S3Url url = ReadS3Url(project.lake);
  S3Settings settings;
  settings.bucket = url.bucket;
  settings.prefix = url.prefix;
  settings.endpoint = FirstSet(environment, {"AWS_ENDPOINT_URL_S3", "AWS_ENDPOINT_URL"}, project.s3.endpoint);
  settings.path_style = project.s3.path_style;
  settings.ca_file = FirstSet(environment, {"AWS_CA_BUNDLE"}, project.s3.ca_file);
  settings.identity = IdentityOf(environment, project.s3.region, project.s3.profile);
  return settings;
}

Result<std::unique_ptr<ObjectStore>> OpenS3Lake(const Project& project, std::chrono::seconds patience,
                                                const Clock& clock) {
  const Environment environment = ProcessEnvironment();
  FIRN_TRY_ASSIGN(auto store, OpenS3Store(S3SettingsOf(project, environment), environment));
  return std::make_unique<S3Lake>(std::move(store), patience, clock);
}

}  // namespace firn
