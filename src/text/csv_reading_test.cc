#include <arrow/api.h>
#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "schema/names.h"
#include "store/memory_store.h"
#include "text/text_chunks.h"
#include "text/typed_records.h"

namespace firn {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::SizeIs;

// One object of CSV, from its bytes to typed rows.
class CsvReading : public ::testing::Test {
 protected:
  ObjectInfo Put(std::string_view bytes) {
    (void)store_.Remove("in/a.csv");
    auto writer = store_.Create("in/a.csv");
    EXPECT_TRUE((*writer)->Append(bytes));
    return (*writer)->Finish().value();
  }

  static Schema SchemaOf(const std::string& text) {
    return {text.empty() ? std::vector<Field>() : ParseHiveType("struct<" + text + ">").value().children};
  }

  // The rows, as Arrow prints their scalars; what is wrong with the object otherwise.
  std::vector<std::string> Rows(std::string_view bytes, const std::string& known = "", size_t chunk_bytes = 1 << 20) {
    known_ = SchemaOf(known);
    for (const Field& field : known_.fields) source_.names.push_back(field.name);
    RecordSet records(known_);
    auto chunks = TextChunks::Open(store_, Put(bytes), source_, chunk_bytes);
    source_.names.clear();
    if (!chunks) return {chunks.error().Text()};
    for (;;) {
      auto chunk = chunks->Next();
      if (!chunk) return {chunk.error().Text()};
      if (!*chunk) break;
      const Status added = records.Add("in/a.csv", std::move(**chunk));
      if (!added) return {added.error().Text()};
    }
    auto typed = TypeRecords(records, known_, change_);
    if (!typed) return {typed.error().Text()};
    return Printed(*typed);
  }

  std::vector<std::string> Printed(const TypedRecords& typed) {
    EXPECT_TRUE(typed.batch->ValidateFull().ok()) << typed.batch->ValidateFull().ToString();
    columns_.clear();
    for (const Field& field : typed.schema.fields)
      columns_ += (columns_.empty() ? "" : ",") + field.name + ":" + Describe(field.type);
    bad_.clear();
    for (const BadRecord& bad : typed.bad) bad_.push_back(bad.Text() + " <" + bad.text + ">");
    std::vector<std::string> rows;
    for (int64_t row = 0; row < typed.batch->num_rows(); ++row) {
      std::string text;
      for (const auto& column : typed.batch->columns())
        text += (text.empty() ? "" : " | ") + column->GetScalar(row).ValueOrDie()->ToString();
      rows.push_back(text);
    }
    return rows;
  }

