#include "schema/names.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "schema/type_generator_test.h"

namespace firn {
namespace {

using ::testing::HasSubstr;

ErrorKind KindOf(const Result<Type>& type) {
  return type ? ErrorKind::kInternal : type.error().kind;
}

Type Leaf(TypeKind kind) {
  return {.kind = kind};
}

TEST(HiveTypeName, NamesTypesAsHiveDoes) {
  EXPECT_EQ(HiveTypeName(Leaf(TypeKind::kInt64)), "bigint");
  EXPECT_EQ(HiveTypeName({.kind = TypeKind::kDecimal, .precision = 12, .scale = 2}), "decimal(12,2)");
  EXPECT_EQ(HiveTypeName({.kind = TypeKind::kTimestamp, .unit = TimeUnit::kNanos, .utc = true}), "timestamp");
  EXPECT_EQ(HiveTypeName(ParseHiveType("struct<a:int,b:array<map<string,date>>>").value()),
            "struct<a:int,b:array<map<string,date>>>");
}

TEST(HiveTypeName, NamesTheTypeThatHoldsTheValuesWhereHiveHasNone) {
  EXPECT_EQ(HiveTypeName(Leaf(TypeKind::kUInt8)), "smallint");
  EXPECT_EQ(HiveTypeName(Leaf(TypeKind::kUInt16)), "int");
  EXPECT_EQ(HiveTypeName(Leaf(TypeKind::kUInt32)), "bigint");
  EXPECT_EQ(HiveTypeName(Leaf(TypeKind::kUInt64)), "decimal(20,0)");
  EXPECT_EQ(HiveTypeName({.kind = TypeKind::kFixedBinary, .length = 4}), "binary");
  EXPECT_EQ(HiveTypeName(Leaf(TypeKind::kUuid)), "string");
  EXPECT_EQ(HiveTypeName(Leaf(TypeKind::kTime)), "string");
}

TEST(Describe, SaysUnitsAndZones) {
  EXPECT_EQ(Describe({.kind = TypeKind::kTimestamp, .unit = TimeUnit::kMillis, .utc = true}),
            "timestamp(3) with time zone");
  EXPECT_EQ(Describe({.kind = TypeKind::kTimestamp, .unit = TimeUnit::kNanos}), "timestamp(9)");
  EXPECT_EQ(Describe({.kind = TypeKind::kTimestamp}), "timestamp");
  EXPECT_EQ(Describe({.kind = TypeKind::kTime, .unit = TimeUnit::kMillis}), "time(3)");
  EXPECT_EQ(Describe(Leaf(TypeKind::kUInt32)), "uint");
}

TEST(Describe, QuotesFieldNamesThatWouldNotReadBack) {
  const Type type = ParseHiveType("struct<`a b`:int,`x``y:z`:int,``:int,não:int>").value();
  EXPECT_EQ(type.children[0].name, "a b");
  EXPECT_EQ(type.children[1].name, "x`y:z");
  EXPECT_EQ(type.children[2].name, "");
  EXPECT_EQ(Describe(type), "struct<`a b`:int,`x``y:z`:int,``:int,não:int>");
}

TEST(ParseHiveType, ReadsOtherSpellings) {
  EXPECT_EQ(Describe(*ParseHiveType(" INTEGER ")), "int");
  EXPECT_EQ(Describe(*ParseHiveType("decimal")), "decimal(10,0)");
  EXPECT_EQ(Describe(*ParseHiveType("Decimal( 12 , 2 )")), "decimal(12,2)");
  EXPECT_EQ(Describe(*ParseHiveType("double precision")), "double");
  EXPECT_EQ(Describe(*ParseHiveType("varchar(20)")), "string");
  EXPECT_EQ(Describe(*ParseHiveType("timestamp with local time zone")), "timestamp(6) with time zone");
  EXPECT_EQ(Describe(*ParseHiveType("timestamp(3) without time zone")), "timestamp(3)");
  EXPECT_EQ(Describe(*ParseHiveType("map< string , array<bigint> >")), "map<string,array<bigint>>");
}

TEST(ParseHiveType, SaysWhatItExpectedWhere) {
  const auto type = ParseHiveType("struct<a:int,b:strin>");
  ASSERT_FALSE(type);
  EXPECT_EQ(type.error().kind, ErrorKind::kInvalidArgument);
  EXPECT_THAT(type.error().message, HasSubstr("needs a type"));
  EXPECT_THAT(type.error().message, HasSubstr("character 16"));
}

TEST(ParseHiveType, RefusesWhatIsNotAType) {
  for (const auto* text : {"",
                           "intt",
                           "int x",
                           "decimal(39,2)",
                           "decimal(0)",
                           "decimal(4,5)",
                           "decimal(-1)",
                           "array<",
                           "array<int",
                           "array<int,int>",
                           "map<int>",
                           "struct<a>",
                           "struct<a:int,>",
                           "struct<:int>",
                           "struct<a:int,a:int>",
                           "struct<`a:int>",
                           "timestamp(4)",
                           "timestamp with time",
                           "binary(0)",
                           "decimal(99999999999)",
                           "int>"})
    EXPECT_EQ(KindOf(ParseHiveType(text)), ErrorKind::kInvalidArgument) << text;
}

TEST(ParseHiveType, RefusesNestingThatWouldExhaustTheStack) {
  std::string deep;
  for (int i = 0; i < 1'000'000; ++i) deep += "array<";
  const auto type = ParseHiveType(deep);
  ASSERT_FALSE(type);
  EXPECT_THAT(type.error().message, HasSubstr("deeper than 64"));
}

TEST(TypeNameProperties, EveryTypeReadsBackFromItsName) {
  EXPECT_TRUE(rc::check([] {
    const Type type = *testing::AnyType(3, rc::gen::arbitrary<std::string>());
    const auto parsed = ParseHiveType(Describe(type));
    RC_ASSERT(parsed.has_value());
    RC_ASSERT(*parsed == type);
  }));
}

TEST(TypeNameProperties, HiveNamesReadBackToTheirOwnName) {
  EXPECT_TRUE(rc::check([] {
    const std::string name = HiveTypeName(*testing::AnyType(3, rc::gen::arbitrary<std::string>()));
    const auto parsed = ParseHiveType(name);
    RC_ASSERT(parsed.has_value());
    RC_ASSERT(HiveTypeName(*parsed) == name);
  }));
}

TEST(TypeNameProperties, NoTextCrashesTheParser) {
  const auto token = rc::gen::element<std::string>("struct", "<", ">", "array", "map", ":", ",", "(", ")", "`", "a",
                                                   "int", "decimal", "9", "timestamp", "with", " ", "\xff");
  EXPECT_TRUE(rc::check([&] {
    std::string text;
    for (const std::string& part : *rc::gen::container<std::vector<std::string>>(token)) text += part;
    const auto parsed = ParseHiveType(text);
    if (parsed) RC_ASSERT(*ParseHiveType(Describe(*parsed)) == *parsed);
  }));
}

}  // namespace
}  // namespace firn
