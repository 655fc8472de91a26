#include <arrow/c/abi.h>
#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <array>
#include <cerrno>
#include <memory>

#include "sql/arrow_slice.h"
#include "sql/sql_engine_test.h"

namespace firn {
namespace {

using testing::HasSubstr;

// Counts what is pulled from a stream that another engine makes.
struct Counted {
  ArrowStream inner;
  int64_t* pulled;
  int64_t fail_at;
};

ArrowStream Count(ArrowStream inner, int64_t* pulled, int64_t fail_at = -1) {
  ArrowStream stream;
  *stream.get() = {[](ArrowArrayStream* self, ArrowSchema* out) {
                     auto* inner_stream = static_cast<Counted*>(self->private_data)->inner.get();
                     return inner_stream->get_schema(inner_stream, out);
                   },
                   [](ArrowArrayStream* self, ArrowArray* out) {
                     auto* counted = static_cast<Counted*>(self->private_data);
                     if (++*counted->pulled == counted->fail_at) return EIO;
                     return counted->inner.get()->get_next(counted->inner.get(), out);
                   },
                   [](ArrowArrayStream*) -> const char* { return "the disk is on fire"; },
                   [](ArrowArrayStream* self) {
                     delete static_cast<Counted*>(self->private_data);
                     self->release = nullptr;
                   },
                   new Counted{std::move(inner), pulled, fail_at}};
  return stream;
}

ArrowStream Rows(SqlEngine& source, const std::string& sql) {
  auto stream = source.Query(sql);
  EXPECT_TRUE(stream.has_value()) << stream.error().Text();
  return std::move(*stream);
}

class ArrowTypes : public testing::TestWithParam<const char*> {};

// A value through Arrow and back is the same value of the same type; so are NULL, and the value in a struct, a list and
// a map.
TEST_P(ArrowTypes, SurviveARoundTrip) {
  const std::string value = GetParam();
  const std::string sql =
      "SELECT CASE WHEN i % 3 = 0 THEN NULL ELSE v END AS v, {'s': v, 'n': NULL::INTEGER} AS s, [v, NULL, v] AS l, MAP "
      "{'k': v} AS m, "
      "{'deep': {'deeper': CASE WHEN i % 5 = 0 THEN NULL ELSE [{'x': v}] END}} AS d, i FROM (SELECT " +
      value + " AS v), range(5000) t(i)";
  const std::string digest =
      "SELECT typeof(any_value(v)) || ' ' || typeof(any_value(s)) || typeof(any_value(l)) || typeof(any_value(m)) || "
      "typeof(any_value(d)) || "
      "md5(string_agg(concat_ws('|', coalesce(v::VARCHAR, 'N'), s::VARCHAR, l::VARCHAR, m::VARCHAR, d::VARCHAR), ';' "
      "ORDER BY i)) FROM ";
  auto source = OpenedEngine({.threads = 2});
  auto target = OpenedEngine({.threads = 2});
  const std::string expected = One(*source, digest + "(" + sql + ")");
  const Status registered = target->RegisterStream("t", Rows(*source, sql));
  ASSERT_TRUE(registered.has_value()) << registered.error().Text();
  EXPECT_EQ(One(*target, digest + "t"), expected);
  EXPECT_THAT(expected, testing::Not(HasSubstr("error")));
}

INSTANTIATE_TEST_SUITE_P(
    All, ArrowTypes,
    testing::Values("true", "(-5)::TINYINT", "300::SMALLINT", "-70000", "9007199254740993", "250::UTINYINT",
                    "65000::USMALLINT", "4000000000::UINTEGER", "18446744073709551615::UBIGINT", "1.5::FLOAT",
                    "0.1::DOUBLE", "1.25::DECIMAL(4,2)", "-1234567.89::DECIMAL(12,2)",
                    "99999999999999999999999999999999.999999::DECIMAL(38,6)", "''",
                    "'longer than the twelve bytes that are inlined, ação 日本'", "'\\x00\\xFF'::BLOB",
                    "'a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11'::UUID", "DATE '1969-12-31'", "TIME '23:59:59.999999'",
                    "'2025-11-03 01:02:03'::TIMESTAMP_S", "'2025-11-03 01:02:03.004'::TIMESTAMP_MS",
                    "TIMESTAMP '1901-11-03 01:02:03.000004'", "'2025-11-03 01:02:03.000000005'::TIMESTAMP_NS",
                    "TIMESTAMPTZ '2025-11-03 01:02:03.000004+00'", "INTERVAL '1 month 2 days'", "'{\"a\": 1}'::JSON"));

TEST(ArrowTable, ReadsDictionariesAsText) {
  auto source = OpenedEngine({.threads = 2});
  auto target = OpenedEngine({.threads = 2});
  const std::string sql =
      "SELECT CASE WHEN i % 7 = 0 THEN NULL ELSE 'b' END::ENUM('a', 'b') AS e FROM range(5000) t(i)";
  ASSERT_TRUE(target->RegisterStream("t", Rows(*source, sql)).has_value());
  EXPECT_EQ(One(*target, "SELECT typeof(any_value(e)) || count(e) || max(e) || min(e) FROM t"), "VARCHAR4285bb");
}

TEST(ArrowTable, RefusesADictionaryInsideAnotherType) {
  auto source = OpenedEngine({.threads = 2});
  auto target = OpenedEngine({.threads = 2});
  const Status status = target->RegisterStream("t", Rows(*source, "SELECT ['b'::ENUM('a', 'b')] AS tags"));
  ASSERT_FALSE(status.has_value());
  EXPECT_EQ(status.error().kind, ErrorKind::kUnsupported);
  EXPECT_THAT(status.error().message, HasSubstr("'tags'"));
}

TEST(ArrowTable, GivesTheColumnsThatAreAskedForAndFiltersThem) {
  auto source = OpenedEngine({.threads = 2});
  auto target = OpenedEngine({.threads = 2});
  ASSERT_TRUE(
      target->RegisterStream("t", Rows(*source, "SELECT i AS a, 'v' || i AS b, i * 2 AS c FROM range(100000) t(i)"))
          .has_value());
  EXPECT_EQ(One(*target, "SELECT c || b FROM t WHERE a = 77777"), "155554v77777");
}

TEST(ArrowTable, CountsWithoutColumns) {
  auto source = OpenedEngine({.threads = 2});
  auto target = OpenedEngine({.threads = 2});
  ASSERT_TRUE(
      target->RegisterStream("t", Rows(*source, "SELECT i AS a, 'x' AS b FROM range(100000) t(i)")).has_value());
  EXPECT_EQ(One(*target, "SELECT count(*) FROM t"), "100000");
}

TEST(ArrowTable, IsReadOnceOnly) {
  auto source = OpenedEngine({.threads = 2});
  auto target = OpenedEngine({.threads = 2});
  ASSERT_TRUE(target->RegisterStream("t", Rows(*source, "SELECT 1 AS a")).has_value());
  EXPECT_THAT(One(*target, "SELECT count(*) FROM t a JOIN t b USING (a)"), HasSubstr("'t' can be read once"));
  ASSERT_TRUE(target->RegisterStream("t", Rows(*source, "SELECT 1 AS a")).has_value());
  EXPECT_EQ(One(*target, "WITH x AS MATERIALIZED (FROM t) SELECT count(*) FROM x a JOIN x b USING (a)"), "1");
  EXPECT_THAT(One(*target, "SELECT * FROM t"), HasSubstr("'t' can be read once"));
}

TEST(ArrowTable, PullsOnlyWhatIsNeeded) {
  auto source = OpenedEngine({.threads = 2});
  auto target = OpenedEngine({.threads = 1});
  int64_t pulled = 0;
  ASSERT_TRUE(
      target
          ->RegisterStream(
              "t", Count(Rows(*source, "SELECT i AS a, repeat('x', 100) AS b FROM range(10000000) t(i)"), &pulled))
          .has_value());
  EXPECT_EQ(pulled, 0);
  auto out = target->Query("SELECT a + 1 AS a, b FROM t");
  ASSERT_TRUE(out.has_value()) << out.error().Text();
  ArrowArray batch{};
  ASSERT_EQ(out->get()->get_next(out->get(), &batch), 0);
  EXPECT_EQ(batch.length, 2048);
  batch.release(&batch);
  EXPECT_LT(pulled, 200);  // of 4,883
}

TEST(ArrowTable, AnEmptyStreamIsAnEmptyTable) {
  auto source = OpenedEngine({.threads = 2});
  auto target = OpenedEngine({.threads = 2});
  ASSERT_TRUE(
      target
          ->RegisterStream(
              "t",
              Rows(*source, "SELECT 1 AS a, [{'b': 'x'}] AS c, MAP {'k': 'v'} AS m, 'a'::ENUM('a') AS e WHERE false"))
          .has_value());
  EXPECT_EQ(One(*target, "SELECT count(*) || typeof(any_value(c)) FROM t"), "0STRUCT(b VARCHAR)[]");
}

TEST(ArrowTable, AFailingStreamFailsTheStatementWithItsMessage) {
  auto source = OpenedEngine({.threads = 2});
  auto target = OpenedEngine({.threads = 2});
  int64_t pulled = 0;
  ASSERT_TRUE(target->RegisterStream("t", Count(Rows(*source, "SELECT i AS a FROM range(100000) t(i)"), &pulled, 3))
                  .has_value());
  EXPECT_THAT(One(*target, "SELECT sum(a) FROM t"), HasSubstr("the disk is on fire"));
}

TEST(ArrowTable, KeepsTheOrderOfRowsWithManyThreads) {
  auto source = OpenedEngine({.threads = 2});
  auto target = OpenedEngine({.threads = 4});
  ASSERT_TRUE(target->RegisterStream("t", Rows(*source, "SELECT i AS a FROM range(300000) t(i)")).has_value());
  auto rows = target->OpenText("SELECT a FROM t WHERE a % 3 = 0");
  ASSERT_TRUE(rows.has_value());
  int64_t expected = 0;
  for (auto some = (*rows)->Next(); some.has_value() && !some->empty(); some = (*rows)->Next())
    for (const auto& row : *some) {
      ASSERT_EQ(row[0], std::to_string(expected));
      expected += 3;
    }
  EXPECT_EQ(expected, 300000);
}

TEST(ArrowResult, SumsComeOutAsDecimals) {
  auto engine = OpenedEngine({.threads = 2});
  auto out = engine->Query("SELECT sum(i) AS \"total x\", 1 AS b FROM range(10) t(i)");
  ASSERT_TRUE(out.has_value());
  ArrowSchema schema{};
  ASSERT_EQ(out->get()->get_schema(out->get(), &schema), 0);
  EXPECT_STREQ(schema.children[0]->format, "d:38,0,128");
  EXPECT_STREQ(schema.children[0]->name, "total x");
  schema.release(&schema);
}

TEST(ArrowResult, AnErrorInTheMiddleIsTold) {
  auto engine = OpenedEngine({.threads = 1});
  auto out = engine->Query(
      "SELECT CASE WHEN i = 2500000 THEN error('row 2500000 is bad') ELSE i::VARCHAR END AS a FROM range(3000000) "
      "t(i)");
  ASSERT_TRUE(out.has_value()) << out.error().Text();
  ArrowArray batch{};
  int code = 0;
  while ((code = out->get()->get_next(out->get(), &batch)) == 0 && batch.release != nullptr) batch.release(&batch);
  EXPECT_NE(code, 0);
  EXPECT_THAT(out->get()->get_last_error(out->get()), HasSubstr("row 2500000 is bad"));
}

TEST(ArrowResult, IsCutOffByTheNextStatementAndSaysSo) {
  auto engine = OpenedEngine({.threads = 2});
  auto out = engine->Query("SELECT i FROM range(10000000) t(i)");
  ASSERT_EQ(One(*engine, "SELECT 1"), "1");
  ArrowArray batch{};
  EXPECT_NE(out->get()->get_next(out->get(), &batch), 0);
  EXPECT_THAT(out->get()->get_last_error(out->get()), HasSubstr("next statement"));
}

TEST(ArrowResult, OutlivesItsEngine) {
  auto engine = OpenedEngine({.threads = 2});
  auto out = engine->Query("SELECT i FROM range(10) t(i)");
  engine.reset();
  ArrowArray batch{};
  ASSERT_EQ(out->get()->get_next(out->get(), &batch), 0);
  EXPECT_EQ(batch.length, 10);
  batch.release(&batch);
}

// One batch of struct<outer: struct<inner: struct<x: int32>>, l: list<struct<x: int32>>> of 5,000 rows from row 7 on,
// as a sliced record batch is exported: with offsets at every level. Row r (from 0) holds x = r, and is NULL in `inner`
// where r is a multiple of 10.
class SlicedBatch {
 public:
  static constexpr int64_t kRows = 5000;
  static constexpr int64_t kOffset = 7;

