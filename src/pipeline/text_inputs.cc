#include "pipeline/text_inputs.h"

#include <arrow/api.h>
#include <fmt/format.h>

#include <algorithm>
#include <atomic>
#include <mutex>
#include <set>
#include <tuple>

#include "format/value_text.h"
#include "pipeline/scratch_space.h"
#include "schema/merge.h"
#include "text/inference.h"
#include "text/long_numbers.h"
#include "text/text_chunks.h"

namespace firn {
namespace {

constexpr size_t kChunkBytes = size_t{8} << 20;
constexpr size_t kMostBadRecords = 100'000;

// Objects whose rows become one object, or one large object, whose parts do.
struct Unit {
  std::vector<const InputFile*> files;
  int64_t bytes = 0;

  [[nodiscard]] bool large() const { return files.size() == 1 && std::cmp_greater(bytes, kChunkBytes); }
};

// One object of rows. `place` is where it stands among all: unit, part.
struct Piece {
  std::pair<size_t, size_t> place;
  InputFile input;
  Schema schema;
  Schema inferred;
  Schema long_numbers;
  int64_t rows = 0;
};

// The good rows of each object, as they stand in the batch.
std::vector<RowOrigin> OriginsOf(const RecordSet& records, const TypedRecords& typed) {
  std::vector<RowOrigin> origins;
  for (uint32_t at = 0; at < typed.rows.size(); ++at) {
    const ObjectKey& object = records.PlaceOf(typed.rows[at]).first;
    if (origins.empty() || origins.back().object != object) origins.push_back({at, object, 0});
  }
  return origins;
}

std::vector<std::string> NamesOf(const Schema& schema) {
  std::vector<std::string> names;
  for (const Field& field : schema.fields) names.push_back(field.name);
  return names;
}

std::optional<TextForm> FormOf(FileFormat format) {
  if (format == FileFormat::kCsv) return TextForm::kCsv;
  if (format == FileFormat::kJson || format == FileFormat::kDynamoJson) return TextForm::kJson;
  return std::nullopt;
}

// What is known of the objects of the table that is read, and of the one that is written.
class Sources {
 public:
  static Result<Sources> Of(const ExecuteRequest& request, const std::vector<InputFile>& texts) {
    Sources sources;
    sources.read_ = {.form = {}, .csv = request.csv, .names = NamesOf(request.table_schema)};
    sources.existing_ = {.form = {}, .csv = request.existing_csv, .names = NamesOf(request.existing_schema)};
    std::vector<ObjectInfo> objects;
    for (const InputFile& text : texts)
      if (!text.existing && FormOf(text.format) != TextForm::kJson) objects.push_back(text.object);
    FIRN_TRY_ASSIGN(sources.read_.names, NamesInHeaders(*request.store, objects, sources.read_));
    return sources;
  }

  [[nodiscard]] TextSource For(const InputFile& input) const {
    TextSource source = input.existing ? existing_ : read_;
    source.form = FormOf(input.format);
    return source;
  }

 private:
  TextSource read_;
  TextSource existing_;
};

// One try at all inputs, with the table's columns as they are known so far.
class Reading {
 public:
  // Rows go to objects in `folder` of the scratch.
  Reading(const ExecuteContext& context, const Sources& sources, const std::vector<Unit>& units, const Schema& known,
          std::string_view folder)
      : context_(context), request_(context.request), sources_(sources), units_(units), known_(known), folder_(folder) {
    for (const Unit& unit : units_) total_bytes_ += unit.bytes;
  }

  Status Run() {
    FIRN_TRY(context_.pool.ParallelFor(
        std::ssize(units_),
        [&](int64_t unit, int) -> Status {
          return units_[static_cast<size_t>(unit)].large() ? Status() : ReadSmall(static_cast<size_t>(unit));
        },
        context_.stop));
    for (size_t unit = 0; unit < units_.size(); ++unit)
      if (units_[unit].large()) FIRN_TRY(ReadLarge(unit));
    std::ranges::sort(pieces_, {}, &Piece::place);
    std::ranges::sort(bad_, {}, [](const BadRecord& bad) { return std::tie(bad.object, bad.line, bad.column); });
    if (!bad_.empty() && request_.job->read.bad_files == BadFiles::kFail) return Refused(bad_.front());
    return {};
  }

