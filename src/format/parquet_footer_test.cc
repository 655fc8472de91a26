#include "format/parquet_footer.h"

#include <arrow/io/memory.h>
#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <parquet/column_writer.h>
#include <parquet/file_writer.h>

#include <algorithm>
#include <cstring>
#include <functional>
#include <set>

#include "format/leaf_path.h"
#include "format/parquet_schema.h"
#include "schema/names.h"
#include "schema/type_generator_test.h"
#include "store/counting_store.h"
#include "store/memory_store.h"

namespace firn {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::StartsWith;

Schema SchemaFrom(std::string_view fields) {
  return Schema{ParseHiveType(fmt::format("struct<{}>", fields)).value().children};
}

std::string FileWith(
    const std::shared_ptr<parquet::schema::GroupNode>& root,
    const std::function<void(parquet::ParquetFileWriter&)>& write = [](auto&) {}) {
  const auto sink = arrow::io::BufferOutputStream::Create().ValueOrDie();
  const auto writer = parquet::ParquetFileWriter::Open(sink, root);
  write(*writer);
  writer->Close();
  return sink->Finish().ValueOrDie()->ToString();
}

// One BIGINT column "id", `groups` row groups of `rows` rows.
std::string FileOfIds(int groups, int64_t rows) {
  return FileWith(ParquetNodeOf(SchemaFrom("id:bigint")).value(), [&](parquet::ParquetFileWriter& writer) {
    for (int g = 0; g < groups; ++g) {
      auto& column = static_cast<parquet::Int64Writer&>(*writer.AppendRowGroup()->NextColumn());
      const std::vector<int64_t> values(static_cast<size_t>(rows), 7);
      const std::vector<int16_t> present(static_cast<size_t>(rows), 1);
      column.WriteBatch(rows, present.data(), nullptr, values.data());
    }
  });
}

std::string WithFooter(std::string_view footer, std::string_view magic = "PAR1") {
  std::string file = "PAR1" + std::string(footer);
  const auto length = static_cast<uint32_t>(footer.size());
  file.append(reinterpret_cast<const char*>(&length), sizeof length);
  return file.append(magic);
}

class ParquetFooter : public ::testing::Test {
 protected:
  ObjectInfo Put(std::string_view bytes) {
    (void)store_.Remove("landing/a.parquet");
    auto writer = store_.Create("landing/a.parquet").value();
    EXPECT_TRUE(writer->Append(bytes));
    return writer->Finish().value();
  }

  Result<FileSummary> ReadBytes(std::string_view bytes) { return ReadParquetFooter(store_, Put(bytes)); }

  Error ErrorOf(std::string_view bytes) {
    const auto summary = ReadBytes(bytes);
    return summary ? Error{.message = "it was read"} : summary.error();
  }

