#pragma once

#include <memory>
#include <string>

#include "format/parquet_output.h"
#include "store/object_store.h"

namespace firn {

class ObjectSink;

// Writes one CSV or JSON object from ready-made lines. Used by one thread at a time.
class TextOutput {
 public:
  explicit TextOutput(std::unique_ptr<ObjectWriter> writer);
  TextOutput(const TextOutput&) = delete;
  TextOutput& operator=(const TextOutput&) = delete;
  ~TextOutput();

  Status Append(std::string lines, int64_t rows);
  Result<FinishedObject> Finish();

 private:
  std::unique_ptr<ObjectSink> sink_;
  int64_t rows_ = 0;
};

}  // namespace firn
