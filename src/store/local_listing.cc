#include "store/local_listing.h"

#include <dirent.h>
#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>

#include <algorithm>
#include <cerrno>
#include <iterator>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "store/local_file.h"
#include "store/object_key.h"
#include "store/system_error.h"

namespace firn {
namespace {

// Each turn means that somebody exchanged the folder during the last one; a listing takes far less time than a commit.
constexpr int kMaxListings = 1'000;

constexpr size_t kEntriesForAThread = 2'000;
constexpr unsigned kMostThreads = 4;

struct FolderIdentity {
  dev_t device = 0;
  ino_t inode = 0;
  friend bool operator==(const FolderIdentity&, const FolderIdentity&) = default;
};

// The answer to "is it there?", where no is not an error.
template <class T>
Result<std::optional<T>> OrNothing(Result<T> result) {
  if (result.has_value()) return std::optional<T>(std::move(*result));
  if (result.error().kind == ErrorKind::kNotFound) return std::nullopt;
  return std::unexpected(std::move(result.error()));
}

Result<FolderIdentity> IdentityOf(const Descriptor& folder, std::string_view prefix) {
  struct stat facts{};
  if (fstat(folder.get(), &facts) != 0) return FailWithCode(errno, "examine", prefix);
  return FolderIdentity{facts.st_dev, facts.st_ino};
}

// One open folder of the lake, under the name by which it was reached.
class OpenFolder {
 public:
  OpenFolder(const LakeRoot& root, std::string_view prefix, Descriptor folder, FolderIdentity identity)
      : root_(root), prefix_(prefix), folder_(std::move(folder)), identity_(identity) {}

  static Result<std::optional<OpenFolder>> Open(const LakeRoot& root, std::string_view prefix) {
    auto opened = root.Open(prefix, O_RDONLY | O_DIRECTORY, LakeRoot::Symlinks::kInside);
    FIRN_TRY_ASSIGN(std::optional<Descriptor> folder, OrNothing(std::move(opened)));
    if (!folder) return std::nullopt;
    FIRN_TRY_ASSIGN(FolderIdentity identity, IdentityOf(*folder, prefix));
    return OpenFolder(root, prefix, std::move(*folder), identity);
  }

  [[nodiscard]] FolderIdentity identity() const { return identity_; }

  // Sorted by key.
  Result<FolderListing> ReadEntries() const {
    Descriptor again(openat(folder_.get(), ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC));
    std::unique_ptr<DIR, int (*)(DIR*)> stream(again.is_open() ? fdopendir(again.get()) : nullptr, closedir);
    if (stream == nullptr) return FailWithCode(errno, "list", prefix_);
    [[maybe_unused]] int owned_by_stream = again.Release();
    std::string text;  // of all entries: type, name, NUL
    while (true) {
      errno = 0;
      const dirent* entry = readdir(stream.get());
      if (entry == nullptr) break;
      std::string_view name = entry->d_name;
      if (name == "." || name == "..") continue;
      text.push_back(static_cast<char>(entry->d_type));
      text.append(name).push_back('\0');
    }
    if (errno != 0) return FailWithCode(errno, "list", prefix_);
    return Examine(SortEntries(text));
  }

  // Whether the prefix still leads here. Since this folder is held open, its inode cannot have been given to another
  // one.
  Result<bool> IsStillThere() const {
    auto opened = root_.Open(prefix_, O_PATH | O_DIRECTORY, LakeRoot::Symlinks::kInside);
    FIRN_TRY_ASSIGN(std::optional<Descriptor> folder, OrNothing(std::move(opened)));
    if (!folder) return false;
    FIRN_TRY_ASSIGN(FolderIdentity identity, IdentityOf(*folder, prefix_));
    return identity == identity_;
  }

 private:
  struct Entry {
    std::string_view name;  // NUL follows
    unsigned char type;
  };

  static std::vector<Entry> SortEntries(const std::string& text) {
    std::vector<Entry> entries;
    for (size_t at = 0; at < text.size();) {
      const std::string_view name = &text[at + 1];
      entries.push_back({name, static_cast<unsigned char>(text[at])});
      at += name.size() + 2;
    }
    std::ranges::sort(entries, {}, &Entry::name);
    return entries;
  }

  // A large folder is shared out: asking the system for the size and date of each file is most of a listing. An object
  // stays at its entry's place, so that the order is kept.
  Result<FolderListing> Examine(std::span<const Entry> entries) const {
    const size_t threads = std::clamp<size_t>(entries.size() / kEntriesForAThread, 1,
                                              std::clamp(std::thread::hardware_concurrency(), 1U, kMostThreads));
    FolderListing listing;
    listing.objects.resize(entries.size());
    std::vector<Result<std::vector<ObjectKey>>> folders(threads);
    const auto examine = [&](size_t i) {
      const size_t from = entries.size() * i / threads;
      const size_t count = entries.size() * (i + 1) / threads - from;
      folders[i] = ExamineSome(entries.subspan(from, count), std::span(listing.objects).subspan(from, count));
    };
    {
      std::vector<std::jthread> others;
      for (size_t i = 1; i < threads; ++i) others.emplace_back([&examine, i] { examine(i); });
      examine(0);
    }
    for (Result<std::vector<ObjectKey>>& part : folders) {
      if (!part) return std::unexpected(std::move(part.error()));
      std::ranges::move(*part, std::back_inserter(listing.folders));
    }
    std::erase_if(listing.objects, [](const ObjectInfo& object) { return object.key.empty(); });
    return listing;
  }

