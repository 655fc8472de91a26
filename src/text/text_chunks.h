#pragma once

#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "text/csv_chunks.h"
#include "text/json_chunks.h"

namespace firn {

enum class TextForm { kCsv, kJson };

// What is known of a table's text objects before they are read.
struct TextSource {
  std::optional<TextForm> form;  // nothing: each object's content tells
  CsvSettings csv = {};
  std::vector<std::string> names = {};  // of the table's columns
};

// Which of them an object is, by the beginning of its text: JSON begins with an object or an array of objects. What
// begins otherwise is CSV, unless its name says JSON and no delimiter makes records of it.
[[nodiscard]] TextForm FormOf(std::string_view name, std::string_view head, bool whole);

// What to say of objects that are unsure(): "a.csv and 2 more objects: ...".
[[nodiscard]] std::string SayUnsure(std::string_view first, int64_t objects);

// Cuts a text object into chunks of records, whatever it is. For one thread; memory is a few blocks and the longest
// record. Errors are those of JsonChunks and CsvChunks.
class TextChunks {
 public:
  // About `chunk_bytes` a chunk.
  static Result<TextChunks> Open(ObjectStore& store, const ObjectInfo& object, const TextSource& source,
                                 size_t chunk_bytes);

  // The next chunk; nothing at the end. Its records are not looked into.
  Result<std::optional<RecordChunk>> Next();
  [[nodiscard]] TextForm form() const;
  // Of CSV: how it is written.
  Result<std::shared_ptr<const CsvLayout>> Layout();
  // Whether the first record of CSV was taken as data because nothing tells that it is a header; after Next().
  [[nodiscard]] bool unsure() const;

 private:
  using Chunks = std::variant<CsvChunks, JsonChunks>;
  explicit TextChunks(std::unique_ptr<Chunks> chunks) : chunks_(std::move(chunks)) {}

  std::unique_ptr<Chunks> chunks_;
};

// What headers are told by, and where columns without one are found: the columns of the table, then those that the
// first header has besides which is surely one. Looks at a hundred objects at most. Objects that cannot be read are
// passed over; the store's errors.
[[nodiscard]] Result<std::vector<std::string>> NamesInHeaders(ObjectStore& store,
                                                              const std::vector<ObjectInfo>& objects,
                                                              const TextSource& source);

}  // namespace firn