  [[nodiscard]] std::vector<Piece>& pieces() { return pieces_; }
  [[nodiscard]] std::vector<BadRecord>& bad() { return bad_; }
  [[nodiscard]] std::vector<BadFile>& bad_files() { return bad_files_; }
  // Sentences for the operator.
  [[nodiscard]] std::vector<std::string> Warnings() const {
    if (unsure_.empty()) return {};
    return {SayUnsure(*unsure_.begin(), std::ssize(unsure_))};
  }

 private:
  static std::unexpected<Error> Refused(const BadRecord& bad) {
    return Fail(ErrorKind::kMismatch, bad.Text(), "Correct the record, or set bad_files: quarantine");
  }

  [[nodiscard]] const Schema& KnownOf(const InputFile& input) const {
    return input.existing ? request_.existing_schema : known_;
  }

  // All files of the unit into one piece. A damaged one is left out by reading the others again.
  Status ReadSmall(size_t unit) {
    std::vector<const InputFile*> files = units_[unit].files;
    while (!files.empty()) {
      RecordSet records(KnownOf(*files.front()), FormOfRecords(*files.front()));
      Status added;
      const auto damaged = std::ranges::find_if_not(files, [&](const InputFile* file) {
        added = AddAll(*file, records);
        return added.has_value();
      });
      if (damaged == files.end()) {
        done_bytes_ += units_[unit].bytes;
        context_.progress("reading", done_bytes_, total_bytes_);
        return Keep({unit, 0}, *files.front(), records);
      }
      FIRN_TRY(LeaveOut(**damaged, std::move(added.error())));
      files.erase(damaged);
    }
    return {};
  }

  [[nodiscard]] ObjectStore& StoreOf(const InputFile& file) const {
    return file.store == nullptr ? *request_.store : *file.store;
  }

  static RecordForm FormOfRecords(const InputFile& file) {
    return file.format == FileFormat::kDynamoJson ? RecordForm::kDynamoItem : RecordForm::kJson;
  }

  Result<TextChunks> Open(const InputFile& file) {
    return TextChunks::Open(StoreOf(file), file.object, sources_.For(file), kChunkBytes);
  }

  Status AddAll(const InputFile& file, RecordSet& records) {
    FIRN_TRY_ASSIGN(TextChunks chunks, Open(file));
    for (;;) {
      FIRN_TRY_ASSIGN(auto chunk, chunks.Next());
      if (!chunk) return {};
      NoteUnsure(chunks, file);
      FIRN_TRY(records.Add(file.object.key, std::move(*chunk)));
    }
  }

  void NoteUnsure(const TextChunks& chunks, const InputFile& file) {
    if (!chunks.unsure()) return;
    const std::scoped_lock lock(mutex_);
    unsure_.insert(file.object.key);
  }

  Status LeaveOut(const InputFile& file, Error error) {
    FIRN_TRY_ASSIGN(BadFile bad, JudgeBadFile(context_, file, std::move(error)));
    const std::scoped_lock lock(mutex_);
    bad_files_.push_back(std::move(bad));
    return {};
  }

  // The parts of one object, in parallel: one thread at a time cuts, all take apart.
  Status ReadLarge(size_t unit) {
    const InputFile& file = *units_[unit].files.front();
    auto opened = Open(file);
    if (!opened) return LeaveOut(file, std::move(opened.error()));
    TextChunks& chunks = *opened;
    std::mutex cutting;  // guards the next three
    size_t parts = 0;
    bool ended = false;
    bool damaged = false;
    Status read = context_.pool.ParallelFor(
        context_.pool.threads(),
        [&](int64_t, int) -> Status {
          for (;;) {
            std::optional<RecordChunk> chunk;
            size_t part = 0;
            {
              const std::scoped_lock lock(cutting);
              if (ended) return {};
              auto cut = chunks.Next();
              damaged = !cut.has_value();
              ended = damaged || !cut->has_value();
              if (damaged) return std::unexpected(std::move(cut.error()));
              chunk = std::move(*cut);
              part = parts++;
            }
            if (!chunk) return {};
            NoteUnsure(chunks, file);
            RecordSet records(KnownOf(file), FormOfRecords(file));
            const auto bytes = static_cast<int64_t>(chunk->bytes.size());
            FIRN_TRY(records.Add(file.object.key, std::move(*chunk)));
            FIRN_TRY(Keep({unit, part}, file, records));
            context_.progress("reading", done_bytes_ += bytes, total_bytes_);
          }
        },
        context_.stop);
    if (read || (!damaged && read.error().kind != ErrorKind::kCorrupt)) return read;
    std::erase_if(pieces_, [&](const Piece& piece) { return piece.place.first == unit; });
    std::erase_if(bad_, [&](const BadRecord& bad) { return bad.object == file.object.key; });
    return LeaveOut(file, std::move(read.error()));
  }

