#pragma once

#include <arrow/buffer.h>
#include <arrow/result.h>

#include <cstdint>
#include <memory>

#include "chargeback.h"

namespace chargebacks {

// Makes the Parquet files of a day. One a thread: it keeps the builders of a file's columns for the next file.
class FileMaker {
 public:
  FileMaker();
  FileMaker(const FileMaker&) = delete;
  FileMaker& operator=(const FileMaker&) = delete;
  ~FileMaker();

  // The file that holds rows first_slot .. first_slot + rows of the day.
  arrow::Result<std::shared_ptr<arrow::Buffer>> Make(const Day& day, uint64_t first_slot, uint64_t rows);

 private:
  class Columns;
  std::unique_ptr<Columns> columns_;
};

}  // namespace chargebacks
