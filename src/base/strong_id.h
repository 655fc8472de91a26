#pragma once

#include <compare>
#include <functional>
#include <string>
#include <string_view>
#include <utility>

namespace firn {

// Text with one meaning: StrongId<struct RunIdTag> cannot be passed where a table's name is wanted.
template <class Tag>
class StrongId {
 public:
  StrongId() = default;
  explicit StrongId(std::string text) : text_(std::move(text)) {}

  [[nodiscard]] const std::string& str() const { return text_; }
  [[nodiscard]] bool empty() const { return text_.empty(); }
  friend auto operator<=>(const StrongId&, const StrongId&) = default;

 private:
  std::string text_;
};

using RunId = StrongId<struct RunIdTag>;  // "jr_" + 64 hex digits, as Glue's
using JobName = StrongId<struct JobNameTag>;
using TableName = StrongId<struct TableNameTag>;
using SnapshotId = StrongId<struct SnapshotIdTag>;  // 16 hex digits; part of file names

}  // namespace firn

template <class Tag>
struct std::hash<firn::StrongId<Tag>> {
  size_t operator()(const firn::StrongId<Tag>& id) const noexcept { return std::hash<std::string>{}(id.str()); }
};
