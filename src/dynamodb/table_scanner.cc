#include "dynamodb/table_scanner.h"

#include <mutex>
#include <optional>
#include <utility>

namespace firn {
namespace {

// One segment, page by page.
Status ScanSegment(PageSource& source, ScanRequest request, ScanState& state, const PageTaker& take,
                   const std::stop_token& stop, const std::stop_token& failed) {
  while (std::optional<Item> start = state.NextStart(request.segment)) {
    if (stop.stop_requested() || failed.stop_requested()) return Fail(ErrorKind::kStopped, "the scan was stopped");
    request.start = std::move(*start);
    auto page = source.Scan(request);
    // A stop ends the waits of a try that failed.
    if (!page && stop.stop_requested()) return Fail(ErrorKind::kStopped, "the scan was stopped");
    if (!page) return std::unexpected(std::move(page.error()));
    const Item last_key = page->last_key;
    FIRN_TRY(take(request.segment, std::move(*page)));
    state.Advance(request.segment, last_key);
  }
  return {};
}

}  // namespace

Status TableScanner::Scan(const Selection& selection, ScanState& state, const PageTaker& take, std::stop_token stop,
                          int64_t page_items) {
  FIRN_TRY(state.CheckFits(selection));
  // The first failure is the answer; it ends the others after their page.
  std::stop_source failed;
  std::mutex mutex;
  std::optional<Error> first;
  const Status ran = pool_.ParallelFor(
      state.segments(),
      [&](int64_t segment, int) -> Status {
        Status scanned = ScanSegment(source_,
                                     {.selection = selection,
                                      .segment = static_cast<int>(segment),
                                      .segments = state.segments(),
                                      .limit = page_items,
                                      .start = {}},
                                     state, take, stop, failed.get_token());
        if (scanned) return scanned;
        const std::lock_guard lock(mutex);
        failed.request_stop();
        if (!first) first = scanned.error();
        return scanned;
      },
      stop);
  if (first) return std::unexpected(std::move(*first));
  return ran;
}

}  // namespace firn
