#include "catalog/partition_order.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>

#include "base/nearest.h"

namespace firn {
namespace {

using Op = PartitionPredicate::Op;
using RangeList = std::vector<OrderKeyRange>;

constexpr char kTextTag = '\x03';
constexpr char kIntegerTag = '\x02';
constexpr char kSpellingTag = '\x01';
constexpr std::string_view kEnd = "\xff";  // above every tag: prefix + kEnd is behind everything with that prefix
constexpr size_t kLongestInteger = 255;
constexpr size_t kMostRanges = 1000;  // past it, looking at more rows costs less than seeking more ranges

struct Integer {
  bool negative = false;
  std::string_view digits;  // without leading zeros; "" is zero
};

Integer ParseInteger(std::string_view text) {
  Integer integer;
  if (text.front() == '-') {
    integer.negative = true;
    text.remove_prefix(1);
  }
  text.remove_prefix(std::min(text.find_first_not_of('0'), text.size()));
  integer.digits = text;
  if (text.empty()) integer.negative = false;
  return integer;
}

bool IsOddlySpelled(std::string_view text) {
  const Integer integer = ParseInteger(text);
  const size_t canonical = std::max<size_t>(integer.digits.size(), 1) + (integer.negative ? 1 : 0);
  return text.size() != canonical;
}

std::string EncodeInteger(std::string_view text) {
  const Integer integer = ParseInteger(text);
  std::string encoded{kIntegerTag, '\x01', static_cast<char>(integer.digits.size())};
  encoded += integer.digits;
  if (integer.negative) {
    encoded[1] = '\x00';
    for (size_t i = 2; i < encoded.size(); ++i) encoded[i] = static_cast<char>(~encoded[i]);
  }
  return encoded;
}

std::string EncodeText(std::string_view text) {
  std::string encoded(1, kTextTag);
  for (const char c : text) {
    encoded += c;
    if (c == '\0') encoded += '\xff';
  }
  encoded += '\0';
  encoded += '\x01';
  return encoded;
}

OrderKeyRange Everything() {
  return {std::string(), std::string(kEnd)};
}
OrderKeyRange Below(const std::string& prefix) {
  return {prefix, prefix + std::string(kEnd)};
}
bool IsPoint(const OrderKeyRange& range) {
  return range.to.size() == range.from.size() + kEnd.size() && range.to.starts_with(range.from) &&
         !range.from.empty() && range.to.ends_with(kEnd);
}

// The part of one kind's values (all integers, or all texts) that compares to the operand as `op` asks. `encoded` is
// the operand as that kind.
OrderKeyRange Compared(Op op, char tag, const std::string& encoded) {
  OrderKeyRange kind = {std::string(1, tag), std::string(1, static_cast<char>(tag + 1))};
  switch (op) {
    case Op::kLess:
      return {kind.from, encoded};
    case Op::kLessOrEqual:
      return {kind.from, Below(encoded).to};
    case Op::kGreater:
      return {Below(encoded).to, kind.to};
    case Op::kGreaterOrEqual:
      return {encoded, kind.to};
    default:
      return kind;
  }
}

RangeList RangesOf(const PartitionPredicate& predicate) {
  RangeList ranges;
  switch (predicate.op) {
    case Op::kNotEqual:
      return {Everything()};
    case Op::kEqual:
    case Op::kIn:
      for (const std::string& value : predicate.values) ranges.push_back(Below(EncodePartitionText(value)));
      std::ranges::sort(ranges, {}, &OrderKeyRange::from);
      ranges.erase(std::ranges::unique(ranges).begin(), ranges.end());
      return ranges;
    default:
      break;
  }
  const std::string& operand = predicate.values.front();
  // An integer compares with integers by value and with texts as text; a text compares with everything as text.
  if (IsIntegerText(operand))
    ranges.push_back(Compared(predicate.op, kIntegerTag, EncodeInteger(operand)));
  else
    ranges.push_back({std::string(1, kIntegerTag), std::string(1, kTextTag)});
  ranges.push_back(Compared(predicate.op, kTextTag, EncodeText(operand)));
  return ranges;
}

RangeList Intersect(const RangeList& a, const RangeList& b) {
  RangeList both;
  size_t i = 0;
  size_t j = 0;
  while (i < a.size() && j < b.size()) {
    OrderKeyRange range = {std::max(a[i].from, b[j].from), std::min(a[i].to, b[j].to)};
    if (range.from < range.to) both.push_back(std::move(range));
    if (a[i].to < b[j].to)
      ++i;
    else
      ++j;
  }
  return both;
}

RangeList Appended(const std::vector<std::string>& prefixes, const RangeList& ranges) {
  RangeList product;
  for (const std::string& prefix : prefixes)
    for (const OrderKeyRange& range : ranges) product.push_back({prefix + range.from, prefix + range.to});
  return product;
}

bool Holds(Op op, std::strong_ordering order) {
  switch (op) {
    case Op::kEqual:
    case Op::kIn:
      return order == 0;
    case Op::kNotEqual:
      return order != 0;
    case Op::kLess:
      return order < 0;
    case Op::kLessOrEqual:
      return order <= 0;
    case Op::kGreater:
      return order > 0;
    case Op::kGreaterOrEqual:
      return order >= 0;
  }
  return false;
}

}  // namespace

bool IsIntegerText(std::string_view text) {
  if (text.size() > kLongestInteger) return false;
  if (text.starts_with('-')) text.remove_prefix(1);
  return !text.empty() && text.find_first_not_of("0123456789") == std::string_view::npos;
}

std::strong_ordering ComparePartitionText(std::string_view a, std::string_view b) {
  if (!IsIntegerText(a) || !IsIntegerText(b)) return a <=> b;
  return EncodeInteger(a) <=> EncodeInteger(b);
}

std::string EncodePartitionText(std::string_view value) {
  return IsIntegerText(value) ? EncodeInteger(value) : EncodeText(value);
}

std::string OrderKeyOf(const PartitionValues& values) {
  std::string key;
  bool odd = false;
  for (const std::string& value : values.values) {
    key += EncodePartitionText(value);
    odd |= IsIntegerText(value) && IsOddlySpelled(value);
  }
  if (odd) key += kSpellingTag + PackValues(values);
  return key;
}

std::string PackValues(const PartitionValues& values) {
  std::string packed;
  for (const std::string& value : values.values) {
    packed += std::to_string(value.size());
    packed += ':';
    packed += value;
    packed += ',';
  }
  return packed;
}

std::optional<PartitionValues> UnpackValues(std::string_view packed) {
  PartitionValues values;
  while (!packed.empty()) {
    size_t size = 0;
    const auto [end, code] = std::from_chars(packed.data(), packed.data() + packed.size(), size);
    const size_t begin = static_cast<size_t>(end - packed.data()) + 1;
    if (code != std::errc() || begin > packed.size() || size >= packed.size() - begin || packed[begin - 1] != ':' ||
        packed[begin + size] != ',')
      return std::nullopt;
    values.values.emplace_back(packed.substr(begin, size));
    packed.remove_prefix(begin + size + 1);
  }
  return values;
}

Result<PartitionFilter> PartitionFilter::Make(const std::vector<std::string>& keys,
                                              std::span<const PartitionPredicate> where) {
  PartitionFilter filter;
  filter.key_count_ = keys.size();
  for (const PartitionPredicate& predicate : where) {
    const auto key = std::ranges::find(keys, predicate.key);
    if (key == keys.end())
      return Fail(ErrorKind::kInvalidArgument, fmt::format("no partition key '{}'", predicate.key),
                  SuggestFrom(predicate.key, keys));
    if (predicate.op != Op::kIn && predicate.values.size() != 1)
      return Fail(ErrorKind::kInvalidArgument,
                  fmt::format("a comparison of '{}' takes one value, not {}", predicate.key, predicate.values.size()));
    filter.predicates_.push_back({static_cast<size_t>(key - keys.begin()), &predicate});
  }
  return filter;
}

RangeList PartitionFilter::RangesOfKey(size_t key) const {
  RangeList ranges = {Everything()};
  for (const KeyPredicate& each : predicates_)
    if (each.key == key) ranges = Intersect(ranges, RangesOf(*each.predicate));
  return ranges;
}

RangeList PartitionFilter::Ranges() const {
  std::vector<std::string> prefixes = {""};
  for (size_t key = 0; key < key_count_; ++key) {
    const firn::RangeList ranges = RangesOfKey(key);
    if (!std::ranges::all_of(ranges, IsPoint)) return Appended(prefixes, ranges);
    if (prefixes.size() * ranges.size() > kMostRanges) break;
    std::vector<std::string> longer;
    for (const OrderKeyRange& range : Appended(prefixes, ranges)) longer.push_back(range.from);
    prefixes = std::move(longer);
  }
  return Appended(prefixes, {Everything()});
}

bool PartitionFilter::Matches(const PartitionValues& values) const {
  return std::ranges::all_of(predicates_, [&](const KeyPredicate& each) {
    const std::string& value = values.values[each.key];
    return std::ranges::any_of(each.predicate->values, [&](const std::string& operand) {
      return Holds(each.predicate->op, ComparePartitionText(value, operand));
    });
  });
}

}  // namespace firn