  MemoryStore store_;
};

TEST_F(ParquetFooter, TellsSchemaRowsAndRowGroups) {
  const auto summary = ReadBytes(FileOfIds(3, 100));
  ASSERT_TRUE(summary) << summary.error().Text();
  EXPECT_EQ(summary->rows, 300);
  EXPECT_EQ(summary->row_groups, 3);
  EXPECT_EQ(summary->schema, SchemaFrom("id:bigint"));
}

TEST_F(ParquetFooter, AFileWithoutRowsHasASchema) {
  const auto summary = ReadBytes(FileOfIds(0, 0));
  ASSERT_TRUE(summary);
  EXPECT_EQ(summary->rows, 0);
  EXPECT_EQ(summary->schema, SchemaFrom("id:bigint"));
}

TEST_F(ParquetFooter, EqualSchemasHaveEqualFingerprintsWhateverTheRows) {
  const auto few = ReadBytes(FileOfIds(1, 10));
  const auto many = ReadBytes(FileOfIds(2, 1000));
  const auto other = ReadBytes(FileWith(ParquetNodeOf(SchemaFrom("id:int")).value()));
  EXPECT_EQ(few->fingerprint, many->fingerprint);
  EXPECT_NE(few->fingerprint, other->fingerprint);
}

TEST_F(ParquetFooter, ReadsOnlyTheTailOfAFile) {
  const ObjectInfo object = Put(FileOfIds(1, 100'000) + "");
  CountingStore counting(store_);
  std::string big = "PAR1" + std::string(10'000'000, 'x');
  const std::string small = FileOfIds(0, 0);
  big += small.substr(4);
  const ObjectInfo large = Put(big);
  ASSERT_TRUE(ReadParquetFooter(counting, large));
  EXPECT_EQ(counting.Of(StoreOperation::kReadRange).calls, 1);
  EXPECT_EQ(counting.Of(StoreOperation::kRead).calls, 0);
  EXPECT_LE(counting.bytes_read(), 64 << 10);
}

TEST_F(ParquetFooter, AFooterLongerThanTheTailTakesASecondRequest) {
  std::string fields = "c0:int";
  for (int i = 1; i < 20'000; ++i) fields += fmt::format(",column_with_a_long_name_{}:int", i);
  const ObjectInfo object = Put(FileWith(ParquetNodeOf(SchemaFrom(fields)).value()));
  CountingStore counting(store_);
  const auto summary = ReadParquetFooter(counting, object);
  ASSERT_TRUE(summary) << summary.error().Text();
  EXPECT_EQ(summary->schema.fields.size(), 20'000);
  EXPECT_EQ(counting.Of(StoreOperation::kReadRange).calls, 2);
}

TEST_F(ParquetFooter, RefusesWhatIsNotParquetAndNamesTheObject) {
  const std::string file = FileOfIds(1, 100);
  for (const std::string& bytes :
       {std::string(), std::string("PAR1"), std::string("PAR1PAR1PAR"), std::string("id,name\n1,a\n2,b\n"),
        file.substr(0, file.size() - 1), file.substr(0, file.size() / 2), file.substr(1), std::string(5000, '\0')}) {
    const Error error = ErrorOf(bytes);
    EXPECT_EQ(error.kind, ErrorKind::kCorrupt) << error.message;
    EXPECT_THAT(error.message, StartsWith("landing/a.parquet: "));
    EXPECT_THAT(error.hint, HasSubstr("quarantine"));
  }
}

TEST_F(ParquetFooter, RefusesAFooterLengthThatTheFileCannotHold) {
  std::string file = FileOfIds(1, 100);
  const uint32_t length = 0x7fffffff;
  std::memcpy(file.data() + file.size() - 8, &length, sizeof length);
  const Error error = ErrorOf(file);
  EXPECT_EQ(error.kind, ErrorKind::kCorrupt);
  EXPECT_THAT(error.message, AllOf(HasSubstr("2147483647"), HasSubstr(std::to_string(file.size()))));
  EXPECT_EQ(ErrorOf(WithFooter("")).kind, ErrorKind::kCorrupt);
}

TEST_F(ParquetFooter, RefusesAFileWhoseDataIsCutOutBeforeTheFooter) {
  const std::string file = FileOfIds(1, 100'000);
  uint32_t length = 0;
  std::memcpy(&length, file.data() + file.size() - 8, sizeof length);
  const Error error = ErrorOf("PAR1" + file.substr(file.size() - 8 - length));
  EXPECT_EQ(error.kind, ErrorKind::kCorrupt);
  EXPECT_THAT(error.message, AllOf(HasSubstr("column id"), HasSubstr("the data ends at byte 4")));
}

TEST_F(ParquetFooter, RefusesASchemaThatRepeatsAColumn) {
  using parquet::schema::PrimitiveNode;
  const auto leaf = [](const char* name) {
    return PrimitiveNode::Make(name, parquet::Repetition::OPTIONAL, parquet::Type::INT32);
  };
  const auto root = parquet::schema::GroupNode::Make("schema", parquet::Repetition::REQUIRED, {leaf("id"), leaf("id")});
  const Error error = ErrorOf(FileWith(std::static_pointer_cast<parquet::schema::GroupNode>(root)));
  EXPECT_EQ(error.kind, ErrorKind::kCorrupt);
  EXPECT_THAT(error.message, HasSubstr("'id'"));
}

TEST_F(ParquetFooter, RefusesAnEncryptedFooter) {
  std::string file = WithFooter("whatever it is", "PARE");
  file.replace(0, 4, "PARE");
  EXPECT_EQ(ErrorOf(file).kind, ErrorKind::kUnsupported);
}

// A footer in Thrift's compact protocol whose schema is `depth` groups of one child each.
std::string DeepFooter(int depth) {
  std::string footer("\x15\x04\x19", 3);  // version 2, then a list
  footer += '\xfc';
  for (unsigned count = static_cast<unsigned>(depth) + 1;; count >>= 7) {
    footer += static_cast<char>((count & 0x7f) | (count > 0x7f ? 0x80 : 0));
    if (count <= 0x7f) break;
  }
  for (int i = 0; i < depth; ++i)
    footer += std::string("\x35\x02\x18\x01g\x15\x02\x00", 8);  // optional group "g", 1 child
  footer += std::string("\x15\x02\x25\x02\x18\x01x\x00", 8);    // optional int32 "x"
  footer += std::string("\x16\x00\x19\x0c\x00", 5);             // 0 rows, no row groups
  return footer;
}

TEST_F(ParquetFooter, RefusesNestingThatWouldExhaustTheStack) {
  EXPECT_TRUE(ReadBytes(WithFooter(DeepFooter(20)))) << ErrorOf(WithFooter(DeepFooter(20))).Text();
  EXPECT_THAT(ErrorOf(WithFooter(DeepFooter(200))).message, HasSubstr("nested"));
  const Error error = ErrorOf(WithFooter(DeepFooter(900'000)));
  EXPECT_EQ(error.kind, ErrorKind::kCorrupt);
  EXPECT_THAT(error.message, HasSubstr("nested deeper than 256 groups"));
}

TEST_F(ParquetFooter, NoDamagedByteOfAFooterCrashesTheReader) {
  const std::string file = FileOfIds(2, 50);
  uint32_t length = 0;
  std::memcpy(&length, file.data() + file.size() - 8, sizeof length);
  for (size_t at = file.size() - 8 - length; at < file.size(); ++at)
    for (const int flip : {0x01, 0x10, 0x80, 0xff}) {
      std::string damaged = file;
      damaged[at] = static_cast<char>(damaged[at] ^ flip);
      const auto summary = ReadBytes(damaged);
      if (summary) continue;
      EXPECT_TRUE(summary.error().kind == ErrorKind::kCorrupt || summary.error().kind == ErrorKind::kUnsupported);
      EXPECT_THAT(summary.error().message, StartsWith("landing/a.parquet: "));
    }
}

TEST_F(ParquetFooter, AnObjectThatChangedOrVanishedSinceItWasListedIsNotRead) {
  const ObjectInfo listed = Put(FileOfIds(1, 10));
  Put(FileOfIds(1, 20));
  EXPECT_EQ(ReadParquetFooter(store_, listed).error().kind, ErrorKind::kMismatch);
  ASSERT_TRUE(store_.Remove(listed.key));
  EXPECT_EQ(ReadParquetFooter(store_, listed).error().kind, ErrorKind::kNotFound);
}

using parquet::LogicalType;
using parquet::Repetition;
using parquet::schema::GroupNode;
using parquet::schema::NodePtr;
using parquet::schema::NodeVector;
using parquet::schema::PrimitiveNode;
using Physical = parquet::Type;

NodePtr Leaf(const char* name, Physical::type type, Repetition::type repetition = Repetition::OPTIONAL) {
  return PrimitiveNode::Make(name, repetition, type);
}
NodePtr Annotated(std::shared_ptr<const LogicalType> logical, Physical::type type, int length = -1) {
  return PrimitiveNode::Make("c", Repetition::OPTIONAL, std::move(logical), type, length);
}
NodePtr Group(const char* name, Repetition::type repetition, const NodeVector& fields,
              std::shared_ptr<const LogicalType> logical = nullptr) {
  return GroupNode::Make(name, repetition, fields, std::move(logical));
}
NodePtr Repeated(const char* name, const NodeVector& fields) {
  return Group(name, Repetition::REPEATED, fields);
}

Result<Schema> Read(const NodeVector& columns) {
  parquet::SchemaDescriptor descriptor;
  descriptor.Init(GroupNode::Make("schema", Repetition::REQUIRED, columns));
  auto schema = SchemaOf(descriptor);
  // Whatever SchemaOf accepts, the walk over leaves must follow.
  if (!schema) return schema;
  EXPECT_EQ(LeafPathsOf(descriptor, *schema).size(), static_cast<size_t>(descriptor.num_columns()));
  return schema;
}

// The exact name of the only column's type, or the error's kind.
std::string TypeOf(const NodePtr& column) {
  const auto schema = Read({column});
  if (!schema) return std::string(NameOf(schema.error().kind));
  EXPECT_EQ(schema->fields.size(), 1);
  return Describe(schema->fields[0].type);
}

TEST(SchemaOf, ReadsPhysicalTypes) {
  EXPECT_EQ(TypeOf(Leaf("c", Physical::BOOLEAN)), "boolean");
  EXPECT_EQ(TypeOf(Leaf("c", Physical::INT32)), "int");
  EXPECT_EQ(TypeOf(Leaf("c", Physical::INT64)), "bigint");
  EXPECT_EQ(TypeOf(Leaf("c", Physical::FLOAT)), "float");
  EXPECT_EQ(TypeOf(Leaf("c", Physical::DOUBLE)), "double");
  EXPECT_EQ(TypeOf(Leaf("c", Physical::BYTE_ARRAY)), "binary");
  EXPECT_EQ(TypeOf(Leaf("c", Physical::INT96)), "timestamp(9)");
  EXPECT_EQ(TypeOf(Annotated(LogicalType::None(), Physical::FIXED_LEN_BYTE_ARRAY, 5)), "binary(5)");
}

TEST(SchemaOf, ReadsAnnotations) {
  EXPECT_EQ(TypeOf(Annotated(LogicalType::String(), Physical::BYTE_ARRAY)), "string");
  EXPECT_EQ(TypeOf(Annotated(LogicalType::JSON(), Physical::BYTE_ARRAY)), "string");
  EXPECT_EQ(TypeOf(Annotated(LogicalType::BSON(), Physical::BYTE_ARRAY)), "binary");
  EXPECT_EQ(TypeOf(Annotated(LogicalType::Date(), Physical::INT32)), "date");
  EXPECT_EQ(TypeOf(Annotated(LogicalType::UUID(), Physical::FIXED_LEN_BYTE_ARRAY, 16)), "uuid");
  EXPECT_EQ(TypeOf(Annotated(LogicalType::Int(8, true), Physical::INT32)), "tinyint");
  EXPECT_EQ(TypeOf(Annotated(LogicalType::Int(16, false), Physical::INT32)), "usmallint");
  EXPECT_EQ(TypeOf(Annotated(LogicalType::Int(64, false), Physical::INT64)), "ubigint");
  EXPECT_EQ(TypeOf(Annotated(LogicalType::Time(true, LogicalType::TimeUnit::MILLIS), Physical::INT32)), "time(3)");
  EXPECT_EQ(TypeOf(Annotated(LogicalType::Timestamp(true, LogicalType::TimeUnit::MILLIS), Physical::INT64)),
            "timestamp(3) with time zone");
  EXPECT_EQ(TypeOf(Annotated(LogicalType::Timestamp(false, LogicalType::TimeUnit::NANOS), Physical::INT64)),
            "timestamp(9)");
  EXPECT_EQ(TypeOf(Annotated(LogicalType::Float16(), Physical::FIXED_LEN_BYTE_ARRAY, 2)), "binary(2)");
  EXPECT_EQ(TypeOf(Annotated(LogicalType::Null(), Physical::INT32)), "void");
}

TEST(SchemaOf, ReadsTheConvertedTypesOfOldWriters) {
  const auto old = [](Physical::type type, parquet::ConvertedType::type annotation) {
    return PrimitiveNode::Make("c", Repetition::OPTIONAL, type, annotation);
  };
  EXPECT_EQ(TypeOf(old(Physical::BYTE_ARRAY, parquet::ConvertedType::UTF8)), "string");
  EXPECT_EQ(TypeOf(old(Physical::INT64, parquet::ConvertedType::TIMESTAMP_MICROS)), "timestamp(6) with time zone");
  EXPECT_EQ(TypeOf(old(Physical::INT32, parquet::ConvertedType::UINT_8)), "utinyint");
}

TEST(SchemaOf, ReadsDecimalsOnEveryPhysicalType) {
  for (const auto& [type, length] : std::vector<std::pair<Physical::type, int>>{{Physical::INT32, -1},
                                                                                {Physical::INT64, -1},
                                                                                {Physical::BYTE_ARRAY, -1},
                                                                                {Physical::FIXED_LEN_BYTE_ARRAY, 4}})
    EXPECT_EQ(TypeOf(Annotated(LogicalType::Decimal(9, 2), type, length)), "decimal(9,2)");
  EXPECT_EQ(TypeOf(Annotated(LogicalType::Decimal(40, 2), Physical::BYTE_ARRAY)), "Unsupported");
}

TEST(SchemaOf, ReadsBothSpellingsOfLists) {
  const auto list = [](const NodePtr& repeated) {
    return Group("c", Repetition::OPTIONAL, {repeated}, LogicalType::List());
  };
  EXPECT_EQ(TypeOf(list(Repeated("list", {Leaf("element", Physical::INT32)}))), "array<int>");
  EXPECT_EQ(TypeOf(list(Leaf("array", Physical::INT32, Repetition::REPEATED))), "array<int>");
  EXPECT_EQ(TypeOf(list(Repeated("element", {Leaf("a", Physical::INT32), Leaf("b", Physical::INT64)}))),
            "array<struct<a:int,b:bigint>>");
  EXPECT_EQ(TypeOf(list(Repeated("array", {Leaf("a", Physical::INT32)}))), "array<struct<a:int>>");
  EXPECT_EQ(TypeOf(list(Repeated("c_tuple", {Leaf("a", Physical::INT32)}))), "array<struct<a:int>>");
  EXPECT_EQ(TypeOf(Leaf("c", Physical::INT32, Repetition::REPEATED)), "array<int>");
  EXPECT_EQ(TypeOf(Repeated("c", {Leaf("a", Physical::INT32)})), "array<struct<a:int>>");
}

TEST(SchemaOf, ElementsOfTwoLevelListsAreNeverNull) {
  const auto bare = Read({Leaf("c", Physical::INT32, Repetition::REPEATED)});
  EXPECT_FALSE(bare->fields[0].nullable);
  EXPECT_FALSE(bare->fields[0].type.children[0].nullable);
  const auto three = Read(
      {Group("c", Repetition::OPTIONAL, {Repeated("list", {Leaf("element", Physical::INT32)})}, LogicalType::List())});
  EXPECT_TRUE(three->fields[0].nullable);
  EXPECT_TRUE(three->fields[0].type.children[0].nullable);
}

TEST(SchemaOf, ReadsMaps) {
  const auto entry = [] {
    return Repeated("key_value", {Leaf("key", Physical::INT32, Repetition::REQUIRED), Leaf("value", Physical::DOUBLE)});
  };
  EXPECT_EQ(TypeOf(Group("c", Repetition::OPTIONAL, {entry()}, LogicalType::Map())), "map<int,double>");
  EXPECT_EQ(TypeOf(GroupNode::Make("c", Repetition::OPTIONAL, {entry()}, parquet::ConvertedType::MAP_KEY_VALUE)),
            "map<int,double>");
}

TEST(SchemaOf, RefusesListsAndMapsThatAreNotBuiltAsTheFormatSays) {
  const auto optional = [](const NodeVector& fields, std::shared_ptr<const LogicalType> logical) {
    return TypeOf(Group("c", Repetition::OPTIONAL, fields, std::move(logical)));
  };
  EXPECT_EQ(optional({Leaf("a", Physical::INT32)}, LogicalType::List()), "Corrupt");
  EXPECT_EQ(optional({Repeated("l", {Leaf("a", Physical::INT32)}), Leaf("b", Physical::INT32)}, LogicalType::List()),
            "Corrupt");
  EXPECT_EQ(optional({Repeated("l", {Leaf("a", Physical::INT32, Repetition::REPEATED)})}, LogicalType::List()),
            "Unsupported");
  EXPECT_EQ(optional({Leaf("a", Physical::INT32, Repetition::REPEATED)}, LogicalType::Map()), "Corrupt");
  EXPECT_EQ(optional({Repeated("kv", {Leaf("k", Physical::INT32)})}, LogicalType::Map()), "Unsupported");
  EXPECT_EQ(optional({Repeated("kv", {Leaf("k", Physical::INT32), Leaf("v", Physical::INT32, Repetition::REPEATED)})},
                     LogicalType::Map()),
            "Corrupt");
}

TEST(SchemaOf, RefusesRepeatedAndEmptyNamesAtEveryDepth) {
  const auto twice = Read({Group("s", Repetition::OPTIONAL, {Leaf("a", Physical::INT32), Leaf("a", Physical::INT64)})});
  ASSERT_FALSE(twice);
  EXPECT_EQ(twice.error().kind, ErrorKind::kCorrupt);
  EXPECT_THAT(twice.error().message, HasSubstr("column 's': two columns have the name 'a'"));
  EXPECT_EQ(TypeOf(Leaf("", Physical::INT32)), "Corrupt");
}

TEST(SchemaOf, RefusesTypesNestedTooDeep) {
  NodePtr node = Leaf("x", Physical::INT32);
  for (int i = 0; i < 70; ++i) node = Group("g", Repetition::OPTIONAL, {node});
  EXPECT_EQ(TypeOf(node), "Unsupported");
}

const parquet::schema::PrimitiveNode& WrittenLeaf(const std::shared_ptr<GroupNode>& root) {
  return static_cast<const PrimitiveNode&>(*root->field(0));
}

TEST(ParquetNodeOf, StoresDecimalsInTheSmallestStandardForm) {
  const auto form = [](const char* type) {
    const auto root = ParquetNodeOf(Schema{{{"c", ParseHiveType(type).value()}}}).value();
    return std::pair(WrittenLeaf(root).physical_type(), WrittenLeaf(root).type_length());
  };
  EXPECT_EQ(form("decimal(9,2)").first, Physical::INT32);
  EXPECT_EQ(form("decimal(18,2)").first, Physical::INT64);
  EXPECT_EQ(form("decimal(19,2)"), std::pair(Physical::FIXED_LEN_BYTE_ARRAY, 9));
  EXPECT_EQ(form("decimal(38,2)"), std::pair(Physical::FIXED_LEN_BYTE_ARRAY, 16));
}

TEST(ParquetNodeOf, WritesListsAndMapsInTheStandardLevels) {
  const auto root = ParquetNodeOf(Schema{ParseHiveType("struct<l:array<int>,m:map<string,int>>").value().children});
  ASSERT_TRUE(root);
  parquet::SchemaDescriptor descriptor;
  descriptor.Init(*root);
  EXPECT_EQ(descriptor.Column(0)->path()->ToDotString(), "l.list.element");
  EXPECT_EQ(descriptor.Column(1)->path()->ToDotString(), "m.key_value.key");
  EXPECT_EQ(descriptor.Column(2)->path()->ToDotString(), "m.key_value.value");
}

TEST(ParquetNodeOf, RefusesWhatParquetCannotHold) {
  const auto kind = [](const Schema& schema) { return ParquetNodeOf(schema).error().kind; };
  const Type integer{.kind = TypeKind::kInt32};
  EXPECT_EQ(kind({{{"s", {.kind = TypeKind::kStruct}}}}), ErrorKind::kUnsupported);
  EXPECT_EQ(kind({{{"a", integer}, {"a", integer}}}), ErrorKind::kInvalidArgument);
  EXPECT_EQ(kind({{{"d", {.kind = TypeKind::kDecimal}}}}), ErrorKind::kInvalidArgument);
  EXPECT_EQ(kind({{{"f", {.kind = TypeKind::kFixedBinary}}}}), ErrorKind::kInvalidArgument);
  EXPECT_EQ(kind({{{"l", {.kind = TypeKind::kList}}}}), ErrorKind::kInvalidArgument);
  EXPECT_EQ(kind({{{"m", {.kind = TypeKind::kMap}}}}), ErrorKind::kInvalidArgument);
}

bool HasEmptyStruct(const Type& type) {
  if (type.kind == TypeKind::kStruct && type.children.empty()) return true;
  return std::ranges::any_of(type.children, [](const Field& field) { return HasEmptyStruct(field.type); });
}

TEST(ParquetSchemaProperties, EverySchemaComesBackFromItsNodes) {
  EXPECT_TRUE(rc::check([] {
    const auto name = rc::gen::element<std::string>("a", "b", "array", "x_tuple", "list");
    Schema schema;
    std::set<std::string> seen;
    for (const std::string& column : *rc::gen::container<std::vector<std::string>>(name)) {
      if (!seen.insert(column).second) continue;
      const Type type = *testing::AnyType(2, name);
      if (!HasEmptyStruct(type)) schema.fields.push_back({column, type, true});
    }
    const auto root = ParquetNodeOf(schema);
    RC_ASSERT(root.has_value());
    NodeVector columns;
    for (int i = 0; i < (*root)->field_count(); ++i) columns.push_back((*root)->field(i));
    const auto read = Read(columns);
    RC_ASSERT(read.has_value());
    RC_ASSERT(*read == schema);
  }));
}

}  // namespace
}  // namespace firn
