#pragma once

#include <chrono>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "aws/aws_signature.h"
#include "aws/http_client.h"
#include "env/clock.h"
#include "store/object_key.h"
#include "store/object_store.h"
#include "store/s3_xml.h"

namespace firn {

// Where a lake's part of a bucket is.
struct S3Address {
  std::string scheme = "https";
  std::string host;  // with its port; with the bucket's name, unless `path_style`
  std::string bucket;
  std::string prefix;  // of all keys of the lake, without slash at its end; may be empty
  std::string region;
  bool path_style = false;
};

// What HEAD says of an object that firn may have written.
struct S3Head {
  ObjectInfo info;
  std::string write_id;  // who wrote it; empty: not firn
};

// The requests of the S3 API that firn makes, one method each ("Amazon S3 API reference"). Keys and prefixes are the
// lake's. Thread-safe. Errors: see s3_error.h; a key that is not there is kNotFound, a condition that does not hold
// kAlreadyExists. Nothing is repeated here.
class S3Bucket {
 public:
  S3Bucket(S3Address address, AwsCredentials credentials, HttpSettings http, std::chrono::seconds stall_timeout);

  [[nodiscard]] const S3Address& address() const { return address_; }

  Result<S3Head> Head(std::string_view key);
  // That version, whole or in part, with one GET. kMismatch when it is another one now.
  Result<Bytes> Get(const ObjectInfo& object, ByteRange range);
  // Up to 1,000 objects whose key starts with `start` ("a/": below a), from `token` on. Keys that are no keys of a lake
  // are there too ("a/": a folder's own object). With `one_level`, folders instead of what is below them.
  Result<S3Page> ListPage(std::string_view start, bool one_level, const std::string& token);

  // Makes a new object; replaces none.
  Status Put(std::string_view key, std::string_view bytes, std::string_view write_id);
  Status Copy(const ObjectInfo& from, std::string_view to);
  Status Delete(std::string_view key);
  // Up to 1,000.
  Status DeleteAll(std::span<const ObjectInfo> objects);

  // A large object in parts, of at least 5 MiB but for the last.
  Result<std::string> BeginUpload(std::string_view key, std::string_view write_id);  // its id
  Result<std::string> PutPart(std::string_view key, const std::string& upload, size_t number, std::string_view bytes);
  Result<std::string> CopyPart(const ObjectInfo& from, ByteRange range, std::string_view key, const std::string& upload,
                               size_t number);  // both: the part's ETag
  Status CompleteUpload(std::string_view key, const std::string& upload, const std::vector<std::string>& part_etags);
  Status AbortUpload(std::string_view key, const std::string& upload);

 private:
  struct Call {
    const char* action;  // "read": for messages
    std::string method;
    std::string_view key;
    HttpFields query;
    HttpFields headers;
    std::string_view body;
    std::span<char> into;
    bool of_bucket = false;
    bool expects_bytes = false;
    bool takes_long = false;  // the server copies, and says nothing meanwhile
  };
  Result<HttpResponse> Send(const Call& call);     // any answer
  Result<HttpResponse> Perform(const Call& call);  // a success, or its error
  [[nodiscard]] std::string CopySource(const ObjectInfo& from) const;
  [[nodiscard]] std::string BucketPath() const;
  [[nodiscard]] std::string NameOf(const Call& call) const;  // for messages

  const S3Address address_;
  const AwsCredentials credentials_;
  const std::chrono::seconds stall_timeout_;
  const SystemClock clock_;
  HttpClient http_;
};

}  // namespace firn
