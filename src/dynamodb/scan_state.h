#pragma once

#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include "base/json.h"
#include "base/result.h"
#include "dynamodb/requests.h"

namespace firn {

// How far a scan in segments has come: of each segment, where its next page begins, or that it is done. Kept as JSON, a
// scan that stopped goes on from there. Thread-safe.
class ScanState {
 public:
  // Of a scan that has not begun.
  ScanState(const Selection& selection, int segments);

  // Of one that ToJson wrote. kCorrupt for another form; kMismatch when it is of another table or index, of another
  // projection or filter, or of another number of segments: positions of segments mean nothing in others.
  [[nodiscard]] static Result<ScanState> Parse(const Json& json, const Selection& selection, int segments);
  [[nodiscard]] Json ToJson() const;
  ScanState(ScanState&& other) noexcept;
  ScanState& operator=(ScanState&&) = delete;
  ~ScanState() = default;

  [[nodiscard]] int segments() const { return static_cast<int>(positions_.size()); }
  // kMismatch, as Parse.
  [[nodiscard]] Status CheckFits(const Selection& selection) const;

  // Where the next page of a segment begins (empty: at its beginning); std::nullopt when there is none.
  [[nodiscard]] std::optional<Item> NextStart(int segment) const;
  [[nodiscard]] bool done() const;
  // The page that ends there was taken. Empty: it was the segment's last.
  void Advance(int segment, const Item& last_key);

 private:
  struct Position {
    bool done = false;
    Item next;
  };

  std::string table_;
  std::string index_;
  std::string wanted_;        // a digest of projection, filter and what they stand for
  mutable std::mutex mutex_;  // guards the rest, but for how many there are
  std::vector<Position> positions_;
};

}  // namespace firn
