#include "format/row_text.h"

#include <gtest/gtest.h>
#include <parquet/types.h>

#include <array>

#include "schema/names.h"

namespace firn {
namespace {

// The lines of `columns` text columns, each with NULL, an empty text and "x".
std::string LinesOf(const CsvDialect& csv, int columns) {
  Schema schema;
  for (int i = 0; i < columns; ++i)
    schema.fields.push_back({.name = "s" + std::to_string(i), .type = ParseHiveType("string").value()});
  const ParquetLayout layout = ParquetLayout::Of(schema).value();
  RowText text(schema, layout, TextFormat::kCsv, csv);
  const std::array<int16_t, 3> def{0, 1, 1};
  const std::array<int16_t, 3> rep{};
  const std::array<parquet::ByteArray, 2> values{parquet::ByteArray(""), parquet::ByteArray("x")};
  for (size_t leaf = 0; leaf < schema.fields.size(); ++leaf)
    text.Add(leaf, {.levels = 3, .rows = 3, .def = def.data(), .rep = rep.data(), .values = 2, .data = values.data()});
  std::string lines;
  text.AppendLines(lines);
  return lines;
}

TEST(RowText, ATextThatIsAloneInItsLineLeavesNoLineEmpty) {
  EXPECT_EQ(LinesOf({.null_text = "NULL"}, 1), "NULL\n\"\"\nx\n");
  EXPECT_EQ(LinesOf({.quote = '\'', .null_text = "-"}, 1), "-\n''\nx\n");
  EXPECT_EQ(LinesOf({.null_text = "NULL"}, 2), "NULL,NULL\n,\nx,x\n");
}

TEST(RowText, NullAndTheEmptyTextAreToldApart) {
  EXPECT_EQ(LinesOf({}, 1), "\n\"\"\nx\n");
  EXPECT_EQ(LinesOf({}, 2), ",\n\"\",\"\"\nx,x\n");
}

}  // namespace
}  // namespace firn
