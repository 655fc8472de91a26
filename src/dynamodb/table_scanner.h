#pragma once

#include <cstdint>
#include <functional>
#include <stop_token>

#include "base/result.h"
#include "dynamodb/client.h"
#include "dynamodb/scan_state.h"
#include "env/worker_pool.h"

namespace firn {

// Takes a page. Pages of one segment come in their order and one at a time, those of different segments at once, from
// different threads. A page without items is one too.
using PageTaker = std::function<Status(int segment, ItemPage page)>;

// Scans a table in segments, in parallel. Holds one page a thread, whatever the size of the table. Thread-safe. Both
// must outlive it; for as many requests at once as there are segments, the pool needs as many threads.
class TableScanner {
 public:
  TableScanner(PageSource& source, WorkerPool& pool) : source_(source), pool_(pool) {}

  // From where `state` says to the end. After each page that was taken `state` says so, and only then: after an error
  // or a stop, and at any time meanwhile, state.ToJson() is where to go on; a page that was taken and not yet noted
  // when the process died comes again. `page_items` limits the items read a page; 0: 1 MB each. kStopped when it was
  // asked to stop; the taker's error, or PageSource's; kMismatch when `state` is of another scan.
  Status Scan(const Selection& selection, ScanState& state, const PageTaker& take, std::stop_token stop = {},
              int64_t page_items = 0);

 private:
  PageSource& source_;
  WorkerPool& pool_;
};

}  // namespace firn
