#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "store/object_store.h"
#include "store/s3_bucket.h"

namespace firn {

// Writes one object: what fits into a part with one PUT, more in parts as it comes, given up when it is not finished.
// Both end with a request that replaces nothing, and a HEAD: the answer is what the server has. Holds one part and what
// is appended at once. Not thread-safe.
//
// It resumes: the object carries the id of its writer, so that a Finish whose answer was lost recognises its own work.
class S3Writer : public ObjectWriter {
 public:
  S3Writer(S3Bucket& bucket, std::string_view key, std::string write_id, int64_t part_bytes)
      : bucket_(bucket), key_(key), write_id_(std::move(write_id)), part_bytes_(static_cast<size_t>(part_bytes)) {}
  S3Writer(const S3Writer&) = delete;
  S3Writer& operator=(const S3Writer&) = delete;
  ~S3Writer() override;

  Status Append(std::string_view bytes) override;
  Result<ObjectInfo> Finish() override;
  [[nodiscard]] bool Resumes() const override { return true; }

 private:
  Status PutParts(size_t keep);  // all but the last `keep` bytes and less
  Status PutPart(size_t size);
  Status Publish();
  [[nodiscard]] bool MayBeOwnWork(ErrorKind kind) const;
  Result<ObjectInfo> Confirm();
  template <class T>
  Result<T> EndUnlessUnavailable(Result<T> result);

  S3Bucket& bucket_;
  const std::string key_;
  const std::string write_id_;
  const size_t part_bytes_;
  std::string buffer_;
  size_t sent_ = 0;   // bytes of buffer_ that are in parts
  size_t taken_ = 0;  // bytes of the Append that is to be repeated
  int64_t size_ = 0;
  std::string upload_;  // empty: no part was sent
  std::vector<std::string> part_etags_;
  bool tried_ = false;  // to publish
  bool published_ = false;
  bool ended_ = false;
};

}  // namespace firn
