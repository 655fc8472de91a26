#pragma once

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "pipeline/quality_check.h"

namespace firn {

// A small table with everything in it, and what rules say of it: for the tests of rules and of their execution.

inline constexpr int64_t kNow = 1'700'000'000'000'000'000;  // 2023-11-14T22:13:20Z

inline Type Of(TypeKind kind) {
  return Type{.kind = kind};
}
inline Type Struct(std::vector<Field> fields) {
  return Type{.kind = TypeKind::kStruct, .children = std::move(fields)};
}

// A table as a SELECT; rows are numbered in files of three.
struct Table {
  Schema schema;
  std::string sql;
};

inline std::unique_ptr<SqlEngine> Engine(SqlOptions options = {}) {
  auto engine = SqlEngine::Open(options);
  EXPECT_TRUE(engine.has_value());
  return std::move(*engine);
}

// Opening an engine takes most of a test's time, so that two serve all. They are closed before main ends: closing
// one later, as a static variable would, corrupts DuckDB's heap now and then.
class SharedEngines : public ::testing::Environment {
 public:
  static SharedEngines& Get() {
    static auto* shared = static_cast<SharedEngines*>(::testing::AddGlobalTestEnvironment(new SharedEngines()));
    return *shared;
  }
  void TearDown() override {
    engine_.reset();
    source_.reset();
  }
  SqlEngine& engine() { return *(engine_ ? engine_ : engine_ = Engine({.threads = 2})); }
  SqlEngine& source() { return *(source_ ? source_ : source_ = Engine()); }

 private:
  std::unique_ptr<SqlEngine> engine_;
  std::unique_ptr<SqlEngine> source_;
};

inline ArrowStream StreamOf(const Table& table) {
  auto stream =
      SharedEngines::Get().source().Query(fmt::format("SELECT (row_number() OVER () - 1) // 3 AS __firn_file, "
                                                      "(row_number() OVER () - 1) % 3 AS __firn_row, * FROM ({})",
                                                      table.sql));
  EXPECT_TRUE(stream.has_value()) << stream.error().Text();
  return std::move(*stream);
}

inline Result<QualityOutcome> Check(const Table& table, const std::vector<ExpectRule>& rules) {
  return CheckQuality(SharedEngines::Get().engine(), StreamOf(table), table.schema, rules, kNow);
}

// "pass: ..." or "break: ..." with what was observed.
inline std::string Verdict(const Table& table, const std::string& rule) {
  const auto outcome = Check(table, {{rule, QualityAction::kFail}});
  if (!outcome) return "error: " + outcome.error().Text();
  return (outcome->rules.at(0).passed ? "pass: " : "break: ") + outcome->rules.at(0).observed;
}

inline Table People() {
  const Type address = Struct({{"city", Of(TypeKind::kString)}, {"zip", Of(TypeKind::kString)}});
  return {{{{"id", Of(TypeKind::kInt64)},
            {"name", Of(TypeKind::kString)},
            {"age", Of(TypeKind::kInt32)},
            {"amount", Type{.kind = TypeKind::kDecimal, .precision = 12, .scale = 2}},
            {"score", Of(TypeKind::kDouble)},
            {"active", Of(TypeKind::kBoolean)},
            {"born", Of(TypeKind::kDate)},
            {"seen", Type{.kind = TypeKind::kTimestamp, .unit = TimeUnit::kMicros}},
            {"customer", Struct({{"address", address}})},
            {"tags", Type{.kind = TypeKind::kList, .children = {{"element", Of(TypeKind::kString)}}}}}},
          R"(SELECT * FROM (VALUES
  (1::BIGINT, 'Ana', 30, 10.00::DECIMAL(12,2), 0.5::DOUBLE, true, DATE '2023-11-14', TIMESTAMP '2023-11-14 21:00:00', {'address': {'city': 'São Paulo', 'zip': '01000'}}, ['a']),
  (2, 'José', 41, -5.00, 1.5, false, DATE '2023-11-12', TIMESTAMP '2023-11-12 10:00:00', {'address': {'city': 'Рязань', 'zip': '2'}}, ['a', 'b']),
  (3, '', NULL, 99.99, NULL, NULL, DATE '2023-10-01', NULL, {'address': {'city': NULL, 'zip': '3'}}, NULL),
  (3, '  ', 7, 0.00, 2.5, true, NULL, TIMESTAMP '2023-11-14 22:13:20', {'address': NULL}, []),
  (NULL, NULL, 41, NULL, 3.5, true, DATE '2023-11-14', TIMESTAMP '2022-01-01 00:00:00', NULL, ['c'])
) t(id, name, age, amount, score, active, born, seen, customer, tags))"};
}

inline Table Nobody() {
  return {People().schema, People().sql + " WHERE false"};
}

}  // namespace firn
