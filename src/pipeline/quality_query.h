#pragma once

#include <string>
#include <vector>

#include "pipeline/quality_plan.h"

namespace firn {

// The SQL of a plan. `rows` is what one SELECT makes of the input: for each check the few values that its answer needs,
// and, where something has to be kept, the columns of keys and of CustomSql. It is either aggregated as it flows (one
// statement, nothing kept) or becomes a temporary table, which DuckDB spills.

inline constexpr const char* kQualityInput = "__firn_quality_input";    // the stream
inline constexpr const char* kQualityRows = "__firn_quality_rows";      // what was kept of it
inline constexpr const char* kQualityAnswer = "__firn_quality_answer";  // one row of aggregates
inline constexpr const char* kQualityShape = "__firn_quality_shape";    // the input's columns, without rows

[[nodiscard]] std::string RowsSelect(const QualityPlan& plan, const std::string& from);
// Of one check alone, to find out which rule the engine does not like.
[[nodiscard]] std::string CheckSelect(const QualityCheck& check, const std::string& from);

// One row: the number of rows, then what AnswerWidth tells of each check, in order. With `list`, last, the rows to
// quarantine.
[[nodiscard]] std::string AnswerSelect(const QualityPlan& plan, const std::string& rows, bool list);
[[nodiscard]] size_t AnswerWidth(const QualityCheck& check);

// One row about a check of keys: rows, keys, rows and keys that occur once, ..., see KeyAnswer in quality_verdict.h.
[[nodiscard]] std::string KeysSelect(const QualityCheck& check, size_t index);
[[nodiscard]] std::string RepeatedKeysTable(size_t index);
[[nodiscard]] std::string RepeatedKeysSelect(const QualityCheck& check, size_t index);

[[nodiscard]] std::string CustomView(const QualityPlan& plan, const std::string& from);
// One row: the value as text, whether it satisfies the condition, and how many rows the statement gave.
[[nodiscard]] std::string CustomValueSelect(const QualityCheck& check);
// The rows of the input that the statement does not return; `output`: its columns.
[[nodiscard]] std::string CustomBrokenFrom(const QualityCheck& check, const std::vector<std::string>& output);

// __firn_file, __firn_row and the first rule that each row to quarantine breaks, sorted. custom_outputs[i]: the columns
// of check i's statement.
[[nodiscard]] std::string QuarantineSelect(const QualityPlan& plan,
                                           const std::vector<std::vector<std::string>>& custom_outputs);
[[nodiscard]] std::string ListedQuarantineSelect();
[[nodiscard]] bool Quarantines(const QualityPlan& plan);

}  // namespace firn
