#include "pipeline/file_shape.h"

#include <arrow/io/memory.h>
#include <gtest/gtest.h>
#include <parquet/file_writer.h>

#include "format/parquet_schema.h"
#include "schema/names.h"
#include "store/memory_store.h"

namespace firn {
namespace {

// The shape of an empty file with these columns, as in "a:int,b:string".
const FileShape* ShapeOf(ShapeRegistry& shapes, std::string_view columns) {
  const Schema schema{ParseHiveType("struct<" + std::string(columns) + ">").value().children};
  const auto sink = arrow::io::BufferOutputStream::Create().ValueOrDie();
  parquet::ParquetFileWriter::Open(sink, ParquetNodeOf(schema).value())->Close();
  MemoryStore store;
  auto writer = store.Create("a.parquet").value();
  EXPECT_TRUE(writer->Append(sink->Finish().ValueOrDie()->ToString()));
  const auto file = OpenParquet(store, writer->Finish().value());
  EXPECT_TRUE(file);
  return shapes.ShapeOf(*file).value();
}

TEST(ShapeRegistry, KnowsAShapeAgain) {
  ShapeRegistry shapes;
  const FileShape* one = ShapeOf(shapes, "id:bigint,tags:array<string>");
  EXPECT_EQ(ShapeOf(shapes, "id:bigint,tags:array<string>"), one);
  EXPECT_EQ(shapes.All().size(), 1);
}

// Leaves that look alike may lie in different columns: their rows must not change places.
TEST(ShapeRegistry, TellsShapesApartByMoreThanTheirLeaves) {
  ShapeRegistry shapes;
  EXPECT_NE(ShapeOf(shapes, "tags:array<string>,labels:array<string>"),
            ShapeOf(shapes, "labels:array<string>,tags:array<string>"));
  EXPECT_NE(ShapeOf(shapes, "a:struct<x:int>"), ShapeOf(shapes, "b:struct<x:int>"));
}

}  // namespace
}  // namespace firn
