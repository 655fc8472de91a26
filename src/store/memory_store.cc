#include "store/memory_store.h"

#include <algorithm>
#include <cstring>
#include <utility>

#include "store/object_key.h"

namespace firn {
namespace {

const Clock& MachineClock() {
  static const SystemClock clock;
  return clock;
}

}  // namespace

class MemoryStore::Writer : public ObjectWriter {
 public:
  Writer(MemoryStore& store, std::string_view key) : store_(store), key_(key) {}

  Status Append(std::string_view bytes) override {
    if (finished_) return FailFinishedWriter(key_);
    bytes_.append(bytes);
    return {};
  }

  Result<ObjectInfo> Finish() override {
    if (finished_) return FailFinishedWriter(key_);
    finished_ = true;
    return store_.Publish(key_, std::move(bytes_));
  }

 private:
  MemoryStore& store_;
  const std::string key_;
  std::string bytes_;
  bool finished_ = false;
};

MemoryStore::MemoryStore() : clock_(MachineClock()) {}

ObjectInfo MemoryStore::InfoOf(const Entries::value_type& entry) {
  const auto& [key, value] = entry;
  return {key, std::ssize(*value.bytes), value.modified_ns, std::to_string(value.version)};
}

// The keys below "a" are those from "a/" on: "a.b" and "a-b" lie between "a" and them.
MemoryStore::Entries::iterator MemoryStore::FirstBelow(std::string_view prefix) {
  return prefix.empty() ? entries_.begin() : entries_.lower_bound(std::string(prefix) + "/");
}

Result<std::vector<ObjectInfo>> MemoryStore::List(std::string_view prefix) {
  FIRN_TRY(ValidatePrefix(prefix));
  std::lock_guard lock(mutex_);
  std::vector<ObjectInfo> objects;
  if (auto itself = entries_.find(prefix); itself != entries_.end()) objects.push_back(InfoOf(*itself));
  for (auto at = FirstBelow(prefix); at != entries_.end() && IsAtOrBelow(at->first, prefix); ++at) {
    if (!IsHiddenIn(at->first, prefix)) objects.push_back(InfoOf(*at));
  }
  return objects;
}

Result<FolderListing> MemoryStore::ListFolder(std::string_view prefix) {
  FIRN_TRY(ValidatePrefix(prefix));
  std::lock_guard lock(mutex_);
  FolderListing listing;
  const size_t start = prefix.empty() ? 0 : prefix.size() + 1;
  for (auto at = FirstBelow(prefix); at != entries_.end() && IsAtOrBelow(at->first, prefix);) {
    size_t slash = at->first.find('/', start);
    if (slash == std::string::npos) {
      if (!IsHiddenIn(at->first, prefix)) listing.objects.push_back(InfoOf(*at));
      ++at;
      continue;
    }
    std::string folder = at->first.substr(0, slash);
    at = entries_.lower_bound(folder + "0");  // '0' follows '/': past all that is in the folder
    if (!IsHiddenIn(folder, prefix)) listing.folders.push_back(std::move(folder));
  }
  std::ranges::sort(listing.folders);  // met in the order of "a-b/", "a/"
  return listing;
}

Result<ObjectInfo> MemoryStore::Stat(std::string_view key) {
  FIRN_TRY(ValidateKey(key));
  std::lock_guard lock(mutex_);
  auto entry = entries_.find(key);
  if (entry == entries_.end()) return FailNoObject(key);
  return InfoOf(*entry);
}

Result<Bytes> MemoryStore::Read(const ObjectInfo& object) {
  return ReadRange(object, 0, object.size);
}

Result<Bytes> MemoryStore::ReadRange(const ObjectInfo& object, int64_t offset, int64_t length) {
  FIRN_TRY(ValidateKey(object.key));
  FIRN_TRY_ASSIGN(ByteRange range, RangeWithin(object.key, object.size, offset, length));
  std::shared_ptr<const std::string> source;
  {
    std::lock_guard lock(mutex_);
    auto entry = entries_.find(object.key);
    if (entry == entries_.end()) return FailNoObject(object.key);
    ObjectInfo now = InfoOf(*entry);
    if (now.etag != object.etag || now.size != object.size) return FailChangedObject(object.key);
    source = entry->second.bytes;
  }
  Bytes bytes(static_cast<size_t>(range.length));
  if (range.length > 0) std::memcpy(bytes.data(), source->data() + range.offset, bytes.size());
  return bytes;
}

Result<std::unique_ptr<ObjectWriter>> MemoryStore::Create(std::string_view key) {
  FIRN_TRY(ValidateKeyToChange(key));
  return std::make_unique<Writer>(*this, key);
}

// As in a file system: a name is free when nothing has it, nothing is below it, and nothing above it is an object.
Status MemoryStore::CheckFree(std::string_view key) {
  if (entries_.contains(key)) return FailObjectExists(key);
  auto below = FirstBelow(key);
  if (below != entries_.end() && IsAtOrBelow(below->first, key)) return FailObjectExists(key);
  for (std::string_view above = ParentOf(key); !above.empty(); above = ParentOf(above)) {
    if (entries_.contains(above)) return FailObjectAsFolder(key);
  }
  return {};
}

Result<ObjectInfo> MemoryStore::Publish(const std::string& key, std::string bytes) {
  std::lock_guard lock(mutex_);
  FIRN_TRY(CheckFree(key));
  Entry entry{std::make_shared<const std::string>(std::move(bytes)), clock_.NowNs(), ++versions_};
  return InfoOf(*entries_.emplace(key, std::move(entry)).first);
}

Status MemoryStore::Link(std::string_view from, std::string_view to) {
  FIRN_TRY(ValidateKey(from));
  FIRN_TRY(ValidateKeyToChange(to));
  std::lock_guard lock(mutex_);
  auto source = entries_.find(from);
  if (source == entries_.end()) return FailNoObject(from);
  FIRN_TRY(CheckFree(to));
  entries_.emplace(std::string(to), source->second);
  return {};
}

Status MemoryStore::Remove(std::string_view key) {
  FIRN_TRY(ValidateKeyToChange(key));
  std::lock_guard lock(mutex_);
  if (auto entry = entries_.find(key); entry != entries_.end()) entries_.erase(entry);
  return {};
}

Status MemoryStore::RemovePrefix(std::string_view prefix) {
  FIRN_TRY(ValidatePrefixToChange(prefix));
  std::lock_guard lock(mutex_);
  std::erase_if(entries_, [&](const auto& entry) {
    return IsAtOrBelow(entry.first, prefix) && !IsHiddenIn(entry.first, prefix);
  });
  return {};
}

MemoryStore::Entries MemoryStore::Take(std::string_view folder) {
  Entries taken;
  for (auto at = FirstBelow(folder); at != entries_.end() && IsAtOrBelow(at->first, folder);) {
    taken.insert(entries_.extract(at++));
  }
  return taken;
}

void MemoryStore::Put(Entries entries, std::string_view from, std::string_view to) {
  while (!entries.empty()) {
    auto node = entries.extract(entries.begin());
    node.key() = std::string(to) + node.key().substr(from.size());
    entries_.insert(std::move(node));
  }
}

Status MemoryStore::CheckFolder(std::string_view folder) {
  if (entries_.contains(folder)) return FailNotAFolder(folder);
  for (std::string_view above = ParentOf(folder); !above.empty(); above = ParentOf(above)) {
    if (entries_.contains(above)) return FailObjectAsFolder(folder);
  }
  return {};
}

Status MemoryStore::CheckReplaceable(std::string_view prefix) {
  FIRN_TRY(ValidateReplaceable(prefix));
  std::lock_guard lock(mutex_);
  return CheckFolder(prefix);
}

Status MemoryStore::ExchangeFolders(std::string_view a, std::string_view b) {
  FIRN_TRY(ValidateExchange(a, b));
  std::lock_guard lock(mutex_);
  for (std::string_view folder : {a, b}) FIRN_TRY(CheckFolder(folder));
  if (a == b) return {};
  Entries of_a = Take(a);
  Entries of_b = Take(b);
  Put(std::move(of_a), a, b);
  Put(std::move(of_b), b, a);
  return {};
}

}  // namespace firn
