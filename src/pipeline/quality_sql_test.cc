#include "pipeline/quality_sql.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <rapidcheck.h>

#include <string>
#include <vector>

namespace firn {
namespace {

using ::testing::ElementsAre;

std::vector<std::string> Names(std::string_view sql) {
  const auto pieces = SplitSql(sql);
  EXPECT_TRUE(pieces.has_value()) << sql;
  std::vector<std::string> names;
  for (const SqlPiece& piece : pieces.value_or(std::vector<SqlPiece>{}))
    if (!piece.name.empty()) names.push_back(piece.name);
  return names;
}

TEST(SplitSql, TellsNamesFromTextsNumbersAndComments) {
  EXPECT_THAT(Names("a + 1e5 > 'b' -- c\n AND \"d\"\"e\".`f` /* g /* h */ i */ = E'\\'j' || $x$ k $x$ || Ñ_1"),
              ElementsAre("a", "AND", "d\"e", "f", "Ñ_1"));
}

TEST(SplitSql, RefusesWhatStaysOpen) {
  for (const char* sql : {"'a", "\"a", "`a", "/* a", "(a", "a)", "$$ a", "E'a\\'"})
    EXPECT_EQ(SplitSql(sql).error().kind, ErrorKind::kInvalidArgument) << sql;
  EXPECT_FALSE(SplitSql(std::string_view("a\0b", 3)).has_value());
}

TEST(SplitSql, LosesNothingOfWhatItAccepts) {
  rc::check("the pieces are the SQL", [] {
    const auto words = *rc::gen::container<std::vector<std::string>>(rc::gen::element<std::string>(
        "select", " ", "'", "\"", "`", "--", "\n", "/*", "*/", "(", ")", "$", "$$", "e'", "\\", "1.5", "é", "*", ";"));
    std::string sql;
    for (const std::string& word : words) sql += word;
    const auto pieces = SplitSql(sql);
    if (!pieces) return;
    std::string all;
    for (const SqlPiece& piece : *pieces) all += piece.text;
    RC_ASSERT(all == sql);
  });
}

}  // namespace
}  // namespace firn