  SlicedBatch() {
    for (int64_t i = 0; i < kRows + 3 * kOffset; ++i) {
      numbers_[static_cast<size_t>(i)] = static_cast<int32_t>(i - 3 * kOffset);
      starts_[static_cast<size_t>(i)] = static_cast<int32_t>(i);
      const int64_t row = i - 2 * kOffset;
      if (row % 10 != 0) valid_[static_cast<size_t>(i / 8)] |= static_cast<uint8_t>(1U << (i % 8));
    }
    starts_[kRows + 3 * kOffset] = static_cast<int32_t>(kRows + 3 * kOffset);
    Fill(x_, {nullptr, numbers_.data()}, {}, kOffset);
    Fill(inner_, {valid_.data()}, {&x_}, kOffset);
    inner_.array.null_count = -1;
    Fill(outer_, {nullptr}, {&inner_}, kOffset);
    Fill(list_x_, {nullptr, numbers_.data()}, {}, kOffset);
    Fill(list_struct_, {nullptr}, {&list_x_}, kOffset);
    Fill(list_, {nullptr, starts_.data()}, {&list_struct_}, kOffset);
    Fill(root_, {nullptr}, {&outer_, &list_}, 0);
  }

  void Describe(ArrowSchema* out) {
    Name(x_, "i", "x"), Name(inner_, "+s", "inner"), Name(outer_, "+s", "outer"), Name(list_x_, "i", "x"),
        Name(list_struct_, "+s", "element");
    Name(list_, "+l", "l"), Name(root_, "+s", "");
    *out = root_.schema;
  }
  [[nodiscard]] ArrowArray array() const { return root_.array; }

