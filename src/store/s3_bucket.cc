#include "store/s3_bucket.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <utility>

#include "aws/http_time.h"
#include "store/s3_error.h"

namespace firn {
namespace {

constexpr std::string_view kWriteId = "x-amz-meta-firn-write";
// A server-side copy of 5 GiB says nothing for minutes.
constexpr std::chrono::seconds kLongStall{300};

std::string Quoted(std::string_view etag) {
  return fmt::format("\"{}\"", etag);
}

HttpFields HeadersOfNewObject(std::string_view write_id) {
  return {{"content-type", "application/octet-stream"}, {std::string(kWriteId), std::string(write_id)}};
}

HttpFields QueryOfPart(const std::string& upload, size_t number) {
  return {{"partNumber", std::to_string(number)}, {"uploadId", upload}};
}

std::string RangeHeader(ByteRange range) {
  return fmt::format("bytes={}-{}", range.offset, range.offset + range.length - 1);
}

int64_t NumberOf(std::string_view text) {
  int64_t number = -1;
  std::from_chars(text.data(), text.data() + text.size(), number);
  return number;
}

// Takes the lake's prefix off the keys of a page.
void MakeRelative(S3Page& page, size_t prefix_size) {
  if (prefix_size == 0) return;
  for (ObjectInfo& object : page.objects) object.key.erase(0, prefix_size + 1);
  for (std::string& folder : page.folders) folder.erase(0, prefix_size + 1);
}

}  // namespace

S3Bucket::S3Bucket(S3Address address, AwsCredentials credentials, HttpSettings http, std::chrono::seconds stall_timeout)
    : address_(std::move(address)),
      credentials_(std::move(credentials)),
      stall_timeout_(stall_timeout),
      http_(std::move(http)) {}

std::string S3Bucket::BucketPath() const {
  return address_.path_style ? "/" + PercentEncode(address_.bucket, false) : std::string();
}

// In messages. What is asked of the bucket fails for the bucket's sake.
std::string S3Bucket::NameOf(const Call& call) const {
  if (!call.of_bucket) return std::string(call.key);
  const std::string key = JoinKey(address_.prefix, call.key);
  return key.empty() ? address_.bucket : address_.bucket + "/" + key;
}

Result<HttpResponse> S3Bucket::Send(const Call& call) {
  const std::string path =
      BucketPath() + "/" + (call.of_bucket ? "" : PercentEncode(JoinKey(address_.prefix, call.key), true));
  const UnsignedRequest unsigned_request{call.method, address_.host, path, call.query, call.headers, call.body};
  HttpRequest request;
  request.method = call.method;
  request.url = fmt::format("{}://{}{}{}{}", address_.scheme, address_.host, path, call.query.empty() ? "" : "?",
                            EncodeQuery(call.query));
  request.headers = SignedHeaders(unsigned_request, credentials_, {address_.region, "s3"}, clock_.NowNs());
  request.body = call.body;
  request.into = call.into;
  request.expects_bytes = call.expects_bytes;
  request.stall_timeout = call.takes_long ? std::max(kLongStall, stall_timeout_) : stall_timeout_;
  auto response = http_.Send(request);
  if (!response)
    return std::unexpected(
        std::move(response.error()).Within(fmt::format("cannot {} {}", call.action, EscapeKey(NameOf(call)))));
  return response;
}

Result<HttpResponse> S3Bucket::Perform(const Call& call) {
  FIRN_TRY_ASSIGN(HttpResponse response, Send(call));
  if (IsS3Success(response)) return response;
  auto failure = FailWithS3(response, call.action, NameOf(call));
  const bool of_object = !call.of_bucket && failure.error().hint.empty();
  if (of_object && failure.error().kind == ErrorKind::kNotFound) return FailNoObject(call.key);
  if (of_object && failure.error().kind == ErrorKind::kAlreadyExists) return FailObjectExists(call.key);
  return failure;
}

Result<S3Head> S3Bucket::Head(std::string_view key) {
  FIRN_TRY_ASSIGN(const HttpResponse response, Perform({.action = "examine", .method = "HEAD", .key = key}));
  return S3Head{
      {std::string(key), NumberOf(response.Header("content-length")),
       ParseHttpTimeNs(std::string(response.Header("last-modified"))), WithoutQuotes(response.Header("etag"))},
      std::string(response.Header(kWriteId))};
}

Result<Bytes> S3Bucket::Get(const ObjectInfo& object, ByteRange range) {
  const bool whole = range.length == object.size;
  Bytes bytes(static_cast<size_t>(range.length));
  Call call{.action = "read", .method = "GET", .key = object.key, .headers = {{"if-match", Quoted(object.etag)}}};
  if (!whole) call.headers.emplace_back("range", RangeHeader(range));
  call.into = {bytes.data(), bytes.size()};
  call.expects_bytes = true;
  FIRN_TRY_ASSIGN(const HttpResponse response, Send(call));
  const bool changed = response.status == 412 || response.status == 416;
  if (changed) return FailChangedObject(object.key);
  if (response.status == 404) {
    auto failure = FailWithS3(response, call.action, object.key);
    if (failure.error().hint.empty()) return FailNoObject(object.key);  // else it is the bucket that is not there
    return failure;
  }
  if (!response.ok()) return FailWithS3(response, call.action, object.key);
  // A server that does not know If-Match sends what it has.
  if (WithoutQuotes(response.Header("etag")) != object.etag) return FailChangedObject(object.key);
  if (!whole && response.status != 206)
    return Fail(ErrorKind::kUnsupported,
                fmt::format("cannot read a part of {}: the server sends the whole", object.key));
  if (response.too_long || response.received != range.length) return FailChangedObject(object.key);
  return bytes;
}

Result<S3Page> S3Bucket::ListPage(std::string_view start, bool one_level, const std::string& token) {
  const std::string prefix =
      address_.prefix.empty() ? std::string(start) : fmt::format("{}/{}", address_.prefix, start);
  Call call{.action = "list", .method = "GET", .key = start, .of_bucket = true};
  // As URL: keys may have characters that XML cannot hold.
  call.query = {{"list-type", "2"}, {"encoding-type", "url"}, {"max-keys", "1000"}, {"prefix", prefix}};
  if (one_level) call.query.emplace_back("delimiter", "/");
  if (!token.empty()) call.query.emplace_back("continuation-token", token);
  FIRN_TRY_ASSIGN(const HttpResponse response, Perform(call));
  FIRN_TRY_ASSIGN(S3Page page, ParseListing(response.body));
  const auto foreign = [&](const ObjectInfo& object) { return !object.key.starts_with(prefix); };
  if (std::ranges::any_of(page.objects, foreign))
    return Fail(ErrorKind::kIo, fmt::format("the server lists what was not asked for, not {}", EscapeKey(prefix)));
  MakeRelative(page, address_.prefix.size());
  return page;
}

Status S3Bucket::Put(std::string_view key, std::string_view bytes, std::string_view write_id) {
  Call call{.action = "write", .method = "PUT", .key = key, .headers = HeadersOfNewObject(write_id), .body = bytes};
  call.headers.emplace_back("if-none-match", "*");
  return StatusOf(Perform(call));
}

std::string S3Bucket::CopySource(const ObjectInfo& from) const {
  return fmt::format("/{}/{}", PercentEncode(address_.bucket, false),
                     PercentEncode(JoinKey(address_.prefix, from.key), true));
}

Status S3Bucket::Copy(const ObjectInfo& from, std::string_view to) {
  Call call{.action = "copy to", .method = "PUT", .key = to, .takes_long = true};
  call.headers = {{"x-amz-copy-source", CopySource(from)},
                  {"x-amz-copy-source-if-match", Quoted(from.etag)},
                  {"if-none-match", "*"}};
  return StatusOf(Perform(call));
}

Status S3Bucket::Delete(std::string_view key) {
  Status status = StatusOf(Perform({.action = "remove", .method = "DELETE", .key = key}));
  if (!status && status.error().kind == ErrorKind::kNotFound && status.error().hint.empty()) return {};
  return status;
}

Status S3Bucket::DeleteAll(std::span<const ObjectInfo> objects) {
  std::vector<std::string> keys;
  for (const ObjectInfo& object : objects) keys.push_back(JoinKey(address_.prefix, object.key));
  const std::string document = DeleteDocument(keys);
  Call call{.action = "remove", .method = "POST", .key = objects.front().key, .body = document, .of_bucket = true};
  call.query = {{"delete", ""}};
  call.headers = {{"content-type", "application/xml"}, {"x-amz-checksum-sha256", Sha256Base64(document)}};
  FIRN_TRY_ASSIGN(const HttpResponse response, Perform(call));
  FIRN_TRY_ASSIGN(const std::vector<S3Fault> faults, ParseDeleteFaults(response.body));
  if (faults.empty()) return {};
  const S3Fault& first = faults.front();
  const bool refused = first.code == "AccessDenied";
  return Fail(refused ? ErrorKind::kPermission : ErrorKind::kUnavailable,
              fmt::format("cannot remove {}, nor {} others: the server says {}, {}", EscapeKey(first.key),
                          faults.size() - 1, EscapeKey(first.code), EscapeKey(first.message)),
              refused ? "The keys need s3:DeleteObject" : "");
}

Result<std::string> S3Bucket::BeginUpload(std::string_view key, std::string_view write_id) {
  Call call{.action = "write", .method = "POST", .key = key, .headers = HeadersOfNewObject(write_id)};
  call.query = {{"uploads", ""}};
  FIRN_TRY_ASSIGN(const HttpResponse response, Perform(call));
  return ParseElement(response.body, "UploadId");
}

Result<std::string> S3Bucket::PutPart(std::string_view key, const std::string& upload, size_t number,
                                      std::string_view bytes) {
  Call call{.action = "write", .method = "PUT", .key = key, .query = QueryOfPart(upload, number), .body = bytes};
  FIRN_TRY_ASSIGN(const HttpResponse response, Perform(call));
  return WithoutQuotes(response.Header("etag"));
}

Result<std::string> S3Bucket::CopyPart(const ObjectInfo& from, ByteRange range, std::string_view key,
                                       const std::string& upload, size_t number) {
  Call call{.action = "copy to", .method = "PUT", .key = key, .query = QueryOfPart(upload, number), .takes_long = true};
  call.headers = {{"x-amz-copy-source", CopySource(from)},
                  {"x-amz-copy-source-if-match", Quoted(from.etag)},
                  {"x-amz-copy-source-range", RangeHeader(range)}};
  FIRN_TRY_ASSIGN(const HttpResponse response, Perform(call));
  return ParseElement(response.body, "ETag");
}

Status S3Bucket::CompleteUpload(std::string_view key, const std::string& upload,
                                const std::vector<std::string>& part_etags) {
  const std::string document = CompletionDocument(part_etags);
  Call call{.action = "write", .method = "POST", .key = key, .body = document, .takes_long = true};
  call.query = {{"uploadId", upload}};
  call.headers = {{"content-type", "application/xml"}, {"if-none-match", "*"}};
  return StatusOf(Perform(call));
}

Status S3Bucket::AbortUpload(std::string_view key, const std::string& upload) {
  return StatusOf(Perform({.action = "give up", .method = "DELETE", .key = key, .query = {{"uploadId", upload}}}));
}

}  // namespace firn
