#pragma once

#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

namespace firn {

// What becomes of one request that comes through the proxy.
struct Mishap {
  enum class Deed {
    kNone,           // it goes through
    kSlowDown,       // 503, as S3 throttles; the server does not see it
    kInternalError,  // 200, and an <Error> in the body, as a copy or a completion fails half way
    kReset,          // half of the answer, then a reset
    kStall,          // half of the answer, then nothing, until the client is gone
    kShort,          // half of the answer, then an orderly end
    kLoseAnswer,     // the server does it, and the client gets a reset instead of the answer
    kOtherETag,      // the answer says another ETag, as if the object had been replaced
    kThrottle,       // 400 and ThrottlingException, as services with JSON throttle; the server does not see it
    kServerFault,    // 500 and InternalServerError in JSON; the server does it all the same
    kWrongChecksum,  // the answer's x-amz-crc32 is that of other bytes
  };
  Deed deed = Deed::kNone;
};

// Decides about each request: "GET /bucket/key?query", of services with JSON "POST / DynamoDB_20120810.Scan", and how
// many of exactly that came before it.
using MishapRule = std::function<Mishap::Deed(const std::string& request, int64_t before)>;

// A server between a client and an S3 or DynamoDB server, for tests of failures: it counts requests and plays mishaps.
// Thread-safe.
class FaultyProxy {
 public:
  explicit FaultyProxy(const std::string& upstream_endpoint);
  FaultyProxy(const FaultyProxy&) = delete;
  FaultyProxy& operator=(const FaultyProxy&) = delete;
  ~FaultyProxy();

  [[nodiscard]] std::string endpoint() const;
  void SetRule(MishapRule rule);                      // forgets what came before
  [[nodiscard]] std::vector<std::string> Requests();  // since then, in their order

 private:
  void Accept();
  void Serve(int client);
  Mishap::Deed Note(const std::string& request);

  int listener_ = -1;
  int port_ = 0;
  int upstream_port_ = 0;
  std::mutex mutex_;  // guards the rest
  MishapRule rule_;
  std::vector<std::string> requests_;
  std::map<std::string, int64_t> seen_;
  std::vector<std::jthread> threads_;
  std::jthread acceptor_;
};

}  // namespace firn
