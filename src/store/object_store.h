#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"

namespace firn {

// Where an object is: "landing/chargebacks/2025/11/03/a.parquet". A key is not a path: see ValidateKey.
using ObjectKey = std::string;

// Refuses what could leave the lake or name two things: empty keys and segments, ".", "..", a leading or trailing '/',
// NUL and control characters, '\', segments over 255 bytes and keys over 1,024 bytes. kInvalidArgument, with the key
// (escaped) in the message. A prefix follows the same rules, and may be empty.
[[nodiscard]] Status ValidateKey(std::string_view key);

// One version of an object. Two versions of a key differ in `etag`; size and etag are what bookmarks and snapshots
// remember.
struct ObjectInfo {
  ObjectKey key;
  int64_t size = 0;
  int64_t modified_ns = 0;  // since the epoch
  std::string etag;         // opaque; local: from inode, size and mtime in ns
  friend bool operator==(const ObjectInfo&, const ObjectInfo&) = default;
};

// Bytes of one object, owned. `data` has no alignment promise.
class Bytes {
 public:
  Bytes() = default;
  explicit Bytes(size_t size) : data_(std::make_unique_for_overwrite<char[]>(size)), size_(size) {}
  [[nodiscard]] char* data() { return data_.get(); }
  [[nodiscard]] const char* data() const { return data_.get(); }
  [[nodiscard]] size_t size() const { return size_; }
  [[nodiscard]] std::string_view view() const { return {data_.get(), size_}; }

 private:
  std::unique_ptr<char[]> data_;
  size_t size_ = 0;
};

// Writes one new object. Nothing is to be seen under the key until Finish returned; then the whole object is there,
// synced to the medium, and its folder entry too. Destroyed without Finish, it leaves nothing behind. Not thread-safe.
class ObjectWriter {
 public:
  virtual ~ObjectWriter() = default;
  virtual Status Append(std::string_view bytes) = 0;  // kNoSpace, kIo
  virtual Result<ObjectInfo> Finish() = 0;
  // Whether a call that failed with kUnavailable may be made again with the same bytes, and goes on where it stopped.
  // When not, the writer is of no more use.
  [[nodiscard]] virtual bool Resumes() const { return false; }
};

// One level of a prefix.
struct FolderListing {
  std::vector<std::string> folders;  // full prefixes, without trailing slash, sorted by bytes
  std::vector<ObjectInfo> objects;   // sorted by key, by bytes
};

// The lake's storage: about what S3 offers. Every implementation is thread-safe and passes store/conformance_test.h.
// All keys go through ValidateKey. firn's own state (".firn/") is not an object: listings never show it. Errors:
// kNotFound, kPermission, kNoSpace, kUnavailable, kIo; kInvalidArgument for a bad key or a symlink that leaves the
// lake.
class ObjectStore {
 public:
  virtual ~ObjectStore() = default;

  // "file:///lake" or "memory://": for messages.
  [[nodiscard]] virtual std::string Describe() const = 0;

  // Every object at or below `prefix` (a folder: "a/b" holds "a/b/c", not "a/bc"), sorted by key. A prefix that does
  // not exist is empty.
  virtual Result<std::vector<ObjectInfo>> List(std::string_view prefix) = 0;
  // The objects and sub-folders directly in `prefix`.
  virtual Result<FolderListing> ListFolder(std::string_view prefix) = 0;
  virtual Result<ObjectInfo> Stat(std::string_view key) = 0;

  // The whole object, at exactly that version. kMismatch when the object is now another version (changed between
  // listing and reading); kNotFound when it is gone.
  virtual Result<Bytes> Read(const ObjectInfo& object) = 0;
  // `length` bytes from `offset` (fewer only at the end of the object); same version rule. offset < 0 counts from the
  // end.
  virtual Result<Bytes> ReadRange(const ObjectInfo& object, int64_t offset, int64_t length) = 0;

  virtual Result<std::unique_ptr<ObjectWriter>> Create(std::string_view key) = 0;
  // Makes `to` another name of the same bytes (local: a hard link; S3: a server-side copy). Replaces nothing:
  // kAlreadyExists.
  virtual Status Link(std::string_view from, std::string_view to) = 0;
  // Removing what is not there succeeds. Emptied folders go too.
  virtual Status Remove(std::string_view key) = 0;
  // Everything at or below the prefix; not there: succeeds.
  virtual Status RemovePrefix(std::string_view prefix) = 0;

  // Exchanges two folders: what was below `a` is now below `b`, and the other way round; either may not exist. Local:
  // one system call (renameat2 RENAME_EXCHANGE, or one rename when `b` is missing), so that a program that lists `b`
  // sees the old or the new content, never a mix and never nothing. When AtomicExchange() is false (S3), callers must
  // not use it: kUnsupported.
  virtual Status ExchangeFolders(std::string_view a, std::string_view b) = 0;
  [[nodiscard]] virtual bool AtomicExchange() const = 0;
  // Whether a folder could be put in the place of `prefix` now, which may not exist yet: for those who have to know
  // before they promise it. Changes nothing. What can be known: the name, an object in the way, the user's rights, a
  // read-only mount, a mount of its own.
  virtual Status CheckReplaceable(std::string_view /*prefix*/) { return {}; }
};

}  // namespace firn
