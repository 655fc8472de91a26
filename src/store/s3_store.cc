#include "store/s3_store.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <iterator>
#include <span>
#include <utility>

#include "aws/aws_endpoint.h"
#include "aws/aws_libraries.h"
#include "store/object_key.h"
#include "store/s3_writer.h"

namespace firn {
namespace {

constexpr size_t kRemovedAtOnce = 1'000;
constexpr int64_t kMinPart = 5 << 20;
constexpr int64_t kMaxCopy = int64_t{5} << 30;  // one CopyObject takes no more
constexpr int64_t kCopyPart = int64_t{1} << 30;

std::string StartOf(std::string_view prefix) {
  return prefix.empty() ? std::string() : std::string(prefix) + "/";
}

// "a/", "a//": a folder's own object, or what no lake has made.
bool IsFolderObject(const ObjectInfo& object) {
  return object.key.empty() || object.key.ends_with('/');
}

// Of "d41d8cd9-3" three; of what was one PUT none.
int64_t PartsOf(std::string_view etag) {
  const size_t dash = etag.rfind('-');
  int64_t parts = 0;
  if (dash != std::string_view::npos) std::from_chars(etag.data() + dash + 1, etag.data() + etag.size(), parts);
  return parts;
}

Status ValidateListed(std::string_view key) {
  Status valid = ValidateKey(key);
  if (!valid) return std::unexpected(std::move(valid.error()).Within("listing"));
  return {};
}

Status ValidateBucket(const std::string& bucket) {
  const bool plain = std::ranges::all_of(bucket, [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '.' || c == '-' ||
           c == '_';
  });
  if (plain && bucket.size() >= 3 && bucket.size() <= 255) return {};
  return Fail(ErrorKind::kInvalidArgument, fmt::format("'{}' is no bucket's name", EscapeKey(bucket)),
              "A bucket's name has 3 letters at least: letters, digits, '-', '.'");
}

Result<S3Address> AddressOf(const S3Settings& settings, const std::string& region) {
  S3Address address{.bucket = settings.bucket, .prefix = settings.prefix, .region = region};
  FIRN_TRY_ASSIGN(const AwsEndpoint endpoint,
                  settings.endpoint.empty() ? PublicEndpoint("s3", region) : ParseEndpoint(settings.endpoint));
  address.scheme = endpoint.scheme;
  // A name with dots does not fit the server's certificate as a part of the host's name.
  const bool usual = !settings.endpoint.empty() || settings.bucket.find('.') != std::string::npos;
  address.path_style = settings.path_style.value_or(usual);
  address.host = address.path_style ? endpoint.host : fmt::format("{}.{}", settings.bucket, endpoint.host);
  return address;
}

}  // namespace

Result<std::unique_ptr<S3Store>> OpenS3Store(const S3Settings& settings, const Environment& environment) {
  FIRN_TRY(ValidateBucket(settings.bucket));
  FIRN_TRY(ValidatePrefix(settings.prefix));
  if (settings.part_bytes < kMinPart)
    return Fail(ErrorKind::kInvalidArgument, "S3 takes no parts below 5 MiB", "Make part_bytes larger");
  FIRN_TRY(LoadAwsLibraries());
  FIRN_TRY_ASSIGN(S3Address address, AddressOf(settings, FindAwsRegion(settings.identity, environment)));
  FIRN_TRY_ASSIGN(AwsCredentials credentials, FindAwsCredentials(settings.identity, environment));
  return std::make_unique<S3Store>(std::move(address), std::move(credentials), settings);
}

S3Store::S3Store(S3Address address, AwsCredentials credentials, const S3Settings& settings)
    : bucket_(std::move(address), std::move(credentials),
              {settings.max_in_flight, settings.connect_timeout, settings.ca_file}, settings.stall_timeout),
      part_bytes_(settings.part_bytes) {}

std::string S3Store::Describe() const {
  const S3Address& address = bucket_.address();
  return "s3://" + (address.prefix.empty() ? address.bucket : JoinKey(address.bucket, address.prefix));
}

Result<S3Page> S3Store::ListAll(const std::string& start, bool one_level) {
  S3Page all;
  do {
    FIRN_TRY_ASSIGN(S3Page page, bucket_.ListPage(start, one_level, all.next));
    if (!page.next.empty() && page.next == all.next)
      return Fail(ErrorKind::kIo,
                  fmt::format("the server lists the same page of {} again and again", EscapeKey(start)));
    std::ranges::move(page.objects, std::back_inserter(all.objects));
    std::ranges::move(page.folders, std::back_inserter(all.folders));
    all.next = std::move(page.next);
  } while (!all.next.empty());
  return all;
}

Result<std::vector<ObjectInfo>> S3Store::List(std::string_view prefix) {
  FIRN_TRY(ValidatePrefix(prefix));
  FIRN_TRY_ASSIGN(S3Page all, ListAll(StartOf(prefix), false));
  std::vector<ObjectInfo> objects = std::move(all.objects);
  std::erase_if(objects, [&](const auto& object) { return IsFolderObject(object) || IsHiddenIn(object.key, prefix); });
  for (const ObjectInfo& object : objects) FIRN_TRY(ValidateListed(object.key));
  if (!std::ranges::is_sorted(objects, {}, &ObjectInfo::key)) std::ranges::sort(objects, {}, &ObjectInfo::key);
  if (!objects.empty() || prefix.empty()) return objects;
  // "At or below": the prefix may be an object itself.
  auto object = Stat(prefix);
  if (object.has_value()) return std::vector{std::move(*object)};
  if (object.error().kind == ErrorKind::kNotFound) return objects;
  return std::unexpected(std::move(object.error()));
}

Result<FolderListing> S3Store::ListFolder(std::string_view prefix) {
  FIRN_TRY(ValidatePrefix(prefix));
  FIRN_TRY_ASSIGN(S3Page all, ListAll(StartOf(prefix), true));
  FolderListing listing;
  for (std::string& folder : all.folders) {
    folder.pop_back();  // its slash
    if (folder.empty() || folder.ends_with('/') || IsHiddenIn(folder, prefix)) continue;
    FIRN_TRY(ValidateListed(folder));
    listing.folders.push_back(std::move(folder));
  }
  for (ObjectInfo& object : all.objects) {
    if (IsFolderObject(object) || IsHiddenIn(object.key, prefix)) continue;
    FIRN_TRY(ValidateListed(object.key));
    listing.objects.push_back(std::move(object));
  }
  std::ranges::sort(listing.folders);  // the server's order is that of "a-b/", "a/"
  std::ranges::sort(listing.objects, {}, &ObjectInfo::key);
  return listing;
}

Result<ObjectInfo> S3Store::Stat(std::string_view key) {
  FIRN_TRY(ValidateKey(key));
  FIRN_TRY_ASSIGN(S3Head head, bucket_.Head(key));
  return std::move(head.info);
}

Result<Bytes> S3Store::Read(const ObjectInfo& object) {
  FIRN_TRY(ValidateKey(object.key));
  return bucket_.Get(object, {0, object.size});
}

Result<Bytes> S3Store::ReadRange(const ObjectInfo& object, int64_t offset, int64_t length) {
  FIRN_TRY(ValidateKey(object.key));
  FIRN_TRY_ASSIGN(const ByteRange range, RangeWithin(object.key, object.size, offset, length));
  return range.length == 0 ? ReadNothing(object) : bucket_.Get(object, range);
}

// HTTP has no empty range; the promise about the version holds all the same.
Result<Bytes> S3Store::ReadNothing(const ObjectInfo& object) {
  FIRN_TRY_ASSIGN(const S3Head head, bucket_.Head(object.key));
  if (head.info.etag != object.etag || head.info.size != object.size) return FailChangedObject(object.key);
  return Bytes();
}

Result<std::unique_ptr<ObjectWriter>> S3Store::Create(std::string_view key) {
  FIRN_TRY(ValidateKeyToChange(key));
  return std::make_unique<S3Writer>(bucket_, key, RandomHex(random_, 32), part_bytes_);
}

Result<bool> S3Store::IsObject(std::string_view key) {
  const auto head = bucket_.Head(key);
  if (head) return true;
  if (head.error().kind == ErrorKind::kNotFound) return false;
  return std::unexpected(head.error());
}

Status S3Store::Link(std::string_view from, std::string_view to) {
  FIRN_TRY(ValidateKey(from));
  FIRN_TRY(ValidateKeyToChange(to));
  FIRN_TRY_ASSIGN(const S3Head source, bucket_.Head(from));
  FIRN_TRY_ASSIGN(const bool taken, IsObject(to));
  if (taken) return FailObjectExists(to);
  // Copied in its own parts it keeps its ETag.
  const int64_t parts = (source.info.size + part_bytes_ - 1) / part_bytes_;
  if (parts > 1 && PartsOf(source.info.etag) == parts) return CopyInParts(source.info, to, part_bytes_);
  if (source.info.size > kMaxCopy) return CopyInParts(source.info, to, kCopyPart);
  Status copied = bucket_.Copy(source.info, to);
  if (copied || copied.error().kind != ErrorKind::kAlreadyExists) return copied;
  // One of the two conditions does not hold: which?
  FIRN_TRY_ASSIGN(const S3Head now, bucket_.Head(from));
  if (now.info.etag != source.info.etag) return FailChangedObject(from);
  return copied;
}

Status S3Store::CopyInParts(const ObjectInfo& from, std::string_view to, int64_t part_bytes) {
  FIRN_TRY_ASSIGN(const std::string upload, bucket_.BeginUpload(to, RandomHex(random_, 32)));
  Status copied = CopyParts(from, to, part_bytes, upload);
  if (!copied) (void)bucket_.AbortUpload(to, upload);
  return copied;
}

Status S3Store::CopyParts(const ObjectInfo& from, std::string_view to, int64_t part_bytes, const std::string& upload) {
  std::vector<std::string> etags;
  for (int64_t at = 0; at < from.size; at += part_bytes) {
    const ByteRange range{at, std::min(part_bytes, from.size - at)};
    FIRN_TRY_ASSIGN(std::string etag, bucket_.CopyPart(from, range, to, upload, etags.size() + 1));
    etags.push_back(std::move(etag));
  }
  return bucket_.CompleteUpload(to, upload, etags);
}

Status S3Store::Remove(std::string_view key) {
  FIRN_TRY(ValidateKeyToChange(key));
  return bucket_.Delete(key);
}

Status S3Store::RemovePrefix(std::string_view prefix) {
  FIRN_TRY(ValidatePrefixToChange(prefix));
  FIRN_TRY_ASSIGN(S3Page all, ListAll(StartOf(prefix), false));
  std::erase_if(all.objects, [&](const auto& object) { return IsHiddenIn(object.key, prefix); });
  const std::span<const ObjectInfo> objects(all.objects);
  for (size_t at = 0; at < objects.size(); at += kRemovedAtOnce)
    FIRN_TRY(bucket_.DeleteAll(objects.subspan(at, std::min(kRemovedAtOnce, objects.size() - at))));
  return prefix.empty() ? Status() : bucket_.Delete(prefix);
}

Status S3Store::ExchangeFolders(std::string_view a, std::string_view b) {
  FIRN_TRY(ValidateExchange(a, b));
  return Fail(ErrorKind::kUnsupported,
              fmt::format("cannot exchange {} with {}: S3 has no folders", EscapeKey(a), EscapeKey(b)));
}

// S3 would take an object "a" beside "a/b"; the programs that read the folder would not.
Status S3Store::CheckReplaceable(std::string_view prefix) {
  FIRN_TRY(ValidateReplaceable(prefix));
  FIRN_TRY_ASSIGN(const bool object, IsObject(prefix));
  if (object) return FailNotAFolder(prefix);
  for (std::string_view above = ParentOf(prefix); !above.empty(); above = ParentOf(above)) {
    FIRN_TRY_ASSIGN(const bool in_the_way, IsObject(above));
    if (in_the_way) return FailObjectAsFolder(prefix);
  }
  return {};
}

}  // namespace firn
