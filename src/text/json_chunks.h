#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "text/record_chunk.h"
#include "text/text_bytes.h"

namespace firn {

// Cuts a JSON object into chunks of records: one record a line (then a broken line breaks no other), or else any
// records one after the other, on as many lines as they like, or the elements of one array. For one thread; memory is
// a few blocks and the longest record.
class JsonChunks {
 public:
  // About `chunk_bytes` a chunk.
  JsonChunks(ObjectStore& store, const ObjectInfo& object, size_t chunk_bytes)
      : JsonChunks(object.key, TextBytes(store, object), {}, chunk_bytes) {}
  // `head`: what of `bytes` was read already.
  JsonChunks(ObjectKey key, TextBytes bytes, std::string head, size_t chunk_bytes)
      : key_(std::move(key)), bytes_(std::move(bytes)), chunk_bytes_(chunk_bytes), buffer_(std::move(head)) {}

  // The next chunk; nothing at the end. Its records are not looked into. kCorrupt for what cannot be cut into records,
  // and for one of more than 16 MB; the errors of TextBytes.
  Result<std::optional<RecordChunk>> Next();

 private:
  enum class Form { kUnknown, kLines, kRecords, kArray };

  Status Fill(size_t size);
  Status FindForm();
  void CutLines(RecordChunk& chunk);
  Status CutRecords(RecordChunk& chunk);
  Result<bool> CutOne(RecordChunk& chunk, size_t& at, int64_t& line);
  Status AfterElement(size_t& at, int64_t& line, bool& cut);
  [[nodiscard]] std::unexpected<Error> Damaged(int64_t line, std::string_view what) const;

  const ObjectKey key_;
  TextBytes bytes_;
  const size_t chunk_bytes_;
  Form form_ = Form::kUnknown;
  std::string buffer_;  // read, and not yet cut
  int64_t line_ = 1;    // of the buffer's first byte
  bool ended_ = false;  // nothing more to read
  bool array_ended_ = false;
  bool after_comma_ = false;  // in an array: an element has to come
};

}  // namespace firn