  Status Keep(std::pair<size_t, size_t> place, const InputFile& file, const RecordSet& records) {
    const SchemaChange change = file.existing ? SchemaChange::kFreeze : request_.schema_change;
    FIRN_TRY_ASSIGN(TypedRecords typed, TypeRecords(records, KnownOf(file), change));
    if (file.existing && !typed.bad.empty()) return Refused(typed.bad.front());
    Piece piece{.place = place,
                .input = {.object = {}, .partition = file.partition, .existing = file.existing},
                .schema = std::move(typed.schema),
                .inferred = std::move(typed.inferred),
                .long_numbers = std::move(typed.long_numbers)};
    piece.rows = typed.batch->num_rows();
    piece.input.origins = OriginsOf(records, typed);
    if (piece.rows > 0) {
      const ObjectKey key = fmt::format("{}/{:06}-{:06}.parquet", folder_, place.first, place.second);
      FIRN_TRY(request_.scratch->Store(key, std::span(&typed.batch, 1), piece.input));
    }
    const std::scoped_lock lock(mutex_);
    pieces_.push_back(std::move(piece));
    bad_.insert(bad_.end(), typed.bad.begin(), typed.bad.end());
    if (bad_.size() > kMostBadRecords)
      return Fail(ErrorKind::kQuality,
                  fmt::format("more than {} records do not fit, as {}", kMostBadRecords, bad_.front().Text()),
                  "Look at the table's columns: so many are no exception");
    return {};
  }

  const ExecuteContext& context_;
  const ExecuteRequest& request_;
  const Sources& sources_;
  const std::vector<Unit>& units_;
  const Schema& known_;
  const std::string folder_;
  int64_t total_bytes_ = 0;
  std::atomic<int64_t> done_bytes_ = 0;

