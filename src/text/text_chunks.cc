#include "text/text_chunks.h"

#include <fmt/format.h>

#include <algorithm>

#include "store/name_format.h"

namespace firn {
namespace {

constexpr size_t kMostHeaders = 100;  // objects whose headers are looked at

size_t SkipBlanks(std::string_view text, size_t at) {
  return std::min(text.find_first_not_of(" \t\r\n", at), text.size());
}

bool BeginsAsJson(std::string_view head) {
  const size_t first = SkipBlanks(head, 0);
  if (first == head.size() || (head[first] != '{' && head[first] != '[')) return false;
  const size_t second = SkipBlanks(head, first + 1);
  if (second == head.size()) return true;
  return head[first] == '{' ? head[second] == '"' || head[second] == '}' : head[second] == '{' || head[second] == ']';
}

// What says that an object is not as it should be, and nothing of the store.
bool IsOfTheObject(ErrorKind kind) {
  return kind == ErrorKind::kCorrupt || kind == ErrorKind::kUnsupported || kind == ErrorKind::kMismatch ||
         kind == ErrorKind::kNotFound;
}

}  // namespace

TextForm FormOf(std::string_view name, std::string_view head, bool whole) {
  if (BeginsAsJson(head)) return TextForm::kJson;
  const auto named = FormatInName(name);
  if (named == "json") return LooksLikeCsv(head, whole) ? TextForm::kCsv : TextForm::kJson;
  return TextForm::kCsv;
}

Result<TextChunks> TextChunks::Open(ObjectStore& store, const ObjectInfo& object, const TextSource& source,
                                    size_t chunk_bytes) {
  TextBytes bytes(store, object);
  std::string head;
  TextForm form = source.form.value_or(TextForm::kCsv);
  if (!source.form) {
    bool more = true;
    while (more && head.size() < kCsvHead) {
      FIRN_TRY_ASSIGN(more, bytes.Read(head));
    }
    form = FormOf(object.key, std::string_view(head).substr(0, kCsvHead), !more);
  }
  if (form == TextForm::kJson)
    return TextChunks(std::make_unique<Chunks>(std::in_place_type<JsonChunks>, object.key, std::move(bytes),
                                               std::move(head), chunk_bytes));
  return TextChunks(std::make_unique<Chunks>(std::in_place_type<CsvChunks>, object.key, std::move(bytes),
                                             std::move(head), source.csv, source.names, chunk_bytes));
}

Result<std::optional<RecordChunk>> TextChunks::Next() {
  return std::visit([](auto& chunks) { return chunks.Next(); }, *chunks_);
}

TextForm TextChunks::form() const {
  return std::holds_alternative<CsvChunks>(*chunks_) ? TextForm::kCsv : TextForm::kJson;
}

Result<std::shared_ptr<const CsvLayout>> TextChunks::Layout() {
  return std::get<CsvChunks>(*chunks_).Layout();
}

bool TextChunks::unsure() const {
  const auto* const csv = std::get_if<CsvChunks>(chunks_.get());
  return csv != nullptr && csv->unsure();
}

std::string SayUnsure(std::string_view first, int64_t objects) {
  return fmt::format(
      "{}{}: nothing tells whether the first line is a header, and it was read as data: say `options: {{header: "
      "true}}` or "
      "`{{header: false}}` in the table",
      first, objects == 1 ? "" : fmt::format(" and {} more", objects - 1));
}

Result<std::vector<std::string>> NamesInHeaders(ObjectStore& store, const std::vector<ObjectInfo>& objects,
                                                const TextSource& source) {
  std::vector<std::string> names = source.names;
  if (source.form == TextForm::kJson || source.csv.complete()) return names;
  for (size_t i = 0; i < std::min(objects.size(), kMostHeaders); ++i) {
    auto chunks = TextChunks::Open(store, objects[i], source, kCsvHead);
    if (!chunks && !IsOfTheObject(chunks.error().kind)) return std::unexpected(std::move(chunks.error()));
    if (!chunks || chunks->form() == TextForm::kJson) continue;
    auto layout = chunks->Layout();
    if (!layout && !IsOfTheObject(layout.error().kind)) return std::unexpected(std::move(layout.error()));
    if (!layout || !(*layout)->sure) continue;
    for (const std::string& name : (*layout)->names)
      if (std::ranges::find(names, name) == names.end()) names.push_back(name);
    break;
  }
  return names;
}

}  // namespace firn
