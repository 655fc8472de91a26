#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <mutex>
#include <stop_token>
#include <string>
#include <vector>

#include "base/result.h"
#include "dynamodb/client.h"
#include "dynamodb/scan_state.h"
#include "env/random.h"
#include "env/worker_pool.h"
#include "store/object_store.h"

namespace firn {

// Scans whose pages are kept in a store, so that one that was cut off, whatever cut it off, goes on where it was. Each
// has a folder <name>/<unique>, never used again, with
// - segment-<s>/page-<n>.json: the items of a page, lines of DynamoDB's export ({"Item":{...}});
// - state-<n>.json: where each segment goes on, and how many of its pages count; the greatest <n> is the state.
// A page is written before the state that counts it, and both are synced: what is counted is there, and comes once. A
// folder without a state is one that was being removed.

// What is scanned, and how.
struct ScanPlan {
  Selection selection;
  int segments = 1;
  int64_t page_items = 0;  // at most, a request; 0: 1 MB
};

struct KeptScanFacts {
  std::string name;        // of what wants it: scans of one name may stand for one another
  std::string folder;      // key prefix
  std::string holder;      // who scans, or scanned last
  std::string table_id;    // of the table that was scanned; "" when DynamoDB did not say
  int64_t begun_ns = 0;    // since the epoch, as the next
  int64_t expires_ns = 0;  // nobody should go on with it from then on
  int64_t items = 0;
  int64_t bytes = 0;  // of the pages
  bool done = false;
};

// One scan. Thread-safe; the store must outlive it.
class KeptScan {
 public:
  // From where it is to the end. `on_items` is told, from several threads, how many items there are now. Errors as
  // TableScanner's, and the store's; what came before the error is kept.
  Status Run(PageSource& source, const std::function<void(int64_t)>& on_items, std::stop_token stop);

  [[nodiscard]] KeptScanFacts facts() const;
  // The pages that count, by segment and number. kCorrupt when one is missing.
  Result<std::vector<ObjectInfo>> Pages();

 private:
  friend class KeptScans;
  KeptScan(ObjectStore& store, ScanPlan plan, KeptScanFacts facts, ScanState state);

  Status Take(int segment, const ItemPage& page);
  Status KeepState();
  [[nodiscard]] std::string PageKey(size_t segment, int64_t number) const;
  [[nodiscard]] std::string StateKey(int64_t number) const;

  ObjectStore& store_;
  const ScanPlan plan_;
  ScanState state_;

  mutable std::mutex mutex_;  // guards the rest
  KeptScanFacts facts_;
  std::vector<int64_t> pages_;  // that count, of each segment
  int64_t state_number_ = 0;    // of the state that is kept; 0: none yet
};

// All of a store. Thread-safe; several processes may use one store, each its own scans.
class KeptScans {
 public:
  KeptScans(ObjectStore& store, Random& random) : store_(store), random_(random) {}

  // By name and folder. Removes what others began to remove.
  Result<std::vector<KeptScanFacts>> List();
  // A new one, of `facts.name`, holder, table and times.
  Result<std::unique_ptr<KeptScan>> Begin(const ScanPlan& plan, KeptScanFacts facts);
  // One of List(), from now on of another holder. kCorrupt when pages are missing, kMismatch when it is of another
  // plan.
  Result<std::unique_ptr<KeptScan>> GoOn(const ScanPlan& plan, const KeptScanFacts& facts, const std::string& holder);
  Status Remove(const std::string& folder);

 private:
  struct Saved;
  Result<Saved> Read(const std::string& folder, const std::vector<ObjectInfo>& objects);

  ObjectStore& store_;
  Random& random_;
};

}  // namespace firn