 private:
  struct Node {
    ArrowArray array{};
    ArrowSchema schema{};
    std::vector<const void*> buffers;
    std::vector<ArrowArray*> arrays;
    std::vector<ArrowSchema*> schemas;
  };

  static void Fill(Node& node, std::vector<const void*> buffers, const std::vector<Node*>& children, int64_t offset) {
    node.buffers = std::move(buffers);
    for (Node* child : children) node.arrays.push_back(&child->array), node.schemas.push_back(&child->schema);
    node.array.length = kRows;
    node.array.offset = offset;
    node.array.n_buffers = static_cast<int64_t>(node.buffers.size());
    node.array.buffers = node.buffers.data();
    node.array.n_children = node.schema.n_children = static_cast<int64_t>(children.size());
    node.array.children = node.arrays.data();
    node.schema.children = node.schemas.data();
    node.array.release = [](ArrowArray* array) { array->release = nullptr; };
    node.schema.release = [](ArrowSchema* schema) { schema->release = nullptr; };
  }
  static void Name(Node& node, const char* format, const char* name) {
    node.schema.format = format;
    node.schema.name = name;
    node.schema.flags = ARROW_FLAG_NULLABLE;
  }

  std::array<int32_t, kRows + 3 * kOffset> numbers_{};
  std::array<int32_t, kRows + 3 * kOffset + 1> starts_{};
  std::array<uint8_t, (kRows + 3 * kOffset) / 8 + 1> valid_{};
  Node x_, inner_, outer_, list_x_, list_struct_, list_, root_;
};

TEST(ArrowTable, ReadsSlicesOfNestedArraysRight) {
  struct Once {
    SlicedBatch batch;
    bool given = false;
  };
  ArrowStream stream;
  *stream.get() = {[](ArrowArrayStream* self, ArrowSchema* out) {
                     static_cast<Once*>(self->private_data)->batch.Describe(out);
                     return 0;
                   },
                   [](ArrowArrayStream* self, ArrowArray* out) {
                     auto* once = static_cast<Once*>(self->private_data);
                     *out = once->given ? ArrowArray{} : once->batch.array();
                     once->given = true;
                     return 0;
                   },
                   [](ArrowArrayStream*) -> const char* { return ""; },
                   [](ArrowArrayStream* self) {
                     delete static_cast<Once*>(self->private_data);
                     self->release = nullptr;
                   },
                   new Once()};
  auto engine = OpenedEngine({.threads = 1});
  ASSERT_TRUE(engine->RegisterStream("t", std::move(stream)).has_value());
  auto table = engine->QueryText("SELECT CAST(\"outer\".\"inner\".x AS VARCHAR), CAST(l[1].x AS VARCHAR) FROM t");
  ASSERT_TRUE(table.has_value()) << table.error().Text();
  ASSERT_EQ(table->rows.size(), static_cast<size_t>(SlicedBatch::kRows));
  for (int64_t row = 0; row < SlicedBatch::kRows; ++row) {
    const auto& cells = table->rows[static_cast<size_t>(row)];
    ASSERT_EQ(cells[0].value_or("NULL"), row % 10 == 0 ? "NULL" : std::to_string(row)) << row;
    ASSERT_EQ(cells[1].value_or("NULL"), std::to_string(row)) << row;
  }
}

TEST(ArrowSource, IsOpenedOnceWithTheColumnsThatAreUsed) {
  auto source = OpenedEngine();
  auto engine = OpenedEngine();
  std::vector<std::vector<int>> asked;
  const auto open = [&](const std::vector<int>& columns) -> Result<ArrowStream> {
    asked.push_back(columns);
    std::string list;
    for (const int column : columns) list += fmt::format("{}c{}", list.empty() ? "" : ", ", column);
    return Rows(*source,
                fmt::format("SELECT {} FROM (SELECT i AS c0, i * 2 AS c1, 'x' || i AS c2 FROM range(5000) t(i))",
                            list.empty() ? "c0" : list));
  };
  const auto ask = [&](const std::string& sql) {
    auto like = source->ColumnsOf("SELECT 1::BIGINT AS c0, 1::BIGINT AS c1, 'x' AS c2");
    EXPECT_TRUE(like) << like.error().Text();
    EXPECT_TRUE(engine->RegisterSource("s", std::move(*like), open));
    EXPECT_TRUE(engine->ColumnsOf("SELECT * FROM s"));  // and not by looking at its columns
    return One(*engine, sql);
  };
  EXPECT_EQ(ask("SELECT max(c2) || sum(c0) FROM s"), "x99912497500");
  EXPECT_EQ(ask("SELECT sum(c1) FROM s WHERE c0 < 10"), "90");
  EXPECT_EQ(ask("SELECT count(*) FROM s"), "5000");
  ASSERT_EQ(asked.size(), 3U);
  EXPECT_THAT(asked[0], testing::UnorderedElementsAre(0, 2));
  EXPECT_THAT(asked[1], testing::UnorderedElementsAre(0, 1));
  EXPECT_LE(asked[2].size(), 1U);
}

TEST(ArrowSource, TellsWhyItCannotBeOpened) {
  auto source = OpenedEngine();
  auto engine = OpenedEngine();
  auto like = source->ColumnsOf("SELECT 1 AS a");
  ASSERT_TRUE(engine->RegisterSource("s", std::move(*like), [](const std::vector<int>&) -> Result<ArrowStream> {
    return Fail(ErrorKind::kCorrupt, "in/a.parquet: damaged");
  }));
  EXPECT_THAT(One(*engine, "SELECT a FROM s"), testing::HasSubstr("in/a.parquet: damaged"));
}

}  // namespace
}  // namespace firn
