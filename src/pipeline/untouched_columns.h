#pragma once

#include <arrow/type_fwd.h>

#include <map>
#include <string>
#include <vector>

#include "pipeline/job.h"
#include "sql/sql_engine.h"

namespace firn {

// Follows the columns that steps hand on as they came, under whatever name. A run whose steps treat each row by itself
// keeps them out of the SQL engine. When in doubt, a column is not followed any more.
class UntouchedColumns {
 public:
  // A column of the data, or a field of a struct in it.
  struct Origin {
    std::string column;
    std::vector<std::string> fields;  // from the outermost struct in
    friend bool operator==(const Origin&, const Origin&) = default;
  };

  // At first, all columns are as they came.
  explicit UntouchedColumns(const std::vector<std::string>& columns);

  // `before` has the columns before the step; the engine reads the SQL of a `select`, and runs nothing.
  void Follow(const Step& step, const arrow::Schema& before, SqlEngine& engine);

  [[nodiscard]] const std::map<std::string, Origin>& by_name() const { return by_name_; }

 private:
  void FollowSelect(const SelectStep& step, SqlEngine& engine);
  void FollowFlatten(const FlattenStep& step, const arrow::Schema& before);
  void FollowRename(const RenameStep& step);
  void Forget(const std::string& name);

  std::map<std::string, Origin> by_name_;
};

}  // namespace firn
