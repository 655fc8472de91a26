#include <arrow/api.h>
#include <arrow/compute/cast.h>
#include <arrow/json/from_string.h>
#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <parquet/arrow/schema.h>
#include <parquet/arrow/writer.h>

#include <random>

#include "format/array_decoder.h"
#include "format/arrow_column.h"
#include "format/leaf_reader.h"
#include "format/object_sink.h"
#include "format/parquet_file.h"
#include "format/parquet_output.h"
#include "format/parquet_schema.h"
#include "store/memory_store.h"

namespace firn {
namespace {

using Random = std::mt19937_64;
using TypePtr = std::shared_ptr<arrow::DataType>;

TypePtr AnyFlatType(Random& random) {
  const std::vector<TypePtr> types = {arrow::boolean(),
                                      arrow::int8(),
                                      arrow::int16(),
                                      arrow::int32(),
                                      arrow::int64(),
                                      arrow::uint8(),
                                      arrow::uint16(),
                                      arrow::uint32(),
                                      arrow::uint64(),
                                      arrow::date32(),
                                      arrow::time32(arrow::TimeUnit::MILLI),
                                      arrow::time64(arrow::TimeUnit::MICRO),
                                      arrow::timestamp(arrow::TimeUnit::NANO),
                                      arrow::timestamp(arrow::TimeUnit::MICRO, "UTC"),
                                      arrow::float32(),
                                      arrow::float64(),
                                      arrow::utf8(),
                                      arrow::binary(),
                                      arrow::large_utf8(),
                                      arrow::decimal128(7, 2),
                                      arrow::decimal128(17, 0),
                                      arrow::decimal128(38, 10)};
  return types[random() % types.size()];
}

// With `lists` 0 there are structs and leaves only.
TypePtr AnyArrowType(Random& random, int depth, bool lists) {
  const uint64_t shape = depth == 0 ? 9 : random() % 6;
  const auto child = [&](const std::string& name, bool nullable) {
    return arrow::field(name, AnyArrowType(random, depth - 1, lists), nullable);
  };
  if (shape == 0) {
    arrow::FieldVector fields;
    for (uint64_t i = 0, count = 1 + random() % 3; i < count; ++i)
      fields.push_back(child(fmt::format("f{}", i), random() % 4 != 0));
    return arrow::struct_(fields);
  }
  if (shape == 1 && lists) return arrow::list(child("element", random() % 4 != 0));
  if (shape == 2 && lists) return arrow::large_list(child("element", true));
  if (shape == 3 && lists) return std::make_shared<arrow::MapType>(child("key", false), child("value", true));
  return AnyFlatType(random);
}

// A value as Arrow's tests spell it.
std::string AnyValue(Random& random, const arrow::DataType& type, bool nullable) {
  if (nullable && random() % 4 == 0) return "null";
  const auto several = [&](const auto& value) {
    std::vector<std::string> values;
    for (uint64_t i = 0, count = random() % 4; i < count; ++i) values.push_back(value());
    return fmt::format("[{}]", fmt::join(values, ","));
  };
  switch (type.id()) {
    case arrow::Type::STRUCT: {
      std::vector<std::string> values;
      for (const auto& field : type.fields()) values.push_back(AnyValue(random, *field->type(), field->nullable()));
      return fmt::format("[{}]", fmt::join(values, ","));
    }
    case arrow::Type::LIST:
    case arrow::Type::LARGE_LIST:
      return several([&] { return AnyValue(random, *type.field(0)->type(), type.field(0)->nullable()); });
    case arrow::Type::MAP: {
      const auto& map = static_cast<const arrow::MapType&>(type);
      return several([&] {
        return fmt::format("[{},{}]", AnyValue(random, *map.key_type(), false),
                           AnyValue(random, *map.item_type(), true));
      });
    }
    case arrow::Type::BOOL:
      return random() % 2 == 0 ? "true" : "false";
    case arrow::Type::STRING:
    case arrow::Type::BINARY:
    case arrow::Type::LARGE_STRING:
      return fmt::format("\"{}\"", std::string(random() % 20, static_cast<char>('a' + random() % 26)));
    case arrow::Type::DECIMAL128: {
      const int scale = static_cast<const arrow::Decimal128Type&>(type).scale();
      const std::string digits = std::to_string(random() % 99'999);
      return fmt::format("\"{}{}{}\"", random() % 2 == 0 ? "-" : "", digits,
                         scale == 0 ? "" : "." + std::string(static_cast<size_t>(scale), '7'));
    }
    case arrow::Type::FLOAT:
    case arrow::Type::DOUBLE:
      return fmt::format("{}.5", static_cast<int>(random() % 20'000) - 10'000);
    default:
      return std::to_string(random() % 120);
  }
}

std::shared_ptr<arrow::RecordBatch> AnyRows(Random& random, bool lists) {
  arrow::FieldVector fields;
  arrow::ArrayVector columns;
  const auto rows = static_cast<int64_t>(random() % 3 == 0 ? random() % 6'000 : random() % 300);
  for (uint64_t c = 0, count = 1 + random() % 4; c < count; ++c) {
    fields.push_back(arrow::field(fmt::format("c{}", c), AnyArrowType(random, 3, lists), random() % 5 != 0));
    std::string json = "[";
    for (int64_t row = 0; row < rows + 10; ++row)
      json += (row == 0 ? "" : ",") + AnyValue(random, *fields.back()->type(), fields.back()->nullable());
    const auto array = arrow::json::ArrayFromJSONString(fields.back()->type(), json + "]").ValueOrDie();
    columns.push_back(array->Slice(static_cast<int64_t>(random() % 10), rows));  // offsets are a part of it
  }
  return arrow::RecordBatch::Make(arrow::schema(fields), rows, columns);
}

// Levels and values of a leaf, as text.
std::vector<std::string> Levels(const parquet::ColumnDescriptor& column, const std::function<void(LeafSink)>& read) {
  std::vector<std::string> all;
  const auto size = [&]() -> size_t {
    const auto type = column.physical_type();
    if (type == parquet::Type::BOOLEAN) return 1;
    return type == parquet::Type::INT32 || type == parquet::Type::FLOAT ? 4 : 8;
  };
  read([&](const LeafBatch& batch) {
    int64_t next = 0;
    for (int64_t i = 0; i < batch.levels; ++i) {
      std::string text = fmt::format("{}/{}", batch.rep[i], batch.def[i]);
      if (batch.values > 0 && batch.def[i] == column.max_definition_level()) {
        if (column.physical_type() == parquet::Type::BYTE_ARRAY)
          text += " " + parquet::ByteArrayToString(static_cast<const parquet::ByteArray*>(batch.data)[next]);
        else if (column.physical_type() == parquet::Type::FIXED_LEN_BYTE_ARRAY)
          text.append(reinterpret_cast<const char*>(static_cast<const parquet::FLBA*>(batch.data)[next].ptr),
                      static_cast<size_t>(column.type_length()));
        else
          text.append(static_cast<const char*>(batch.data) + static_cast<size_t>(next) * size(), size());
        ++next;
      }
      all.push_back(std::move(text));
    }
  });
  return all;
}

// The rows as a file of one row group, open.
struct OpenFile {
  MemoryStore store;
  std::optional<ParquetFile> file;
  std::optional<ChunkSource> source;
  std::vector<ChunkPlace> places;
  Schema schema;
  std::vector<LeafPath> leaves;

  explicit OpenFile(const arrow::RecordBatch& rows) {
    const auto sink = std::make_shared<ObjectSink>(store.Create("rows.parquet").value());
    const auto properties = parquet::WriterProperties::Builder().build();
    auto writer =
        parquet::arrow::FileWriter::Open(*rows.schema(), arrow::default_memory_pool(), sink, properties).ValueOrDie();
    EXPECT_TRUE(writer->NewBufferedRowGroup().ok());
    EXPECT_TRUE(writer->WriteRecordBatch(rows).ok());
    EXPECT_TRUE(writer->Close().ok());
    const ObjectInfo object = sink->Finish().value();
    file = OpenParquet(store, object).value();
    source = ChunkSource::Open(store, object).value();
    places = ChunksOf(file->metadata(), object.size);
    schema = SchemaOf(*file->metadata().schema()).value();
    leaves = LeafPathsOf(*file->metadata().schema(), schema);
  }

  [[nodiscard]] RowGroupSource Group() const {
    return {.schema = *file->metadata().schema(), .source = &*source, .chunks = places};
  }
};

TEST(ArrayDecoder, GivesWhatAFileOfTheRowsWould) {
  for (uint64_t seed = 0; seed < 60; ++seed) {
    Random random(seed);
    const auto rows = AnyRows(random, true);
    const OpenFile file(*rows);
    std::shared_ptr<parquet::SchemaDescriptor> descriptor;
    ASSERT_TRUE(
        parquet::arrow::ToParquetSchema(rows->schema().get(), *parquet::default_writer_properties(), &descriptor).ok());
    LeafReader reader;
    const auto mappings = MapLeaves(*descriptor, file.leaves, *descriptor, file.leaves).value();
    std::vector<uint8_t> keep;
    for (int64_t i = 0; i < rows->num_rows(); ++i) keep.push_back(random() % 3 == 0 ? 0 : 1);
    const uint8_t* const kept = random() % 2 == 0 ? keep.data() : nullptr;
    for (int leaf = 0; leaf < descriptor->num_columns(); ++leaf) {
      const LeafMapping& mapping = mappings[static_cast<size_t>(leaf)];
      const auto levels_of = [&](const RowGroupSource& group) {
        return Levels(*descriptor->Column(leaf),
                      [&](const LeafSink& sink) { reader.Read(group, mapping, kept, rows->num_rows(), sink); });
      };
      ASSERT_EQ(levels_of({.schema = *descriptor, .rows = rows.get()}), levels_of(file.Group()))
          << "seed " << seed << ", leaf " << leaf << " of " << rows->schema()->ToString();
    }
  }
}

TEST(ArrayDecoder, LeavesRareTypesToFiles) {
  for (const TypePtr& type :
       {arrow::fixed_size_binary(4), arrow::float16(), arrow::timestamp(arrow::TimeUnit::SECOND),
        arrow::time32(arrow::TimeUnit::SECOND), arrow::decimal256(40, 2), arrow::null(), arrow::date64(),
        arrow::struct_({arrow::field("a", arrow::int32()), arrow::field("b", arrow::float16())}), arrow::struct_({})})
    EXPECT_FALSE(ArrayDecoder::Reads(*type)) << *type;
}

TEST(ArrowColumn, GathersTheRowsThatAFileHas) {
  for (uint64_t seed = 0; seed < 60; ++seed) {
    Random random(seed);
    const auto rows = AnyRows(random, false);
    const OpenFile file(*rows);
    LeafReader reader;
    const ParquetLayout layout = ParquetLayout::Of(file.schema).value();
    const auto mappings =
        MapLeaves(*file.file->metadata().schema(), file.leaves, layout.descriptor(), layout.leaves()).value();
    size_t leaf = 0;
    for (int c = 0; c < rows->num_columns(); ++c) {
      const auto type = ArrowColumn::TypeFor(rows->schema()->field(c)->type());
      ASSERT_NE(type, nullptr);
      ASSERT_TRUE(ArrowColumn::TypeFor(type)->Equals(*type));
      ArrowColumn column(*layout.root()->field(c), type);
      for (int i = 0; i < column.leaves(); ++i, ++leaf) {
        if (random() % 2 == 0) column.Reserve(i, rows->num_rows(), 100);
        reader.Read(file.Group(), mappings[leaf], nullptr, rows->num_rows(),
                    [&](const LeafBatch& batch) { column.Add(i, batch); });
      }
      const auto gathered = column.Finish();
      ASSERT_TRUE(gathered->ValidateFull().ok()) << gathered->ValidateFull();
      const auto expected = arrow::compute::Cast(*rows->column(c), type).ValueOrDie();
      ASSERT_TRUE(gathered->Equals(*expected)) << "seed " << seed << ", " << *type << gathered->Diff(*expected);
    }
  }
}

TEST(ArrowColumn, LeavesListsAndRareTypes) {
  for (const TypePtr& type :
       {arrow::list(arrow::int32()), arrow::map(arrow::utf8(), arrow::int32()), arrow::fixed_size_binary(4),
        arrow::struct_({arrow::field("a", arrow::int32()), arrow::field("b", arrow::list(arrow::int8()))})})
    EXPECT_EQ(ArrowColumn::TypeFor(type), nullptr) << *type;
}

}  // namespace
}  // namespace firn
