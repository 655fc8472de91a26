#pragma once

#include <atomic>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "crawl/crawler.h"

namespace firn {

struct SurveyedFile {
  bool good = false;  // readable, and its schema merges with those before it
  int64_t rows = 0;
};

struct FileSurvey {
  Schema schema;                    // of the table, with all good files merged into it
  std::vector<SurveyedFile> files;  // one for each object
  std::vector<CrawlFinding> findings;
  std::vector<std::string> remarks = {};  // CrawlReport::remarks
};

// Reads the footers of `objects` in parallel and merges their schemas into `schema`, in the order of `objects`, so that
// the answer does not depend on the number of threads. Each distinct schema is merged once, by ChangeSchema. Columns in
// `partition_keys` are dropped. A bad or conflicting file is a finding, or the error when `skip_bad_files` is false.
Result<FileSurvey> SurveyFiles(const CrawlServices& services, const Schema& schema, SchemaChange change,
                               const std::vector<std::string>& partition_keys, std::span<const ObjectInfo> objects,
                               bool skip_bad_files, const CrawlProgress& progress, std::stop_token stop);

// What is wrong with one file, and not with the store that holds it.
[[nodiscard]] bool IsFileProblem(ErrorKind kind);

// Tells a progress callback about a phase of `total` steps that several threads do.
class PhaseProgress {
 public:
  PhaseProgress(const CrawlProgress& progress, std::string_view phase, int64_t total)
      : progress_(progress), phase_(phase), total_(total) {}
  void Step();

 private:
  const CrawlProgress& progress_;
  const std::string_view phase_;
  const int64_t total_;
  std::atomic<int64_t> done_ = 0;
};

// The error that ends a crawl which does not skip findings.
Error ErrorOf(const CrawlFinding& finding, ErrorKind kind);

}  // namespace firn
