#include "aws/service_refusal.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "base/printable.h"

namespace firn {
namespace {

struct CodeFacts {
  std::string_view code;
  ErrorKind kind;
  std::string_view hint;
};

constexpr std::string_view kThrottled = "The service throttles: fewer requests at once, or more capacity";
constexpr std::string_view kKeys = "Are the keys right, and of this account and region?";
constexpr std::string_view kNewToken = "Get a new session token";
constexpr std::string_view kSetClock = "The secret key is wrong, or this machine's clock";

// "Common errors" of the API references, "Retry behavior" of the AWS SDKs' reference guide, and "Error handling with
// DynamoDB", DynamoDB developer guide.
constexpr std::array kCodes = {
    CodeFacts{"Throttling", ErrorKind::kUnavailable, kThrottled},
    CodeFacts{"ThrottlingException", ErrorKind::kUnavailable, kThrottled},
    CodeFacts{"ThrottledException", ErrorKind::kUnavailable, kThrottled},
    CodeFacts{"RequestThrottled", ErrorKind::kUnavailable, kThrottled},
    CodeFacts{"RequestThrottledException", ErrorKind::kUnavailable, kThrottled},
    CodeFacts{"TooManyRequestsException", ErrorKind::kUnavailable, kThrottled},
    CodeFacts{"ProvisionedThroughputExceededException", ErrorKind::kUnavailable, kThrottled},
    CodeFacts{"RequestLimitExceeded", ErrorKind::kUnavailable, kThrottled},
    CodeFacts{"BandwidthLimitExceeded", ErrorKind::kUnavailable, kThrottled},
    CodeFacts{"LimitExceededException", ErrorKind::kConflict, "Too much of this at once: wait for what is under way"},
    CodeFacts{"PriorRequestNotComplete", ErrorKind::kUnavailable, ""},
    CodeFacts{"RequestTimeout", ErrorKind::kUnavailable, ""},
    CodeFacts{"RequestTimeoutException", ErrorKind::kUnavailable, ""},
    CodeFacts{"TransactionInProgressException", ErrorKind::kUnavailable, "The same transaction is under way"},
    CodeFacts{"TransactionConflictException", ErrorKind::kUnavailable, "A transaction has the same item in hand"},
    CodeFacts{"ReplicatedWriteConflictException", ErrorKind::kUnavailable, "Another region has the item in hand"},
    CodeFacts{"AccessDeniedException", ErrorKind::kPermission, "Its message names the right that the keys lack"},
    CodeFacts{"UnrecognizedClientException", ErrorKind::kPermission, kKeys},
    CodeFacts{"InvalidClientTokenId", ErrorKind::kPermission, kKeys},
    CodeFacts{"IncompleteSignature", ErrorKind::kPermission, kKeys},
    CodeFacts{"IncompleteSignatureException", ErrorKind::kPermission, kKeys},
    CodeFacts{"MissingAuthenticationToken", ErrorKind::kPermission, kKeys},
    CodeFacts{"MissingAuthenticationTokenException", ErrorKind::kPermission, kKeys},
    CodeFacts{"InvalidSignatureException", ErrorKind::kPermission, kSetClock},
    CodeFacts{"SignatureDoesNotMatch", ErrorKind::kPermission, kSetClock},
    CodeFacts{"ExpiredToken", ErrorKind::kPermission, kNewToken},
    CodeFacts{"ExpiredTokenException", ErrorKind::kPermission, kNewToken},
    CodeFacts{"ResourceNotFoundException", ErrorKind::kNotFound, "Are its name, the region and the account right?"},
    CodeFacts{"ResourceInUseException", ErrorKind::kConflict, "Wait until it is ready"},
    CodeFacts{"TableAlreadyExistsException", ErrorKind::kAlreadyExists, ""},
    CodeFacts{"IdempotentParameterMismatchException", ErrorKind::kConflict, "Use a token for one transaction only"},
    CodeFacts{"ItemCollectionSizeLimitExceededException", ErrorKind::kNoSpace, ""},
    CodeFacts{"UnknownOperationException", ErrorKind::kUnsupported, "This server cannot do it"},
    CodeFacts{"SerializationException", ErrorKind::kInvalidArgument, ""},
    CodeFacts{"ValidationException", ErrorKind::kInvalidArgument, ""},
};

ErrorKind KindOfStatus(int status) {
  if (status == 401 || status == 403) return ErrorKind::kPermission;
  if (status == 404) return ErrorKind::kNotFound;
  if (status == 408 || status == 429) return ErrorKind::kUnavailable;
  if (status == 501) return ErrorKind::kUnsupported;
  if (status >= 500) return ErrorKind::kUnavailable;
  return status >= 400 ? ErrorKind::kInvalidArgument : ErrorKind::kIo;
}

std::string_view HintOfStatus(int status) {
  if (status == 404) return "Is the endpoint that of this service?";
  return status == 401 || status == 403 ? kKeys : std::string_view();
}

const CodeFacts* FactsOf(std::string_view code) {
  const auto* found = std::ranges::find(kCodes, code, &CodeFacts::code);
  return found == kCodes.end() ? nullptr : found;
}

}  // namespace

std::string_view BareCode(std::string_view type) {
  type = type.substr(type.find('#') + 1);  // npos + 1 is 0
  return type.substr(0, type.find(':'));
}

ErrorKind KindOf(const ServiceRefusal& refusal) {
  const CodeFacts* facts = FactsOf(refusal.code);
  return facts != nullptr ? facts->kind : KindOfStatus(refusal.status);
}

Error ErrorOf(const ServiceRefusal& refusal, std::string_view doing) {
  std::string why = refusal.code.empty() ? fmt::format("status {}", refusal.status) : Printable(refusal.code);
  if (!refusal.message.empty()) why += ", " + Printable(refusal.message);
  if (!refusal.request_id.empty()) why += fmt::format(" (request {})", Printable(refusal.request_id));
  const CodeFacts* facts = FactsOf(refusal.code);
  return {KindOf(refusal), fmt::format("cannot {}: the service says {}", doing, why),
          std::string(facts != nullptr ? facts->hint : HintOfStatus(refusal.status))};
}

}  // namespace firn
