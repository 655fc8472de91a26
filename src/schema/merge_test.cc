#include "schema/merge.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>

#include "schema/names.h"
#include "schema/type_generator_test.h"

namespace firn {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;

Type T(std::string_view name) {
  return ParseHiveType(name).value();
}

// The merged type's name, or "conflict".
std::string Merged(std::string_view a, std::string_view b) {
  const auto type = MergeTypes(T(a), T(b));
  return type ? Describe(*type) : "conflict";
}

Schema SchemaFrom(std::string_view struct_name) {
  return Schema{T(struct_name).children};
}

TEST(MergeTypes, AnIntegerWidensToTheWiderOne) {
  EXPECT_EQ(Merged("tinyint", "bigint"), "bigint");
  EXPECT_EQ(Merged("int", "smallint"), "int");
  EXPECT_EQ(Merged("utinyint", "uint"), "uint");
}

TEST(MergeTypes, AnUnsignedIntegerWithASignedOneBecomesTheNextWiderSignedType) {
  EXPECT_EQ(Merged("utinyint", "tinyint"), "smallint");
  EXPECT_EQ(Merged("utinyint", "bigint"), "bigint");
  EXPECT_EQ(Merged("usmallint", "tinyint"), "int");
  EXPECT_EQ(Merged("uint", "int"), "bigint");
  EXPECT_EQ(Merged("ubigint", "tinyint"), "decimal(20,0)");
}

TEST(MergeTypes, IntegersAndFloatsMeetInDouble) {
  EXPECT_EQ(Merged("float", "double"), "double");
  EXPECT_EQ(Merged("smallint", "float"), "double");
  EXPECT_EQ(Merged("bigint", "double"), "double");
  EXPECT_EQ(Merged("ubigint", "double"), "conflict");
}

TEST(MergeTypes, DecimalsKeepEveryDigitOfBothOrConflict) {
  EXPECT_EQ(Merged("decimal(10,2)", "decimal(8,4)"), "decimal(12,4)");
  EXPECT_EQ(Merged("int", "decimal(8,2)"), "decimal(12,2)");
  EXPECT_EQ(Merged("uint", "decimal(8,2)"), "decimal(21,2)");
  EXPECT_EQ(Merged("decimal(38,0)", "decimal(2,1)"), "conflict");
  EXPECT_EQ(Merged("decimal(38,20)", "bigint"), "conflict");
  EXPECT_EQ(Merged("decimal(8,2)", "double"), "conflict");
}

TEST(MergeTypes, TimesTakeTheFinerUnitButInstantsAndWallClocksConflict) {
  EXPECT_EQ(Merged("timestamp(3)", "timestamp(9)"), "timestamp(9)");
  EXPECT_EQ(Merged("time(6)", "time(3)"), "time(6)");
  EXPECT_EQ(Merged("timestamp(3) with time zone", "timestamp(6) with time zone"), "timestamp(6) with time zone");
  EXPECT_EQ(Merged("timestamp", "timestamp with time zone"), "conflict");
  EXPECT_EQ(Merged("date", "timestamp"), "conflict");
  EXPECT_EQ(Merged("time", "timestamp"), "conflict");
}

TEST(MergeTypes, NullWidensToAnything) {
  for (const auto* name : {"int", "string", "struct<a:int>", "map<string,int>", "void"})
    EXPECT_EQ(Merged("void", name), name) << name;
}

TEST(MergeTypes, TextConflictsWithEverythingElse) {
  for (const auto* name : {"int", "boolean", "date", "binary", "decimal(3,1)", "array<string>", "struct<a:string>"})
    EXPECT_EQ(Merged("string", name), "conflict") << name;
  EXPECT_EQ(Merged("binary(4)", "binary(8)"), "conflict");
}

TEST(MergeTypes, NestedTypesMergeFieldByField) {
  EXPECT_EQ(Merged("struct<a:int,b:string>", "struct<c:date,a:bigint>"), "struct<a:bigint,b:string,c:date>");
  EXPECT_EQ(Merged("array<struct<a:int>>", "array<struct<b:int>>"), "array<struct<a:int,b:int>>");
  EXPECT_EQ(Merged("map<string,int>", "map<string,double>"), "map<string,double>");
  EXPECT_EQ(Merged("array<int>", "struct<a:int>"), "conflict");
}

TEST(MergeSchemas, AMismatchNamesThePathAndBothTypes) {
  const auto merged = MergeSchemas(SchemaFrom("struct<address:struct<zip:array<int>>>"),
                                   SchemaFrom("struct<address:struct<zip:array<string>>>"));
  ASSERT_FALSE(merged);
  EXPECT_EQ(merged.error().kind, ErrorKind::kMismatch);
  EXPECT_THAT(merged.error().message, AllOf(HasSubstr("'address.zip.element'"), HasSubstr("int"), HasSubstr("string")));
}

TEST(MergeSchemas, ColumnsComeInTheFirstOrderThenTheNewOnes) {
  const auto merged = MergeSchemas(SchemaFrom("struct<b:int,a:int>"), SchemaFrom("struct<c:int,a:int,d:int>"));
  ASSERT_TRUE(merged);
  std::string names;
  for (const Field& field : merged->fields) names += field.name;
  EXPECT_EQ(names, "bacd");
}

TEST(MergeSchemas, AColumnIsNullableWhenEitherIsOrOneSideLacksIt) {
  const Schema a{{{"both", T("int"), false}, {"loose", T("int"), false}, {"left", T("int"), false}}};
  const Schema b{{{"both", T("int"), false}, {"loose", T("int"), true}, {"right", T("int"), false}}};
  const auto merged = MergeSchemas(a, b);
  ASSERT_TRUE(merged);
  EXPECT_FALSE(merged->Find("both")->nullable);
  EXPECT_TRUE(merged->Find("loose")->nullable);
  EXPECT_TRUE(merged->Find("left")->nullable);
  EXPECT_TRUE(merged->Find("right")->nullable);
}

TEST(MergeSchemas, AHundredThousandColumnsMergeInLinearTime) {
  Schema a;
  Schema b;
  for (int i = 0; i < 100'000; ++i) {
    a.fields.push_back({"a" + std::to_string(i), T("int")});
    b.fields.push_back({"b" + std::to_string(i), T("int")});
  }
  EXPECT_EQ(MergeSchemas(a, b)->fields.size(), 200'000);
}

// Fields in the order of their names, so that types compare as sets of fields.
Type Sorted(Type type) {
  for (Field& child : type.children) child.type = Sorted(std::move(child.type));
  if (type.kind == TypeKind::kStruct) std::ranges::sort(type.children, {}, &Field::name);
  return type;
}

rc::Gen<Type> SomeType() {
  return testing::AnyType(2, rc::gen::element<std::string>("a", "b", "c"));
}

TEST(MergeProperties, MergingATypeWithItselfChangesNothing) {
  EXPECT_TRUE(rc::check([] {
    const Type type = *SomeType();
    const auto merged = MergeTypes(type, type);
    RC_ASSERT(merged.has_value());
    RC_ASSERT(*merged == type);
  }));
}

TEST(MergeProperties, TheOrderOfTheTwoDoesNotMatterUpToTheOrderOfFields) {
  EXPECT_TRUE(rc::check([] {
    const Type a = *SomeType();
    const Type b = *SomeType();
    const auto ab = MergeTypes(a, b);
    const auto ba = MergeTypes(b, a);
    RC_ASSERT(ab.has_value() == ba.has_value());
    if (ab) RC_ASSERT(Sorted(*ab) == Sorted(*ba));
  }));
}

void ExpectAssociative(const Type& a, const Type& b, const Type& c) {
  const auto ab = MergeTypes(a, b);
  const auto bc = MergeTypes(b, c);
  const auto left = ab ? MergeTypes(*ab, c) : ab;
  const auto right = bc ? MergeTypes(a, *bc) : bc;
  RC_ASSERT(left.has_value() == right.has_value());
  if (left) RC_ASSERT(*left == *right);
}

TEST(MergeProperties, TheGroupingDoesNotMatter) {
  EXPECT_TRUE(rc::check([] { ExpectAssociative(*SomeType(), *SomeType(), *SomeType()); }));
}

TEST(MergeProperties, TheGroupingOfNoThreeNumbersMatters) {
  std::vector<Type> numbers;
  for (const auto* name : {"void", "tinyint", "smallint", "int", "bigint", "utinyint", "usmallint", "uint", "ubigint",
                           "float", "double", "decimal(4,2)", "decimal(20,0)", "decimal(38,19)", "decimal(38,37)"})
    numbers.push_back(T(name));
  for (const Type& a : numbers)
    for (const Type& b : numbers)
      for (const Type& c : numbers) {
        const auto ab = MergeTypes(a, b);
        const auto bc = MergeTypes(b, c);
        const auto left = ab ? MergeTypes(*ab, c) : ab;
        const auto right = bc ? MergeTypes(a, *bc) : bc;
        ASSERT_EQ(left.has_value(), right.has_value()) << Describe(a) << " " << Describe(b) << " " << Describe(c);
        if (!left) continue;
        ASSERT_EQ(Describe(*left), Describe(*right)) << Describe(a) << " " << Describe(b) << " " << Describe(c);
      }
}

}  // namespace
}  // namespace firn