  // Returns the folders; the place of what is no object stays empty.
  Result<std::vector<ObjectKey>> ExamineSome(std::span<const Entry> entries, std::span<ObjectInfo> objects) const {
    std::vector<ObjectKey> folders;
    for (size_t i = 0; i < entries.size(); ++i) {
      std::string key = JoinKey(prefix_, entries[i].name);
      if (IsHiddenIn(key, prefix_)) continue;
      if (Status valid = ValidateKey(key); !valid) return std::unexpected(std::move(valid.error()).Within("listing"));
      struct stat facts{};
      facts.st_mode = S_IFDIR;
      if (entries[i].type != DT_DIR) {
        FIRN_TRY_ASSIGN(bool there, ReadFacts(entries[i], key, facts));
        if (!there) continue;  // it vanished while we read
      }
      if (S_ISDIR(facts.st_mode))
        folders.push_back(std::move(key));
      else if (S_ISREG(facts.st_mode))
        objects[i] = InfoOf(std::move(key), facts);
      // Sockets, pipes and devices are no objects.
    }
    return folders;
  }

  Result<bool> ReadFacts(const Entry& entry, const std::string& key, struct stat& facts) const {
    if (entry.type != DT_LNK) {
      int found = fstatat(folder_.get(), entry.name.data(), &facts, AT_SYMLINK_NOFOLLOW);
      if (found != 0 && errno == ENOENT) return false;
      if (found != 0) return FailWithCode(errno, "examine", key);
      if (!S_ISLNK(facts.st_mode)) return true;
    }
    FIRN_TRY_ASSIGN(std::optional<Descriptor> target, OrNothing(root_.Open(key, O_PATH, LakeRoot::Symlinks::kInside)));
    if (!target) return false;
    if (fstat(target->get(), &facts) != 0) return FailWithCode(errno, "examine", key);
    return true;
  }

  const LakeRoot& root_;
  std::string prefix_;
  Descriptor folder_;
  FolderIdentity identity_;
};

std::unexpected<Error> FailRestless(std::string_view prefix) {
  return Fail(ErrorKind::kConflict, fmt::format("cannot list {}: it is exchanged all the time", prefix),
              "Find out which job writes it in a loop.");
}

class TreeWalk {
 public:
  explicit TreeWalk(const LakeRoot& root) : root_(root) {}

  Result<std::vector<ObjectInfo>> Run(std::string_view prefix) && {
    FIRN_TRY(Visit(prefix));
    // One folder's are in order, a tree's need not be: "a/b-c" is before "a/b/c".
    if (!std::ranges::is_sorted(objects_, {}, &ObjectInfo::key)) std::ranges::sort(objects_, {}, &ObjectInfo::key);
    return std::move(objects_);
  }

 private:
  Status Visit(std::string_view prefix) {
    const size_t before = objects_.size();
    for (int turn = 0; turn < kMaxListings; ++turn) {
      objects_.resize(before);
      FIRN_TRY_ASSIGN(std::optional<OpenFolder> folder, OpenFolder::Open(root_, prefix));
      if (!folder) return {};
      FIRN_TRY(VisitChildren(prefix, *folder));
      FIRN_TRY_ASSIGN(bool same, folder->IsStillThere());
      if (same) return {};
    }
    return FailRestless(prefix);
  }

  Status VisitChildren(std::string_view prefix, const OpenFolder& folder) {
    if (std::ranges::find(above_, folder.identity()) != above_.end()) {
      return Fail(ErrorKind::kInvalidArgument, fmt::format("{} is a symlink to a folder that it is in", prefix),
                  "Remove the symlink: the lake would have no end.");
    }
    FIRN_TRY_ASSIGN(FolderListing listing, folder.ReadEntries());
    if (objects_.empty())
      objects_ = std::move(listing.objects);
    else
      std::ranges::move(listing.objects, std::back_inserter(objects_));
    above_.push_back(folder.identity());
    Status status;
    for (size_t i = 0; i < listing.folders.size() && status.has_value(); ++i) status = Visit(listing.folders[i]);
    above_.pop_back();
    return status;
  }

  const LakeRoot& root_;
  std::vector<ObjectInfo> objects_;
  std::vector<FolderIdentity> above_;  // the folders on the way down
};

}  // namespace

Result<FolderListing> ListLocalFolder(const LakeRoot& root, std::string_view prefix) {
  for (int turn = 0; turn < kMaxListings; ++turn) {
    FIRN_TRY_ASSIGN(std::optional<OpenFolder> folder, OpenFolder::Open(root, prefix));
    if (!folder) return FolderListing{};
    FIRN_TRY_ASSIGN(FolderListing listing, folder->ReadEntries());
    FIRN_TRY_ASSIGN(bool same, folder->IsStillThere());
    if (same) return listing;
  }
  return FailRestless(prefix);
}

Result<std::vector<ObjectInfo>> ListLocalTree(const LakeRoot& root, std::string_view prefix) {
  return TreeWalk(root).Run(prefix);
}

}  // namespace firn
