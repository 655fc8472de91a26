#pragma once

#include <arrow/type_fwd.h>

#include <map>
#include <memory>
#include <set>
#include <string>

#include "schema/type.h"

namespace firn {

// The types of columns on their way through the SQL engine, which has fewer than Parquet: it gives back booleans as
// bytes, binary of any length for a fixed one, and times and instants in microseconds. A column that no step changed
// gets the type with which it came; a boolean is one in any case.
class StepTypes {
 public:
  // The columns before the first step: as they came, and as the engine has them.
  StepTypes(const arrow::Schema& came, const arrow::Schema& engine);

  // The engine's columns have other names now. All at once, so that two may swap theirs.
  void Rename(const std::map<std::string, std::string>& new_names);

  // The types in which columns of the engine leave it. One is taken for unchanged when it has the name and the engine's
  // type that it had in the beginning.
  [[nodiscard]] std::shared_ptr<arrow::Schema> Of(const arrow::Schema& engine) const;

 private:
  struct Column {
    std::shared_ptr<arrow::DataType> came;
    std::shared_ptr<arrow::DataType> engine;
  };
  std::map<std::string, Column> columns_;
};

// Instants in nanoseconds as timestamps in nanoseconds without a zone: the engine keeps zones with microseconds only.
// Order and equality stay what they were, and StepTypes gives the zone back. Not those of the `named` columns: SQL of
// the user's would read another instant in them, so that they keep the zone and lose three digits.
[[nodiscard]] std::shared_ptr<arrow::Schema> WithoutZonedNanos(const arrow::Schema& schema,
                                                               const std::set<std::string>& named);
[[nodiscard]] Schema WithoutZonedNanos(Schema schema, const std::set<std::string>& named);

// The type with texts and binary of 64-bit offsets as those of 32 bits, as the engine gives them.
[[nodiscard]] std::shared_ptr<arrow::DataType> WithShortTexts(const std::shared_ptr<arrow::DataType>& type);

// The batches of `reader` with the types of `schema`, which is of StepTypes::Of or WithoutZonedNanos. A value that does
// not fit ends the stream; the error names its column.
[[nodiscard]] std::shared_ptr<arrow::RecordBatchReader> WithTypes(std::shared_ptr<arrow::RecordBatchReader> reader,
                                                                  std::shared_ptr<arrow::Schema> schema);

}  // namespace firn