  std::mutex mutex_;  // guards the rest
  std::vector<Piece> pieces_;
  std::vector<BadRecord> bad_;
  std::vector<BadFile> bad_files_;
  std::set<ObjectKey> unsure_;  // objects of CSV whose first line may be a header
};

// The parts of one object follow each other.
void NumberParts(std::vector<Piece>& pieces) {
  ObjectKey object;
  int64_t rows = 0;
  for (Piece& piece : pieces) {
    if (piece.input.origins.size() != 1) continue;
    RowOrigin& origin = piece.input.origins.front();
    if (origin.object != object) rows = 0;
    origin.number = rows;
    object = origin.object;
    rows += piece.rows;
  }
}

// Neighbours of one partition go together while they are small.
std::vector<Unit> UnitsOf(const std::vector<InputFile>& sorted) {
  std::vector<Unit> units;
  for (const InputFile& input : sorted) {
    const bool joins = !units.empty() && std::cmp_less_equal(units.back().bytes + input.object.size, kChunkBytes) &&
                       units.back().files.front()->partition == input.partition &&
                       units.back().files.front()->existing == input.existing &&
                       units.back().files.front()->format == input.format;
    if (!joins) units.emplace_back();
    units.back().files.push_back(&input);
    units.back().bytes += input.object.size;
  }
  return units;
}

// The columns of which two pieces have types that no file can hold side by side, or that would cost digits together,
// get one that holds all.
std::optional<Schema> CommonColumns(const std::vector<Piece>& pieces, const Schema& known, SchemaChange change) {
  Schema merged;
  Schema inferred;
  Schema long_numbers;
  bool fits = true;
  for (const Piece& piece : pieces) {
    if (piece.input.existing) continue;
    inferred = UniteInferred(inferred, piece.inferred);
    long_numbers = UniteLongNumbers(long_numbers, piece.long_numbers);
    if (!fits) continue;
    auto wider = merged.fields.empty() ? Result<Schema>(piece.schema) : MergeSchemas(merged, piece.schema);
    fits = wider.has_value();
    if (fits) merged = std::move(*wider);
  }
  Schema common = WithNewColumns(known, KeepDigits(inferred, long_numbers), change);
  if (fits && common == WithNewColumns(known, inferred, change)) return std::nullopt;
  return common;
}

int64_t RecordsIn(const std::vector<BadRecord>& bad) {
  int64_t records = 0;
  for (size_t i = 0; i < bad.size(); ++i)
    if (i == 0 || bad[i].object != bad[i - 1].object || bad[i].line != bad[i - 1].line) ++records;
  return records;
}

}  // namespace

std::pair<ObjectKey, int64_t> InputFile::PlaceOf(int64_t row) const {
  const auto after = std::ranges::upper_bound(origins, row, {}, &RowOrigin::first_row);
  if (after == origins.begin()) return {object.key, row};
  const RowOrigin& origin = *std::prev(after);
  return {origin.object, origin.number + row - origin.first_row};
}

bool IsTextInput(const InputFile& input) {
  return input.format != FileFormat::kParquet;
}

bool HasTextInputs(const ExecuteRequest& request) {
  return std::ranges::any_of(request.inputs, IsTextInput);
}

Result<TextReading> ReadTextInputs(const ExecuteContext& context) {
  TextReading reading;
  std::vector<InputFile> texts;
  for (const InputFile& input : context.request.inputs) (IsTextInput(input) ? texts : reading.inputs).push_back(input);
  std::ranges::sort(texts, [](const InputFile& a, const InputFile& b) {
    return std::tie(b.existing, a.object.key) < std::tie(a.existing, b.object.key);
  });
  const std::vector<Unit> units = UnitsOf(texts);
  Schema known = context.request.table_schema;
  // Rows that the table has may be asked for when those of the run are read already.
  const bool existing_only = !texts.empty() && texts.front().existing && texts.back().existing;
  const std::string_view folder = existing_only ? "text-existing" : "text";
  FIRN_TRY_ASSIGN(const Sources sources, Sources::Of(context.request, texts));
  std::optional<Reading> tried(std::in_place, context, sources, units, known, folder);
  FIRN_TRY(tried->Run());
  if (auto common = CommonColumns(tried->pieces(), known, context.request.schema_change)) {
    FIRN_TRY(context.request.scratch->RemovePrefix(folder));
    known = std::move(*common);
    tried.emplace(context, sources, units, known, folder);
    FIRN_TRY(tried->Run());
  }
  NumberParts(tried->pieces());
  for (Piece& piece : tried->pieces()) {
    reading.object_bytes += piece.input.object.size;
    if (!piece.input.object.key.empty()) reading.inputs.push_back(std::move(piece.input));
  }
  for (const Unit& unit : units) reading.source_bytes += unit.bytes;
  reading.bad = std::move(tried->bad());
  reading.bad_records = RecordsIn(reading.bad);
  reading.bad_files = std::move(tried->bad_files());
  reading.warnings = tried->Warnings();
  return reading;
}

Status WriteBadRecords(const ExecuteRequest& request, const std::vector<BadRecord>& bad) {
  if (bad.empty()) return {};
  FIRN_TRY_ASSIGN(const auto writer, request.store->Create(fmt::format("{}/bad-records-{}.jsonl",
                                                                       request.quarantine_prefix, request.commit_id)));
  for (const BadRecord& record : bad) {
    std::string line = "{\"object\":";
    AppendJsonString(record.object, line);
    line += fmt::format(",\"line\":{},\"column\":", record.line);
    AppendJsonString(record.column, line);
    line += ",\"reason\":";
    AppendJsonString(record.reason, line);
    line += ",\"text\":";
    AppendJsonString(record.text, line);
    FIRN_TRY(writer->Append(line + "}\n"));
  }
  FIRN_TRY(writer->Finish());
  return {};
}

}  // namespace firn
