#include "crawl/file_survey.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <mutex>
#include <optional>
#include <unordered_map>

#include "format/parquet_footer.h"
#include "schema/merge.h"
#include "schema/schema_change.h"

namespace firn {
namespace {

constexpr const char* kSkipHint =
    "Correct or move it, or set on_conflict: skip in the crawler to report such files and go on";

struct FingerprintHash {
  size_t operator()(const Hash128& hash) const noexcept { return hash.low; }
};

// The distinct schemas of many files, numbered in the order in which threads happen to meet them. Thread-safe.
class SchemaPool {
 public:
  int Add(FileSummary& summary) {
    const std::lock_guard lock(mutex_);
    const auto [found, is_new] = numbers_.emplace(summary.fingerprint, static_cast<int>(schemas_.size()));
    if (is_new) schemas_.push_back(std::move(summary.schema));
    return found->second;
  }
  [[nodiscard]] std::vector<Schema> Take() { return std::move(schemas_); }

 private:
  std::mutex mutex_;  // guards the rest
  std::unordered_map<Hash128, int, FingerprintHash> numbers_;
  std::vector<Schema> schemas_;
};

struct ReadFile {
  int schema = -1;  // number in the pool; -1: bad
  int64_t rows = 0;
};

struct ReadFiles {
  std::vector<ReadFile> files;
  std::map<size_t, Error> errors;  // of bad files, by index
  std::vector<Schema> schemas;
};

Result<ReadFiles> ReadFooters(const CrawlServices& services, std::span<const ObjectInfo> objects, bool skip_bad_files,
                              const CrawlProgress& progress, std::stop_token stop) {
  ReadFiles read{.files = std::vector<ReadFile>(objects.size()), .errors = {}, .schemas = {}};
  SchemaPool pool;
  std::mutex errors_mutex;
  PhaseProgress phase(progress, "footers", static_cast<int64_t>(objects.size()));
  const auto read_one = [&](int64_t index, int) -> Status {
    const auto i = static_cast<size_t>(index);
    auto summary = ReadParquetFooter(services.store, objects[i]);
    phase.Step();
    if (summary) {
      const int64_t rows = summary->rows;
      read.files[i] = {.schema = pool.Add(*summary), .rows = rows};
      return {};
    }
    if (!IsFileProblem(summary.error().kind)) return std::unexpected(std::move(summary.error()));
    if (summary.error().kind != ErrorKind::kNotFound) summary.error().hint = kSkipHint;
    if (!skip_bad_files) return std::unexpected(std::move(summary.error()));
    const std::lock_guard lock(errors_mutex);
    read.errors.emplace(i, std::move(summary.error()));
    return {};
  };
  FIRN_TRY(services.pool.ParallelFor(static_cast<int64_t>(objects.size()), read_one, std::move(stop)));
  read.schemas = pool.Take();
  return read;
}

// Merges the distinct schemas one after the other, in the order of the files.
class SchemaMerge {
 public:
  SchemaMerge(Schema start, SchemaChange change, const std::vector<std::string>& partition_keys,
              std::vector<Schema> schemas)
      : change_(change), merged_(std::move(start)), schemas_(std::move(schemas)), verdicts_(schemas_.size()) {
    for (Schema& schema : schemas_)
      std::erase_if(schema.fields,
                    [&](const Field& field) { return std::ranges::count(partition_keys, field.name) > 0; });
    empty_ = merged_.fields.empty();
  }

  // nullopt when the file's schema merges.
  std::optional<CrawlFinding> Add(int number, const ObjectKey& key) {
    Verdict& verdict = verdicts_[static_cast<size_t>(number)];
    if (verdict.example.empty()) {
      verdict.example = key;
      Judge(schemas_[static_cast<size_t>(number)], verdict);
    }
    if (verdict.fits) return std::nullopt;
    const std::string other = verdict.other.empty() ? "the table's columns in the catalog" : verdict.other;
    return CrawlFinding{.key = key,
                        .problem = fmt::format("it does not fit {}: {}", other, verdict.why),
                        .kind = CrawlFinding::Kind::kConflict,
                        .other = verdict.other};
  }

  [[nodiscard]] Schema Take() { return std::move(merged_); }

 private:
  struct Verdict {
    ObjectKey example;  // the first file with this schema; "" before it was met
    bool fits = false;
    std::string why;
    ObjectKey other;
  };

  void Judge(const Schema& schema, Verdict& verdict) {
    auto wider = empty_ ? Result<Schema>(schema) : ChangeSchema(merged_, schema, change_);
    verdict.fits = wider.has_value();
    if (wider) {
      merged_ = std::move(*wider);
      empty_ = false;
      return;
    }
    verdict.why = wider.error().message;
    FindOther(schema, verdict);
  }

  // The first file whose own schema is in the way. What the catalog knew before comes last: it has no file to show.
  void FindOther(const Schema& schema, Verdict& verdict) const {
    for (size_t i = 0; i < schemas_.size(); ++i) {
      const Verdict& candidate = verdicts_[i];
      if (!candidate.fits || (!verdict.other.empty() && candidate.example > verdict.other)) continue;
      const auto merged = MergeSchemas(schemas_[i], schema);
      if (merged) continue;
      verdict.other = candidate.example;
      verdict.why = merged.error().message;
    }
  }

  const SchemaChange change_;
  Schema merged_;
  bool empty_ = true;
  std::vector<Schema> schemas_;
  std::vector<Verdict> verdicts_;
};

}  // namespace

bool IsFileProblem(ErrorKind kind) {
  return kind == ErrorKind::kCorrupt || kind == ErrorKind::kUnsupported || kind == ErrorKind::kMismatch ||
         kind == ErrorKind::kNotFound;
}

void PhaseProgress::Step() {
  const int64_t done = ++done_;
  const int64_t stride = std::max<int64_t>(1, total_ / 100);
  if (progress_ && (done % stride == 0 || done == total_)) progress_(phase_, done, total_);
}

Error ErrorOf(const CrawlFinding& finding, ErrorKind kind) {
  return {.kind = kind, .message = finding.key + ": " + finding.problem, .hint = kSkipHint};
}

Result<FileSurvey> SurveyFiles(const CrawlServices& services, const Schema& schema, SchemaChange change,
                               const std::vector<std::string>& partition_keys, std::span<const ObjectInfo> objects,
                               bool skip_bad_files, const CrawlProgress& progress, std::stop_token stop) {
  FIRN_TRY_ASSIGN(ReadFiles read, ReadFooters(services, objects, skip_bad_files, progress, std::move(stop)));
  SchemaMerge merge(schema, change, partition_keys, std::move(read.schemas));
  FileSurvey survey;
  survey.files.resize(objects.size());
  for (size_t i = 0; i < objects.size(); ++i) {
    if (const auto error = read.errors.find(i); error != read.errors.end()) {
      survey.findings.push_back({.key = objects[i].key, .problem = error->second.message});
      continue;
    }
    if (auto conflict = merge.Add(read.files[i].schema, objects[i].key)) {
      if (!skip_bad_files) return std::unexpected(ErrorOf(*conflict, ErrorKind::kMismatch));
      survey.findings.push_back(std::move(*conflict));
      continue;
    }
    survey.files[i] = {.good = true, .rows = read.files[i].rows};
  }
  survey.schema = merge.Take();
  return survey;
}

}  // namespace firn
