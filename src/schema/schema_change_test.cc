#include "schema/schema_change.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "schema/names.h"

namespace firn {
namespace {

using ::testing::HasSubstr;

Schema SchemaOf(const std::string& text) {
  return {text.empty() ? std::vector<Field>() : ParseHiveType("struct<" + text + ">").value().children};
}

// The columns afterwards, or what is wrong.
std::string Changed(const std::string& table, const std::string& file, SchemaChange change) {
  const auto changed = ChangeSchema(SchemaOf(table), SchemaOf(file), change);
  if (!changed) return changed.error().message;
  std::string text;
  for (const Field& field : changed->fields)
    text += (text.empty() ? "" : ",") + field.name + ":" + Describe(field.type);
  return text;
}

TEST(SchemaChange, ATableMayFollowItsFiles) {
  EXPECT_EQ(Changed("a:int", "a:bigint,b:string", SchemaChange::kEvolve), "a:bigint,b:string");
  EXPECT_THAT(Changed("a:int", "a:string", SchemaChange::kEvolve), HasSubstr("'a'"));
}

TEST(SchemaChange, AFrozenTableLeavesColumnsOutAndRefusesWiderValues) {
  EXPECT_EQ(Changed("a:int,s:struct<x:int>", "a:smallint,b:string,s:struct<x:int,y:int>", SchemaChange::kFreeze),
            "a:int,s:struct<x:int>");
  EXPECT_EQ(Changed("a:int", "a:bigint", SchemaChange::kFreeze), "column 'a' is int, and the values are bigint");
  EXPECT_EQ(Changed("s:struct<x:int>", "s:struct<x:double>", SchemaChange::kFreeze),
            "column 's.x' is int, and the values are double");
}

TEST(SchemaChange, AStrictTableRefusesBoth) {
  EXPECT_EQ(Changed("a:int", "a:int", SchemaChange::kFail), "a:int");
  EXPECT_EQ(Changed("a:int", "b:int", SchemaChange::kFail), "the table has no column 'b'");
  EXPECT_EQ(Changed("l:array<struct<x:int>>", "l:array<struct<x:int,y:int>>", SchemaChange::kFail),
            "the table has no column 'l.element.y'");
  EXPECT_THAT(Changed("a:int", "a:bigint", SchemaChange::kFail), HasSubstr("'a' is int"));
}

TEST(SchemaChange, AnEmptyTableTakesWhatComes) {
  for (const SchemaChange change : {SchemaChange::kEvolve, SchemaChange::kFreeze, SchemaChange::kFail})
    EXPECT_EQ(Changed("", "a:int", change), "a:int");
}

}  // namespace
}  // namespace firn
