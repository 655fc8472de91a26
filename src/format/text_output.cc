#include "format/text_output.h"

#include "format/object_sink.h"

namespace firn {

TextOutput::TextOutput(std::unique_ptr<ObjectWriter> writer) : sink_(std::make_unique<ObjectSink>(std::move(writer))) {}
TextOutput::~TextOutput() = default;

Status TextOutput::Append(std::string lines, int64_t rows) {
  rows_ += rows;
  if (lines.empty()) return {};
  if (sink_->Write(std::shared_ptr<arrow::Buffer>(arrow::Buffer::FromString(std::move(lines)))).ok()) return {};
  return std::unexpected(*sink_->failure());
}

Result<FinishedObject> TextOutput::Finish() {
  FIRN_TRY_ASSIGN(ObjectInfo object, sink_->Finish());
  return FinishedObject{.object = std::move(object), .rows = rows_, .checksum = sink_->Checksum()};
}

}  // namespace firn
