#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "text/csv_layout.h"

namespace firn {

// Some whole records of a text object.
struct RecordChunk {
  struct Record {
    size_t offset = 0;  // in `bytes`
    size_t size = 0;
    int64_t line = 0;  // of the object, from 1
  };
  std::string bytes;                               // with JsonRecords::kPadding bytes behind the last record
  std::vector<Record> records;                     // of JSON; those of CSV are found when they are taken apart
  std::shared_ptr<const CsvLayout> csv = nullptr;  // nullptr: JSON
  int64_t first_line = 0;                          // of CSV: where `bytes` begin
};

}  // namespace firn
