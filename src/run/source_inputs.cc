#include "run/source_inputs.h"

#include <fmt/format.h>

#include "base/hash.h"
#include "env/time_zone.h"
#include "run/lake_layout.h"
#include "run/run_state.h"

namespace firn {

std::string DurationText(std::chrono::seconds duration) {
  const int64_t seconds = duration.count();
  if (seconds % 3600 == 0 && seconds > 0) return fmt::format("{}h", seconds / 3600);
  return seconds % 60 == 0 && seconds > 0 ? fmt::format("{}m", seconds / 60) : fmt::format("{}s", seconds);
}

TableRecord TableOf(const DynamoSource& source) {
  TableRecord table;
  table.name = TableName("dynamodb:" + source.table);
  table.format = std::string(NameOf(FileFormat::kDynamoJson));
  table.schema = source.columns;
  return table;
}

Result<ScanHolder> ScanHolderIn(Catalog& catalog, const RunId& run) {
  const Result<RunRecord> record = catalog.GetRun(run);
  if (!record && record.error().kind == ErrorKind::kNotFound) return ScanHolder::kSpent;
  if (!record) return std::unexpected(record.error());
  if (record->state == RunState::kSucceeded) return ScanHolder::kSpent;
  return IsFinal(record->state) ? ScanHolder::kCutOff : ScanHolder::kAtWork;
}

Status CheckReadsAll(const JobDefinition& job, BookmarkOption bookmark, const std::vector<ObjectKey>& objects) {
  if (!objects.empty())
    return Fail(ErrorKind::kInvalidArgument,
                fmt::format("job '{}' scans the table '{}' of DynamoDB, and takes no objects of the lake",
                            job.name.str(), job.read.dynamodb->table),
                "Run it without them");
  if (bookmark == BookmarkOption::kDisable) return {};
  return Fail(
      ErrorKind::kInvalidArgument,
      fmt::format("job '{}' scans the table '{}' of DynamoDB, and a bookmark remembers files", job.name.str(),
                  job.read.dynamodb->table),
      "Each run reads the whole table: leave out --bookmark, and write with mode: overwrite_partitions or merge");
}

SelectedInputs InputsOf(const SourceScan& scan) {
  SelectedInputs inputs;
  RunningHash hash;
  for (const ObjectInfo& page : scan.pages) {
    InputFile file{.object = page, .format = FileFormat::kDynamoJson, .partition = {}};
    file.store = scan.store;
    inputs.files.push_back(std::move(file));
    hash.Update(fmt::format("{}\n{}\n{}\n", page.key, page.size, page.etag));
  }
  inputs.listed = std::ssize(scan.pages);
  inputs.hash = ToHex(hash.Digest());
  return inputs;
}

Json SourceJson(const DynamoSource& source, const SourceScan& scan, int64_t items) {
  Json json = {{"dynamodb_table", source.table},
               {"segments", source.segments},
               {"items", items},
               {"resumed_items", scan.resumed_items}};
  if (scan.begun_ns != 0) json["begun_at"] = FormatUtc(scan.begun_ns);
  return json;
}

bool LiesInItems(ErrorKind kind) {
  return kind == ErrorKind::kQuality || kind == ErrorKind::kMismatch || kind == ErrorKind::kCorrupt;
}

}  // namespace firn
