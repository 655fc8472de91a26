#include "aws/json_service.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <utility>

#include "aws/aws_libraries.h"
#include "aws/aws_signature.h"
#include "aws/http_time.h"
#include "base/crc32.h"

namespace firn {
namespace {

using std::chrono::nanoseconds;

// A transaction of a hundred items that is cancelled may send all of them back.
constexpr size_t kMaxErrorBody = 64 << 20;

template <class Number>
std::optional<Number> NumberOf(std::string_view text) {
  Number number{};
  const auto [end, failed] = std::from_chars(text.data(), text.data() + text.size(), number);
  const bool whole = failed == std::errc() && end == text.data() + text.size();
  return whole ? std::optional(number) : std::nullopt;
}

// Retry-After: seconds, or a date ("Retry-After", RFC 9110). An hour at most: longer than any budget.
nanoseconds RetryAfter(const HttpResponse& response, int64_t now_ns) {
  const std::string_view text = response.Header("retry-after");
  if (text.empty()) return {};
  constexpr int64_t kMost = nanoseconds(std::chrono::hours(1)).count();
  const auto seconds = NumberOf<uint32_t>(text);
  const int64_t wait = seconds ? int64_t{*seconds} * 1'000'000'000 : ParseHttpTimeNs(std::string(text)) - now_ns;
  return nanoseconds(std::clamp<int64_t>(wait, 0, kMost));
}

bool FitsChecksum(const HttpResponse& response) {
  const std::string_view expected = response.Header("x-amz-crc32");
  return expected.empty() || NumberOf<uint32_t>(expected) == Crc32(response.body);
}

std::string TextAt(const Json& body, const char* name) {
  const auto found = body.is_object() ? body.find(name) : body.end();
  return found != body.end() && found->is_string() ? found->get<std::string>() : std::string();
}

ServiceRefusal RefusalOf(const HttpResponse& response, const Json& body) {
  std::string type = TextAt(body, "__type");
  if (type.empty()) type = response.Header("x-amzn-errortype");
  if (type.empty()) type = TextAt(body, "code");
  ServiceRefusal refusal{response.status, std::string(BareCode(type)), TextAt(body, "message"), {}};
  if (refusal.message.empty()) refusal.message = TextAt(body, "Message");
  refusal.request_id = response.Header("x-amzn-requestid");
  return refusal;
}

Result<std::string> BodyOf(const JsonCall& call) {
  try {
    return call.request.dump();
  } catch (const Json::exception&) {
    return Fail(ErrorKind::kInvalidArgument, fmt::format("cannot {}: a text in it is not UTF-8", call.doing),
                "Pass bytes that are no text as binary");
  }
}

}  // namespace

// What became of one try, and of those before it.
struct JsonService::Try {
  Result<JsonReply> reply;
  nanoseconds wait{0};  // that the service asked for
  bool in_doubt = false;

