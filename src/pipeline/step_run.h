#pragma once

#include <expected>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "pipeline/quality_check.h"
#include "pipeline/row_units.h"
#include "pipeline/step_types.h"
#include "pipeline/uniform_rows.h"
#include "pipeline/untouched_columns.h"

namespace firn {

// One job's steps, carried out in one SQL engine. The rows are a SELECT over the table `source` for as long as nothing
// has to look at them twice, and then a temporary table, stage_1, stage_2, ..., which spills.
class StepRun {
 public:
  StepRun(const ExecuteContext& context, const Scan& scan, const UniformRows& rows, SqlEngine& engine,
          ExecuteOutcome& outcome)
      : context_(context), request_(context.request), scan_(scan), rows_(rows), engine_(engine), outcome_(outcome) {}

  Status Start();

  Status Run(const Step& step);

  // What the steps would read and make, instead of Start, Run and Store: they are run over no rows. `expect` is not
  // held.
  struct Rehearsal {
    std::vector<int> columns;  // of UniformRows, sorted
    Schema result;             // without what says partitions
    bool in_chunks = false;    // each row by itself
  };
  Result<Rehearsal> Rehearse(std::span<const Step> steps);

  // The result as Parquet objects under `prefix`, each of one partition: the inputs of the writing half.
  std::expected<std::vector<InputFile>, TransferFailure> Store(const std::string& prefix);

  // What a step's error is really about, when an input is to blame.
  TransferFailure FailureOf(Error error) const;

 private:
  Status RehearseStep(const Step& step);
  Status Change(const Step& step);
  // The engine would number the second of two equal names.
  Status CheckNames(const Step& step);
  // The rows as a table. The one before is given up, with its memory.
  Status Materialise(const std::string& select);
  Status Materialise();
  std::expected<void, TransferFailure> StoreResult(PartitionObjects& objects);
  // What of the result the engine need not make, when the plan gives a row for each row.
  Status KeepUntouchedOut(const QueryPlan& plan, RowQuery& query);
  [[nodiscard]] std::optional<HandedOnColumn> HandedOn(const std::string& name, const arrow::DataType& type) const;
  // The result's rows, with what says their partitions; of the hidden columns, without those named.
  Result<std::string> FinalSelect(std::string_view hidden = "__firn_file, __firn_row");
  // Of what the engine sorts; partitions have each their own objects.
  [[nodiscard]] std::string Order() const;
  [[nodiscard]] std::vector<std::string> KeyColumns() const;
  // The engine's types of the partition keys. A partition's value is a text that says one thing: 0.1 and instants do
  // not.
  Result<std::vector<std::string>> KeyTypes();
  static bool IsPartitionType(std::string_view type);
  static bool IsSmallInteger(std::string_view type);  // fits BIGINT
  // Its plan, for which the source is kept as a table when it is needed twice.
  Result<QueryPlan> PlanOf(const std::string& select);
  Result<int64_t> Count(const std::string& select);
  Status Dedupe(DedupeStep step);
  Status Expect(const ExpectStep& step);
  Status Reject(const ExpectStep& step, const std::vector<QuarantinedRow>& rows);
  Result<std::string> RecordOfStage();
  // Of (rule, file, row, record). The result of a `sql` step cannot say where its rows came from.
  [[nodiscard]] std::string LineOf(const std::vector<std::optional<std::string>>& row) const;
  Result<std::shared_ptr<arrow::Schema>> SchemaOf(const std::string& relation);
  // A query's rows, in the types in which they leave the engine.
  Result<ArrowStream> Rows(const std::string& select);
  static Result<Schema> FirnSchemaOf(const arrow::Schema& schema);

  const ExecuteContext& context_;
  const ExecuteRequest& request_;
  const Scan& scan_;
  const UniformRows& rows_;
  SqlEngine& engine_;
  ExecuteOutcome& outcome_;
  std::shared_ptr<std::optional<TransferFailure>> failure_;  // of `source`, once it was opened
  bool rehearsing_ = false;
  std::vector<int> read_;         // columns of `source`, once it was opened
  std::string stage_ = "source";  // the rows: a table, or a SELECT in parentheses
  std::string table_;             // the last temporary table
  int stages_ = 0;
  std::optional<StepTypes> types_;             // from Start on
  std::optional<UntouchedColumns> untouched_;  // likewise
  bool traced_ = true;                         // whether __firn_file and __firn_row still say where a row came from
};

// The part of an execution's memory that an engine of so many threads may take.
[[nodiscard]] SqlOptions EngineOptions(const ExecuteRequest& request, int threads);

}  // namespace firn
