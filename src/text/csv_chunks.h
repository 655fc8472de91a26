#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "text/csv_fields.h"
#include "text/record_chunk.h"
#include "text/text_bytes.h"

namespace firn {

// Cuts a CSV object into chunks of records, behind its header. For one thread; memory is a few blocks and the longest
// record.
class CsvChunks {
 public:
  // `head`: what of `bytes` was read already. `known`: the columns of the table.
  CsvChunks(ObjectKey key, TextBytes bytes, std::string head, CsvSettings settings, std::vector<std::string> known,
            size_t chunk_bytes)
      : key_(std::move(key)),
        bytes_(std::move(bytes)),
        buffer_(std::move(head)),
        settings_(std::move(settings)),
        known_(std::move(known)),
        chunk_bytes_(chunk_bytes) {}

  // How the object is written; an object without records has no names. kCorrupt as FindCsvLayout; the errors of
  // TextBytes.
  Result<std::shared_ptr<const CsvLayout>> Layout();

  [[nodiscard]] bool unsure() const { return layout_ != nullptr && layout_->unsure; }  // CsvLayout::unsure, once known

  // The next chunk; nothing at the end. Its records are not looked into. kCorrupt for one of more than 16 MB.
  Result<std::optional<RecordChunk>> Next();

 private:
  Status Fill(size_t size);
  [[nodiscard]] RecordChunk Cut(size_t size);

  const ObjectKey key_;
  TextBytes bytes_;
  std::string buffer_;  // read, and not yet cut
  const CsvSettings settings_;
  const std::vector<std::string> known_;
  const size_t chunk_bytes_;
  std::shared_ptr<const CsvLayout> layout_;  // nullptr: not found yet
  int64_t line_ = 1;                         // of the buffer's first byte
  bool ended_ = false;                       // nothing more to read
};

}  // namespace firn
