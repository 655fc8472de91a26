#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "aws/http_client.h"

namespace firn {

struct AwsCredentials {
  std::string access_key;
  std::string secret_key;
  std::string session_token;  // empty: lasting credentials
};

// Whom a signature is for.
struct SigningScope {
  std::string_view region;
  std::string_view service;  // "s3", "dynamodb"
};

// What AWS Signature Version 4 signs ("Authenticating Requests (AWS Signature Version 4)", Amazon S3 API reference).
struct UnsignedRequest {
  std::string method;
  std::string host;    // as the Host header has it
  std::string path;    // percent-encoded, from '/'; of other services than S3 without characters to encode
  HttpFields query;    // not encoded
  HttpFields headers;  // all of them are signed; names in lower case
  std::string_view body;
};

// The headers to send: those of the request with x-amz-date, x-amz-security-token, authorization, and for S3
// x-amz-content-sha256.
[[nodiscard]] HttpFields SignedHeaders(const UnsignedRequest& request, const AwsCredentials& credentials,
                                       SigningScope scope, int64_t now_ns);

// "a=1&b=%2F", sorted, as it is signed and as it has to stand in the URL.
[[nodiscard]] std::string EncodeQuery(const HttpFields& query);
// RFC 3986: all but letters, digits and "-_.~" as %XX; '/' too, unless it is to be kept.
[[nodiscard]] std::string PercentEncode(std::string_view text, bool keep_slash);

[[nodiscard]] std::string Sha256Base64(std::string_view bytes);  // as x-amz-checksum-sha256 has it

}  // namespace firn
