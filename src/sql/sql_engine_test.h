#pragma once

#include <gtest/gtest.h>

#include <memory>
#include <string>

#include "sql/sql_engine.h"

namespace firn {

inline std::unique_ptr<SqlEngine> OpenedEngine(const SqlOptions& options = {}) {
  auto engine = SqlEngine::Open(options);
  EXPECT_TRUE(engine.has_value()) << engine.error().Text();
  return std::move(*engine);
}

// The first value of the answer, or what there is instead.
inline std::string One(SqlEngine& engine, const std::string& sql) {
  auto table = engine.QueryText(sql);
  if (!table) return "error: " + table.error().Text();
  return table->rows.empty() ? "no rows" : table->rows[0][0].value_or("NULL");
}

}  // namespace firn
