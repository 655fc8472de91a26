#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "base/result.h"
#include "base/strong_id.h"
#include "catalog/records.h"
#include "pipeline/job.h"

namespace firn {

// Where things are in the lake, and what their names say. Everything a run writes before its commit is below its
// staging folder, which listings of tables never show.

inline constexpr std::string_view kStagingRoot = ".firn/staging";

[[nodiscard]] std::string StagingOf(const RunId& holder);      // .firn/staging/<holder>
[[nodiscard]] std::string StagedOutputs(const RunId& run);     // .../out
[[nodiscard]] std::string StagedQuarantine(const RunId& run);  // .../quarantine
[[nodiscard]] std::string SettleFolder(const RunId& holder, size_t number);
// Rejected rows and copies of bad files, once the run is over: quarantine/<job>/<run>.
[[nodiscard]] std::string QuarantineOf(const JobName& job, const RunId& run);

// A location as the project file may write it, without slashes at its end.
[[nodiscard]] std::string_view WithoutSlashes(std::string_view folder);
// Whether one of the folders is the other, or inside it.
[[nodiscard]] bool FoldersOverlap(std::string_view a, std::string_view b);

// The folder of a partition that may not exist yet.
[[nodiscard]] Result<std::string> PartitionLocation(const TableRecord& table, const PartitionValues& values);

[[nodiscard]] std::string_view NameOf(FileFormat format);  // "csv", as in tables and events
[[nodiscard]] Result<FileFormat> ParseFileFormat(std::string_view name, const TableName& table);

// What the name of an object in a table's folder says about it. Names with a segment that begins with '_' or '.' are no
// data (_SUCCESS, .crc), as everywhere in the field.
enum class NameSays { kData, kOther, kHidden };
[[nodiscard]] NameSays JudgeName(std::string_view key, std::string_view folder, FileFormat format);
// By the extension; nothing when it has none or an unknown one.
[[nodiscard]] std::optional<FileFormat> FormatByName(std::string_view key);

}  // namespace firn
