#include "format/text_leaf.h"

namespace firn {

void TextLeaf::Clear() {
  def_.clear();
  rep_.clear();
  ends_.clear();
  text_.clear();
  entry_ = 0;
  value_ = 0;
}

void TextLeaf::Add(const LeafBatch& batch) {
  def_.insert(def_.end(), batch.def, batch.def + batch.levels);
  rep_.insert(rep_.end(), batch.rep, batch.rep + batch.levels);
  for (int64_t i = 0; i < batch.values; ++i) {
    if (spelling_ == Spelling::kPlain)
      values_.Append(batch.data, i, text_);
    else
      AddJson(batch.data, i);
    ends_.push_back(text_.size());
  }
}

void TextLeaf::AddJson(const void* data, int64_t index) {
  const size_t start = text_.size();
  if (values_.IsBareInJson()) {
    values_.Append(data, index, text_);
    // NaN and the infinities are no JSON numbers: they are written as strings.
    const char last = text_.back();
    if (last != 'N' && last != 'y') return;
    text_.insert(start, 1, '"');
    text_.push_back('"');
    return;
  }
  scratch_.clear();
  values_.Append(data, index, scratch_);
  AppendJsonString(scratch_, text_);
}

}  // namespace firn
