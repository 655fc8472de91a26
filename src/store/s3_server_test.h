#pragma once

#include <gtest/gtest.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <map>
#include <memory>
#include <mutex>
#include <string>

#include "aws/aws_signature.h"
#include "aws/http_client.h"
#include "env/clock.h"
#include "env/random.h"
#include "store/s3_store.h"

namespace firn {

// The real S3 servers that ctest starts with scripts/servers; FIRN_S3_SERVERS is where they are. A test without them
// fails.
inline constexpr const char* kS3Servers[] = {"versitygw", "seaweedfs"};
inline constexpr const char* kTestBucket = "firn-tests";

inline std::string EndpointOf(const std::string& server) {
  const char* folder = std::getenv("FIRN_S3_SERVERS");
  std::ifstream file(std::filesystem::path(folder == nullptr ? "" : folder) / server / "endpoint");
  std::string endpoint;
  EXPECT_TRUE(std::getline(file, endpoint)) << server << " does not run: `ctest -R store_s3` starts it";
  return endpoint;
}

inline S3Settings SettingsFor(const std::string& endpoint) {
  S3Settings settings;
  settings.bucket = kTestBucket;
  settings.endpoint = endpoint;
  settings.identity = {.access_key = "firn-test-key", .secret_key = "firn-test-secret", .region = "us-east-1"};
  return settings;
}

inline Environment EmptyEnvironment() {
  return [](const char*) { return std::optional<std::string>(); };
}

// A request that firn itself does not make.
inline HttpResponse Ask(const std::string& endpoint, const std::string& method, const std::string& path,
                        std::string_view body = "") {
  HttpClient http({});
  const std::string host = endpoint.substr(endpoint.find("//") + 2);
  HttpRequest request;
  request.method = method;
  request.url = endpoint + path;
  request.headers = SignedHeaders({method, host, path, {}, {}, body}, {"firn-test-key", "firn-test-secret", ""},
                                  {"us-east-1", "s3"}, SystemClock().NowNs());
  request.body = body;
  auto response = http.Send(request);
  EXPECT_TRUE(response) << response.error().Text();
  return response.value_or(HttpResponse{});
}

// The bucket of all tests, each of which has a prefix of its own in it.
inline void MakeTestBucket(const std::string& endpoint) {
  static std::mutex mutex;
  static std::map<std::string, int> made;
  const std::lock_guard lock(mutex);
  if (made[endpoint]++ > 0) return;
  const int status = Ask(endpoint, "PUT", std::string("/") + kTestBucket).status;
  EXPECT_TRUE(status == 200 || status == 409) << status;
}

// An empty lake in the bucket.
inline S3Settings SettingsOfNewLake(const std::string& server) {
  SystemRandom random;
  S3Settings settings = SettingsFor(EndpointOf(server));
  MakeTestBucket(settings.endpoint);
  settings.prefix = "lakes/" + RandomHex(random, 16);
  return settings;
}

inline std::unique_ptr<S3Store> OpenTestStore(const S3Settings& settings) {
  auto store = OpenS3Store(settings, EmptyEnvironment());
  EXPECT_TRUE(store) << store.error().Text();
  return store ? std::move(*store) : nullptr;
}

}  // namespace firn
