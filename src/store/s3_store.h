#pragma once

#include <chrono>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>

#include "aws/aws_credentials.h"
#include "env/random.h"
#include "store/object_store.h"
#include "store/s3_bucket.h"

namespace firn {

// A lake in a bucket of Amazon S3, or of a server that speaks its protocol.
struct S3Settings {
  std::string bucket;
  std::string prefix;              // the lake's part of the bucket: "lakes/sales"; empty: all of it
  std::string endpoint;            // "http://127.0.0.1:9000"; empty: https://s3.<region>.amazonaws.com
  std::optional<bool> path_style;  // the bucket in the path, not in the host's name; unset: when there is an endpoint
  AwsIdentity identity;            // keys, profile, region: aws_credentials.h says where else they are looked for
  std::string ca_file;             // PEM of the authority that signed the endpoint's certificate; empty: the system's
  int max_in_flight = 256;         // requests at once; each is in its caller's thread, on a kept connection
  std::chrono::seconds connect_timeout{5};
  std::chrono::seconds stall_timeout{30};  // without 1 KiB/s for so long, a request is kUnavailable
  int64_t part_bytes = 16 << 20;           // larger objects are written in parts of this size, 5 MiB at least
};

// Thread-safe, and made for many threads: a call is one request (List: one a page of 1,000; Finish: the PUT and a HEAD;
// Link: two HEADs and the copy; CheckReplaceable: a HEAD a level). Nothing is repeated: see retrying_store.h.
//
// A version is its ETag and size. Every read says If-Match and compares both, so it is of one version or kMismatch.
// Objects appear with If-None-Match, which the server decides. For Link the key is looked at first as well: where the
// server does not know that condition for copies, two that link to one key at once may both succeed. A link has the
// ETag of its source when the source is one PUT, or was written by this store with the same part_bytes.
//
// S3 has no folders. An object "a" may be beside "a/b" (some servers refuse it): then List("a") shows what is below.
// RemovePrefix is seen half done by others. "a/" (a folder's own object, as consoles make) is never shown.
class S3Store : public ObjectStore {
 public:
  S3Store(S3Address address, AwsCredentials credentials, const S3Settings& settings);

  [[nodiscard]] std::string Describe() const override;  // "s3://bucket/prefix"
  Result<std::vector<ObjectInfo>> List(std::string_view prefix) override;
  Result<FolderListing> ListFolder(std::string_view prefix) override;
  Result<ObjectInfo> Stat(std::string_view key) override;
  Result<Bytes> Read(const ObjectInfo& object) override;
  Result<Bytes> ReadRange(const ObjectInfo& object, int64_t offset, int64_t length) override;
  Result<std::unique_ptr<ObjectWriter>> Create(std::string_view key) override;
  Status Link(std::string_view from, std::string_view to) override;
  Status Remove(std::string_view key) override;
  Status RemovePrefix(std::string_view prefix) override;
  Status ExchangeFolders(std::string_view a, std::string_view b) override;
  [[nodiscard]] bool AtomicExchange() const override { return false; }
  Status CheckReplaceable(std::string_view prefix) override;

 private:
  Result<S3Page> ListAll(const std::string& start, bool one_level);
  Result<bool> IsObject(std::string_view key);
  Result<Bytes> ReadNothing(const ObjectInfo& object);
  Status CopyInParts(const ObjectInfo& from, std::string_view to, int64_t part_bytes);
  Status CopyParts(const ObjectInfo& from, std::string_view to, int64_t part_bytes, const std::string& upload);

  S3Bucket bucket_;
  const int64_t part_bytes_;
  SystemRandom random_;
};

// Asks no server. kInvalidArgument for settings that make no sense; kPermission or kNotFound when there are no keys;
// kUnsupported without libcurl.
Result<std::unique_ptr<S3Store>> OpenS3Store(const S3Settings& settings,
                                             const Environment& environment = ProcessEnvironment());

}  // namespace firn
