#include "aws/aws_signature.h"

#include <fmt/chrono.h>
#include <fmt/format.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>

#include <algorithm>

#include "base/base64.h"
#include "base/check.h"

namespace firn {
namespace {

constexpr std::string_view kAlgorithm = "AWS4-HMAC-SHA256";

std::string Sha256(std::string_view bytes) {
  std::string digest(EVP_MAX_MD_SIZE, '\0');
  unsigned size = 0;
  const int done = EVP_Digest(bytes.data(), bytes.size(), reinterpret_cast<unsigned char*>(digest.data()), &size,
                              EVP_sha256(), nullptr);
  Check(done == 1, "OpenSSL has no SHA-256");
  digest.resize(size);
  return digest;
}

std::string HmacSha256(std::string_view key, std::string_view text) {
  std::string digest(EVP_MAX_MD_SIZE, '\0');
  unsigned size = 0;
  const void* done =
      HMAC(EVP_sha256(), key.data(), static_cast<int>(key.size()), reinterpret_cast<const unsigned char*>(text.data()),
           text.size(), reinterpret_cast<unsigned char*>(digest.data()), &size);
  Check(done != nullptr, "OpenSSL has no HMAC");
  digest.resize(size);
  return digest;
}

std::string Hex(std::string_view bytes) {
  constexpr std::string_view kDigits = "0123456789abcdef";
  std::string text;
  for (const char c : bytes) {
    text.push_back(kDigits[static_cast<uint8_t>(c) >> 4]);
    text.push_back(kDigits[static_cast<uint8_t>(c) & 15]);
  }
  return text;
}

// The header block and the list of its names, both sorted.
struct CanonicalHeaders {
  std::string lines;
  std::string names;
};

CanonicalHeaders Canonical(HttpFields headers) {
  std::ranges::sort(headers);
  CanonicalHeaders canonical;
  for (const auto& [name, value] : headers) {
    canonical.lines += fmt::format("{}:{}\n", name, value);
    canonical.names += (canonical.names.empty() ? "" : ";") + name;
  }
  return canonical;
}

std::string SigningKey(std::string_view secret, std::string_view day, SigningScope scope) {
  std::string key = HmacSha256(fmt::format("AWS4{}", secret), day);
  for (const std::string_view part : {scope.region, scope.service, std::string_view("aws4_request")})
    key = HmacSha256(key, part);
  return key;
}

}  // namespace

HttpFields SignedHeaders(const UnsignedRequest& request, const AwsCredentials& credentials, SigningScope scope,
                         int64_t now_ns) {
  const std::string time =
      fmt::format("{:%Y%m%dT%H%M%SZ}", fmt::gmtime(static_cast<std::time_t>(now_ns / 1'000'000'000)));
  const std::string day = time.substr(0, 8);
  HttpFields headers = request.headers;
  headers.emplace_back("host", request.host);
  headers.emplace_back("x-amz-date", time);
  const std::string payload = Hex(Sha256(request.body));
  if (scope.service == "s3") headers.emplace_back("x-amz-content-sha256", payload);
  if (!credentials.session_token.empty()) headers.emplace_back("x-amz-security-token", credentials.session_token);

  const CanonicalHeaders canonical = Canonical(headers);
  const std::string text = fmt::format("{}\n{}\n{}\n{}\n{}\n{}", request.method, request.path,
                                       EncodeQuery(request.query), canonical.lines, canonical.names, payload);
  const std::string of_day = fmt::format("{}/{}/{}/aws4_request", day, scope.region, scope.service);
  const std::string to_sign = fmt::format("{}\n{}\n{}\n{}", kAlgorithm, time, of_day, Hex(Sha256(text)));
  const std::string signature = Hex(HmacSha256(SigningKey(credentials.secret_key, day, scope), to_sign));
  headers.emplace_back("authorization", fmt::format("{} Credential={}/{}, SignedHeaders={}, Signature={}", kAlgorithm,
                                                    credentials.access_key, of_day, canonical.names, signature));
  return headers;
}

std::string EncodeQuery(const HttpFields& query) {
  HttpFields parts;
  for (const auto& [name, value] : query) parts.emplace_back(PercentEncode(name, false), PercentEncode(value, false));
  std::ranges::sort(parts);  // by name, then value
  std::string text;
  for (const auto& [name, value] : parts) text += fmt::format("{}{}={}", text.empty() ? "" : "&", name, value);
  return text;
}

std::string PercentEncode(std::string_view text, bool keep_slash) {
  std::string encoded;
  encoded.reserve(text.size());
  for (const char c : text) {
    const bool plain = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' ||
                       c == '_' || c == '.' || c == '~' || (c == '/' && keep_slash);
    if (plain)
      encoded.push_back(c);
    else
      encoded += fmt::format("%{:02X}", static_cast<uint8_t>(c));
  }
  return encoded;
}

std::string Sha256Base64(std::string_view bytes) {
  std::string text;
  AppendBase64(Sha256(bytes), text);
  return text;
}

}  // namespace firn
