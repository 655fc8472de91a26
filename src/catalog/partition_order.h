#pragma once

#include <compare>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "catalog/catalog.h"
#include "schema/partition.h"

namespace firn {

// How partition values compare, and the bytes that make an index compare them so.
//
// Two integers (an optional '-' and digits, at most 255 bytes: a folder's name) compare as integers, anything else as
// text. That alone is no order ("9" < "10" < "1a" < "9"), so lists are sorted with the integers of a key before its
// texts. OrderKeyOf() is, for each value, one of
//   0x02 'sign' 'digits: count, then ASCII'    an integer; the bytes of a negative one are complemented
//   0x03 'text, with 00 as 00 FF' 00 01        a text
// and, when an integer is spelled oddly ("03", "-0"), 0x01 and the spelled values, which keeps "3" and "03" apart. No
// encoding is a prefix of another one, so that a fixed prefix of values is one range of the index.

[[nodiscard]] bool IsIntegerText(std::string_view text);
[[nodiscard]] std::strong_ordering ComparePartitionText(std::string_view a, std::string_view b);

[[nodiscard]] std::string EncodePartitionText(std::string_view value);
[[nodiscard]] std::string OrderKeyOf(const PartitionValues& values);

// "4:2025,2:11,": the values themselves, whatever bytes they hold.
[[nodiscard]] std::string PackValues(const PartitionValues& values);
[[nodiscard]] std::optional<PartitionValues> UnpackValues(std::string_view packed);  // nothing: not such a list

struct OrderKeyRange {
  std::string from;  // first in
  std::string to;    // first out
  friend bool operator==(const OrderKeyRange&, const OrderKeyRange&) = default;
};

// A conjunction of predicates made ready: which ranges of the index to look at, and which of their rows match.
class PartitionFilter {
 public:
  // kInvalidArgument: a key that the table does not have, or a wrong number of values. `where` must outlive the filter.
  static Result<PartitionFilter> Make(const std::vector<std::string>& keys, std::span<const PartitionPredicate> where);

  // Sorted and disjoint; every matching partition is in one of them.
  [[nodiscard]] std::vector<OrderKeyRange> Ranges() const;
  [[nodiscard]] bool Matches(const PartitionValues& values) const;

 private:
  struct KeyPredicate {
    size_t key;
    const PartitionPredicate* predicate;
  };
  [[nodiscard]] std::vector<OrderKeyRange> RangesOfKey(size_t key) const;

  size_t key_count_ = 0;
  std::vector<KeyPredicate> predicates_;
};

}  // namespace firn
