#pragma once

#include <optional>
#include <set>
#include <string>
#include <vector>

#include "base/result.h"
#include "pipeline/job.h"
#include "schema/type.h"

namespace arrow {
class Schema;
}

namespace firn {

// The general path's rows carry three columns of ours: __firn_part (output partition), __firn_file and __firn_row
// (where the row came from).
inline constexpr std::string_view kHiddenColumns = "__firn_part, __firn_file, __firn_row";

// SELECT of all columns of `from` but these three.
std::string SelectVisible(const std::string& from);

// One step as a SELECT over the relation `from`. `schema` is that relation's (needed by flatten). Not for expect and
// dedupe. kInvalidArgument: flatten makes two columns of one name, or names what is no struct.
Result<std::string> SelectOf(const Step& step, const std::string& from, const arrow::Schema& schema);

// The step with its patterns put into words: `metrics.*: double` casts every number within the struct, "*.*" those of
// all structs; texts, dates and what else there is stay as they are. kInvalidArgument: the column is no struct.
Result<CastStep> ExpandCasts(const CastStep& step, const Schema& schema);

// The columns of `schema`, which is that before the first step, that SQL of the user's may read, or that flatten takes
// apart; too many rather than too few.
std::set<std::string> NamedColumns(const std::vector<Step>& steps, Schema schema);

// For the names of the columns that a step makes, before the engine tells equal ones apart: a SELECT to describe,
// without the hidden columns. Nothing for steps that make no names.
std::optional<std::string> SelectForNames(const Step& step, const std::string& from);

// The last dedupe, with its columns under the names that they have after the last step; nothing when there is none.
std::optional<DedupeStep> LastDedupe(const std::vector<Step>& steps);
bool HasRulesAfterDedupe(const std::vector<Step>& steps);

// The latest row of each key: by the order columns, NULL oldest, then file and row.
std::string SelectLatest(const DedupeStep& step, const std::string& from);
// How many keys have two best rows that differ in file and row only.
std::string CountTies(const DedupeStep& step, const std::string& from);

// "a" DESC NULLS LAST, ...: empty when there is no column.
std::string OrderList(const std::vector<OrderColumn>& columns);

}  // namespace firn
