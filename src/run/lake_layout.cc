#include "run/lake_layout.h"

#include <fmt/format.h>

#include <array>

#include "store/name_format.h"
#include "store/object_key.h"

namespace firn {
namespace {

constexpr std::array kAllFormats = {FileFormat::kParquet, FileFormat::kCsv, FileFormat::kJson, FileFormat::kText,
                                    FileFormat::kDynamoJson};

bool HasHiddenSegment(std::string_view relative) {
  for (size_t start = 0; start < relative.size();) {
    if (relative[start] == '_' || relative[start] == '.') return true;
    const size_t slash = relative.find('/', start);
    if (slash == std::string_view::npos) return false;
    start = slash + 1;
  }
  return false;
}

}  // namespace

std::string StagingOf(const RunId& holder) {
  return JoinKey(kStagingRoot, holder.str());
}
std::string StagedOutputs(const RunId& run) {
  return StagingOf(run) + "/out";
}
std::string StagedQuarantine(const RunId& run) {
  return StagingOf(run) + "/quarantine";
}
std::string SettleFolder(const RunId& holder, size_t number) {
  return fmt::format("{}/settle/{}", StagingOf(holder), number);
}
std::string QuarantineOf(const JobName& job, const RunId& run) {
  return fmt::format("quarantine/{}/{}", job.str(), run.str());
}

std::string_view WithoutSlashes(std::string_view folder) {
  while (folder.ends_with('/')) folder.remove_suffix(1);
  return folder;
}

bool FoldersOverlap(std::string_view a, std::string_view b) {
  a = WithoutSlashes(a);
  b = WithoutSlashes(b);
  if (a.size() > b.size()) std::swap(a, b);
  return b.starts_with(a) && (a.empty() || a.size() == b.size() || b[a.size()] == '/');
}

Result<std::string> PartitionLocation(const TableRecord& table, const PartitionValues& values) {
  FIRN_TRY_ASSIGN(const std::string folder, PartitionFolder(table.layout, table.partition_keys, values));
  return folder.empty() ? std::string(WithoutSlashes(table.location)) : JoinKey(WithoutSlashes(table.location), folder);
}

std::string_view NameOf(FileFormat format) {
  switch (format) {
    case FileFormat::kParquet:
      return "parquet";
    case FileFormat::kCsv:
      return "csv";
    case FileFormat::kJson:
      return "json";
    case FileFormat::kDynamoJson:
      return "dynamodb_json";
    case FileFormat::kText:
      return "text";
  }
  return "";
}

Result<FileFormat> ParseFileFormat(std::string_view name, const TableName& table) {
  for (const FileFormat format : kAllFormats)
    if (NameOf(format) == name) return format;
  if (name.empty())
    return Fail(ErrorKind::kInvalidArgument, fmt::format("the format of table '{}' is not known yet", table.str()),
                "declare it (`format:` of the table), or crawl the table first");
  return Fail(ErrorKind::kUnsupported, fmt::format("table '{}' has the format '{}'", table.str(), name),
              "firn reads parquet, csv, json and dynamodb_json");
}

NameSays JudgeName(std::string_view key, std::string_view folder, FileFormat format) {
  folder = WithoutSlashes(folder);
  if (HasHiddenSegment(folder.empty() ? key : key.substr(std::min(key.size(), folder.size() + 1))))
    return NameSays::kHidden;
  if (format == FileFormat::kDynamoJson && IsExportManifest(key)) return NameSays::kHidden;
  return NameFits(key, NameOf(format)) ? NameSays::kData : NameSays::kOther;
}

std::optional<FileFormat> FormatByName(std::string_view key) {
  const auto name = FormatInName(key);
  for (const FileFormat format : kAllFormats)
    if (name == NameOf(format)) return format;
  return std::nullopt;
}

}  // namespace firn
