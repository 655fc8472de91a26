#include "catalog/schema_json.h"

#include <gtest/gtest.h>
#include <rapidcheck.h>
#include <rapidcheck/gtest.h>

#include <string>
#include <utility>
#include <vector>

namespace firn {
namespace {

Type AnyType(int depth) {
  Type type;
  type.kind = static_cast<TypeKind>(
      *rc::gen::inRange(0, static_cast<int>(depth > 0 ? TypeKind::kMap : TypeKind::kTimestamp) + 1));
  if (type.kind == TypeKind::kDecimal) {
    type.precision = *rc::gen::inRange(1, 39);
    type.scale = *rc::gen::inRange(0, type.precision + 1);
  }
  if (type.kind == TypeKind::kFixedBinary) type.length = *rc::gen::inRange(1, 100);
  if (type.kind == TypeKind::kTime || type.kind == TypeKind::kTimestamp)
    type.unit = static_cast<TimeUnit>(*rc::gen::inRange(0, 3));
  if (type.kind == TypeKind::kTimestamp) type.utc = *rc::gen::arbitrary<bool>();
  if (type.kind < TypeKind::kStruct) return type;
  const int children = type.kind == TypeKind::kStruct ? *rc::gen::inRange(0, 4) : type.kind == TypeKind::kMap ? 2 : 1;
  for (int i = 0; i < children; ++i)
    type.children.push_back({*rc::gen::string<std::string>(), AnyType(depth - 1), *rc::gen::arbitrary<bool>()});
  return type;
}

// Names are UTF-8 wherever a schema comes from; here ASCII of any kind.
void MakeAscii(std::vector<Field>& fields) {
  for (Field& field : fields) {
    for (char& c : field.name) c = static_cast<char>(c & 0x7f);
    MakeAscii(field.type.children);
  }
}

RC_GTEST_PROP(SchemaJsonTest, EverySchemaComesBackAsItWasThroughText, ()) {
  Schema schema;
  const int columns = *rc::gen::inRange(0, 6);
  for (int i = 0; i < columns; ++i)
    schema.fields.push_back({*rc::gen::string<std::string>(), AnyType(3), *rc::gen::arbitrary<bool>()});
  MakeAscii(schema.fields);
  const auto back = SchemaFromJson(Json::parse(ToJson(schema).dump()));
  RC_ASSERT(back.has_value());
  RC_ASSERT(*back == schema);
}

TEST(SchemaJsonTest, ATypeWithoutParametersIsItsName) {
  Schema schema;
  schema.fields = {{"id", {.kind = TypeKind::kInt64}, false},
                   {"at", {.kind = TypeKind::kTimestamp, .unit = TimeUnit::kNanos, .utc = true}}};
  EXPECT_EQ(ToJson(schema).dump(), R"([{"name":"id","type":"int64","nullable":false},)"
                                   R"({"name":"at","type":{"kind":"timestamp","unit":"ns","utc":true}}])");
}

TEST(SchemaJsonTest, WhatIsNoSchemaIsCorruptAndNamesTheField) {
  const std::vector<std::string> damaged = {
      R"({})",
      R"([1])",
      R"([{"type":"int64"}])",
      R"([{"name":"a"}])",
      R"([{"name":"a","type":"int65"}])",
      R"([{"name":"a","type":{"kind":7}}])",
      R"([{"name":"a","type":{"kind":"decimal","precision":3}}])",
      R"([{"name":"a","type":{"kind":"time","unit":"h"}}])",
      R"([{"name":"a","type":{"kind":"list","children":5}}])",
      R"([{"name":"a","type":{"kind":"list","children":["x"]}}])",
  };
  for (const std::string& text : damaged) {
    const auto schema = SchemaFromJson(Json::parse(text));
    ASSERT_FALSE(schema.has_value()) << text;
    EXPECT_EQ(schema.error().kind, ErrorKind::kCorrupt) << text;
  }
  EXPECT_EQ(SchemaFromJson(Json::parse(damaged[4])).error().message, "a: unknown type \"int65\"");
}

TEST(SchemaJsonTest, EndlessNestingIsRefused) {
  Json type = "int64";
  for (int i = 0; i < 300; ++i) {
    Json list = {{"kind", "list"}, {"children", Json::array({{{"name", "element"}}})}};
    list["children"][0]["type"] = std::move(type);
    type = std::move(list);
  }
  const auto schema = SchemaFromJson(Json::array({{{"name", "a"}, {"type", type}}}));
  ASSERT_FALSE(schema.has_value());
  EXPECT_EQ(schema.error().kind, ErrorKind::kCorrupt);
}

}  // namespace
}  // namespace firn
