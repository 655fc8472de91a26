#include "store/s3_error.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cstdint>
#include <optional>
#include <string>

#include "base/printable.h"
#include "store/object_key.h"
#include "store/s3_xml.h"

namespace firn {
namespace {

struct S3CodeFacts {
  std::string_view code;
  ErrorKind kind;
  std::string_view hint;
};

// "Error responses", Amazon S3 API reference; and the servers' own words for names that their folders cannot hold.
constexpr std::array kS3Codes = {
    S3CodeFacts{"NoSuchBucket", ErrorKind::kNotFound, "Make the bucket, or name the right one"},
    S3CodeFacts{"AccessDenied", ErrorKind::kPermission,
                "The keys need s3:ListBucket on the bucket, and s3:GetObject, s3:PutObject, s3:DeleteObject and "
                "s3:AbortMultipartUpload on its objects"},
    S3CodeFacts{"SignatureDoesNotMatch", ErrorKind::kPermission, "The secret key is wrong"},
    S3CodeFacts{"InvalidAccessKeyId", ErrorKind::kPermission, "The server does not know the access key"},
    S3CodeFacts{"XAdminUserNotFound", ErrorKind::kPermission, "The server does not know the access key"},
    S3CodeFacts{"ExpiredToken", ErrorKind::kPermission, "Get a new session token"},
    S3CodeFacts{"InvalidToken", ErrorKind::kPermission, "Get a new session token"},
    S3CodeFacts{"RequestTimeTooSkewed", ErrorKind::kPermission, "Set this machine's clock"},
    S3CodeFacts{"AuthorizationHeaderMalformed", ErrorKind::kInvalidArgument, "Set the region of the bucket"},
    S3CodeFacts{"PermanentRedirect", ErrorKind::kInvalidArgument, "Set the region of the bucket"},
    S3CodeFacts{"TemporaryRedirect", ErrorKind::kUnavailable, "The bucket is new: it takes a while to be known"},
    S3CodeFacts{"RequestTimeout", ErrorKind::kUnavailable, ""},
    S3CodeFacts{"OperationAborted", ErrorKind::kUnavailable, ""},
    S3CodeFacts{"ConditionalRequestConflict", ErrorKind::kUnavailable, "Another writer has the same key in hand"},
    S3CodeFacts{"PreconditionFailed", ErrorKind::kAlreadyExists, ""},
    S3CodeFacts{"ExistingObjectIsDirectory", ErrorKind::kAlreadyExists, "This server keeps objects as files"},
    S3CodeFacts{"ObjectParentIsFile", ErrorKind::kAlreadyExists, "This server keeps objects as files"},
    S3CodeFacts{"QuotaExceeded", ErrorKind::kNoSpace, ""},
    S3CodeFacts{"InvalidObjectState", ErrorKind::kPermission, "The object is archived: restore it first"},
};

struct S3StatusFacts {
  int status;
  ErrorKind kind;
  std::string_view hint;
};

constexpr std::array kS3Statuses = {
    S3StatusFacts{301, ErrorKind::kInvalidArgument, "Set the region of the bucket"},
    S3StatusFacts{401, ErrorKind::kPermission, "Are the keys right?"},
    S3StatusFacts{403, ErrorKind::kPermission, "Are the keys right, and may they do this in this bucket?"},
    S3StatusFacts{404, ErrorKind::kNotFound, ""},
    S3StatusFacts{408, ErrorKind::kUnavailable, ""},
    S3StatusFacts{412, ErrorKind::kAlreadyExists, ""},
    S3StatusFacts{429, ErrorKind::kUnavailable, "The server throttles: fewer requests at once"},
    S3StatusFacts{500, ErrorKind::kUnavailable, ""},
    S3StatusFacts{501, ErrorKind::kUnsupported, "This server cannot do it"},
    S3StatusFacts{502, ErrorKind::kUnavailable, ""},
    S3StatusFacts{503, ErrorKind::kUnavailable, "The server throttles: fewer requests at once"},
    S3StatusFacts{504, ErrorKind::kUnavailable, ""},
    S3StatusFacts{507, ErrorKind::kNoSpace, ""},
};

std::pair<ErrorKind, std::string_view> KindAndHintOf(int status, const S3Fault& fault) {
  if (const auto found = std::ranges::find(kS3Codes, fault.code, &S3CodeFacts::code); found != kS3Codes.end())
    return {found->kind, found->hint};
  if (const auto found = std::ranges::find(kS3Statuses, status, &S3StatusFacts::status); found != kS3Statuses.end())
    return {found->kind, found->hint};
  // An error in the body of a 200: of a copy or a completion that failed half way, to be repeated.
  return {status < 300 ? ErrorKind::kUnavailable : ErrorKind::kIo, ""};
}

}  // namespace

bool IsS3Success(const HttpResponse& response) {
  return response.ok() && (response.body.find("<Error") == std::string::npos || !ParseFault(response.body));
}

std::unexpected<Error> FailWithS3(const HttpResponse& response, std::string_view action, std::string_view key) {
  const S3Fault fault = ParseFault(response.body).value_or(S3Fault{});
  const auto [kind, hint] = KindAndHintOf(response.status, fault);
  std::string why = fault.code.empty() ? fmt::format("status {}", response.status) : Printable(fault.code);
  if (!fault.message.empty()) why += ", " + Printable(fault.message);
  const std::string region = fault.region.empty() ? std::string(response.Header("x-amz-bucket-region")) : fault.region;
  if (kind == ErrorKind::kInvalidArgument && !region.empty())
    why += fmt::format(" (the bucket is in {})", Printable(region));
  return Fail(kind, fmt::format("cannot {} {}: the server says {}", action, EscapeKey(key), why), std::string(hint));
}

}  // namespace firn
