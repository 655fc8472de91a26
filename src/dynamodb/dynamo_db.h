#pragma once

#include <chrono>
#include <memory>
#include <string>

#include "aws/json_service.h"
#include "base/result.h"
#include "dynamodb/client.h"
#include "env/clock.h"
#include "env/random.h"
#include "env/retry.h"

namespace firn {

struct DynamoSettings {
  std::string endpoint;  // "http://127.0.0.1:8000"; empty: AWS_ENDPOINT_URL_DYNAMODB, AWS_ENDPOINT_URL, then Amazon's
  AwsIdentity identity;  // keys, profile, region: aws_credentials.h says where else they are looked for
  HttpSettings http;
  std::chrono::seconds timeout{10};  // without 1 KiB/s for so long, a try is over
  RetryPolicy retry;
};

// DynamoDB over the network: a client with what it stands on. Thread-safe.
class DynamoDb {
 public:
  // Asks nobody. kInvalidArgument for settings that make no sense, kPermission or kNotFound when there are no keys.
  // `clock` and `random` must outlive it. `pause` ends waits when the program is to stop (PauseUnlessStopped).
  static Result<std::unique_ptr<DynamoDb>> Open(const DynamoSettings& settings, const Clock& clock, Random& random,
                                                Pause pause, const Environment& environment = ProcessEnvironment());
  DynamoDb(const DynamoDb&) = delete;
  DynamoDb& operator=(const DynamoDb&) = delete;
  ~DynamoDb() = default;

  [[nodiscard]] DynamoClient& client() { return *client_; }

 private:
  DynamoDb(const RetryPolicy& policy, const Clock& clock, Random& random, Pause pause)
      : retries_(policy, clock, random, std::move(pause)) {}

  Retries retries_;
  std::unique_ptr<JsonCaller> service_;
  std::unique_ptr<DynamoClient> client_;
};

}  // namespace firn
