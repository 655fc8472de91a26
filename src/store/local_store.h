#pragma once

#include <filesystem>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "store/lake_root.h"
#include "store/local_writer.h"
#include "store/object_store.h"
#include "store/temp_folder.h"

namespace firn {

// A lake in a folder of this machine. Thread-safe; several processes may use one lake at once.
// A file that changes in place (no rename) is another version, because its mtime moves; firn itself never does that.
// Listing a folder that another thread or process exchanges or removes meanwhile starts over: the answer is one of the
// folders, whole. Entries that cannot be objects make a listing fail rather than disappear from it: a name that is no
// key, a symlink that leaves the lake.
class LocalStore : public ObjectStore {
 public:
  LocalStore(std::string root, Descriptor folder, Durability durability)
      : root_(std::move(root), std::move(folder)), temp_(root_), durability_(durability) {}

  // Where an object is for programs that open files by path. Says nothing about whether it exists, and does not hold
  // the opener to the lake.
  [[nodiscard]] std::string PathOf(std::string_view key) const;

  [[nodiscard]] std::string Describe() const override;
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
  [[nodiscard]] bool AtomicExchange() const override { return true; }
  Status CheckReplaceable(std::string_view prefix) override;

  // Removes the unfinished files of processes that died.
  void RemoveLeftovers() { temp_.RemoveLeftovers(); }

 private:
  Result<Bytes> ReadPart(const ObjectInfo& object, int64_t offset, int64_t length);
  Status RemoveAll();
  Status MoveFolder(std::string_view from, std::string_view to);

  LakeRoot root_;
  TempFolder temp_;
  const Durability durability_;
};

// Opens the lake in `root` and removes what dead processes left unfinished. `create` makes the folder.
// kNotFound, kPermission, kInvalidArgument when it is not a folder.
Result<std::unique_ptr<LocalStore>> OpenLocalStore(const std::filesystem::path& root, bool create,
                                                   Durability durability = Durability::kSynced);

}  // namespace firn