  // The request may have been carried out, and nobody says so.
  void Lose(const JsonCall& call, Error error) {
    in_doubt = true;
    if (error.kind == ErrorKind::kUnavailable && !call.repeatable) {
      error.kind = ErrorKind::kUnknownOutcome;
      error.message += "; it may have been done";
      error.hint = "Look whether it was, then repeat it if not";
    }
    reply = std::unexpected(std::move(error));
  }
};

JsonService::JsonService(JsonProtocol protocol, AwsEndpoint endpoint, std::string region, AwsCredentials credentials,
                         std::chrono::seconds timeout, HttpSender& sender, const Clock& clock, Retries& retries)
    : protocol_(std::move(protocol)),
      endpoint_(std::move(endpoint)),
      region_(std::move(region)),
      credentials_(std::move(credentials)),
      timeout_(timeout),
      sender_(sender),
      clock_(clock),
      retries_(retries) {}

Result<JsonReply> JsonService::Call(const JsonCall& call) {
  FIRN_TRY_ASSIGN(const std::string body, BodyOf(call));
  Retries::Operation operation = retries_.Begin();
  Try one;
  do {
    MakeTry(call, body, one);
    if (!one.reply) continue;
    one.reply->in_doubt = one.in_doubt;
    return std::move(one.reply);
  } while (operation.Again(one.reply.error(), one.wait));
  return std::move(one.reply);
}

HttpRequest JsonService::Signed(const JsonCall& call, const std::string& body) const {
  const HttpFields headers = {{"content-type", "application/x-amz-json-" + protocol_.version},
                              {"x-amz-target", protocol_.target + "." + call.operation}};
  HttpRequest request;
  request.method = "POST";
  request.url = fmt::format("{}://{}/", endpoint_.scheme, endpoint_.host);
  request.headers = SignedHeaders({"POST", endpoint_.host, "/", {}, headers, body}, credentials_,
                                  {region_, protocol_.service}, clock_.NowNs());
  request.body = body;
  request.max_error_body = kMaxErrorBody;
  request.once = true;  // we count the tries
  request.stall_timeout = timeout_;
  return request;
}

void JsonService::MakeTry(const JsonCall& call, const std::string& body, Try& one) {
  one.wait = {};
  HttpExchange exchange = sender_.Exchange(Signed(call, body));
  if (!exchange.response) {
    Error error = std::move(exchange.response.error()).Within("cannot " + call.doing);
    if (exchange.sent) return one.Lose(call, std::move(error));
    one.reply = std::unexpected(std::move(error));
    return;
  }
  const HttpResponse& response = *exchange.response;
  const auto damaged = [&](std::string_view what) {
    one.Lose(call, {ErrorKind::kUnavailable, fmt::format("cannot {}: the service's answer {}", call.doing, what), ""});
  };
  if (!FitsChecksum(response)) return damaged("does not fit its checksum");
  JsonReply reply{Json::parse(response.body, nullptr, false), {}, false};
  if (response.ok()) {
    if (!reply.body.is_object()) return damaged("is no JSON");
    one.reply = std::move(reply);
    return;
  }
  reply.refusal = RefusalOf(response, reply.body);
  Error error = ErrorOf(*reply.refusal, call.doing);
  const bool passes = error.kind == ErrorKind::kUnavailable || (call.passes && call.passes(reply));
  if (!passes) {
    one.reply = std::move(reply);
    return;
  }
  error.kind = ErrorKind::kUnavailable;
  one.wait = RetryAfter(response, clock_.NowNs());
  if (response.status >= 500) return one.Lose(call, std::move(error));
  one.reply = std::unexpected(std::move(error));
}

namespace {

// A service with its connections.
class ConnectedJsonService : public JsonCaller {
 public:
  ConnectedJsonService(const JsonProtocol& protocol, AwsEndpoint endpoint, std::string region,
                       AwsCredentials credentials, const JsonServiceSettings& settings, Retries& retries,
                       const Clock& clock)
      : http_(settings.http),
        service_(protocol, std::move(endpoint), std::move(region), std::move(credentials), settings.timeout, http_,
                 clock, retries) {}

  Result<JsonReply> Call(const JsonCall& call) override { return service_.Call(call); }

 private:
  HttpClient http_;
  JsonService service_;
};

}  // namespace

Result<std::unique_ptr<JsonCaller>> OpenJsonService(const JsonProtocol& protocol, const JsonServiceSettings& settings,
                                                    Retries& retries, const Clock& clock,
                                                    const Environment& environment) {
  FIRN_TRY(LoadAwsLibraries());
  std::string region = FindAwsRegion(settings.identity, environment);
  FIRN_TRY_ASSIGN(AwsEndpoint endpoint, FindEndpoint(protocol.service, region, settings.endpoint, environment));
  FIRN_TRY_ASSIGN(AwsCredentials credentials, FindAwsCredentials(settings.identity, environment));
  return std::make_unique<ConnectedJsonService>(protocol, std::move(endpoint), std::move(region),
                                                std::move(credentials), settings, retries, clock);
}

}  // namespace firn