  MemoryStore store_;
  TextSource source_{.form = TextForm::kCsv};
  Schema known_;
  SchemaChange change_ = SchemaChange::kEvolve;
  std::string columns_;
  std::vector<std::string> bad_;
};

TEST_F(CsvReading, TypesAreWhatAllRecordsLookLike) {
  EXPECT_THAT(Rows("i,d,b,day,at,zoned,s\n"
                   "1,1.5,true,2025-11-03,2025-11-03 06:30,2025-11-03T06:30:00Z,x\n"
                   "-2,2e-05,False,2024-02-29,2025-11-03T06:30:00.25,2025-11-03T06:30:00.123456Z,\n"),
              ElementsAre("1 | 1.5 | true | 2025-11-03 | 2025-11-03 06:30:00.000000 | 2025-11-03 06:30:00.000000Z | x",
                          "-2 | 0.00002 | false | 2024-02-29 | 2025-11-03 06:30:00.250000 | 2025-11-03 "
                          "06:30:00.123456Z | null"));
  EXPECT_EQ(columns_, "i:bigint,d:double,b:boolean,day:date,at:timestamp,zoned:timestamp(6) with time zone,s:string");
  EXPECT_THAT(bad_, IsEmpty());
}

TEST_F(CsvReading, TextsThatAreNoPlainNumbersStayAsTheyAreWritten) {
  for (const char* text : {"007",
                           "+5",
                           "1e5",
                           " 5",
                           "5 ",
                           "NaN",
                           "inf",
                           "-0",
                           "0x1F",
                           "1_000",
                           "1.",
                           ".5",
                           "12,5",
                           "--1",
                           "2025-02-29",
                           "2025-11-03T06:30:00+02:00",
                           "2025-11-03T06:30:00.1234567",
                           "0000-00-00",
                           "-",
                           "0.12345678901234567890",
                           "1.5e999",
                           "20251103",
                           "2025-11-3"}) {
    if (std::string_view(text) == "20251103") continue;  // a number
    EXPECT_THAT(Rows(fmt::format("n,x\n1,\"{}\"\n2,\"3\"\n", text)), ElementsAre(fmt::format("1 | {}", text), "2 | 3"))
        << text;
    EXPECT_EQ(columns_, "n:bigint,x:string") << text;
  }
}

TEST_F(CsvReading, NumbersBeyond64Bits) {
  EXPECT_THAT(Rows("a,b\n9223372036854775808,99999999999999999999999999999999999999999\n1,2\n"),
              ElementsAre("9223372036854775808 | 99999999999999999999999999999999999999999", "1 | 2"));
  EXPECT_EQ(columns_, "a:decimal(38,0),b:string");
  EXPECT_THAT(Rows("a\n9223372036854775808\n", "a:bigint"), ElementsAre("9223372036854775808"));
  EXPECT_EQ(columns_, "a:decimal(38,0)");
  change_ = SchemaChange::kFreeze;
  EXPECT_THAT(Rows("a\n9223372036854775808\n", "a:bigint"), IsEmpty());
  EXPECT_THAT(bad_, ElementsAre("in/a.csv:2: column 'a': '9223372036854775808' is no bigint <9223372036854775808>"));
}

TEST_F(CsvReading, QuotedFieldsHoldDelimitersQuotesAndLines) {
  EXPECT_THAT(Rows("n,s\r\n1,\"a,b\"\r\n2,\"say \"\"hi\"\"\"\r\n3,\"two\r\nlines\"\r\n4,5\" pipe\r\n5,\"\"\"\"\r\n"),
              ElementsAre("1 | a,b", "2 | say \"hi\"", "3 | two\r\nlines", "4 | 5\" pipe", "5 | \""));
}

TEST_F(CsvReading, EveryKindOfLineEnd) {
  for (const char* end : {"\n", "\r\n", "\r"})
    for (const bool last : {true, false}) {
      const std::string text = fmt::format("n,s{0}1,x{0}{0}2,y{1}", end, last ? end : "");
      EXPECT_THAT(Rows(text), ElementsAre("1 | x", "2 | y")) << text;
    }
}

TEST_F(CsvReading, AnEmptyFieldIsNullAndAQuotedOneIsEmpty) {
  EXPECT_THAT(Rows("n,s\n1,\n2,\"\"\n"), ElementsAre("1 | null", "2 | "));
  EXPECT_THAT(Rows("n,s\n\"\",x\n,y\n", "n:bigint,s:string"), ElementsAre("null | x", "null | y"));
  source_.csv.null_text = "NIL";
  EXPECT_THAT(Rows("n,s\n1,NIL\n2,\"NIL\"\n,\n"), ElementsAre("1 | null", "2 | NIL", ""));
  EXPECT_EQ(columns_, "n:string,s:string");
  EXPECT_THAT(Rows("n,s\n1,NIL\n,\n", "n:bigint,s:string"), ElementsAre("1 | null", "null | "));
}

TEST_F(CsvReading, InFilesOfOneColumnEmptyLinesAreNull) {
  EXPECT_THAT(Rows("n\n1\n\n2\n"), ElementsAre("1", "null", "2"));
  EXPECT_THAT(Rows("n,m\n\n1,2\n\n"), ElementsAre("1 | 2"));
}

TEST_F(CsvReading, FindsTheDelimiter) {
  for (const char* delimiter : {",", "|", "\t", ";", "\x01"})
    EXPECT_THAT(Rows(fmt::format("n{0}s{0}d\n1{0}a b{0}2\n3{0}\"x{0}y\"{0}4\n", delimiter)),
                ElementsAre("1 | a b | 2", fmt::format("3 | x{}y | 4", delimiter)))
        << delimiter;
  // A comma within fields does not mislead, nor does one column of texts.
  EXPECT_THAT(Rows("n;d;s\n1;2,5;a\n2;3,5;b\n"), ElementsAre("1 | 2,5 | a", "2 | 3,5 | b"));
  EXPECT_THAT(Rows("text\nhello; world\n3\nfoo; bar\n"), ElementsAre("hello; world", "3", "foo; bar"));
  // What names the table's columns is told by them.
  EXPECT_THAT(Rows("n|s,t\n1|a,b\n", "n:bigint,`s,t`:string"), ElementsAre("1 | a,b"));
  source_.csv.delimiter = ',';
  EXPECT_THAT(Rows("n;m\n1;2\n"), ElementsAre("n;m", "1;2"));
}

TEST_F(CsvReading, FindsTheHeader) {
  // By Glue's rule: texts above something else.
  EXPECT_THAT(Rows("n,s\n1,a\n"), ElementsAre("1 | a"));
  EXPECT_THAT(Rows("1,a\n2,b\n"), ElementsAre("1 | a", "2 | b"));
  EXPECT_EQ(columns_, "col1:bigint,col2:string");
  EXPECT_THAT(Rows("name,city\nAda,London\n"), ElementsAre("name | city", "Ada | London"));
  EXPECT_THAT(Rows(std::string(150, 'x') + ",s\n1,a\n"), SizeIs(2));
  EXPECT_THAT(Rows("a,a\n1,2\n"), ElementsAre("a | a", "1 | 2"));
  // By the columns of the table, also alone.
  EXPECT_THAT(Rows("name,city,new\nAda,London,x\n", "city:string,name:string"), ElementsAre("London | Ada | x"));
  EXPECT_EQ(columns_, "city:string,name:string,new:string");
  EXPECT_THAT(Rows("name,city\n", "city:string,name:string"), IsEmpty());
  EXPECT_THAT(Rows("2025,2026\n1,2\n", "`2025`:bigint,`2026`:bigint"), ElementsAre("1 | 2"));
  // As told.
  source_.csv.header = true;
  EXPECT_THAT(Rows("name,city\nAda,London\n"), ElementsAre("Ada | London"));
  source_.csv.header = false;
  EXPECT_THAT(Rows("name,city\nAda,London\n"), ElementsAre("name | city", "Ada | London"));
}

TEST_F(CsvReading, WithoutAHeaderColumnsGoByPlace) {
  EXPECT_THAT(Rows("1,x\n2,y\n", "a:bigint,b:string,c:double"), ElementsAre("1 | x | null", "2 | y | null"));
  EXPECT_THAT(Rows("1,x,3\n", "a:bigint,b:string"), ElementsAre("1 | x | 3"));
  EXPECT_EQ(columns_, "a:bigint,b:string,col3:bigint");
  EXPECT_THAT(Rows("1,x,\n", "a:bigint,b:string"), ElementsAre("1 | x"));
}

TEST_F(CsvReading, NamesInHeaders) {
  source_.csv.header = true;
  EXPECT_THAT(Rows(" n , s\n1,a\n"), ElementsAre("1 | a"));
  EXPECT_EQ(columns_, "n:bigint,s:string");
  EXPECT_THAT(Rows("n, s\n1,a\n", "n:bigint,` s`:string"), ElementsAre("1 | a"));
  EXPECT_EQ(columns_, "n:bigint, s:string");
  EXPECT_THAT(Rows(",\"a \"\"b\"\"\"\n0,x\n"), ElementsAre("0 | x"));
  EXPECT_EQ(columns_, "col1:bigint,a \"b\":string");
  EXPECT_THAT(Rows("a,b,a\n1,2,3\n"), ElementsAre(HasSubstr("in/a.csv:1: the header names the column 'a' twice")));
  EXPECT_THAT(Rows("a,\"b\n"), ElementsAre(HasSubstr("the quotes of the header are not in order")));
  EXPECT_THAT(Rows("a,\xff\n"), ElementsAre(HasSubstr("name 2 of the header is no UTF-8 text")));
}

TEST_F(CsvReading, ADelimiterMayEndTheLine) {
  EXPECT_THAT(Rows("a,b,\n1,2,\n3,4,\n"), ElementsAre("1 | 2", "3 | 4"));
  EXPECT_THAT(Rows("a,b\n1,2,\n3,4\n"), ElementsAre("1 | 2", "3 | 4"));
  EXPECT_THAT(Rows("a,b,\n1,2,3\n4,5\n"), ElementsAre("4 | 5"));
  EXPECT_THAT(bad_, ElementsAre("in/a.csv:2: it has 3 fields, and the header 2 <1,2,3>"));
}

TEST_F(CsvReading, WhatIsNoRecordIsBadAndNamedByItsLine) {
  EXPECT_THAT(Rows("n,s\n1,\"two\nlines\"\n2\n3,a,b\n4,\"x\"y\n5,ok\n"), ElementsAre("1 | two\nlines", "5 | ok"));
  EXPECT_THAT(bad_, ElementsAre("in/a.csv:4: it has 1 field, and the header 2 <2>",
                                "in/a.csv:5: it has 3 fields, and the header 2 <3,a,b>",
                                "in/a.csv:6: something follows a closing quote: quotes within quotes are doubled "
                                "<4,\"x\"y>"));
}

TEST_F(CsvReading, AQuoteThatDoesNotCloseEndsWithTheObject) {
  EXPECT_THAT(Rows("n,s\n1,a\n2,\"b\n3,c\n"), ElementsAre("1 | a"));
  EXPECT_THAT(bad_, ElementsAre("in/a.csv:3: the quote of field 2 does not close <2,\"b\n3,c>"));
}

TEST_F(CsvReading, ARepeatedHeaderIsBad) {
  EXPECT_THAT(Rows("n,\"s \"\"x\"\"\"\n1,a\nn,\"s \"\"x\"\"\"\n2,b\n"), ElementsAre("1 | a", "2 | b"));
  EXPECT_THAT(bad_, ElementsAre("in/a.csv:3: it repeats the header <n,\"s \"\"x\"\"\">"));
}

TEST_F(CsvReading, BrokenBytesAreBadRecords) {
  EXPECT_THAT(Rows(std::string_view("n,s\n1,a\n2,\xff\xfe\n3,b\0c\n4,\xc3\xa9\n", 24)),
              ElementsAre("1 | a", "4 | \xc3\xa9"));
  EXPECT_THAT(bad_, ElementsAre(HasSubstr("in/a.csv:3: column 's': it is no UTF-8"),
                                HasSubstr("in/a.csv:4: column 's': it has a NUL byte")));
}

TEST_F(CsvReading, AByteOrderMarkIsNoPartOfTheFirstName) {
  EXPECT_THAT(Rows("\xEF\xBB\xBFn,s\n1,a\n"), ElementsAre("1 | a"));
  EXPECT_EQ(columns_, "n:bigint,s:string");
}

TEST_F(CsvReading, NothingIsNothing) {
  for (const char* text : {"", "\n", "\r\n\r\n", "\xEF\xBB\xBF"}) EXPECT_THAT(Rows(text), IsEmpty()) << text;
  source_.csv.header = true;
  EXPECT_THAT(Rows("n,s\n"), IsEmpty());
  EXPECT_THAT(Rows("n,s"), IsEmpty());
  EXPECT_THAT(bad_, IsEmpty());
}

TEST_F(CsvReading, NestedColumnsOfTheTableAreJson) {
  EXPECT_THAT(
      Rows("n,s,l,m\n1,\"{\"\"a\"\":1,\"\"b\"\":\"\"x\"\"}\",\"[1,2]\",\"{\"\"k\"\":2}\"\n2,,,\n3,{,,\n",
           "n:bigint,s:struct<a:bigint,b:string>,l:array<bigint>,m:map<string,bigint>"),
      ElementsAre("1 | {a:int64 = 1, b:string = x} | list<element: int64>[1, 2] | map<string, int64>[{key:string "
                  "= k, value:int64 = 2}]",
                  "2 | null | null | null"));
  EXPECT_THAT(bad_, ElementsAre(HasSubstr("in/a.csv:4: column 's': it is no JSON")));
}

TEST_F(CsvReading, ChunksAreCutBetweenRecords) {
  std::string text = "n,s\n";
  std::vector<std::string> expected;
  for (int i = 0; i < 300; ++i) {
    text += fmt::format("{},\"line {}\nand, \"\"more\"\"\"\n", i, i);
    expected.push_back(fmt::format("{} | line {}\nand, \"more\"", i, i));
  }
  text += "x,y,z\n";
  for (const size_t chunk_bytes : {1, 7, 50, 1000, 100'000}) {
    EXPECT_EQ(Rows(text, "n:bigint,s:string", chunk_bytes), expected) << chunk_bytes;
    EXPECT_THAT(bad_, ElementsAre(HasSubstr("in/a.csv:602: it has 3 fields")));
  }
}

TEST_F(CsvReading, ARecordHasAtMost16Megabytes) {
  const std::string text = "n,s\n1,\"" + std::string(10'000'000, 'x') + "\"\n";
  EXPECT_THAT(Rows(text), SizeIs(1));
  EXPECT_EQ(columns_, "n:bigint,s:string");
  EXPECT_THAT(Rows("n,s\n1,\"" + std::string(40'000'000, 'x') + "\"\n", "n:bigint,s:string"),
              ElementsAre(HasSubstr("in/a.csv:2: a record of more than 16 MB begins here")));
}

TEST(FormOf, ContentTellsJsonFromCsv) {
  EXPECT_EQ(FormOf("a.csv", " \n{\n \"a\": 1}", true), TextForm::kJson);
  EXPECT_EQ(FormOf("a.csv", "[{\"a\":1}]", true), TextForm::kJson);
  EXPECT_EQ(FormOf("a", "{}", true), TextForm::kJson);
  EXPECT_EQ(FormOf("a", "[1],b\n", true), TextForm::kCsv);
  EXPECT_EQ(FormOf("a.json", "id,n\n1,2\n", true), TextForm::kCsv);
  EXPECT_EQ(FormOf("a.json", "broken\n{\"a\":1}\n", true), TextForm::kJson);
  EXPECT_EQ(FormOf("a", "{x},b\n", true), TextForm::kCsv);
}

}  // namespace
}  // namespace firn
