#include "store/s3_writer.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "store/object_key.h"

namespace firn {
namespace {

constexpr size_t kMostParts = 10'000;  // "Multipart upload limits", Amazon S3 user guide

}  // namespace

// What cannot be given up now is removed by the bucket's lifecycle rule for unfinished uploads.
S3Writer::~S3Writer() {
  if (!upload_.empty() && !published_) (void)bucket_.AbortUpload(key_, upload_);
}

template <class T>
Result<T> S3Writer::EndUnlessUnavailable(Result<T> result) {
  if (!result.has_value() && result.error().kind != ErrorKind::kUnavailable) ended_ = true;
  return result;
}

Status S3Writer::Append(std::string_view bytes) {
  if (ended_) return FailFinishedWriter(key_);
  buffer_.append(bytes.substr(std::min(taken_, bytes.size())));
  taken_ = bytes.size();
  FIRN_TRY(EndUnlessUnavailable(PutParts(part_bytes_)));
  size_ += std::ssize(bytes);
  taken_ = 0;
  return {};
}

// Sent parts leave the buffer together: what comes at once may be many parts.
Status S3Writer::PutParts(size_t keep) {
  while (buffer_.size() - sent_ > keep) FIRN_TRY(PutPart(std::min(part_bytes_, buffer_.size() - sent_)));
  buffer_.erase(0, std::exchange(sent_, 0));
  return {};
}

Status S3Writer::PutPart(size_t size) {
  if (part_etags_.size() == kMostParts) {
    return Fail(ErrorKind::kUnsupported, fmt::format("{} has more than 10,000 parts", EscapeKey(key_)),
                "Write more and smaller files, or make the parts larger");
  }
  if (upload_.empty()) {
    FIRN_TRY_ASSIGN(upload_, bucket_.BeginUpload(key_, write_id_));
  }
  const std::string_view part = std::string_view(buffer_).substr(sent_, size);
  FIRN_TRY_ASSIGN(std::string etag, bucket_.PutPart(key_, upload_, part_etags_.size() + 1, part));
  part_etags_.push_back(std::move(etag));
  sent_ += size;
  return {};
}

Result<ObjectInfo> S3Writer::Finish() {
  if (taken_ > 0) ended_ = true;  // an Append failed and was not made again: the object would lack bytes
  if (ended_) return FailFinishedWriter(key_);
  if (!published_) FIRN_TRY(EndUnlessUnavailable(Publish()));
  FIRN_TRY_ASSIGN(ObjectInfo info, EndUnlessUnavailable(Confirm()));
  ended_ = true;
  return info;
}

Status S3Writer::Publish() {
  if (!upload_.empty()) FIRN_TRY(PutParts(0));
  Status done =
      upload_.empty() ? bucket_.Put(key_, buffer_, write_id_) : bucket_.CompleteUpload(key_, upload_, part_etags_);
  if (!done && MayBeOwnWork(done.error().kind)) {
    const Result<S3Head> head = bucket_.Head(key_);
    if (head && head->write_id == write_id_) done = {};
  }
  tried_ = true;
  published_ = done.has_value();
  return done;
}

// After an answer that was lost: the object is there, or its upload is no more.
bool S3Writer::MayBeOwnWork(ErrorKind kind) const {
  return tried_ && (kind == ErrorKind::kAlreadyExists || kind == ErrorKind::kNotFound);
}

Result<ObjectInfo> S3Writer::Confirm() {
  FIRN_TRY_ASSIGN(S3Head head, bucket_.Head(key_));
  if (head.write_id == write_id_ && head.info.size == size_) return std::move(head.info);
  return Fail(ErrorKind::kConflict, fmt::format("{} was replaced while it was written", EscapeKey(key_)),
              "Somebody else writes into the lake's folders: find out who");
}

}  // namespace firn
