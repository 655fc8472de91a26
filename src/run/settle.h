#pragma once

#include <atomic>
#include <stop_token>
#include <string>
#include <vector>

#include "catalog/catalog.h"
#include "env/worker_pool.h"
#include "run/readers_grace.h"
#include "store/object_store.h"

namespace firn {

// Brings folders to what the catalog says, and cleans up behind runs. Every operation may be repeated from any point.
//
// Two rules make concurrent writers, settlers and recoveries safe: only the holder of a partition's lease touches its
// folder; and a folder is brought to the *current* file list, never to an older snapshot's, so that a late settler
// cannot undo a later commit.
class Settler {
 public:
  Settler(ObjectStore& store, Catalog& catalog, WorkerPool& pool, ReadersGrace grace)
      : store_(store), catalog_(catalog), pool_(pool), grace_(std::move(grace)) {}

  struct Folder {
    std::string partition;  // PartitionName()
    std::string location;
  };

  // Those of a table, several at a time: each waits for the disk or the network. Builds below the staging folder of
  // `holder`, which holds their leases. kCorrupt when the bytes of a committed file are nowhere.
  Status SettleFolders(const TableName& table, const std::vector<Folder>& folders, const RunId& holder);

  // The folders that the snapshot replaced and no later settled one did.
  Result<std::vector<Folder>> FoldersOf(const SnapshotId& snapshot, const TableName& table);

  // Publishes the quarantine of a run that succeeded, then removes its staging folder. Not before its snapshot is
  // marked as settled.
  Status CleanUp(const RunId& run, std::stop_token stop = {});
  // Folders that this settler exchanged out are there: they get their grace, which `stop` ends.
  Status RemoveStaging(const RunId& holder, std::stop_token stop = {});

 private:
  Status Converge(const std::string& location, const std::vector<FileRecord>& files, const std::string& build);
  Result<bool> IsThere(const std::vector<ObjectInfo>& listed, const std::vector<FileRecord>& files);
  Status ExchangeIn(const std::string& location, bool replaces, const std::vector<FileRecord>& files,
                    const std::string& build);
  Status LinkIn(const std::vector<ObjectInfo>& listed, const std::vector<FileRecord>& files);
  Status LinkFrom(const FileRecord& file, const std::string& to);
  Status PublishQuarantine(const RunRecord& run);

  ObjectStore& store_;
  Catalog& catalog_;
  WorkerPool& pool_;
  ReadersGrace grace_;
  std::atomic<bool> exchanged_ = false;  // a folder out, since grace_ began
};

}  // namespace firn
