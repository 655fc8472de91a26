#include "query/scan_filter.h"

#include <algorithm>
#include <string_view>
#include <utility>

namespace firn {
namespace {

using Op = ColumnComparison::Op;

bool EqualsWithoutCase(std::string_view a, std::string_view b) {
  return std::ranges::equal(a, b, [](char x, char y) {
    return std::tolower(static_cast<unsigned char>(x)) == std::tolower(static_cast<unsigned char>(y));
  });
}

}  // namespace

std::optional<std::string> SqlValue(const std::string& partition_value) {
  if (partition_value == kNullPartition) return std::nullopt;
  return partition_value;
}

ScanFilter::ScanFilter(const std::vector<std::string>& keys, const std::vector<TableUse>& uses) : keys_(keys) {
  for (const TableUse& use : uses) {
    std::vector<Test> tests;
    for (const ColumnComparison& comparison : use.where)
      for (size_t key = 0; key < keys.size(); ++key)
        if (EqualsWithoutCase(keys[key], comparison.column)) tests.push_back({.key = key, .comparison = comparison});
    if (tests.empty()) {  // this use wants everything
      uses_.clear();
      return;
    }
    uses_.push_back(std::move(tests));
  }
}

bool ScanFilter::Holds(const Test& test, const PartitionValues& partition) {
  const auto value = SqlValue(partition.values.at(test.key));
  if (!value) return false;  // a comparison with NULL is not true
  const std::vector<std::string>& wanted = test.comparison.values;
  switch (test.comparison.op) {
    case Op::kEqual:
      return *value == wanted.at(0);
    case Op::kNotEqual:
      return *value != wanted.at(0);
    case Op::kLess:
      return *value < wanted.at(0);
    case Op::kLessOrEqual:
      return *value <= wanted.at(0);
    case Op::kGreater:
      return *value > wanted.at(0);
    case Op::kGreaterOrEqual:
      return *value >= wanted.at(0);
    case Op::kIn:
      return std::ranges::find(wanted, *value) != wanted.end();
  }
  return true;
}

bool ScanFilter::Keeps(const PartitionValues& partition) const {
  return uses_.empty() || std::ranges::any_of(uses_, [&](const std::vector<Test>& tests) {
           return std::ranges::all_of(tests, [&](const Test& test) { return Holds(test, partition); });
         });
}

std::vector<PartitionPredicate> ScanFilter::Lookup() const {
  std::vector<PartitionPredicate> predicates;
  if (uses_.size() != 1) return predicates;
  for (const Test& test : uses_[0]) {
    if (test.comparison.op == Op::kEqual)
      predicates.push_back(
          {.key = keys_[test.key], .op = PartitionPredicate::Op::kEqual, .values = test.comparison.values});
    else if (test.comparison.op == Op::kIn)
      predicates.push_back(
          {.key = keys_[test.key], .op = PartitionPredicate::Op::kIn, .values = test.comparison.values});
  }
  return predicates;
}

}  // namespace firn
