#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "format/leaf_reader.h"
#include "format/value_text.h"

namespace firn {

// The values of one leaf for a run of rows, spelled as text, with their levels and a cursor that walks them. Reused
// from run to run.
class TextLeaf {
 public:
  enum class Spelling { kPlain, kJson };
  TextLeaf(ValueText values, Spelling spelling, int max_def)
      : values_(std::move(values)), spelling_(spelling), max_def_(max_def) {}

  void Clear();
  void Add(const LeafBatch& batch);

  [[nodiscard]] bool AtEnd() const { return entry_ == def_.size(); }
  [[nodiscard]] int Def() const { return def_[entry_]; }
  [[nodiscard]] int Rep() const { return rep_[entry_]; }
  [[nodiscard]] bool HasValue() const { return Def() == max_def_; }
  [[nodiscard]] std::string_view Value() const {
    const size_t from = value_ == 0 ? 0 : ends_[value_ - 1];
    return std::string_view(text_).substr(from, ends_[value_] - from);
  }
  void Advance() {
    value_ += HasValue() ? 1 : 0;
    ++entry_;
  }

 private:
  void AddJson(const void* data, int64_t index);

  ValueText values_;
  Spelling spelling_;
  int max_def_;
  std::vector<int16_t> def_;
  std::vector<int16_t> rep_;
  std::vector<size_t> ends_;  // of each value in text_
  std::string text_;
  std::string scratch_;
  size_t entry_ = 0;
  size_t value_ = 0;
};

}  // namespace firn
