#pragma once

#include <chrono>
#include <functional>
#include <memory>
#include <optional>
#include <string>

#include "aws/aws_credentials.h"
#include "aws/aws_endpoint.h"
#include "aws/http_client.h"
#include "aws/service_refusal.h"
#include "base/json.h"
#include "base/result.h"
#include "env/clock.h"
#include "env/retry.h"

namespace firn {

// The answer of a service: `body`, or why not.
struct JsonReply {
  Json body;  // of a refusal too: some say more than their message
  std::optional<ServiceRefusal> refusal;
  // An earlier try of the same call may have been carried out: its answer was lost. So what the service refuses now
  // ("it is there already") may be that try's own work.
  bool in_doubt = false;
};

struct JsonCall {
  std::string operation;  // "PutItem"
  std::string doing;      // "write into table 'orders'", for messages: "cannot write into table 'orders': ..."
  Json request;
  // Done twice is as done once. If not, a try whose answer is lost is kUnknownOutcome instead of another try.
  bool repeatable = true;
  // Refusals of this operation that pass by themselves, besides those of service_refusal.h.
  std::function<bool(const JsonReply&)> passes;
};

// Who asks a service, so that tests can play one. Thread-safe.
class JsonCaller {
 public:
  virtual ~JsonCaller() = default;
  // Errors: kUnavailable when there was no answer, or only refusals that pass by themselves, until the retries' budget
  // was spent; kUnknownOutcome (see JsonCall); kInvalidArgument when the request is not UTF-8; kPermission when TLS
  // does not trust the server. All other refusals are replies.
  virtual Result<JsonReply> Call(const JsonCall& call) = 0;
};

// A service of AWS that speaks AWS's JSON protocol, 1.0 or 1.1 ("AWS JSON protocols", Smithy): POST /, the operation in
// X-Amz-Target, Signature Version 4.
struct JsonProtocol {
  std::string service;          // "dynamodb": in the endpoint, the signature, and AWS_ENDPOINT_URL_DYNAMODB
  std::string target;           // "DynamoDB_20120810"
  std::string version = "1.1";  // in the content type: application/x-amz-json-1.1
};

struct JsonServiceSettings {
  std::string endpoint;  // "http://127.0.0.1:8000"; empty: see FindEndpoint in aws_endpoint.h
  AwsIdentity identity;  // keys, profile, region: aws_credentials.h says where else they are looked for
  HttpSettings http;
  std::chrono::seconds timeout{10};  // without 1 KiB/s for so long, a try is over
};

// Calls a service, and again while that may help: when it throttles (honouring Retry-After), does not answer, breaks
// off, or its answer does not fit its x-amz-crc32. Thread-safe; each call is in its caller's thread.
class JsonService : public JsonCaller {
 public:
  // `sender`, `clock` and what `retries` refers to must outlive it.
  JsonService(JsonProtocol protocol, AwsEndpoint endpoint, std::string region, AwsCredentials credentials,
              std::chrono::seconds timeout, HttpSender& sender, const Clock& clock, Retries& retries);

  Result<JsonReply> Call(const JsonCall& call) override;

 private:
  struct Try;
  void MakeTry(const JsonCall& call, const std::string& body, Try& one);
  [[nodiscard]] HttpRequest Signed(const JsonCall& call, const std::string& body) const;

  const JsonProtocol protocol_;
  const AwsEndpoint endpoint_;
  const std::string region_;
  const AwsCredentials credentials_;
  const std::chrono::seconds timeout_;
  HttpSender& sender_;
  const Clock& clock_;
  Retries& retries_;
};

// A service on connections of its own. `retries` and `clock` must outlive it. Asks nobody; errors: kInvalidArgument for
// settings that make no sense, kPermission or kNotFound when there are no keys.
Result<std::unique_ptr<JsonCaller>> OpenJsonService(const JsonProtocol& protocol, const JsonServiceSettings& settings,
                                                    Retries& retries, const Clock& clock,
                                                    const Environment& environment = ProcessEnvironment());

}  // namespace firn
